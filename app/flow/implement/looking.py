"""The look at the work by a grid worker and one resident, and what goes back to be done again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.implement import queries, rules
from app.flow.implement.evidence import evidence_of
from app.flow.implement.models import Verification
from app.flow.implement.witness import Witness, witness_of
from app.flow.implement.working import write_note
from app.flow.resolve import actions as resolving
from app.flow.resolve.mediating import note_look
from app.flow.resolve.mediation_terms import open_again
from app.flow.resolve.models import Commitment
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, first_no, fits
from app.matter.actions import move
from app.matter.models import Matter
from app.matter.situation import Stage, Track
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: What the look at a private agreement says outside the parties' own file.
PARTY, LOOKED, NOT_PERFORMED = "当事人", "协议都履行了", "协议还没履行到位"


def verify(
    matter: Matter, *, passed: bool, words: str, resident_name: str, faults: Collection[UUID] = (),
    new_due: date | None = None, resident_door: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Verification:  # fmt: skip
    """A grid worker and one resident, who is no doer, look at the work; a failed look names the faulty tasks.

    ``faults`` are ids of commitments (failed only); ``new_due`` is their new day, where they get one. The resident's
    name stays inside: the timeline only says that a resident was there.
    """
    if Stage(matter.stage) is not Stage.VERIFYING:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))
    first_no(fits(N_("看到什么"), words, REASON_MOST), fits(N_("一起看的居民"), resident_name, NAME_MOST)).or_refuse()
    seen_by = witness_of(matter, resident_name, door=resident_door, looker=by.label)
    looker = by.as_capacity(Role.TASK_OWNER) if rules.is_doer(by.id, queries.owners_of(matter)) else by
    if matter.track == Track.MEDIATION and note_look(
        matter, present=[seen_by.name, by.label], words=words, by=by, now=now
    ):
        # Who of the parties came along, and what was seen, stays in their own file: the street reads this row.
        seen_by, words = Witness(PARTY), LOOKED if passed else NOT_PERFORMED
    look = Verification(
        id=id or uuid7(), matter_id=matter.id, round=matter.round, passed=passed, words=words.strip(), by_id=by.id,
        by_label=by.label, resident_name=seen_by.name, resident_household_id=seen_by.household_id,
        resident_door=seen_by.door, at=now,
    )  # fmt: skip
    db.session.add(look)
    db.session.flush()
    if passed:
        _verify_all(matter)
        told = f"网格员和居民一起看过，办好了：{words.strip()}"
        move(matter, "verify", by=looker, now=now, evidence=evidence_of(matter), words=told)
    else:
        again = _reopen(matter, faults, due=new_due, reason=words, approver=by.label, now=now)
        _send_back(matter, again, words, by=by, looker=looker, now=now)
    return look


def _send_back(
    matter: Matter, again: Sequence[Commitment], words: str, *, by: Actor, looker: Actor, now: datetime
) -> None:
    for task in again:
        write_note(matter, f"核验没过，退回重办：{words.strip()}", task, by=by, now=now)
    named = "、".join(task.what for task in again)
    move(
        matter, "send_back", by=looker, now=now, evidence=evidence_of(matter), reason=words,
        words=f"网格员和居民一起看过，还没办好：{words.strip()}（要重办：{named}）",
        due_at=resolving.next_due(matter), data={"faults": [str(task.id) for task in again]},
    )  # fmt: skip


def reopen_tasks(
    matter: Matter, chosen: Collection[UUID], *, due: date, reason: str, approver: str, now: datetime
) -> int:
    """Open promises again for a rework; without a choice all of them. Returns how many."""
    return len(_reopen(matter, chosen, due=due, reason=reason, approver=approver, now=now))


def _reopen(
    matter: Matter, chosen: Collection[UUID], *, due: date | None, reason: str, approver: str, now: datetime
) -> Sequence[Commitment]:
    wanted = select(Commitment).where(
        Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
        Commitment.state.in_(("done", "verified")),
    )  # fmt: skip
    if chosen:
        wanted = wanted.where(Commitment.id.in_(chosen))
    tasks = db.session.scalars(wanted.order_by(Commitment.position)).all()
    if not tasks:
        raise Refused(N_("点出哪一项没达到。"))
    if due is not None:
        rules.good_new_day(due, local_day(now)).or_refuse()
    for task in tasks:
        task.state, task.done_at, task.round = "open", None, matter.round
        if due is not None and due != task.due:
            task.due, task.extension_reason, task.extension_by = due, reason.strip(), approver
    db.session.flush()
    if matter.track == Track.MEDIATION:
        open_again([task.id for task in tasks])
    return tasks


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
