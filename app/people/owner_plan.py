"""What an owners' register from a table would change: estate, unit, area and its source, owner.

A second reading of the same file finds everything as it is. A unit with another owner is a sale and needs its day; a
unit that is not in the file is told, never removed. Names that stand at several units are one head, so they are listed
before anything is written: whoever is not one owner gets a mark (区分).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.people.import_households import key
from app.people.import_rules import HEADING, Given, Judged, Line, Sheet, Wrong
from app.people.owner_rules import (
    KINDS,
    full_name,
    name_key,
    natural_key,
    square_metres,
)
from app.people.owners import OwnedUnit, Owner
from app.people.places import Building, Estate, Household
from app.people.secrets import blind
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: So many names or doors are listed; the rest is only counted.
LISTED = 50
NO_ESTATE = N_("册子里没有「%(name)s」。先到「网格、小区和楼栋」里加上，或者把名字写成册子上的样子。")
CLOSED = N_("「%(name)s」停用了。要用，先到「居民户与户码」里启用。")
TWICE = N_("和第 %(row)s 行是同一套。")
OTHER_KIND = N_("「%(name)s」在第 %(row)s 行写成了%(kind)s。不是同一个业主，就在「区分」里写明。")
KIND_THERE = N_("名册上的「%(name)s」登记成了%(kind)s。不是同一个业主，就在「区分」里写明。")
OTHER_PHONE = N_("「%(name)s」在第 %(row)s 行是另一个电话。不是同一个业主，就在「区分」里写明。")
TWO_DEVELOPERS = N_("这个小区的建设单位已经有「%(name)s」。没卖、没交的房子都算一个业主。")
NO_DAY = N_("这一套从前是%(name)s的。换了业主，就写上从哪天起。")
TOO_EARLY = N_("起始日早于上一位业主的起始日（%(since)s）。")
FUTURE = N_("起始日不能晚于今天。")
OTHER_SUM = N_("总面积对不上：表里加起来是 %(found)s 平方米，您填的是 %(typed)s，差 %(gap)s。")


Head = tuple[UUID, tuple[str, str]]


@dataclass
class Book:
    """The register by names: estates, who owns (merged names lead to the one they were merged into), units, homes."""

    estates: dict[str, Estate]
    owners: dict[Head, Owner]
    units: dict[tuple[UUID, str], OwnedUnit]
    developers: dict[UUID, str]
    homes: dict[tuple[UUID, str, int, str], UUID] = field(default_factory=dict)


@dataclass
class Person:
    """One head of the file: where it was first named, and what the file says of it."""

    row: int
    name: str
    mark: str
    kind: str | None
    phone: str
    stands: Owner | None
    units: int = 0


@dataclass
class Entry:
    """One unit of the file: what it is, whose, and what the file would do with it."""

    row: int
    estate_id: UUID
    label: str
    area: int
    source: str | None
    head: Head
    since: date | None
    outcome: str = "new"
    stands: OwnedUnit | None = None


@dataclass
class Plan:
    """Everything the file would write."""

    book: Book
    heads: dict[Head, Person] = field(default_factory=dict)
    entries: dict[tuple[UUID, str], Entry] = field(default_factory=dict)


def read_book() -> Book:
    """The whole register in four statements."""
    here = current_community()

    def rows(model: Any, *also: Any) -> Sequence[Any]:
        return db.session.scalars(select(model).where(model.community_id == here, *also)).all()

    owners = {owner.id: owner for owner in rows(Owner)}
    homes = db.session.execute(
        select(Building.estate_id, Building.name, Household.unit, Household.room, Household.id)
        .join(Building, (Building.community_id == here) & (Building.id == Household.building_id))
        .where(Household.community_id == here)
    )
    return Book(
        {key(estate.name): estate for estate in rows(Estate)},
        {
            (owner.estate_id, name_key(owner.name, owner.mark)): owners[owner.merged_into_id or owner.id]
            for owner in owners.values()
        },
        {(unit.estate_id, unit.sort): unit for unit in rows(OwnedUnit, OwnedUnit.until.is_(None))},
        {
            owner.estate_id: owner.name
            for owner in owners.values()
            if owner.kind == "developer" and owner.merged_into_id is None
        },
        {(estate_id, building, unit, room): id for estate_id, building, unit, room, id in homes},
    )


def judge(sheet: Sheet, lines: list[Line], given: Given) -> Judged:
    """What the file would add and change, and what in it contradicts itself or the register."""
    plan = Plan(read_book())
    today = clock.local(given.now).date()
    wrong: list[Wrong] = []
    for line in lines:
        wrong += _take(plan, line, sheet, today)
    for entry in plan.entries.values():
        wrong += _outcome(plan, entry, sheet)
    found = sum(entry.area for entry in plan.entries.values())
    typed = given.options.get("area_dm2")
    if typed and typed != found:
        values = {
            "found": square_metres(found),
            "typed": square_metres(typed),
            "gap": square_metres(abs(found - typed)),
        }
        wrong.append(Wrong(0, HEADING, OTHER_SUM, values))
    wrong.sort(key=lambda bad: bad.row)
    return Judged(wrong, _summary(plan, found), plan)


def _take(plan: Plan, line: Line, sheet: Sheet, today: date) -> list[Wrong]:
    values, row = line.values, line.number
    estate = plan.book.estates.get(key(values["estate"]))
    if estate is None or estate.closed_at is not None:
        reason = NO_ESTATE if estate is None else CLOSED
        return [Wrong(row, sheet.at("estate"), reason, {"name": values["estate"]})]
    since = values.get("since")
    if since is not None and since > today:
        return [Wrong(row, sheet.at("since"), FUTURE)]
    place = (estate.id, natural_key(values["label"]))
    if place in plan.entries:
        return [Wrong(row, sheet.at("label"), TWICE, {"row": plan.entries[place].row})]
    head = (estate.id, name_key(values["owner"], values.get("mark", "")))
    wrong = _take_head(plan, head, line, sheet)
    plan.entries[place] = Entry(
        row, estate.id, values["label"], values["area"], values.get("source"), head, since,
        stands=plan.book.units.get(place),
    )  # fmt: skip
    return wrong


def _take_head(plan: Plan, head: Head, line: Line, sheet: Sheet) -> list[Wrong]:
    values, row = line.values, line.number
    kind, phone, mark = values.get("kind"), values.get("phone", ""), values.get("mark", "")
    person = plan.heads.get(head)
    if person is None:
        stands = plan.book.owners.get(head)
        person = plan.heads[head] = Person(row, values["owner"], mark, kind, phone, stands)
    person.units += 1
    name = full_name(person.name, person.mark)
    if kind and person.kind and kind != person.kind:
        values = {"name": name, "row": person.row, "kind": KINDS[person.kind]}
        return [Wrong(row, sheet.at("kind"), OTHER_KIND, values)]
    if phone and person.phone and phone != person.phone:
        return [Wrong(row, sheet.at("phone"), OTHER_PHONE, {"name": name, "row": person.row})]
    person.kind, person.phone = person.kind or kind, person.phone or phone
    if person.stands is not None and kind and kind != person.stands.kind:
        return [Wrong(row, sheet.at("kind"), KIND_THERE, {"name": name, "kind": KINDS[person.stands.kind]})]
    if kind == "developer" and plan.book.developers.setdefault(head[0], person.name) != (
        person.stands.name if person.stands else person.name
    ):
        return [Wrong(row, sheet.at("kind"), TWO_DEVELOPERS, {"name": plan.book.developers[head[0]]})]
    return []


def _outcome(plan: Plan, entry: Entry, sheet: Sheet) -> list[Wrong]:
    unit, person = entry.stands, plan.heads[entry.head]
    if unit is None:
        return []
    if person.stands is None or unit.owner_id != person.stands.id:
        entry.outcome = "sold"
        if entry.since is None:
            held = next((o.name for o in plan.book.owners.values() if o.id == unit.owner_id), "")
            return [Wrong(entry.row, sheet.at("since"), NO_DAY, {"name": held})]
        if entry.since < unit.since:
            return [Wrong(entry.row, sheet.at("since"), TOO_EARLY, {"since": unit.since.isoformat()})]
        return []
    entry.outcome = "changed" if changes_of(entry) else "same"
    return []


def changes_of(entry: Entry) -> dict[str, Any]:
    """What the file says otherwise of a unit that stays with its owner; an empty cell changes nothing."""
    unit = entry.stands
    if unit is None:
        return {}
    wanted: dict[str, Any] = {}
    if entry.area != unit.area_dm2:
        wanted["area_dm2"] = entry.area
    if entry.source and entry.source != unit.area_source:
        wanted["area_source"] = entry.source
    if entry.since and entry.since != unit.since:
        wanted["since"] = entry.since
    return wanted


def is_new_phone(person: Person) -> bool:
    """Whether the file knows another phone."""
    return bool(person.phone) and (person.stands is None or person.stands.phone_index != blind("phone", person.phone))


def _summary(plan: Plan, area: int) -> dict[str, Any]:
    outcomes = [entry.outcome for entry in plan.entries.values()]
    named = {entry.estate_id for entry in plan.entries.values()}
    gone = sorted(
        (unit for place, unit in plan.book.units.items() if place[0] in named and place not in plan.entries),
        key=lambda unit: unit.sort,
    )
    many = [person for person in plan.heads.values() if person.units > 1 and person.kind != "developer"]
    return {
        "new": outcomes.count("new"), "same": outcomes.count("same"), "changed": outcomes.count("changed"),
        "sold": outcomes.count("sold"), "owners": sum(1 for p in plan.heads.values() if p.stands is None),
        "phones": sum(1 for p in plan.heads.values() if p.stands is not None and is_new_phone(p)),
        "heads": len({p.stands.id if p.stands else head for head, p in plan.heads.items()}),
        "area": square_metres(area), "many": len(many),
        "many_some": [f"{full_name(p.name, p.mark)} {p.units} 套" for p in many[:LISTED]],
        "gone": len(gone), "gone_some": [unit.label for unit in gone[:LISTED]],
    }  # fmt: skip
