"""The register of places by hand: grids, estates, buildings and households are added, renamed, closed and opened again.

Nothing is ever removed, because matters, signatures and votes point here. What is closed can be chosen nowhere; a place
that still holds open places is not closed, so that nobody loses a home by one click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.import_households import key
from app.people.places import Building, Estate, Grid, Household
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

MODELS: dict[str, Any] = {"grid": Grid, "estate": Estate, "building": Building, "household": Household}
TAKEN = N_("已经有叫「%(name)s」的了，不用再加。")
SAME_DOOR = N_("%(name)s 已经登记过了，不用再加。")
IS_CLOSED = N_("「%(name)s」停用了，请先启用，或者选别的。")
IN_USE = N_("「%(name)s」里还有 %(n)s 个没停用的，先停用它们。")
FEWER_UNITS = N_("这栋楼 %(unit)s 单元还住着人，单元数不能比它少。")
NO_UNIT = N_("这栋楼只有 %(n)s 个单元。")


@dataclass(frozen=True)
class Overview:
    """The whole register but for its doors; each place with how many open ones it holds."""

    grids: list[tuple[Grid, int]]
    estates: list[tuple[Estate, int]]
    buildings: list[tuple[Building, int]]


def overview() -> Overview:
    """Grids, estates and buildings in three statements."""
    return Overview(_counted(Grid, Building.grid_id), _counted(Estate, Building.estate_id), _buildings())


def estates() -> list[Estate]:
    """The hall's estates that are still in use, by name; one statement."""
    return list(
        db.session.scalars(
            select(Estate)
            .where(Estate.community_id == current_community(), Estate.closed_at.is_(None))
            .order_by(Estate.name)
        )
    )


def _counted(model: Any, column: Any) -> list[tuple[Any, int]]:
    held = func.count(Building.id).filter(Building.closed_at.is_(None))
    rows = db.session.execute(
        select(model, held)
        .outerjoin(Building, (Building.community_id == model.community_id) & (column == model.id))
        .where(model.community_id == current_community())
        .group_by(model)
        .order_by(model.closed_at.is_not(None), model.name)
    ).all()
    return [(row[0], row[1]) for row in rows]


def _buildings() -> list[tuple[Building, int]]:
    doors = func.count(Household.id).filter(Household.closed_at.is_(None))
    rows = db.session.execute(
        select(Building, doors, Estate.name)
        .join(Estate, (Estate.community_id == Building.community_id) & (Estate.id == Building.estate_id))
        .outerjoin(
            Household, (Household.community_id == Building.community_id) & (Household.building_id == Building.id)
        )
        .where(Building.community_id == current_community())
        .group_by(Building, Estate.name)
        .order_by(Building.closed_at.is_not(None), Estate.name, Building.sort, Building.name)
    ).all()
    return [(row[0], row[1]) for row in rows]


def find_place(kind: str, place_id: UUID) -> Any:
    """A grid, estate, building or household of this hall; raises ``Missing``."""
    model = MODELS[kind]
    place = db.session.scalar(select(model).where(model.community_id == current_community(), model.id == place_id))
    if place is None:
        raise Missing(N_("册子里没有这一处。"))
    return place


def add_named(kind: str, name: str, *, id: UUID, by: Actor, now: datetime) -> Any:
    """A new grid or estate."""
    _free_name(MODELS[kind], name, None)
    place = MODELS[kind](id=id, name=name)
    return _added(kind, place, name, by, now)


def rename(kind: str, place: Any, name: str, *, by: Actor, now: datetime) -> Any:
    """Another name for a grid or estate."""
    if name != place.name:
        _free_name(MODELS[kind], name, place.id)
        log_change("place", kind, by=by, now=now, subject_id=place.id, before=place.name, after=name)
        place.name = name
    return place


def _free_name(model: Any, name: str, own: UUID | None) -> None:
    rows = db.session.execute(select(model.id, model.name).where(model.community_id == current_community()))
    if any(key(other) == key(name) and other_id != own for other_id, other in rows):
        raise Refused(TAKEN, name=name)


def add_building(values: dict[str, Any], *, id: UUID, by: Actor, now: datetime) -> Building:
    """A new building. ``values``: estate_id, grid_id, name, units, sort."""
    _fits(values, None)
    return _added("building", Building(id=id, **values), values["name"], by, now)  # type: ignore[no-any-return]


