"""The urging of one hall: once a day, everything new, in one message a person.

State-based: what a thing has reached is reckoned from where it stands, what was said stands in ``reminder``, and the
difference is what is said today. However long nobody worked, nothing is left out and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app import clock
from app.errors import Missing, Refused
from app.matter.actions import record
from app.matter.bounds import default_of
from app.matter.house import house
from app.matter.models import Matter
from app.matter.workdays import local_day
from app.notices import reminder_rules as rules
from app.notices.models import Digest, Reminder
from app.notices.reminder_rules import Line, Person, Reached, Step, Thing
from app.notices.reminder_subjects import subjects
from app.people.actor import SYSTEM, Actor
from app.people.queries import active_members
from app.people.roles import Role
from app.words import N_
from tenants.database import db, row_key
from tenants.scope import current_community

#: The timeline's verb for a delay of which the street hears, and what everybody reads of it.
CLIMBED = "climb"
CLIMBED_WORDS = N_("超期 %(n)s 个工作日还没办完，已经报街道知道")
#: Rows that one statement inserts.
BATCH = 500
Fresh = list[tuple[Thing, Sequence[Reached]]]


def climb_after() -> int:
    """After how many working days past its day something of the bound hall climbs to the street."""
    return int(house().settings.get("climb_working_days") or default_of("climb_working_days"))


def urge(*, now: datetime) -> int:
    """Say what the bound hall's things have newly reached; returns how many steps that were.

    Silent before eight in the morning and once it has spoken today: what comes up later in the day is said tomorrow,
    so that nobody hears twice in a day.
    """
    today = local_day(now)
    if clock.local(now).hour < rules.FIRST_HOUR or not _may_speak(today):
        return 0
    calendar, after = house().calendar, climb_after()
    fresh = _unsaid([(thing, rules.reached(thing, today, calendar, after)) for thing in subjects(now)])
    if not fresh:
        return 0
    secretaries = _secretaries(today)
    said = _remember(fresh, secretaries, today, now)
    _tell_the_street(fresh, today, now)
    for person, lines in rules.digests(fresh, secretaries, today, calendar).items():
        db.session.add(_digest(person, lines, today, now))
    db.session.flush()
    return said


def mark_read(until: date, *, by: Actor, now: datetime) -> int:
    """Whoever was urged at the desk has seen what was said up to ``until``; returns how many digests that were."""
    read = db.session.execute(
        update(Digest)
        .where(
            Digest.community_id == current_community(), Digest.to_id == by.id, Digest.day <= until,
            Digest.read_at.is_(None),
        )
        .values(read_at=now, receipt="delivered")
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(read.rowcount)  # type: ignore[attr-defined]


def mark_digest_told(digest_id: UUID, *, by: Actor, now: datetime) -> Digest:
    """Somebody of the hall told whoever has no desk: on the phone, at the door, or with the printed slip."""
    digest = _found(digest_id)
    if digest.channel != "outbox":
        raise Refused(N_("他自己打开「今天」就看得到，不用再说。"))
    if digest.handled_at is None:
        digest.handled_at, digest.handled_label, digest.receipt = now, by.label, "delivered"
    return digest


def _found(digest_id: UUID) -> Digest:
    digest = db.session.scalar(select(Digest).where(Digest.community_id == current_community(), Digest.id == digest_id))
    if digest is None:
        raise Missing(N_("没有这条提醒。"))
    return digest


def _may_speak(today: date) -> bool:
    """Whether nothing was said today; two workers at the same moment wait for each other here."""
    here = current_community()
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("urge", here))))
    spoken = exists().where(Digest.community_id == here, Digest.day == today)
    return not db.session.scalar(select(spoken))


def _unsaid(found: Fresh) -> Fresh:
    """Leave out what stands in the memory. The day is part of a step, so a later day begins anew."""
    reaching = [(thing, new) for thing, new in found if new]
    if not reaching:
        return []
    asked = func.unnest(
        cast([thing.kind for thing, _new in reaching], ARRAY(Text)),
        cast([thing.id for thing, _new in reaching], ARRAY(Uuid)),
    ).table_valued("kind", "subject", name="asked").render_derived()  # fmt: skip
    rows = db.session.execute(
        select(Reminder.kind, Reminder.subject_id, Reminder.due, func.string_agg(Reminder.step, ","))
        .join(asked, and_(Reminder.kind == asked.c.kind, Reminder.subject_id == asked.c.subject))
        .where(Reminder.community_id == current_community())
        .group_by(Reminder.kind, Reminder.subject_id, Reminder.due)
    )
    said = {(kind, subject, due): steps.split(",") for kind, subject, due, steps in rows}
    fresh = [
        (thing, [one for one in new if one.step not in said.get((thing.kind, thing.id, thing.due), ())])
        for thing, new in reaching
    ]
    return [(thing, new) for thing, new in fresh if new]


def _secretaries(today: date) -> list[Person]:
    members = active_members(Role.SECRETARY, today)
    return [Person(account.display_name, account.id, reads_desk=True) for account, _membership in members]


def _remember(fresh: Fresh, secretaries: Sequence[Person], today: date, now: datetime) -> int:
    fallback = secretaries[0] if secretaries else Person(rules.OFFICE)
    rows = []
    for thing, new in fresh:
        to = thing.to or fallback
        for one in new:
            rows.append(
                row_key() | {
                    "kind": thing.kind, "subject_id": thing.id, "matter_id": thing.matter_id, "due": thing.due,
                    "step": str(one.step), "day": one.day, "said_on": today, "to_id": to.id, "to_label": to.label,
                    "at": now,
                }
            )  # fmt: skip
    for first in range(0, len(rows), BATCH):
        db.session.execute(insert(Reminder.__table__).on_conflict_do_nothing(), rows[first : first + BATCH])
    return len(rows)


def _tell_the_street(fresh: Fresh, today: date, now: datetime) -> None:
    """One line a matter: the street reads the reminder itself, everybody reads in the timeline that it does."""
    calendar = house().calendar
    late: dict[UUID, int] = {}
    for thing, new in fresh:
        if any(one.step is Step.CLIMB for one in new):
            days = calendar.working_days_between(thing.due, today)
            late[thing.matter_id] = max(days, late.get(thing.matter_id, 0))
    if not late:
        return
    here = current_community()
    for matter in db.session.scalars(select(Matter).where(Matter.community_id == here, Matter.id.in_(late))):
        record(matter, CLIMBED, by=SYSTEM, now=now, words=CLIMBED_WORDS % {"n": late[matter.id]})


def _digest(person: Person, lines: Sequence[Line], today: date, now: datetime) -> Digest:
    stored: list[dict[str, Any]] = [line.as_dict() for line in lines]
    return Digest(
        day=today, to_key=person.key, to_id=person.id, to_label=person.label, lines=stored,
        channel="desk" if person.reads_desk else "outbox", receipt="queued", created_at=now,
    )  # fmt: skip
