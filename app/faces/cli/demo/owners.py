"""The owners of two estates with the sums of domain.md section 8: 120 with 9,600 m², 540 with 51,300 m²."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from app.faces.cli.demo.areas import register
from app.people.owner_register import OwnerLine, roll_of
from app.people.owners import OwnedUnit, Owner
from app.people.places import Estate
from tenants.database import db, row_key
from tenants.scope import current_community

#: Hall → estate, what stands before the number of a flat, heads, square metres.
REGISTERS = {"heshunli": ("和顺里", "3 号院", 120, 9_600), "yangguangxincheng": ("阳光新城", "", 540, 51_300)}
FLATS = 12


def estate_of(name: str) -> UUID:
    """The estate of the bound hall by its name."""
    return db.session.scalars(
        select(Estate.id).where(Estate.community_id == current_community(), Estate.name == name)
    ).one()


def lines_of(estate_id: UUID) -> list[OwnerLine]:
    """The owners in the order of their flats."""
    return roll_of(estate_id)


def areas_of(estate_id: UUID) -> list[int]:
    """Their areas in whole square metres, in the same order."""
    return [line.area_dm2 // 100 for line in roll_of(estate_id)]


def settle_owners(hall: str, names: list[str], opened: datetime) -> None:
    """Write the register of a hall that has one."""
    if hall not in REGISTERS:
        return
    estate, prefix, heads, metres = REGISTERS[hall]
    estate_id = estate_of(estate)
    owners, units = [], []
    for place, area in enumerate(register(heads, metres)):
        house, flat = divmod(place, FLATS)
        label = f"{prefix} {house + 1} 号楼 {flat // 2 + 1}0{flat % 2 + 1}".strip()
        developer = hall == "yangguangxincheng" and place == heads - 1
        owner = row_key() | {
            "estate_id": estate_id, "kind": "developer" if developer else "person",
            "name": "阳光置业公司" if developer else names[place % len(names)],
            "mark": f"{place // len(names) + 1}" if place >= len(names) else "", "created_at": opened,
        }  # fmt: skip
        owners.append(owner)
        units.append(
            row_key() | {"estate_id": estate_id, "owner_id": owner["id"], "label": label, "area_dm2": area * 100,
                         "since": opened.date(), "created_at": opened}
        )  # fmt: skip
    db.session.execute(insert(Owner), owners)
    db.session.execute(insert(OwnedUnit), units)
