"""The register of households from a table: grid, estate, building, unit, door. No person stands in it.

A second reading of the same file finds everything as it is. A household that is no longer in the file is told, never
removed: who lived there may have spoken, signed and voted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from app.people.desk import log_change
from app.people.import_cells import BadCell, whole, words
from app.people.import_rules import Column, Given, Judged, Kind, Line, Sheet, Wrong
from app.people.places import Building, Estate, Grid, Household
from app.words import N_
from tenants.database import db, row_key, uuid7
from tenants.scope import current_community

NAME, ROOM, UNITS, MOST_SORT = 40, 20, 30, 9999
CHUNK = 500
#: So many doors that the file does not name are listed; the rest is only counted.
LISTED = 50
TWICE = N_("和第 %(row)s 行是同一户。")
OTHER_GRID = N_("同一栋楼，第 %(row)s 行写的是「%(name)s」。")
OTHER_UNITS = N_("同一栋楼，第 %(row)s 行写的是 %(n)s 个单元。")
NO_SUCH_UNIT = N_("这栋楼只有 %(n)s 个单元。")
CLOSED = N_("「%(name)s」停用了。要用，先到「居民户与户码」里启用。")


def building_name(text: str) -> str:
    """A building as the hall writes it: 3, 3号 and 3号楼 are all 3 号楼; any other name stays."""
    name = words(NAME)(text)
    found = re.fullmatch(r"(\d{1,4})\s*(号楼?|#楼?|幢)?", unicodedata.normalize("NFKC", name))
    return f"{int(found[1])} 号楼" if found else name


def room_name(text: str) -> str:
    """A door as people type it: 301, without the 室 behind it."""
    room = unicodedata.normalize("NFKC", re.sub(r"\s+", "", text))
    room = room.removesuffix("室").removesuffix("号") or room
    if len(room) > ROOM:
        raise BadCell(N_("最多写 %(limit)s 个字，这里有 %(n)s 个。"), limit=ROOM, n=len(room))
    return room


def key(name: str) -> str:
    """What makes two names the same place: blanks and full-width forms do not count."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


COLUMNS: tuple[Column, ...] = (
    Column("grid", N_("网格"), words(NAME), True, ("网格名称", "所属网格"), "第一网格"),
    Column("estate", N_("小区或院"), words(NAME), True, ("小区", "院", "小区/院", "小区名称", "楼院", "院落"),
           "曹家巷小区"),
    Column("building", N_("楼栋"), building_name, True, ("楼号", "楼", "幢", "栋", "楼栋号"), "3 号楼"),
    Column("units", N_("单元数"), whole(1, UNITS, "个单元", "个"), also=("几个单元",), sample="4"),
    Column("unit", N_("单元"), whole(1, UNITS, "单元"), True, ("单元号", "门"), "3"),
    Column("room", N_("房号"), room_name, True, ("户号", "门牌", "门牌号", "室", "户号(房号)"), "301"),
    Column("sort", N_("楼号排序"), whole(0, MOST_SORT), also=("排序",), sample="3"),
)  # fmt: skip


@dataclass
class Register:
    """The hall's register by names, and what a file would add to it."""

    grids: dict[str, Grid] = field(default_factory=dict)
    estates: dict[str, Estate] = field(default_factory=dict)
    buildings: dict[tuple[UUID, str], Building] = field(default_factory=dict)
    doors: dict[tuple[UUID, int, str], bool] = field(default_factory=dict)


@dataclass
class Planned:
    """One building of the file: its names, where it was first named, and what the file says of it."""

    row: int
    grid: str
    estate: str
    name: str
    units: int | None = None
    units_row: int = 0
    sort: int | None = None
    highest: int = 1
    stands: Building | None = None
    doors: dict[tuple[int, str], int] = field(default_factory=dict)


def read_register() -> Register:
    """The whole register in four statements."""
    here = current_community()

    def rows(model: Any) -> Sequence[Any]:
        return db.session.scalars(select(model).where(model.community_id == here)).all()

    doors = db.session.execute(
        select(Household.building_id, Household.unit, Household.room, Household.closed_at).where(
            Household.community_id == here
        )
    )
    return Register(
        {key(grid.name): grid for grid in rows(Grid)},
        {key(estate.name): estate for estate in rows(Estate)},
        {(building.estate_id, key(building.name)): building for building in rows(Building)},
        {(building_id, unit, room): closed is None for building_id, unit, room, closed in doors},
    )


