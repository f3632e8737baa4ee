"""The verbs of carrying out: promise, report, finish, put off, hand over, verify, suspend, resume, terminate.

The caller commits. ``now`` is UTC, days are days in Asia/Shanghai, money is integer fen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.implement import queries, rules
from app.flow.implement.evidence import evidence_of
from app.flow.implement.models import ProgressNote, Verification
from app.flow.resolve import actions as resolving
from app.flow.resolve.evidence import evidence_of as resolved
from app.flow.resolve.models import Commitment, Posting
from app.flow.resolve.queries import matter_of
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, WORDS_MOST, Task, first_no, fits, good_tasks
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import end_of, local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: While one of these lasts, work can be reported.
WORKING = (Stage.IMPLEMENTING, Stage.SUSPENDED)


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
    matter: Matter, words: str, *, commitment: Commitment | None = None, public: bool = True, by: Actor, now: datetime,
    id: UUID | None = None,
) -> ProgressNote:  # fmt: skip
    """One line of progress; a public one reaches the proposer through the timeline."""
    _must_be_working(matter)
    owner = commitment.owner_id if commitment else (by.id if by.id in queries.owners_of(matter) else None)
    first_no(rules.may_report(by.roles, by.id, owner), fits(N_("进展"), words, REASON_MOST)).or_refuse()
    note = _note(matter, words, commitment, by=by, now=now, id=id)
    about = {"commitment": str(commitment.id)} if commitment else {}
    record(matter, "note_progress", by=by, now=now, words=words.strip(), public=public, data=about)
    return note


def finish(
    commitment: Commitment, *, evidence: str, actual_fen: int | None = None, by: Actor, now: datetime
) -> Commitment:
    """Report one promise done, with what shows it and what it cost; that is progress, so it is noted as such."""
    matter = matter_of(commitment)
    _must_be_working(matter)
    first_no(
        rules.may_report(by.roles, by.id, commitment.owner_id),
        rules.may_finish(commitment.state, actual_fen, commitment.planned_fen),
        fits(N_("办成什么样"), evidence, REASON_MOST),
    ).or_refuse()
    _compare_and_set(commitment, "open", state="done", done_at=now, evidence=evidence.strip(), actual_fen=actual_fen)
    if actual_fen and not matter.costs_money:
        matter.costs_money = True
    _note(matter, evidence, commitment, by=by, now=now)
    record(
        matter, "finish", by=by, now=now, words=f"办完一项：{commitment.what}",
        data={"commitment": str(commitment.id), "actual_fen": actual_fen},
    )  # fmt: skip
    _keep_due(matter)
    return commitment


def extend(
    commitment: Commitment, *, due: date, reason: str, approver: str = "", by: Actor, now: datetime
) -> Commitment:
    """Put a task off with a reason and an approver; the first day stays on record (K4 prints both)."""
    matter = matter_of(commitment)
    _must_be_working(matter)
    approver = approver.strip() or (by.label if rules.is_secretary(by.roles) else "")
    own = approver == commitment.who or (approver == by.label and commitment.owner_id == by.id and by.id is not None)
    first_no(
        rules.may_extend(by.roles, commitment.state, commitment.due, due, local_day(now), approves_own=own),
        fits(N_("延期的原因"), reason, REASON_MOST), fits(N_("谁批的"), approver, NAME_MOST),
    ).or_refuse()  # fmt: skip
    old = commitment.due
    _compare_and_set(commitment, "open", due=due, extension_reason=reason.strip(), extension_by=approver)
    if matter.first_due_at is None:
        matter.first_due_at = matter.due_at
    record(
        matter, "extend", by=by, now=now, reason=reason.strip(),
        words=f"{commitment.what}：从{_day(old)}延到{_day(due)}，因为{reason.strip()}",
        data={"commitment": str(commitment.id), "from": old.isoformat(), "to": due.isoformat(), "approver": approver},
    )  # fmt: skip
    _keep_due(matter)
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


def verify(
    matter: Matter, *, passed: bool, words: str, resident_name: str, faults: Collection[UUID] = (),
    new_due: date | None = None, by: Actor, now: datetime, id: UUID | None = None,
) -> Verification:  # fmt: skip
    """A grid worker and one resident look at the work; a failed look names the faulty tasks and sends it back.

    ``faults`` are ids of commitments (failed only); ``new_due`` is their new day, where they get one. The resident's
    name stays inside: the timeline only says that a resident was there.
    """
    if Stage(matter.stage) is not Stage.VERIFYING:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))
    first_no(fits(N_("看到什么"), words, REASON_MOST), fits(N_("一起看的居民"), resident_name, NAME_MOST)).or_refuse()
    looker = by.as_capacity(Role.TASK_OWNER) if rules.is_doer(by.id, queries.owners_of(matter)) else by
    look = Verification(
        id=id or uuid7(), matter_id=matter.id, round=matter.round, passed=passed, words=words.strip(), by_id=by.id,
        by_label=by.label, resident_name=resident_name.strip(), at=now,
    )  # fmt: skip
    db.session.add(look)
    db.session.flush()
    if passed:
        _verify_all(matter)
        told = f"网格员和居民一起看过，办好了：{words.strip()}"
        move(matter, "verify", by=looker, now=now, evidence=evidence_of(matter), words=told)
        return look
    _reopen(matter, faults, due=new_due, reason=words, approver=by.label, now=now)
    move(
        matter, "send_back", by=looker, now=now, evidence=evidence_of(matter), reason=words,
        words=f"网格员和居民一起看过，还没办好：{words.strip()}", due_at=resolving.next_due(matter),
    )  # fmt: skip
    return look


def suspend(matter: Matter, *, reason: str, review_on: date, outside: bool, by: Actor, now: datetime) -> Matter:
    """Put a matter on hold (挂账) for a cause outside the hall, and tell the proposer the day it is looked at again."""
    first_no(fits(N_("暂缓的原因"), reason, REASON_MOST), rules.good_review_day(review_on, local_day(now))).or_refuse()
    evidence = {"review_date"} | ({"outside_cause"} if outside else set())
    return move(
        matter, "suspend", by=by, now=now, evidence=evidence, reason=reason.strip(), due_at=end_of(review_on),
        words=f"先放一放：{reason.strip()}。{_day(review_on)}再看", data={"review_on": review_on.isoformat()},
    )  # fmt: skip


def resume(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """Take a suspended matter up again where it stood."""
    back = resolving.next_due(matter) if matter.suspended_from == Stage.IMPLEMENTING else None
    return move(matter, "resume", by=by, now=now, reason=reason, words=f"接着办：{reason.strip()}", due_at=back)


def terminate(matter: Matter, *, cause: str, notice: str, other_routes: str = "", by: Actor, now: datetime) -> Matter:
    """End a matter before its result: the cause, the words to the proposer, and where else to turn."""
    first_no(
        fits(N_("终止的原因"), cause, REASON_MOST), fits(N_("给提出人的告知"), notice, WORDS_MOST),
        fits(N_("别的路"), other_routes, REASON_MOST, required=False),
    ).or_refuse()  # fmt: skip
    evidence = {"end_notice"} | ({"other_routes"} if other_routes.strip() else set())
    told = notice.strip() + (f"　{other_routes.strip()}" if other_routes.strip() else "")
    move(matter, "terminate", by=by, now=now, evidence=evidence, reason=cause.strip(), words=told)
    resolving.drop_open(matter)
    db.session.execute(
        update(Posting)
        .where(Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state == "up")
        .values(state="withdrawn", taken_down_at=now)
    )
    return matter


def reopen_tasks(
    matter: Matter, chosen: Collection[UUID], *, due: date, reason: str, approver: str, now: datetime
) -> int:
    """Open promises again for a rework; without a choice all of them. Returns how many."""
    return _reopen(matter, chosen, due=due, reason=reason, approver=approver, now=now)


def _reopen(
    matter: Matter, chosen: Collection[UUID], *, due: date | None, reason: str, approver: str, now: datetime
) -> int:
    wanted = select(Commitment).where(
        Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
        Commitment.state.in_(("done", "verified")),
    )  # fmt: skip
    if chosen:
        wanted = wanted.where(Commitment.id.in_(chosen))
    tasks = db.session.scalars(wanted).all()
    if not tasks:
        raise Refused(N_("点出哪一项没达到。"))
    if due is not None and due < local_day(now):
        raise Refused(N_("新的日子不能是过去的日子。"))
    for task in tasks:
        task.state, task.done_at, task.round = "open", None, matter.round
        if due is not None and due != task.due:
            task.due, task.extension_reason, task.extension_by = due, reason.strip(), approver
    db.session.flush()
    return len(tasks)


def _verify_all(matter: Matter) -> None:
    db.session.execute(
        update(Commitment)
        .where(
            Commitment.community_id == current_community(),
            Commitment.matter_id == matter.id,
            Commitment.state == "done",
        )
        .values(state="verified")
    )


def _note(
    matter: Matter, words: str, commitment: Commitment | None, *, by: Actor, now: datetime, id: UUID | None = None
) -> ProgressNote:
    note = ProgressNote(
        id=id or uuid7(), matter_id=matter.id, commitment_id=commitment.id if commitment else None, words=words.strip(),
        by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(note)
    db.session.flush()
    return note


def _compare_and_set(commitment: Commitment, expected: str, **values: Any) -> None:
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


def _keep_due(matter: Matter) -> None:
    """The matter is due when its earliest open promise is."""
    if Stage(matter.stage) is Stage.IMPLEMENTING:
        matter.due_at = resolving.next_due(matter) or matter.due_at


def _must_be_working(matter: Matter) -> None:
    if Stage(matter.stage) not in WORKING:
        raise Refused(N_("这件事不在落实这一步，不能报进展。"))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
