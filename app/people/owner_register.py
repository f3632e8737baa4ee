"""Reading the owners' register: who owns what in an estate, and how many heads and how much area that is.

One owner is one head with all their units, the developer's unsold ones are one head, and areas count in full
(interpretation on shared ownership, sections 8 and 9). What a poll or a notice needs of it is here; the desk's pages
are in :mod:`app.people.owner_pages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from app.people.owner_rules import full_name
from app.people.owners import OwnedUnit, Owner
from tenants.database import db
from tenants.scope import current_community

#: So many units are named in one line; the rest is counted.
NAMED = 2


@dataclass(frozen=True)
class OwnerLine:
    """One head: the owner with the places of their units and their whole area (0.01 square metre)."""

    owner_id: UUID
    name: str
    place: str
    area_dm2: int


def roll_of(estate_id: UUID) -> list[OwnerLine]:
    """Every head of the estate today, in the order of their first unit; one statement."""
    here = current_community()
    rows = db.session.execute(
        select(OwnedUnit.owner_id, Owner.name, Owner.mark, OwnedUnit.label, OwnedUnit.area_dm2)
        .join(Owner, (Owner.community_id == here) & (Owner.id == OwnedUnit.owner_id))
        .where(OwnedUnit.community_id == here, OwnedUnit.estate_id == estate_id, OwnedUnit.until.is_(None))
        .order_by(OwnedUnit.sort, OwnedUnit.label)
    )
    names: dict[UUID, str] = {}
    places: dict[UUID, list[str]] = {}
    areas: dict[UUID, int] = {}
    for owner_id, name, mark, label, area in rows:
        names[owner_id] = full_name(name, mark)
        places.setdefault(owner_id, []).append(label)
        areas[owner_id] = areas.get(owner_id, 0) + area
    return [OwnerLine(owner_id, name, place_of(places[owner_id]), areas[owner_id]) for owner_id, name in names.items()]


def place_of(labels: list[str]) -> str:
    """3 号楼 1 单元 301、302 号车库 等 5 套."""
    named = "、".join(labels[:NAMED])
    return named if len(labels) <= NAMED else f"{named} 等 {len(labels)} 套"


def totals(estate_id: UUID) -> tuple[int, int]:
    """How many heads the estate has today, and its whole area in 0.01 square metre; one statement."""
    heads, area = db.session.execute(
        select(func.count(OwnedUnit.owner_id.distinct()), func.coalesce(func.sum(OwnedUnit.area_dm2), 0)).where(
            OwnedUnit.community_id == current_community(), OwnedUnit.estate_id == estate_id, OwnedUnit.until.is_(None)
        )
    ).one()
    return int(heads), int(area)
