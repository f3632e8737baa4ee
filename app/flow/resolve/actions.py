"""Writing the result down, putting it on the board, hearing objections, and letting the window end.

The caller commits. ``now`` is UTC; days are days in Asia/Shanghai; money is integer fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.errors import Refused
from app.flow.resolve import queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Commitment, Objection, Posting, Resolution
from app.flow.resolve.rules import Task
from app.flow.resolve.tally import grounds_of
from app.matter.actions import move, next_number, record
from app.matter.deadlines import days
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import posting_number, resolution_number
from app.matter.situation import Stage
from app.matter.workdays import due, end_of, local_day
from app.people.actor import Actor
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


@dataclass(frozen=True)
class Board:
    """Where and for how long a posting hangs. ``objections_days=None``: as the hall has settled, seven by default."""

    starts: date
    place: str
    objections_days: int | None = None
    days: int = rules.HANG_DAYS
    how_to_object: str = ""


def write_resolution(
    matter: Matter, *, title: str, basis: str, words: str, tasks: Sequence[Task | tuple[Any, ...]], dissent: str = "",
    dissent_answer: str = "", signed_by: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Resolution:  # fmt: skip
    """Number the resolution, freeze its count and make its commitments; before the posting a second one replaces it.

    :raises Refused: when the matter is not decided, a part is missing, or a no-vote stands without its dissent.
    """
    drafts = [Task(*task) for task in tasks]
    today = local_day(now)
    rules.may_write(by.roles).or_refuse()
    _must_stand_at(matter, Stage.DECIDED)
    grounds = grounds_of(matter)
    rules.first_no(
        rules.fits(N_("决议标题"), title, rules.TITLE_MOST), rules.fits(N_("议定依据"), basis, rules.WORDS_MOST),
        rules.fits(N_("决议内容"), words, rules.WORDS_MOST),
        rules.fits(N_("不同意见"), dissent, rules.WORDS_MOST, required=False),
        rules.fits(N_("答复"), dissent_answer, rules.WORDS_MOST, required=False),
        rules.fits(N_("落款"), signed_by, rules.NAME_MOST, required=False), rules.good_tasks(drafts, today),
        rules.dissent_is_heard(grounds.against, dissent, dissent_answer),
    ).or_refuse()  # fmt: skip
    _replace_earlier(matter, now)
    resolution = Resolution(
        id=id or uuid7(), matter_id=matter.id, ballot_id=grounds.ballot.id if grounds.ballot else None,
        sitting_id=grounds.sitting.id if grounds.sitting else None,
        number=resolution_number(house().short, today.year, next_number("resolution", today.year)), title=title.strip(),
        basis=basis.strip(), words=words.strip(), tally=grounds.tally, legal_effect=grounds.tally["effect"],
        dissent=dissent.strip(), dissent_answer=dissent_answer.strip(), signed_by=signed_by.strip() or by.label,
        made_at=now, made_by=by.id,
    )  # fmt: skip
    db.session.add(resolution)
    db.session.flush()
    add_commitments(matter, drafts, now=now, resolution=resolution)
    record(
        matter, "write_resolution", by=by, now=now, words=f"写成决议 {resolution.number}，{len(drafts)} 项任务分到人",
        data={"resolution": str(resolution.id)},
    )  # fmt: skip
    return resolution


def add_commitments(
    matter: Matter, tasks: Iterable[Task], *, now: datetime, resolution: Resolution | None = None
) -> list[Commitment]:
    """Write promises behind those the matter already has; planned money makes it a matter that costs money."""
    last = db.session.scalar(
        select(func.coalesce(func.max(Commitment.position), 0)).where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id
        )
    )
    made = [
        Commitment(
            matter_id=matter.id, resolution_id=resolution.id if resolution else None, position=position,
            what=task.what.strip(), who=task.who.strip(), owner_id=task.owner_id, due=task.due, first_due=task.due,
            planned_fen=task.planned_fen, round=matter.round, created_at=now,
        )
        for position, task in enumerate(tasks, start=(last or 0) + 1)
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    if any(task.planned_fen for task in made) and not matter.costs_money:
        matter.costs_money = True
    return made


def publicize(
    matter: Matter, *, starts: date, place: str, objections_days: int | None = None, days: int = rules.HANG_DAYS,
    how_to_object: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Posting:  # fmt: skip
    """Put the resolution on the board and move the matter to ``publicized``; the stage is due when objections end."""
    board = Board(starts, place, objections_days, days, how_to_object)
    posting = _post(matter, board, by=by, now=now, id=id)
    words = f"决议公示 {_day(posting.starts)} 至 {_day(posting.ends)}，{_day(posting.objections_until)} 前可以提意见"
    move(
        matter, "publicize", by=by, now=now, evidence=evidence_of(matter), words=words,
        due_at=end_of(posting.objections_until), data={"posting": str(posting.id)},
    )  # fmt: skip
    return posting


def start_work(
    matter: Matter, *, board: Board | None = None, by: Actor, now: datetime, id: UUID | None = None
) -> Posting | None:
    """Go and do it at once: a private settlement without a posting, a small grid matter with one alongside.

    :raises Refused: when the matter owes a posting first, or the posting alongside is not described by ``board``.
    """
    posting = None
    if matter.visibility != "parties":
        if board is None:
            raise Refused(N_("边办边公示：写明公示贴在哪里、从哪天起。"))
        posting = _post(matter, board, by=by, now=now, id=id)
    words = "开始办，决议同时公示" if posting else "开始办"
    move(matter, "implement", by=by, now=now, evidence=evidence_of(matter), words=words, due_at=next_due(matter))
    return posting


def _post(matter: Matter, board: Board, *, by: Actor, now: datetime, id: UUID | None) -> Posting:
    rules.may_write(by.roles).or_refuse()
    _must_stand_at(matter, Stage.DECIDED, Stage.RATIFYING)
    resolution = queries.valid_resolution(matter)
    if resolution is None:
        raise Refused(N_("先写决议，再公示。"))
    terms = terms_of(board)
    rules.first_no(
        rules.fits(N_("贴在哪里"), board.place, 200),
        rules.fits(N_("怎样提意见"), board.how_to_object, rules.REASON_MOST, required=False),
        rules.good_terms(terms, local_day(resolution.made_at), local_day(now)),
    ).or_refuse()
    year = local_day(now).year
    posting = Posting(
        id=id or uuid7(), matter_id=matter.id, resolution_id=resolution.id,
        number=posting_number(house().short, year, next_number("posting", year)), starts=terms.starts,
        objections_until=terms.objections_until, ends=terms.ends, place=board.place.strip(),
        how_to_object=board.how_to_object.strip() or "打电话、写纸条投信箱，或者扫码在网上说；每一条都会答复。",
        posted_at=now,
    )  # fmt: skip
    db.session.add(posting)
    db.session.flush()
    return posting


def terms_of(board: Board) -> rules.Terms:
    """The days of a posting; the last day to object rolls on to a working day (Civil Code section 203)."""
    home = house()
    own = home.deadlines.get("publicized")
    window = days(board.objections_days) if board.objections_days is not None else own or days(rules.OBJECTION_DAYS)
    noon = end_of(board.starts)
    return rules.posting_terms(board.starts, local_day(due(noon, window, home.calendar)), board.days)


def object_to(
    posting: Posting, words: str, *, contact: str = "", person_id: UUID | None = None, by: Actor, now: datetime,
    id: UUID | None = None,
) -> Objection:  # fmt: skip
    """What somebody says against a posting; the contact is sealed and the words stay inside until they are answered."""
    matter = queries.matter_of(posting)
    rules.first_no(
        rules.may_object(posting.state, posting.starts, posting.objections_until, local_day(now)),
        rules.fits(N_("您的意见"), words, rules.WORDS_MOST),
        rules.fits(N_("联系方式"), contact, rules.CONTACT_MOST, required=False),
    ).or_refuse()
    objection = Objection(
        id=id or uuid7(), posting_id=posting.id, matter_id=posting.matter_id, words=words.strip(), person_id=person_id,
        contact_sealed=seal(contact.strip()) if contact.strip() else None, at=now,
    )  # fmt: skip
    db.session.add(objection)
    # Whoever objects stays unnamed, also when somebody of the hall's own does.
    unnamed = Actor("resident", "居民", channel=by.channel)
    record(matter, "object", by=unnamed, now=now, words="公示收到 1 条意见", data={"objection": str(objection.id)})
    return objection


def answer_objection(objection: Objection, *, reply: str, upheld: bool, by: Actor, now: datetime) -> Objection:
    """Answer once; an upheld one means that the matter must be talked over again (:func:`redeliberate`)."""
    rules.first_no(rules.may_write(by.roles), rules.fits(N_("答复"), reply, rules.WORDS_MOST)).or_refuse()
    answered = db.session.execute(
        update(Objection)
        .where(
            Objection.community_id == current_community(), Objection.id == objection.id, Objection.replied_at.is_(None)
        )
        .values(reply=reply.strip(), upheld=upheld, replied_at=now, replied_label=by.label)
        .execution_options(synchronize_session=False)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这条意见已经答复过了。"))
    db.session.refresh(objection)
    words = "公示收到的 1 条意见已答复" + ("，意见成立" if upheld else "")
    record(
        queries.matter_of(objection), "answer_objection", by=by, now=now, words=words,
        data={"objection": str(objection.id), "upheld": upheld},
    )  # fmt: skip
    return objection


def redeliberate(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """An objection was upheld: the resolution is set aside and the matter goes back to be looked into."""
    evidence = evidence_of(matter)
    _must_stand_at(matter, Stage.PUBLICIZED)
    matter.round += 1
    told = f"公示收到的意见成立，重新商量：{reason}"
    move(matter, "redeliberate", by=by, now=now, evidence=evidence, reason=reason, words=told)
    set_aside(matter, now=now)
    return matter


def set_aside(matter: Matter, *, now: datetime) -> None:
    """The valid resolution no longer holds: its posting comes down and what was promised and not done is dropped."""
    _replace_earlier(matter, now)
    here = current_community()
    db.session.execute(
        update(Posting)
        .where(Posting.community_id == here, Posting.matter_id == matter.id, Posting.state == "up")
        .values(state="withdrawn", taken_down_at=now)
    )
    drop_open(matter)


def drop_open(matter: Matter) -> None:
    """What was promised and not yet verified is no longer owed."""
    db.session.execute(
        update(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
            Commitment.state.in_(("open", "done")),
        )
        .values(state="dropped")
    )  # fmt: skip


def end_window(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """The timer's move: the window has ended, every objection has its answer and none is upheld."""
    board = queries.window_of(matter)
    if board is None:
        raise Refused(N_("这件事没有挂着的公示。"))
    rules.may_end_window(board.objections_until, board.unanswered, board.upheld, local_day(now)).or_refuse()
    words = "公示期间没有人提意见，开始办" if not board.objections else "公示期间的意见都答复了，开始办"
    return move(
        matter, "implement", by=by, now=now, evidence=evidence_of(matter, now), words=words, due_at=next_due(matter)
    )


def take_down(posting: Posting, *, by: Actor, now: datetime) -> Posting:
    """Take the paper off the board after its last day; never earlier, the law wants the days full."""
    if posting.state != "up":
        raise Refused(N_("这份公示已经收下来了。"))
    if local_day(now) <= posting.ends:
        raise Refused(N_("公示要挂到 %(day)s，不能提前收。"), day=_day(posting.ends))
    posting.state, posting.taken_down_at = "ended", now
    record(
        queries.matter_of(posting), "take_down", by=by, now=now, words=N_("公示满了日子，收下来了"),
    )  # fmt: skip
    return posting


def next_due(matter: Matter) -> datetime | None:
    """The end of the earliest day on which an open promise is due."""
    day = db.session.scalar(
        select(func.min(Commitment.due)).where(
            Commitment.community_id == current_community(),
            Commitment.matter_id == matter.id,
            Commitment.state == "open",
        )
    )
    return end_of(day) if day else None


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


def _must_stand_at(matter: Matter, *stages: Stage) -> None:
    if Stage(matter.stage) not in stages:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
