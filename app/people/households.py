"""Households and their codes as the secretary's desk sees them: find one, print a slip, take a code back.

The codes themselves are made and closed by :mod:`app.people.residents`. A slip can be shown only once, because only
the HMAC is kept; so the form carries what it saw (``seen``), and a second click never voids a slip that was printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.errors import Missing, Refused
from app.people import residents
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, Person
from app.people.places import Building, Household
from app.people.secrets import blind, new_code
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: More households never share one stairwell of the street; the print page stays within a few dozen sheets.
UNIT_MOST = 200
CLOSED = N_("这一户停用了，先启用再发户码。")
CHANGED = N_("刚才已经换过户码了，旧页面上的不能再用。要再换，请回到这一户重新来。")


def buildings() -> list[Building]:
    """Every building with its estate, in the order in which people count them; one statement."""
    rows = db.session.scalars(
        select(Building)
        .where(Building.community_id == current_community())
        .options(joinedload(Building.estate))
        .order_by(Building.sort, Building.name)
    ).all()
    return sorted(rows, key=lambda building: (building.estate.name, building.sort, building.name))


def households_page(*, building_id: UUID | None, unit: int | None, room: str, page: int) -> tuple[list[Household], int]:
    """One page of households, door by door; and how many there are."""
    wanted = select(Household).where(Household.community_id == current_community())
    if building_id:
        wanted = wanted.where(Household.building_id == building_id)
    if unit:
        wanted = wanted.where(Household.unit == unit)
    if room:
        wanted = wanted.where(Household.room == room)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(
        wanted.join(Household.building)
        .options(joinedload(Household.building).joinedload(Building.estate))
        .order_by(Building.sort, Building.name, Household.unit, func.length(Household.room), Household.room)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return list(rows), total


def find_household(household_id: UUID, *, lock: bool = False) -> Household:
    """The household with its building and estate; raises ``Missing``."""
    wanted = (
        select(Household)
        .where(Household.community_id == current_community(), Household.id == household_id)
        .options(joinedload(Household.building).joinedload(Building.estate))
    )
    if lock:
        wanted = wanted.with_for_update(of=Household)
    household = db.session.scalar(wanted)
    if household is None:
        raise Missing(N_("没有这一户。"))
    return household


def accounts_of(household_id: UUID) -> list[Account]:
    """The accounts that were made from this household's codes."""
    rows = db.session.scalars(
        select(Account)
        .join(Person, (Person.community_id == Account.community_id) & (Person.id == Account.person_id))
        .where(Account.community_id == current_community(), Person.household_id == household_id)
        .order_by(Account.created_at)
    ).all()
    return list(rows)


def address(household: Household) -> str:
    """曹家巷小区 3 号楼 3 单元 301."""
    building = household.building
    return f"{building.estate.name} {building.name} {household.unit} 单元 {household.room}"


def seen_mark(households: Sequence[Household]) -> str:
    """What a form remembers of the codes it stands beside: their newest change; empty where there is none."""
    moments = [moment for h in households for moment in (h.code_at, h.code_revoked_at) if moment]
    return max(moments).isoformat() if moments else ""


def issue(household_id: UUID, *, seen: str, by: Actor, now: datetime) -> tuple[Household, str]:
    """A new code for one household, in clear and only now; the old one opens nothing any more."""
    household = find_household(household_id, lock=True)
    _still(seen, [household])
    if household.closed_at is not None:
        raise Refused(CLOSED)
    return household, residents.new_household_code(household, by=by, now=now)


def revoke(household_id: UUID, *, by: Actor, now: datetime) -> Household:
    """Close the household's code."""
    return residents.revoke_household_code(find_household(household_id, lock=True), by=by, now=now)


def unit_households(building_id: UUID, unit: int, *, lock: bool = False) -> list[Household]:
    """Every household of one stairwell, door by door; one statement."""
    wanted = (
        select(Household)
        .where(
            Household.community_id == current_community(),
            Household.building_id == building_id,
            Household.unit == unit,
            Household.closed_at.is_(None),
        )
        .options(joinedload(Household.building).joinedload(Building.estate))
        .order_by(func.length(Household.room), Household.room)
    )
    if lock:
        wanted = wanted.with_for_update(of=Household)
    return list(db.session.scalars(wanted).all())


def issue_unit(building_id: UUID, unit: int, *, seen: str, by: Actor, now: datetime) -> list[tuple[Household, str]]:
    """New codes for all households of a stairwell at once, in clear and only now."""
    households = unit_households(building_id, unit, lock=True)
    if not households:
        raise Missing(N_("这个单元还没有登记住户。"))
    if len(households) > UNIT_MOST:
        raise Refused(N_("一个单元最多一次印 %(most)s 户。"), most=UNIT_MOST)
    _still(seen, households)
    issued: list[tuple[Household, str]] = []
    for household in households:
        code = new_code(residents.CODE_LENGTH)
        household.code_hmac, household.code_at, household.code_revoked_at = blind("household", code), now, None
        issued.append((household, code))
    building = households[0].building
    log_change(
        "household_code", "batch", by=by, now=now, subject_id=building.id,
        after=f"{building.estate.name} {building.name} {unit} 单元 {len(issued)} 户",
    )  # fmt: skip
    return issued


def _still(seen: str, households: Sequence[Household]) -> None:
    if seen_mark(households) != seen:
        raise Refused(CHANGED)


def addresses(household_ids: Sequence[Any]) -> dict[UUID, str]:
    """The addresses of some households by id; one statement."""
    rows = db.session.scalars(
        select(Household)
        .where(Household.community_id == current_community(), Household.id.in_(household_ids))
        .options(joinedload(Household.building).joinedload(Building.estate))
    ).all()
    return {household.id: address(household) for household in rows}
