"""The roll: who may vote in a poll, taken from the body's own register or given line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, true
from sqlalchemy.orm import contains_eager

from app import clock
from app.errors import Missing, Refused, Verdict
from app.flow.decide.casting import VOTING_AGE
from app.flow.decide.holding import at_table, duty, hold_poll, sitting_of
from app.flow.decide.models import Poll, RollEntry
from app.flow.decide.poll_queries import questions_of
from app.flow.decide.rules import Body, Rule
from app.flow.decide.rules.putting import may_narrow
from app.flow.deliberate.models import Attendance
from app.people.actor import Actor
from app.people.households import address
from app.people.models import Account, Person
from app.people.owner_register import roll_of
from app.people.places import Building, Estate, Household
from app.people.representatives import reps_today
from app.words import N_
from tenants.database import db, row_key
from tenants.scope import current_community

MOST_LINES = 50_000
#: Door by door, as somebody with the printed roll walks: estate, building, stairs, home.
_AS_THEY_STAND = (
    Estate.name, Building.sort, Building.name, Building.id, Household.unit, func.length(Household.room), Household.room,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One voter: exactly one of account, person, household and owner, or a name alone for a guest. Area 0.01 m²."""

    name: str
    place: str = ""
    account_id: UUID | None = None
    person_id: UUID | None = None
    household_id: UUID | None = None
    owner_id: UUID | None = None
    is_rep: bool = False
    area_dm2: int = 0
    attendance_id: UUID | None = None
    recused: bool = False


def make_roll(
    poll: Poll, lines: Sequence[Line] | None = None, *, by: Actor, now: datetime, buildings: Collection[UUID] = ()
) -> int:  # fmt: skip
    """Write the roll anew while the poll is being prepared and return how many may vote.

    ``lines`` None takes the body's own register: at a table those present, with the recused marked; all residents of
    18; every household; the representatives and committee members in office; the owners of the estate. Guests are
    named line by line. ``buildings`` narrows the households to theirs, where the rule of the poll allows it.
    """
    poll = hold_poll(poll, "draft")
    duty(sitting_of(poll) if at_table(poll) else None, by)
    found = list(lines) if lines is not None and not at_table(poll) else _register(poll, now, buildings)
    _check(poll, found)
    write_roll(poll, found)
    return sum(not line.recused for line in found)


