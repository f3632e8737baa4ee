"""Where people can sit down, and who took part: K1 and K7 of one hall. No name leaves the statement."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, Text, and_, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.flow.collect.models import Proposal
from app.flow.collect.rules import ADULT
from app.flow.collect.signing import Signature
from app.flow.decide.models import Ballot, Poll, RollEntry
from app.flow.deliberate.models import Attendance, Sitting
from app.matter.models import Matter
from app.people.models import Account, Membership, Person
from app.people.owners import Owner
from app.people.places import Grid, Household, Venue
from app.people.roles import COMMUNITY_STAFF, Role
from app.records.hall_counting import if_, row
from tenants.registry import Community
from tenants.scope import current_community

#: Whoever was not there in this long comes for the first time (K7).
MEMORY = timedelta(days=365)
#: A post box is no place to sit down at, and a mobile or an online one is in no grid.
_NO_ROOM = ("collection_point", "letterbox")
_CAME = ("present", "left")


def places(since: datetime, until: datetime, last: date) -> dict[str, int]:
    """Whether there is a place and a council in office; grids with a place; whether the hall sat with a quorum."""
    here = current_community()
    open_venue = and_(Venue.community_id == here, Venue.closed_at.is_(None), Venue.kind.not_in(_NO_ROOM))
    council = exists().where(
        Membership.community_id == here, Membership.role == str(Role.COUNCIL_MEMBER), Membership.since <= last,
        or_(Membership.until.is_(None), Membership.until > last),
    )  # fmt: skip
    sat = exists().where(
        Sitting.community_id == here, Sitting.opened_at.between(since, until), Sitting.quorate,
        Sitting.minutes_done_at.is_not(None),
    )  # fmt: skip
    spots = and_(Venue.community_id == here, Venue.closed_at.is_(None), Venue.kind != "letterbox")
    in_grid = exists().where(open_venue, Venue.grid_id == Grid.id)
    found = row(
        func.count().label("grids"), if_(in_grid).label("grids_covered"),
        select(exists().where(open_venue) & council).scalar_subquery().label("covered"),
        select(sat).scalar_subquery().label("active"),
        select(Community.opened_at <= until).where(Community.id == here).scalar_subquery().label("was_open"),
        select(func.count()).where(spots).scalar_subquery().label("venues"),
        where=(Grid.community_id == here, Grid.closed_at.is_(None)),
    )  # fmt: skip
    # A hall that was opened later is no part of earlier days, or a new hall would change what was reported of them.
    if not found.pop("was_open"):
        return {"halls": 0, **dict.fromkeys(found, 0)}
    return {"halls": 1, **{name: int(value) for name, value in found.items()}}


def residents(since: datetime, until: datetime, last: date) -> dict[str, int]:
    """Who could have taken part and how often somebody did; one statement."""
    here = current_community()
    register = and_(
        Household.community_id == Person.community_id, Household.id == Person.household_id,
        Household.closed_at.is_(None),
    )  # fmt: skip
    grown = or_(Person.birth_year.is_(None), Person.birth_year <= last.year - ADULT)
    adults = (
        select(func.count()).select_from(Person).join(Household, register).where(Person.community_id == here, grown)
    )
    attended = _at_table(select(func.count())).where(Sitting.opened_at.between(since, until))
    # One sheet of several questions is one ballot; a show of hands is a question without a sheet.
    sheets = (
        select(func.max(Ballot.returned - Ballot.spoiled).label("valid"))
        .join(Matter, and_(Matter.community_id == Ballot.community_id, Matter.id == Ballot.matter_id))
        .where(
            Ballot.community_id == here, Ballot.state == "closed", Ballot.closed_at.between(since, until),
            Ballot.mode != "consensus", Matter.stage != "withdrawn",
        )
        .group_by(func.coalesce(Ballot.poll_id, Ballot.id))
        .subquery()
    )  # fmt: skip
    ballots = select(func.coalesce(func.sum(sheets.c.valid), 0))
    return row(
        func.count().label("homes"),
        adults.scalar_subquery().label("adults"),
        attended.scalar_subquery().label("attendances"),
        ballots.scalar_subquery().label("ballots"),
        where=(Household.community_id == here, Household.closed_at.is_(None)),
    )


def faces(since: datetime, until: datetime) -> dict[str, int]:
    """How many people and homes took part, and how many of the people had not for twelve months; one statement."""
    every = union_all(_said(), _signed(), _attended(), _voted()).subquery()
    seen = select(every).where(every.c.at.between(since - MEMORY, until)).cte("seen")
    face = (
        select(func.bool_or(seen.c.at >= since).label("now"), func.bool_or(seen.c.at < since).label("before"))
        .where(seen.c.who != "")
        .group_by(seen.c.who)
        .subquery()
    )
    home = exists().where(
        Household.community_id == current_community(), Household.id == seen.c.home, Household.closed_at.is_(None)
    )
    homes = select(func.count(seen.c.home.distinct())).where(seen.c.at >= since, home)
    return row(
        if_(face.c.now).label("people"), if_(face.c.now & ~face.c.before).label("newcomers"),
        homes.scalar_subquery().label("homes_took_part"), where=(literal(True),),
    )  # fmt: skip


def _trace(at: Any, *, home: Any, who: Any) -> Select[Any]:
    return select(at.label("at"), home.label("home"), func.coalesce(who, cast(literal(""), Text)).label("who"))


def _key(letter: str, value: Any) -> Any:
    return literal(letter) + cast(value, String)


def _said() -> Select[Any]:
    return (
        _trace(Proposal.said_at, home=Person.household_id, who=_key("p", Proposal.person_id))
        .join(Matter, and_(Matter.community_id == Proposal.community_id, Matter.id == Proposal.matter_id))
        .join(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Matter.stage != "withdrawn")
    )


def _signed() -> Select[Any]:
    who = func.coalesce(_key("p", Signature.person_id), _key("s", Signature.mark))
    home = func.coalesce(Signature.household_id, Person.household_id)
    return (
        _trace(Signature.signed_at, home=home, who=who)
        .outerjoin(Person, and_(Person.community_id == Signature.community_id, Person.id == Signature.person_id))
        .where(Signature.community_id == current_community(), Signature.withdrawn_at.is_(None))
    )


def _attended() -> Select[Any]:
    who = func.coalesce(_key("p", Account.person_id), _key("a", Account.id), literal("n") + func.btrim(Attendance.name))
    return (
        _at_table(_trace(Sitting.opened_at, home=Person.household_id, who=who))
        .outerjoin(Account, and_(Account.community_id == Attendance.community_id, Account.id == Attendance.account_id))
        .outerjoin(Person, and_(Person.community_id == Account.community_id, Person.id == Account.person_id))
    )


def _at_table(wanted: Select[Any]) -> Select[Any]:
    """Seats taken at sittings that were opened; whoever works for the community sits there by duty."""
    works_here = exists().where(
        Membership.community_id == Attendance.community_id, Membership.account_id == Attendance.account_id,
        Membership.role.in_(sorted(COMMUNITY_STAFF)),
    )  # fmt: skip
    return (
        wanted.select_from(Attendance)
        .join(Sitting, and_(Sitting.community_id == Attendance.community_id, Sitting.id == Attendance.sitting_id))
        .where(
            Attendance.community_id == current_community(),
            Attendance.state.in_(_CAME),
            Sitting.opened_at.is_not(None),
            or_(Attendance.account_id.is_(None), ~works_here),
        )
    )


def _voted() -> Select[Any]:
    """Whoever the roll says has voted. A home that votes as a home is nobody's face."""
    here, seat = RollEntry.community_id, aliased(Attendance)
    account = func.coalesce(RollEntry.account_id, seat.account_id)
    person = func.coalesce(RollEntry.person_id, Owner.person_id, Account.person_id)
    name = case((RollEntry.household_id.is_(None), literal("n") + func.btrim(RollEntry.name)))
    who = func.coalesce(_key("p", person), _key("a", Account.id), _key("o", RollEntry.owner_id), name)
    return (
        _trace(Poll.closed_at, home=func.coalesce(RollEntry.household_id, Person.household_id), who=who)
        .select_from(RollEntry)
        .join(Poll, and_(here == Poll.community_id, RollEntry.poll_id == Poll.id))
        .outerjoin(Owner, and_(Owner.community_id == here, Owner.id == RollEntry.owner_id))
        .outerjoin(seat, and_(seat.community_id == here, seat.id == RollEntry.attendance_id))
        .outerjoin(Account, and_(Account.community_id == here, Account.id == account))
        .outerjoin(Person, and_(Person.community_id == here, Person.id == person))
        .where(here == current_community(), Poll.state == "closed", RollEntry.channel != "")
    )
