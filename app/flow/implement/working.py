"""Working on promises: the short cut into the work, progress in parts, one task done, the whole matter handed over.

A guest behind a task's own link uses :func:`note_progress` and :func:`finish` too; what those change in the matter is
left to the hall's own binding then (``links.mend_matters``), because a guest may not write it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.implement import queries, rules
from app.flow.implement.evidence import evidence_of
from app.flow.implement.models import ExtensionRequest, ProgressNote
from app.flow.resolve import actions as resolving
from app.flow.resolve.evidence import evidence_of as resolved
from app.flow.resolve.mediation_terms import mark_done
from app.flow.resolve.models import Commitment
from app.flow.resolve.queries import matter_of
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, Task, first_no, fits, good_tasks
from app.flow.resolve.task_rules import good_address
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage, Track
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current, current_community

#: While one of these lasts, work can be reported.
WORKING = (Stage.IMPLEMENTING, Stage.SUSPENDED)
#: What a promise behind a private agreement says of how it was performed.
SETTLED = "按调解协议履行了"


def promise(
    matter: Matter, tasks: Sequence[Task | tuple[Any, ...]], *, by: Actor, now: datetime, words: str = ""
) -> Sequence[Commitment]:
    """The short cut for 书记项目 and plain duty: say who does what by when, and go (W1)."""
    drafts = [Task(*task) for task in tasks]
    good_tasks(drafts, local_day(now)).or_refuse()
    if Stage(matter.stage) is not Stage.ACCEPTED:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))
    made = resolving.add_commitments(matter, drafts, now=now)
    # Triage stands in the matter's own columns, so its evidence needs no statement.
    triaged = {
        "triage": matter.triage, "level": matter.level, "responsible": matter.owner_id, "decision_power": matter.power,
    }  # fmt: skip
    move(
        matter, "implement", by=by, now=now, evidence=evidence_of(matter) | {key for key, on in triaged.items() if on},
        words=words or f"不用开会，直接去办：{len(made)} 项任务分到人", due_at=resolving.next_due(matter),
    )  # fmt: skip
    return made


def note_progress(
    matter: Matter, words: str, *, commitment: Commitment | None = None, public: bool = True,
    done_count: int | None = None, by: Actor, now: datetime, id: UUID | None = None,
) -> ProgressNote:  # fmt: skip
    """One line of progress; a public one reaches the proposer through the timeline.

    ``done_count`` is how much of a measured task is done by now, all told (60 of 120), not what came on top. A lower
    one than before corrects it and says why in ``words``; a higher one may stand without words.
    """
    must_be_working(matter)
    owner = commitment.owner_id if commitment else (by.id if by.id in queries.owners_of(matter) else None)
    target, unit = (commitment.target, commitment.unit) if commitment else (None, "")
    before = commitment.done_count if commitment else 0
    first_no(
        rules.may_report(by.roles, by.id, owner), rules.good_count(done_count, target, unit),
        rules.note_has_words(words, done_count, before, REASON_MOST),
    ).or_refuse()  # fmt: skip
    said = words.strip()
    if commitment is not None and done_count is not None:
        compare_and_set(commitment, "open", done_count=done_count)
        counted = f"{commitment.what}：做到 {done_count}/{target} {unit}"
        told = f"{'更正，' if done_count < before else ''}{counted}{'。' + said if said else ''}"
        said = said or f"做到 {done_count}/{target} {unit}"
    else:
        told = said
    note = write_note(matter, said, commitment, public=public, done_count=done_count, by=by, now=now, id=id)
    about: dict[str, Any] = {"commitment": str(commitment.id)} if commitment else {}
    if done_count is not None:
        about |= {"done": done_count, "target": target}
    record(matter, "note_progress", by=by, now=now, words=told, public=public, data=about)
    return note


def finish(
    commitment: Commitment, *, evidence: str, actual_fen: int | None = None, done_count: int | None = None,
    shortfall: str = "", by: Actor, now: datetime,
) -> Commitment:  # fmt: skip
    """Report one promise done, with what shows it and what it cost; that is progress, so it is noted as such.

    A measured one says how many (the count noted last where ``done_count`` is None). Fewer than promised ends it only
    with a ``shortfall``: why it stays at that.
    """
    matter = matter_of(commitment)
    must_be_working(matter)
    count = commitment.done_count if done_count is None else done_count
    first_no(
        rules.may_report(by.roles, by.id, commitment.owner_id),
        rules.good_count(done_count, commitment.target, commitment.unit),
        rules.may_finish(
            commitment.state, actual_fen, commitment.planned_fen, count=count, target=commitment.target,
            unit=commitment.unit, shortfall=shortfall,
        ),
        fits(N_("办成什么样"), evidence, REASON_MOST),
        fits(N_("没做够的原因"), shortfall, REASON_MOST, required=False),
    ).or_refuse()  # fmt: skip
    evidence = _shown(commitment, matter, evidence, by=by, now=now)
    is_short = commitment.target is not None and count < commitment.target
    shown = evidence.strip() + (f"（{_measured(commitment, count)}，{shortfall.strip()}）" if is_short else "")
    compare_and_set(
        commitment, "open", state="done", done_at=now, evidence=shown, actual_fen=actual_fen, done_count=count
    )
    write_note(matter, shown, commitment, done_count=done_count, by=by, now=now)
    told = f"办完一项：{commitment.what}" + (f"，{_measured(commitment, count)}" if commitment.target else "")
    record(
        matter, "finish", by=by, now=now, words=told + (f"，{shortfall.strip()}" if is_short else ""),
        data={"commitment": str(commitment.id), "actual_fen": actual_fen, "done": count},
    )  # fmt: skip
    if not is_guest():
        if actual_fen and not matter.costs_money:
            matter.costs_money = True
        let_go_of_request(commitment, "这一项已经办完", by=by, now=now)
        keep_due(matter)
    return commitment


def _shown(commitment: Commitment, matter: Matter, evidence: str, *, by: Actor, now: datetime) -> str:
    """What was seen; in a quarrel it stands with the parties' agreement alone, because the street reads the promise."""
    if matter.track != Track.MEDIATION or is_guest():
        return evidence
    return SETTLED if mark_done(commitment.id, evidence, by=by, now=now, day=local_day(now)) else evidence