def take_off(poll: Poll, voter_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take one line off the roll of a poll that has not opened: who moved away, or turns eighteen only later."""
    poll = hold_poll(poll, "draft")
    duty(sitting_of(poll) if at_table(poll) else None, by)
    done = db.session.execute(
        delete(RollEntry).where(
            RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id, RollEntry.id == voter_id
        )
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Missing(N_("名单上没有这一位。"))


def write_roll(poll: Poll, lines: Sequence[Line]) -> None:
    """Replace the lines of a poll that has not opened."""
    db.session.execute(
        delete(RollEntry).where(RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id)
    )
    rows: list[dict[str, Any]] = [
        row_key() | vars(line) | {"poll_id": poll.id, "position": position}
        for position, line in enumerate(lines, start=1)
    ]
    if rows:
        db.session.execute(insert(RollEntry), rows)


def _check(poll: Poll, lines: Sequence[Line]) -> None:
    if len(lines) > MOST_LINES:
        raise Refused(N_("名单太长了，最多 %(most)s 行。"), most=MOST_LINES)
    keys = [
        [key for key in (line.account_id, line.person_id, line.household_id, line.owner_id) if key] for line in lines
    ]
    if any(len(key) > 1 for key in keys) or any(not key for key in keys if poll.body in (Body.OWNERS,)):
        raise Refused(N_("名单上一行只能是一个人、一户或者一位业主。"))
    named = [key[0] for key in keys if key]
    if len(named) != len(set(named)) or _twice(lines):
        raise Refused(N_("名单上有人写了两遍。"))
    if any(not 0 < len(line.name.strip()) <= 60 or line.area_dm2 < 0 for line in lines):
        raise Refused(N_("名单上每行要有名字，60 个字以内。"))
    without = [line.name for line in lines if at_table(poll) and not line.recused and line.account_id is None]
    if without and not (poll.paper or poll.hands):
        raise Refused(N_("%(names)s 没有账号，不能在手机上投票，请加上纸票或者举手。"), names="、".join(without[:5]))


def _twice(lines: Sequence[Line]) -> bool:
    """Whether somebody stands as an account and once more as the person behind it: two lines, and two ballots."""
    accounts = [line.account_id for line in lines if line.account_id]
    persons = {line.person_id for line in lines if line.person_id}
    if not accounts:
        return False
    behind = db.session.scalars(
        select(Account.person_id).where(
            Account.community_id == current_community(), Account.id.in_(accounts), Account.person_id.is_not(None)
        )
    ).all()
    return len(behind) != len(set(behind)) or bool(persons & set(behind))


def may_be_narrowed(poll: Poll) -> Verdict:
    """Whether this poll may be put to some buildings only."""
    return may_narrow(Body(poll.body), [Rule(ballot.rule) for ballot in questions_of(poll.id)])


def buildings_asked(poll: Poll) -> set[UUID]:
    """The buildings a narrowed roll stands for; empty where every home is asked, or nobody yet."""
    here = Household.community_id == current_community()
    listed = select(RollEntry.household_id).where(
        RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id
    )
    homes = select(Household.building_id).distinct().where(here, Household.closed_at.is_(None))
    asked = set(db.session.scalars(homes.where(Household.id.in_(listed))))
    return asked if len(asked) < len(db.session.scalars(homes).all()) else set()


def _register(poll: Poll, now: datetime, buildings: Collection[UUID]) -> list[Line]:
    if buildings:
        may_be_narrowed(poll).or_refuse()
    if at_table(poll):
        return _seats(poll)
    today = clock.local(now).date()
    if poll.body == Body.RESIDENTS:
        return _residents(today.year)
    if poll.body == Body.HOUSEHOLDS:
        return _households(buildings)
    if poll.body == Body.REPS:
        return [
            Line(
                rep.name, rep.area, account_id=rep.account_id, person_id=None if rep.account_id else rep.person_id,
                is_rep=rep.kind == "rep",
            )
            for rep in reps_today(today)
        ]  # fmt: skip
    if poll.body == Body.OWNERS and poll.estate_id:
        return [Line(o.name, o.place, owner_id=o.owner_id, area_dm2=o.area_dm2) for o in roll_of(poll.estate_id)]
    raise Refused(N_("请来的人没有现成的名单，一人一行写下来。"))


def _seats(poll: Poll) -> list[Line]:
    """Those present now; a party to the matter stays on the list as recused and counts in neither N nor P."""
    mine = Attendance.recused_matter_id == poll.matter_id
    seats = db.session.scalars(
        select(Attendance)
        .where(
            Attendance.community_id == current_community(), Attendance.sitting_id == poll.sitting_id,
            Attendance.counts, or_(Attendance.state == "present", mine),
        )
        .order_by(Attendance.position, Attendance.name)
    )  # fmt: skip
    return [
        Line(
            seat.name, seat.capacity, account_id=seat.account_id, is_rep=seat.is_rep, attendance_id=seat.id,
            recused=seat.recused_matter_id == poll.matter_id,
        )
        for seat in seats
    ]  # fmt: skip


def _residents(year: int) -> list[Line]:
    # A year of birth is all that is on file: whoever turns eighteen this year is listed, and the maker of the roll
    # takes off those whose birthday is still to come.
    grown = or_(Person.birth_year.is_(None), Person.birth_year <= year - VOTING_AGE)
    rows = db.session.execute(
        select(Person, Household)
        .join(Household, (Household.community_id == Person.community_id) & (Household.id == Person.household_id))
        .where(Person.community_id == current_community(), Household.closed_at.is_(None), grown)
        .join(Household.building)
        .join(Building.estate)
        .options(contains_eager(Household.building).contains_eager(Building.estate))
        .order_by(*_AS_THEY_STAND, Person.created_at)
    ).all()
    return [Line(p.name or p.title or N_("居民"), address(home), person_id=p.id) for p, home in rows]


def _households(buildings: Collection[UUID]) -> list[Line]:
    asked = Household.building_id.in_(buildings) if buildings else true()
    homes = db.session.scalars(
        select(Household)
        .where(Household.community_id == current_community(), Household.closed_at.is_(None), asked)
        .join(Household.building)
        .join(Building.estate)
        .options(contains_eager(Household.building).contains_eager(Building.estate))
        .order_by(*_AS_THEY_STAND)
    ).all()
    return [Line(address(home)[:60], household_id=home.id) for home in homes]
