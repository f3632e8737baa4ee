"""Writing a resolution down, signing it off, correcting it, setting it aside.

Until it is signed a second one takes its place under the next number. Once it is signed nothing of it changes: a
correction (更正) is the next version under the same number and says why. The caller commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.resolve import queries, rules
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.flow.resolve.promises import add_commitments, as_tasks, as_written, carry_over, drop_open
from app.flow.resolve.rules import Task
from app.flow.resolve.tally import grounds_of
from app.matter.actions import next_number, record
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import resolution_number
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

__all__ = ["Text", "correct_resolution", "must_stand_at", "new_version", "set_aside", "sign", "sign_resolution",
           "write_resolution"]  # fmt: skip


@dataclass(frozen=True)
class Text:
    """What a resolution says, apart from its count and its tasks."""

    title: str
    basis: str
    words: str
    dissent: str = ""
    dissent_answer: str = ""
    signed_by: str = ""

    def fits(self) -> rules.Verdict:
        """Whether everything is there and nothing is too long."""
        return rules.first_no(
            rules.fits(N_("决议标题"), self.title, rules.TITLE_MOST),
            rules.fits(N_("议定依据"), self.basis, rules.WORDS_MOST),
            rules.fits(N_("决议内容"), self.words, rules.WORDS_MOST),
            rules.fits(N_("不同意见"), self.dissent, rules.WORDS_MOST, required=False),
            rules.fits(N_("答复"), self.dissent_answer, rules.WORDS_MOST, required=False),
            rules.fits(N_("落款"), self.signed_by, rules.NAME_MOST, required=False),
        )

    def columns(self) -> dict[str, str]:
        """The columns of a resolution it fills."""
        return {name: getattr(self, name).strip() for name in rules.TEXT_FIELDS}


def write_resolution(
    matter: Matter, *, title: str, basis: str, words: str, tasks: Sequence[Task | tuple[Any, ...]], dissent: str = "",
    dissent_answer: str = "", signed_by: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Resolution:  # fmt: skip
    """Number the resolution, freeze its count and make its commitments; before it is signed a second one replaces it.

    :raises Refused: when the matter is not decided, a part is missing, a no-vote stands without its dissent, or the
        valid one is signed already.
    """
    drafts, today = [Task(*task) for task in tasks], local_day(now)
    text = Text(title, basis, words, dissent, dissent_answer, signed_by or by.label)
    rules.may_write(by.roles).or_refuse()
    must_stand_at(matter, Stage.DECIDED)
    earlier = queries.valid_resolution(matter)
    if earlier is not None and earlier.signed_at is not None:
        raise Refused(N_("决议 %(number)s 已经签发，不能另写一份代替；写错了的地方用「更正」。"), number=earlier.number)
    grounds = grounds_of(matter)
    rules.first_no(
        text.fits(), rules.good_tasks(drafts, today), rules.dissent_is_heard(grounds.against, dissent, dissent_answer)
    ).or_refuse()
    _replace_earlier(matter, now)
    resolution = Resolution(
        id=id or uuid7(), matter_id=matter.id, ballot_id=grounds.ballot.id if grounds.ballot else None,
        sitting_id=grounds.sitting.id if grounds.sitting else None, tasks=as_written(drafts),
        number=resolution_number(house().short, today.year, next_number("resolution", today.year)),
        tally=grounds.tally, legal_effect=grounds.tally["effect"], made_at=now, made_by=by.id, **text.columns(),
    )  # fmt: skip
    db.session.add(resolution)
    db.session.flush()
    add_commitments(matter, drafts, now=now, resolution=resolution)
    record(
        matter, "write_resolution", by=by, now=now, words=f"写成决议 {resolution.number}，{len(drafts)} 项任务分到人",
        data={"resolution": str(resolution.id)},
    )  # fmt: skip
    return resolution


def sign_resolution(resolution: Resolution, *, by: Actor, now: datetime) -> Resolution:
    """The secretary signs it off (签发): from now on it is only corrected by a new version.

    :raises Refused: when somebody else signs, or it no longer holds. A second click changes nothing.
    """
    rules.may_sign(by.roles).or_refuse()
    if resolution.replaced_at is not None:
        raise Refused(N_("这份决议已经由新的代替了。"))
    return sign(resolution, queries.matter_of(resolution), by=by, now=now)


def sign(resolution: Resolution, matter: Matter, *, by: Actor, now: datetime) -> Resolution:
    """Sign off what is not signed yet; what goes onto the board or to a larger body is signed by going there."""
    signed = db.session.execute(
        update(Resolution)
        .where(
            Resolution.community_id == current_community(), Resolution.id == resolution.id,
            Resolution.signed_at.is_(None),
        )
        .values(signed_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if signed.rowcount == 1:  # type: ignore[attr-defined]
        record(
            matter, "sign_resolution", by=by, now=now, words=f"决议 {resolution.number} 签发",
            data={"resolution": str(resolution.id)},
        )  # fmt: skip
    db.session.refresh(resolution)
    return resolution


def correct_resolution(
    resolution: Resolution, text: Text, *, reason: str, tasks: Sequence[Task | tuple[Any, ...]] | None = None,
    by: Actor, now: datetime, id: UUID | None = None,
) -> Resolution:  # fmt: skip
    """The next version of a signed resolution, under its number, with the reason; the count never changes.

    What hangs on the board follows the law's sense: everybody must have had fifteen days to read, and the window to
    object to, what is carried out. Where the plan, a task, a day or a sum is now another, the posting comes down and
    must hang anew for all its days (``posting.post_again``). Where only a slip of the pen was mended, it hangs on with
    a note until the new paper is there (``posting.hang_new_paper``).

    :raises Refused: when it is not signed or no longer holds, nothing is changed, a task was added or left out, or an
        objection was upheld and the matter has to be talked over again.
    """
    matter = queries.matter_of(resolution)
    rewritten = as_tasks(resolution.tasks) if tasks is None else [Task(*task) for task in tasks]
    before, after = queries.written(resolution), {**text.columns(), "tasks": as_written(rewritten)}
    rules.first_no(
        rules.may_sign(by.roles), rules.may_correct(resolution.signed_at, resolution.replaced_at, matter.stage),
        text.fits(), rules.fits(N_("为什么更正"), reason, rules.REASON_MOST), rules.only_mended(before, after),
        rules.dissent_is_heard(rules.against(resolution.tally), text.dissent, text.dissent_answer),
    ).or_refuse()  # fmt: skip
    if (window := queries.window_of(matter)) and window.upheld:
        raise Refused(N_("有意见成立，要重新商量，不是更正。"))
    made = new_version(resolution, reason=reason, now=now, by=by, id=id, **after)
    substantial = rules.is_substantial(before, after)
    words = f"决议 {made.number} 更正为第 {made.version} 版：{reason.strip()}"
    if substantial and _withdraw_posting(matter, now):
        words += "。公示已撤下，按更正后的内容重新公示"
    record(
        matter, "correct_resolution", by=by, now=now, words=words,
        data={"resolution": str(made.id), "corrects": str(resolution.id), "substantial": substantial},
    )  # fmt: skip
    return made


def new_version(
    resolution: Resolution, *, reason: str, by: Actor, now: datetime, id: UUID | None = None, **changed: Any
) -> Resolution:
    """Version n+1 under the same number, signed, with everything of version n that ``changed`` does not name."""
    replaced = db.session.execute(
        update(Resolution)
        .where(
            Resolution.community_id == current_community(), Resolution.id == resolution.id,
            Resolution.replaced_at.is_(None),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if replaced.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人改过这份决议了，请刷新看看。"))
    db.session.refresh(resolution)
    kept = ("matter_id", "ballot_id", "sitting_id", "number", "tally", "legal_effect", "tasks", *rules.TEXT_FIELDS)
    values = {name: getattr(resolution, name) for name in kept} | changed
    made = Resolution(
        id=id or uuid7(), version=resolution.version + 1, corrects_id=resolution.id, correction_reason=reason.strip(),
        signed_at=now, made_at=now, made_by=by.id, **values,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    carry_over(resolution, made)
    return made


def set_aside(matter: Matter, *, now: datetime) -> None:
    """The valid resolution no longer holds: its posting comes down and what was promised and not done is dropped."""
    _replace_earlier(matter, now)
    _withdraw_posting(matter, now)
    drop_open(matter)


def must_stand_at(matter: Matter, *stages: Stage) -> None:
    """Refuse what belongs to another step."""
    if Stage(matter.stage) not in stages:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))


def _withdraw_posting(matter: Matter, now: datetime) -> bool:
    down = db.session.execute(
        update(Posting)
        .where(Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state == "up")
        .values(state="withdrawn", taken_down_at=now)
    )
    return bool(down.rowcount)  # type: ignore[attr-defined]


def _replace_earlier(matter: Matter, now: datetime) -> None:
    here = current_community()
    old = db.session.scalar(
        update(Resolution)
        .where(Resolution.community_id == here, Resolution.matter_id == matter.id, Resolution.replaced_at.is_(None))
        .values(replaced_at=now)
        .returning(Resolution.id)
    )
    if old is not None:
        db.session.execute(
            update(Commitment)
            .where(Commitment.community_id == here, Commitment.resolution_id == old, Commitment.state == "open")
            .values(state="dropped")
        )
