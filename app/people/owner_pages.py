"""The owners' register as the desk sees it: by estate, by owner, and as a table that can be brought in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from app.people.owner_rules import KINDS, SOURCES, full_name, natural_key, square_metres, unit_label
from app.people.owners import OwnedUnit, Owner
from app.people.places import Estate
from tenants.database import db
from tenants.scope import current_community

PAGE = 20


@dataclass(frozen=True)
class EstateTotals:
    """One estate: how many heads, units, unsold units, and its area (0.01 square metre)."""

    id: UUID
    name: str
    heads: int
    units: int
    unsold: int
    area_dm2: int


@dataclass(frozen=True)
class OwnerRow:
    """One owner of the list with the units they hold now."""

    owner: Owner
    labels: list[str]
    area_dm2: int


def estates() -> list[EstateTotals]:
    """Every open estate, and closed ones that still have owners; one statement."""
    here = current_community()
    rows = db.session.execute(
        select(
            Estate.id, Estate.name, func.count(OwnedUnit.owner_id.distinct()), func.count(OwnedUnit.id),
            func.count(OwnedUnit.id).filter(Owner.kind == "developer"),
            func.coalesce(func.sum(OwnedUnit.area_dm2), 0),
        )
        .outerjoin(
            OwnedUnit,
            (OwnedUnit.community_id == here) & (OwnedUnit.estate_id == Estate.id) & OwnedUnit.until.is_(None),
        )
        .outerjoin(Owner, (Owner.community_id == here) & (Owner.id == OwnedUnit.owner_id))
        .where(Estate.community_id == here)
        .group_by(Estate.id, Estate.name, Estate.closed_at)
        .having(or_(Estate.closed_at.is_(None), func.count(OwnedUnit.id) > 0))
        .order_by(Estate.name)
    ).all()  # fmt: skip
    return [EstateTotals(row[0], row[1], row[2], row[3], row[4], int(row[5])) for row in rows]


def owners_page(estate_id: UUID, *, words: str, kind: str, page: int, size: int = PAGE) -> tuple[list[OwnerRow], int]:
    """One page of the estate's owners in the order of their first unit, and how many there are; two statements."""
    here = current_community()
    held = (
        select(OwnedUnit.owner_id, func.min(OwnedUnit.sort).label("first"), func.sum(OwnedUnit.area_dm2).label("area"))
        .where(OwnedUnit.community_id == here, OwnedUnit.estate_id == estate_id, OwnedUnit.until.is_(None))
        .group_by(OwnedUnit.owner_id)
        .subquery()
    )
    wanted = (
        select(Owner, held.c.area, func.count().over())
        .join(held, held.c.owner_id == Owner.id)
        .where(Owner.community_id == here)
    )
    if kind in KINDS:
        wanted = wanted.where(Owner.kind == kind)
    if words:
        wanted = wanted.where(_like(words, estate_id))
    rows = db.session.execute(
        wanted.order_by(held.c.first, Owner.name, Owner.mark).limit(size).offset((page - 1) * size)
    ).all()
    labels = _labels([row[0].id for row in rows])
    found = [OwnerRow(owner, labels.get(owner.id, []), int(area)) for owner, area, _n in rows]
    return found, int(rows[0][2]) if rows else 0


def _like(words: str, estate_id: UUID) -> Any:
    there = select(OwnedUnit.owner_id).where(
        OwnedUnit.community_id == current_community(), OwnedUnit.estate_id == estate_id, OwnedUnit.until.is_(None),
        or_(OwnedUnit.label.contains(words, autoescape=True),
            OwnedUnit.sort.contains(natural_key(unit_label(words)) or words, autoescape=True)),
    )  # fmt: skip
    return or_(
        Owner.name.contains(words, autoescape=True), Owner.mark.contains(words, autoescape=True), Owner.id.in_(there)
    )