def judge(sheet: Sheet, lines: list[Line], given: Given) -> Judged:
    """What the file would add and change, and what in it contradicts itself or the register."""
    register = read_register()
    planned: dict[tuple[str, str], Planned] = {}
    wrong: list[Wrong] = []
    for line in lines:
        wrong += _take(planned, line, sheet)
    for plan in planned.values():
        wrong += _check(plan, register, sheet)
    wrong.sort(key=lambda bad: bad.row)
    return Judged(wrong, _summary(planned, register, sum(len(p.doors) for p in planned.values())), (planned, register))


def _take(planned: dict[tuple[str, str], Planned], line: Line, sheet: Sheet) -> list[Wrong]:
    values = line.values
    place = (key(values["estate"]), key(values["building"]))
    plan = planned.setdefault(place, Planned(line.number, values["grid"], values["estate"], values["building"]))
    wrong = []
    if key(values["grid"]) != key(plan.grid):
        wrong.append(Wrong(line.number, sheet.at("grid"), OTHER_GRID, {"row": plan.row, "name": plan.grid}))
    units = values.get("units")
    if units is not None and plan.units is not None and units != plan.units:
        wrong.append(Wrong(line.number, sheet.at("units"), OTHER_UNITS, {"row": plan.units_row, "n": plan.units}))
    elif units is not None and plan.units is None:
        plan.units, plan.units_row = units, line.number
    if plan.sort is None:
        plan.sort = values.get("sort")
    plan.highest = max(plan.highest, values["unit"])
    door = (values["unit"], values["room"])
    if door in plan.doors:
        wrong.append(Wrong(line.number, sheet.at("room"), TWICE, {"row": plan.doors[door]}))
    plan.doors.setdefault(door, line.number)
    return wrong


def _check(plan: Planned, register: Register, sheet: Sheet) -> list[Wrong]:
    wrong = []
    grid, estate = register.grids.get(key(plan.grid)), register.estates.get(key(plan.estate))
    plan.stands = register.buildings.get((estate.id, key(plan.name))) if estate else None
    for column, thing in (("grid", grid), ("estate", estate), ("building", plan.stands)):
        if thing is not None and thing.closed_at is not None:
            wrong.append(Wrong(plan.row, sheet.at(column), CLOSED, {"name": thing.name}))
    for (unit, room), row in plan.doors.items():
        if plan.units is not None and unit > plan.units:
            wrong.append(Wrong(row, sheet.at("unit"), NO_SUCH_UNIT, {"n": plan.units}))
        if plan.stands is not None and register.doors.get((plan.stands.id, unit, room)) is False:
            wrong.append(Wrong(row, sheet.at("room"), CLOSED, {"name": room}))
    return wrong


def _summary(planned: dict[tuple[str, str], Planned], register: Register, n: int) -> dict[str, Any]:
    same = sum(
        1
        for p in planned.values()
        for unit, room in p.doors
        if p.stands and (p.stands.id, unit, room) in register.doors
    )
    changed = [p for p in planned.values() if p.stands is not None and _changes(p, register)]
    gone, some = _not_in_file(planned, register)
    return {
        "new": n - same, "same": same, "changed": len(changed),
        "buildings": sum(1 for p in planned.values() if p.stands is None),
        "grids": len({key(p.grid) for p in planned.values()} - set(register.grids)),
        "estates": len({key(p.estate) for p in planned.values()} - set(register.estates)),
        "gone": gone, "gone_some": some,
    }  # fmt: skip


def _not_in_file(planned: dict[tuple[str, str], Planned], register: Register) -> tuple[int, list[str]]:
    """Doors of the file's own buildings that the file does not name; other buildings are not its business."""
    named = {p.stands.id: p for p in planned.values() if p.stands is not None}
    gone = [
        (named[building_id], unit, room)
        for (building_id, unit, room), is_open in register.doors.items()
        if is_open and building_id in named and (unit, room) not in named[building_id].doors
    ]
    gone.sort(key=lambda door: (door[0].estate, door[0].name, door[1], len(door[2]), door[2]))
    return len(gone), [f"{p.estate} {p.name} {unit} 单元 {room}" for p, unit, room in gone[:LISTED]]


