"""The owners' register from a table: estate, unit, area and its source, owner. Areas never become floats.

A second reading of the same file finds everything as it is. A unit with another owner is a sale and needs its day; a
unit that is not in the file is told, never removed. Names that stand at several units are one head, so they are listed
before anything is written: whoever is not one owner gets a mark (区分).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from app import clock
from app.people.desk import log_change
from app.people.import_cells import BadCell, Reader, day, one_of, words
from app.people.import_households import key
from app.people.import_rules import HEADING, Column, Given, Judged, Kind, Line, Sheet, Wrong
from app.people.owner_rules import (
    KINDS,
    LABEL,
    MARK,
    NAME,
    address_in,
    area_in,
    full_name,
    good_area,
    name_key,
    natural_key,
    square_metres,
    unit_label,
)
from app.people.owners import OwnedUnit, Owner
from app.people.phones import phone_problem, tidy_phone
from app.people.places import Building, Estate, Household
from app.people.secrets import blind, seal
from app.words import N_
from tenants.database import db, row_key, uuid7
from tenants.scope import current_community

CHUNK = 500
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
KIND_WORDS = {
    "个人": "person", "自然人": "person", "单位": "company", "企业": "company", "公司": "company",
    "建设单位": "developer", "开发商": "developer", "开发建设单位": "developer",
}  # fmt: skip
SOURCE_WORDS = {
    "产权登记": "register", "不动产登记": "register", "登记": "register", "房产证": "register", "实测": "survey",
    "测绘": "survey", "买卖合同": "contract", "合同": "contract", "预售合同": "contract",
}  # fmt: skip


def _area(text: str) -> int:
    verdict = good_area(text)
    if not verdict:
        raise BadCell(verdict.reason, **verdict.values)
    return area_in(text) or 0


def _phone(text: str) -> str:
    problem = phone_problem(text)
    if problem is not None:
        raise BadCell(problem.reason, **problem.values)
    return tidy_phone(text)


def _label(text: str) -> str:
    return unit_label(words(LABEL)(text))


def _name(limit: int) -> Reader:
    return lambda text: str(words(limit)(text))


COLUMNS: tuple[Column, ...] = (
    Column("estate", N_("小区"), words(40), True, ("小区名称", "小区或院", "院"), "曹家巷小区"),
    Column(
        "label", N_("房号"), _label, True, ("房屋", "专有部分", "房屋坐落", "室号", "单元房号"), "3 号楼 1 单元 301"
    ),
    Column("area", N_("建筑面积"), _area, True, ("面积", "专有面积", "产权面积", "面积（平方米）"), "88.50"),
    Column("source", N_("面积来源"), one_of(SOURCE_WORDS), also=("来源",), sample="产权登记"),
    Column("owner", N_("业主"), _name(NAME), True, ("业主姓名", "姓名", "产权人", "所有权人"), "王芳"),
    Column("mark", N_("区分"), _name(MARK), also=("怎么区分", "证件尾号", "尾号"), sample="尾号1234"),
    Column("kind", N_("性质"), one_of(KIND_WORDS), also=("业主性质", "类型"), sample="个人"),
    Column("phone", N_("电话"), _phone, also=("联系电话", "手机", "手机号"), sample="13800001234"),
    Column("since", N_("起始日"), day, also=("登记日", "登记日期", "取得日期", "过户日"), sample="2019-05-06"),
)

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
    entry.outcome = "changed" if _changes(entry) else "same"
    return []


def _changes(entry: Entry) -> dict[str, Any]:
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


def _new_phone(person: Person) -> bool:
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
        "phones": sum(1 for p in plan.heads.values() if p.stands is not None and _new_phone(p)),
        "heads": len({p.stands.id if p.stands else head for head, p in plan.heads.items()}),
        "area": square_metres(area), "many": len(many),
        "many_some": [f"{full_name(p.name, p.mark)} {p.units} 套" for p in many[:LISTED]],
        "gone": len(gone), "gone_some": [unit.label for unit in gone[:LISTED]],
    }  # fmt: skip


def write(judged: Judged, given: Given) -> None:
    """Add, sell and correct in bulk; the caller's transaction takes all of it or nothing."""
    plan: Plan = judged.plan
    owner_ids = _write_owners(plan, given)
    sold = [e for e in plan.entries.values() if e.outcome == "sold" and e.stands is not None and e.since is not None]
    ended = [_pk(e.stands) | {"until": e.since - timedelta(days=1)} for e in sold if e.stands and e.since]
    changed = [_pk(e.stands) | _changes(e) for e in plan.entries.values() if e.outcome == "changed" and e.stands]
    if ended:
        db.session.execute(update(OwnedUnit), ended)
    for row in changed:
        db.session.execute(update(OwnedUnit), [row])
    fresh = [_row(plan.book, e, owner_ids, given) for e in plan.entries.values() if e.outcome in ("new", "sold")]
    for at in range(0, len(fresh), CHUNK):
        db.session.execute(insert(OwnedUnit), fresh[at : at + CHUNK])
        given.beat(min(at + CHUNK, len(fresh)))
    told = {name: judged.summary[name] for name in ("new", "sold", "changed", "owners", "phones")}
    if any(told.values()):
        after = "，".join(f"{name} {n}" for name, n in told.items())
        log_change("owner", "import", by=given.by, now=given.now, subject_id=given.import_id, after=after)


def _write_owners(plan: Plan, given: Given) -> dict[Head, UUID]:
    found: dict[Head, UUID] = {}
    made: list[dict[str, Any]] = []
    phones: list[dict[str, Any]] = []
    for head, person in plan.heads.items():
        sealed: dict[str, Any] = {"phone_sealed": None, "phone_index": None}
        if _new_phone(person):
            sealed = {"phone_sealed": seal(person.phone), "phone_index": blind("phone", person.phone)}
            if person.stands is not None:
                phones.append(_pk(person.stands) | sealed)
        found[head] = person.stands.id if person.stands else uuid7()
        if person.stands is None:
            made.append(
                row_key(found[head]) | sealed | {
                    "estate_id": head[0], "kind": person.kind or "person", "name": person.name, "mark": person.mark,
                    "created_at": given.now,
                }
            )  # fmt: skip
    for at in range(0, len(made), CHUNK):
        db.session.execute(insert(Owner), made[at : at + CHUNK])
    if phones:
        db.session.execute(update(Owner), phones)
    return found


def _row(book: Book, entry: Entry, owner_ids: dict[Head, UUID], given: Given) -> dict[str, Any]:
    there = address_in(entry.label)
    old = entry.stands
    return row_key() | {
        "estate_id": entry.estate_id, "owner_id": owner_ids[entry.head],
        "household_id": book.homes.get((entry.estate_id, *there)) if there else None, "label": entry.label,
        "sort": natural_key(entry.label), "area_dm2": entry.area,
        "area_source": entry.source or (old.area_source if old else "register"),
        "since": entry.since or clock.local(given.now).date(), "import_id": given.import_id, "created_at": given.now,
    }  # fmt: skip


def _pk(row: Any) -> dict[str, Any]:
    return {"community_id": row.community_id, "id": row.id}


OWNERS = Kind("owners", COLUMNS, 20_000, judge, write)