def _labels(owner_ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = db.session.execute(
        select(OwnedUnit.owner_id, OwnedUnit.label)
        .where(
            OwnedUnit.community_id == current_community(), OwnedUnit.owner_id.in_(owner_ids), OwnedUnit.until.is_(None)
        )
        .order_by(OwnedUnit.sort)
    )
    for owner_id, label in rows:
        found.setdefault(owner_id, []).append(label)
    return found


def units_of(owner_id: UUID) -> tuple[list[OwnedUnit], list[OwnedUnit]]:
    """The owner's units of today, and the ones that were sold; one statement."""
    rows = db.session.scalars(
        select(OwnedUnit)
        .where(OwnedUnit.community_id == current_community(), OwnedUnit.owner_id == owner_id)
        .order_by(OwnedUnit.sort, OwnedUnit.since)
    ).all()
    gone = [row for row in rows if row.until is not None and row.until >= row.since]
    return [row for row in rows if row.until is None], gone


def history_of(estate_id: UUID, label: str) -> list[tuple[OwnedUnit, Owner]]:
    """Who held this unit before, the last first; one statement."""
    here = current_community()
    rows = db.session.execute(
        select(OwnedUnit, Owner)
        .join(Owner, (Owner.community_id == here) & (Owner.id == OwnedUnit.owner_id))
        .where(
            OwnedUnit.community_id == here, OwnedUnit.estate_id == estate_id, OwnedUnit.sort == natural_key(label),
            OwnedUnit.until >= OwnedUnit.since,
        )
        .order_by(OwnedUnit.until.desc())
    ).all()  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def namesakes(owner: Owner) -> list[Owner]:
    """Others of the estate with the same name, who may be the same owner; one statement."""
    rows = db.session.scalars(
        select(Owner)
        .where(
            Owner.community_id == current_community(), Owner.estate_id == owner.estate_id, Owner.name == owner.name,
            Owner.id != owner.id, Owner.merged_into_id.is_(None),
        )
        .order_by(Owner.mark)
    ).all()  # fmt: skip
    return list(rows)


def owners_named(estate_id: UUID, words: str, own: UUID, most: int = 8) -> list[Owner]:
    """Owners whom somebody looks for to merge with; one statement."""
    rows = db.session.scalars(
        select(Owner)
        .where(
            Owner.community_id == current_community(), Owner.estate_id == estate_id, Owner.id != own,
            Owner.merged_into_id.is_(None), _like(words, estate_id),
        )
        .order_by(Owner.name, Owner.mark)
        .limit(most)
    ).all()  # fmt: skip
    return list(rows)


def owner_places(owners: list[Owner]) -> dict[UUID, list[str]]:
    """The labels of some owners' units; one statement."""
    return _labels([owner.id for owner in owners])


def table_rows(estate_id: UUID) -> list[list[str]]:
    """The estate's register in the columns of the import, without phones; one statement. Areas are text with two
    decimals, so that no program makes a float of them."""
    here = current_community()
    rows = db.session.execute(
        select(
            Estate.name, OwnedUnit.label, OwnedUnit.area_dm2, OwnedUnit.area_source, Owner.name, Owner.mark,
            Owner.kind, OwnedUnit.since,
        )
        .join(Owner, (Owner.community_id == here) & (Owner.id == OwnedUnit.owner_id))
        .join(Estate, (Estate.community_id == here) & (Estate.id == OwnedUnit.estate_id))
        .where(OwnedUnit.community_id == here, OwnedUnit.estate_id == estate_id, OwnedUnit.until.is_(None))
        .order_by(OwnedUnit.sort)
    ).all()  # fmt: skip
    return [
        [estate, label, square_metres(area).replace(",", ""), SOURCES[source], name, mark, KINDS[kind],
         since.isoformat()]
        for estate, label, area, source, name, mark, kind, since in rows
    ]  # fmt: skip


def line_of(owner: Owner) -> str:
    """王芳（甲）."""
    return full_name(owner.name, owner.mark)