def change_building(building: Building, values: dict[str, Any], *, by: Actor, now: datetime) -> Building:
    """Another name, grid, estate, number of units or order."""
    _fits(values, building)
    highest = db.session.scalar(
        select(func.max(Household.unit)).where(
            Household.community_id == current_community(), Household.building_id == building.id,
            Household.closed_at.is_(None),
        )
    )  # fmt: skip
    if (highest or 1) > values["units"]:
        raise Refused(FEWER_UNITS, unit=highest)
    before = _words(building)
    for name, value in values.items():
        setattr(building, name, value)
    if _words(building) != before:
        log_change("place", "building", by=by, now=now, subject_id=building.id, before=before, after=_words(building))
    return building


def _fits(values: dict[str, Any], own: Building | None) -> None:
    for kind in ("estate", "grid"):
        place = find_place(kind, values[f"{kind}_id"])
        if place.closed_at is not None and (own is None or getattr(own, f"{kind}_id") != place.id):
            raise Refused(IS_CLOSED, name=place.name)
    rows = db.session.execute(
        select(Building.id, Building.name).where(
            Building.community_id == current_community(), Building.estate_id == values["estate_id"]
        )
    )
    if any(key(name) == key(values["name"]) and (own is None or other != own.id) for other, name in rows):
        raise Refused(TAKEN, name=values["name"])


def add_household(building_id: UUID, unit: int, room: str, *, id: UUID, by: Actor, now: datetime) -> Household:
    """A new door; nobody's name belongs to it."""
    building = find_place("building", building_id)
    if building.closed_at is not None:
        raise Refused(IS_CLOSED, name=building.name)
    _free_door(building, unit, room, None)
    household = Household(id=id, building_id=building_id, unit=unit, room=room)
    return _added("household", household, f"{building.name} {unit} 单元 {room}", by, now)  # type: ignore[no-any-return]


def change_household(household: Household, unit: int, room: str, *, by: Actor, now: datetime) -> Household:
    """Another unit or door number; code and accounts stay with the household."""
    building = find_place("building", household.building_id)
    _free_door(building, unit, room, household.id)
    before, after = f"{household.unit} 单元 {household.room}", f"{unit} 单元 {room}"
    if before != after:
        household.unit, household.room = unit, room
        log_change("place", "household", by=by, now=now, subject_id=household.id, before=before, after=after)
    return household


def _free_door(building: Building, unit: int, room: str, own: UUID | None) -> None:
    if unit > building.units:
        raise Refused(NO_UNIT, n=building.units)
    held = db.session.scalar(
        select(Household.id).where(
            Household.community_id == current_community(), Household.building_id == building.id,
            Household.unit == unit, Household.room == room,
        )
    )  # fmt: skip
    if held is not None and held != own:
        raise Refused(SAME_DOOR, name=f"{building.name} {unit} 单元 {room}")


def close(kind: str, place: Any, *, by: Actor, now: datetime) -> Any:
    """Take a place out of every list. A household's code opens nothing any more."""
    if place.closed_at is not None:
        return place
    held = _open_inside(kind, place.id)
    if held:
        raise Refused(IN_USE, name=name_of(place), n=held)
    place.closed_at = now
    if kind == "household" and place.code_hmac is not None and place.code_revoked_at is None:
        place.code_revoked_at = now
    log_change("place", "close", by=by, now=now, subject_id=place.id, before=name_of(place))
    return place


def reopen(kind: str, place: Any, *, by: Actor, now: datetime) -> Any:
    """Put a closed place back; what it stands in must be open. A household gets no code by this."""
    if place.closed_at is None:
        return place
    above = {"building": (("estate", "estate_id"), ("grid", "grid_id")), "household": (("building", "building_id"),)}
    for upper, column in above.get(kind, ()):
        standing = find_place(upper, getattr(place, column))
        if standing.closed_at is not None:
            raise Refused(IS_CLOSED, name=standing.name)
    place.closed_at = None
    log_change("place", "reopen", by=by, now=now, subject_id=place.id, after=name_of(place))
    return place


def _open_inside(kind: str, place_id: UUID) -> int:
    inside = {
        "grid": (Building, Building.grid_id), "estate": (Building, Building.estate_id),
        "building": (Household, Household.building_id),
    }  # fmt: skip
    if kind not in inside:
        return 0
    model, column = inside[kind]
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(model)
            .where(model.community_id == current_community(), column == place_id, model.closed_at.is_(None))
        )
        or 0
    )


def name_of(place: Any) -> str:
    """What a place is called in messages and in the log."""
    return place.name if hasattr(place, "name") else f"{place.unit} 单元 {place.room}"


def _added(kind: str, place: Any, name: str, by: Actor, now: datetime) -> Any:
    db.session.add(place)
    db.session.flush()
    log_change("place", "add", by=by, now=now, subject_id=place.id, after=name)
    return place


def _words(building: Building) -> str:
    return f"{building.name}｜{building.units}｜{building.sort}｜{building.estate_id}｜{building.grid_id}"