def _changes(plan: Planned, register: Register) -> dict[str, Any]:
    """What the file would change of a building that stands. A building never loses units by an import."""
    building = plan.stands
    if building is None:
        return {}
    grid = register.grids.get(key(plan.grid))
    wanted: dict[str, Any] = {}
    units = max(plan.units or 0, plan.highest, building.units)
    if units != building.units:
        wanted["units"] = units
    if plan.sort is not None and plan.sort != building.sort:
        wanted["sort"] = plan.sort
    if grid is None or grid.id != building.grid_id:
        wanted["grid"] = plan.grid
    return wanted


def write(judged: Judged, given: Given) -> None:
    """Add what is new and change what differs, in bulk; the caller's transaction takes all of it or nothing."""
    planned: dict[tuple[str, str], Planned]
    planned, register = judged.plan
    grids = _named(Grid, register.grids, (p.grid for p in planned.values()))
    estates = _named(Estate, register.estates, (p.estate for p in planned.values()))
    buildings: list[dict[str, Any]] = []
    doors: list[dict[str, Any]] = []
    for plan in planned.values():
        building_id = plan.stands.id if plan.stands else uuid7()
        if plan.stands is None:
            buildings.append(
                row_key(building_id) | {
                    "name": plan.name, "sort": plan.sort if plan.sort is not None else _number_of(plan.name),
                    "estate_id": estates[key(plan.estate)], "grid_id": grids[key(plan.grid)],
                    "units": max(plan.units or 0, plan.highest),
                }
            )  # fmt: skip
        elif changes := _changes(plan, register):
            _change(plan.stands, changes, grids, given)
        doors += [
            row_key() | {"building_id": building_id, "unit": unit, "room": room}
            for unit, room in plan.doors
            if (building_id, unit, room) not in register.doors
        ]
    if buildings:
        db.session.execute(insert(Building), buildings)
    _in_chunks(doors, given.beat)
    added = {name: judged.summary[name] for name in ("new", "changed", "buildings")}
    if any(added.values()):
        after = "，".join(f"{name} {n}" for name, n in added.items())
        log_change("place", "import", by=given.by, now=given.now, subject_id=given.import_id, after=after)


def _in_chunks(rows: list[dict[str, Any]], beat: Callable[[int], None]) -> None:
    for at in range(0, len(rows), CHUNK):
        db.session.execute(insert(Household), rows[at : at + CHUNK])
        beat(min(at + CHUNK, len(rows)))


def _change(building: Building, changes: dict[str, Any], grids: dict[str, UUID], given: Given) -> None:
    values = {name: value for name, value in changes.items() if name != "grid"}
    if "grid" in changes:
        values["grid_id"] = grids[key(changes["grid"])]
    db.session.execute(
        update(Building)
        .where(Building.community_id == building.community_id, Building.id == building.id)
        .values(values)
    )
    told = "，".join(f"{name} {value}" for name, value in changes.items())
    log_change(
        "place", "building", by=given.by, now=given.now, subject_id=building.id, before=building.name, after=told
    )


def _named(model: Any, standing: dict[str, Any], names: Iterable[str]) -> dict[str, UUID]:
    """The ids of grids or estates by key; those that do not stand yet are made."""
    found = {mark: thing.id for mark, thing in standing.items()}
    made = []
    for name in names:
        if key(name) not in found:
            found[key(name)] = uuid7()
            made.append(row_key(found[key(name)]) | {"name": name})
    if made:
        db.session.execute(insert(model), made)
    return found


def _number_of(name: str) -> int:
    found = re.search(r"\d{1,4}", unicodedata.normalize("NFKC", name))
    return int(found[0]) if found else 0


HOUSEHOLDS = Kind("households", COLUMNS, 20_000, judge, write)


def register_rows() -> list[list[str | int]]:
    """The open register as a table with the columns of the import, door by door; one statement."""
    here = current_community()
    rows = db.session.execute(
        select(Grid.name, Estate.name, Building.name, Building.units, Household.unit, Household.room, Building.sort)
        .select_from(Household)
        .join(Building, (Building.community_id == here) & (Building.id == Household.building_id))
        .join(Estate, (Estate.community_id == here) & (Estate.id == Building.estate_id))
        .join(Grid, (Grid.community_id == here) & (Grid.id == Building.grid_id))
        .where(Household.community_id == here, Household.closed_at.is_(None), Building.closed_at.is_(None))
    )
    listed = [list(row) for row in rows]
    return sorted(listed, key=lambda row: (row[1], row[6], row[2], row[4], len(row[5]), row[5]))
