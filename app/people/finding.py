"""Finding a resident at the desk: by name, by phone (through its blind index), or by the door they live behind.

Nobody is listed without being looked for, and a child never is: what was said by a child stays with its handlers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.errors import Missing
from app.people import households
from app.people.models import Account, Person
from app.people.phones import phone_problem, tidy_phone
from app.people.places import Building, Estate, Household
from app.people.privacy import ResidencyProof
from app.people.proofs import ADULT
from app.people.secrets import blind
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

MOST = 20


@dataclass(frozen=True)
class Found:
    """One line of the list; ``kinds`` are the valid proofs."""

    person: Person
    address: str
    account_id: UUID | None
    is_disabled: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is looked for: a name or a phone, or a door."""

    text: str = ""
    building_id: UUID | None = None
    unit: int | None = None
    room: str = ""

    @property
    def is_nothing(self) -> bool:
        """Nobody was asked for."""
        return not (self.text or self.building_id)


def find_people(wanted: Wanted, *, now: datetime) -> list[Found]:
    """At most ``MOST`` adults, those with an account first; one statement."""
    if wanted.is_nothing:
        return []
    rows = db.session.execute(_statement(wanted, now)).all()
    return [
        Found(
            person, _address(estate, building, household), account_id, disabled_at is not None,
            tuple((kinds or "").split()),
        )
        for person, household, building, estate, account_id, disabled_at, kinds in rows
    ]  # fmt: skip


def find_person(person_id: UUID, *, now: datetime) -> Person:
    """The adult with this id; raises ``Missing``."""
    person = db.session.scalar(
        select(Person).where(Person.community_id == current_community(), Person.id == person_id, _adult(now))
    )
    if person is None:
        raise Missing(N_("没有找到这位居民。"))
    return person


def address_of(person: Person) -> str:
    """Where the person lives, or an empty string."""
    if person.household_id is None:
        return ""
    return households.address(households.find_household(person.household_id))


def accounts_of(person_id: UUID) -> list[Account]:
    """The accounts of one person, the oldest first."""
    rows = db.session.scalars(
        select(Account)
        .where(Account.community_id == current_community(), Account.person_id == person_id)
        .order_by(Account.created_at)
    )
    return list(rows)


def find_door(building_id: UUID | None, unit: int | None, room: str) -> Household | None:
    """The household behind one door, or None."""
    if building_id is None or unit is None or not room:
        return None
    return db.session.scalar(
        select(Household).where(
            Household.community_id == current_community(), Household.building_id == building_id,
            Household.unit == unit, Household.room == room,
        )
    )  # fmt: skip


def _statement(wanted: Wanted, now: datetime):  # type: ignore[no-untyped-def]
    home, house, estate = aliased(Household), aliased(Building), aliased(Estate)
    kinds = (
        select(func.string_agg(ResidencyProof.kind, " "))
        .where(
            ResidencyProof.community_id == Person.community_id, ResidencyProof.person_id == Person.id,
            ResidencyProof.revoked_at.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(Person, home, house, estate, Account.id, Account.disabled_at, kinds)
        .outerjoin(home, (home.community_id == Person.community_id) & (home.id == Person.household_id))
        .outerjoin(house, (house.community_id == home.community_id) & (house.id == home.building_id))
        .outerjoin(estate, (estate.community_id == house.community_id) & (estate.id == house.estate_id))
        .outerjoin(Account, (Account.community_id == Person.community_id) & (Account.person_id == Person.id))
        .where(Person.community_id == current_community(), _adult(now), *_narrowed(wanted, home))
        .order_by(Account.id.is_(None), Person.name, Person.created_at.desc())
        .limit(MOST)
    )


def _narrowed(wanted: Wanted, home: type[Household]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    phone = tidy_phone(wanted.text)
    if wanted.text and phone.isdigit() and phone_problem(phone) is None:
        found.append(Person.phone_index == blind("phone", phone))
    elif wanted.text:
        found.append(Person.name.contains(wanted.text, autoescape=True))
    if wanted.building_id:
        found.append(home.building_id == wanted.building_id)
    if wanted.unit:
        found.append(home.unit == wanted.unit)
    if wanted.room:
        found.append(home.room == wanted.room)
    return found


def _adult(now: datetime) -> ColumnElement[bool]:
    return or_(Person.birth_year.is_(None), Person.birth_year <= now.year - ADULT)


def _address(estate: Estate | None, building: Building | None, household: Household | None) -> str:
    if household is None or building is None or estate is None:
        return ""
    return f"{estate.name} {building.name} {household.unit} 单元 {household.room}"