def readdress(commitment: Commitment, *, contact: str | None, letter_no: str, by: Actor, now: datetime) -> Commitment:
    """Write down the number of the letter, or another phone (None: the phone stays). Staff only, off the timeline."""
    matter = matter_of(commitment)
    must_be_working(matter)
    rules.may_report(by.roles, by.id, None).or_refuse()
    good_address(commitment.what, commitment.owner_kind, contact or "", letter_no).or_refuse()
    values = {"letter_no": letter_no.strip()}
    if contact is not None:
        values["contact_sealed"] = seal(contact.strip()) if contact.strip() else ""
    compare_and_set(commitment, "open", **values)
    record(
        matter, "readdress", by=by, now=now, words=f"{commitment.what}：记下函号和联系办法", public=False,
        data={"commitment": str(commitment.id), "letter_no": letter_no.strip()},
    )  # fmt: skip
    return commitment


def hand_over(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """Everything is reported done: ask for a look. An owner does it, or staff for owners without an account."""
    owners = queries.owners_of(matter)
    own = by.id if rules.is_doer(by.id, owners) else None
    rules.may_report(by.roles, by.id, own).or_refuse()
    evidence = evidence_of(matter) | resolved(matter)
    return move(
        matter,
        "hand_over",
        by=by.as_capacity(Role.TASK_OWNER),
        now=now,
        evidence=evidence,
        words="每一项都办完了，请来看",
    )


def write_note(
    matter: Matter, words: str, commitment: Commitment | None, *, public: bool = True, done_count: int | None = None,
    by: Actor, now: datetime, id: UUID | None = None,
) -> ProgressNote:  # fmt: skip
    """A progress note without asking anybody; the acts above and the look at the work have asked already."""
    note = ProgressNote(
        id=id or uuid7(), matter_id=matter.id, commitment_id=commitment.id if commitment else None, words=words,
        public=public, done_count=done_count, by_id=by.id, by_label=by.label[:NAME_MOST], at=now,
    )  # fmt: skip
    db.session.add(note)
    db.session.flush()
    return note


def compare_and_set(commitment: Commitment, expected: str, **values: Any) -> None:
    """Change a promise only while it still stands as it was read."""
    changed = db.session.execute(
        update(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.id == commitment.id, Commitment.state == expected
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    db.session.refresh(commitment)


def let_go_of_request(commitment: Commitment, answer: str, *, by: Actor, now: datetime) -> None:
    """A question for a later day that needs no answer any more."""
    db.session.execute(
        update(ExtensionRequest)
        .where(
            ExtensionRequest.community_id == current_community(), ExtensionRequest.commitment_id == commitment.id,
            ExtensionRequest.state == "asked",
        )
        .values(state="withdrawn", decided_by=by.id, decided_label=by.label, decided_at=now, answer=answer)
    )  # fmt: skip


def keep_due(matter: Matter) -> None:
    """The matter is due when its earliest open promise is."""
    if Stage(matter.stage) is Stage.IMPLEMENTING:
        matter.due_at = resolving.next_due(matter) or matter.due_at


def must_be_working(matter: Matter) -> None:
    """Refuse a report on what is not being carried out."""
    if Stage(matter.stage) not in WORKING:
        raise Refused(N_("这件事不在落实这一步，不能报进展。"))


def is_guest() -> bool:
    """Whether whoever acts came in by a link and sees nothing but this one task."""
    return current().kind == "guest"


def _measured(commitment: Commitment, count: int) -> str:
    return f"{count}/{commitment.target} {commitment.unit}"
