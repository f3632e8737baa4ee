"""Representatives and committee members from a table. Name and area are one line; nobody is ended by an import."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select, update

from app import clock
from app.people.desk import log_change
from app.people.import_cells import BadCell, day, one_of, whole, words
from app.people.import_rules import Column, Given, Judged, Kind, Line, Sheet, Wrong
from app.people.owner_rules import name_key
from app.people.phones import phone_problem, tidy_phone
from app.people.representatives import AREA, MOST_BEHIND, NAME, phone_of, reps_today
from app.people.seat_rules import composition
from app.people.seats import Representative
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, row_key
from tenants.scope import current_community

TWICE = N_("和第 %(row)s 行是同一位。")
FUTURE = N_("起始日不能晚于今天。")
LISTED = 50
KIND_WORDS = {
    "居民代表": "rep", "代表": "rep", "居民小组长": "rep", "居委会成员": "committee", "居委会": "committee",
    "居委会委员": "committee", "居委会主任": "committee", "居委会副主任": "committee",
}  # fmt: skip


def _phone(text: str) -> str:
    problem = phone_problem(text)
    if problem is not None:
        raise BadCell(problem.reason, **problem.values)
    return tidy_phone(text)


COLUMNS: tuple[Column, ...] = (
    Column("kind", N_("类别"), one_of(KIND_WORDS), also=("身份",), sample="居民代表"),
    Column("name", N_("姓名"), words(NAME), True, ("名字", "代表姓名"), "王淑芬"),
    Column("area", N_("片区"), words(AREA), also=("代表哪片", "楼栋", "所属片区", "网格"), sample="3 号楼 1、2 单元"),
    Column("households", N_("户数"), whole(0, MOST_BEHIND, "户"), also=("代表户数", "推选户数"), sample="36"),
    Column("phone", N_("电话"), _phone, also=("联系电话", "手机", "手机号"), sample="13800001234"),
    Column("since", N_("起始日"), day, also=("当选日", "当选日期", "任职日"), sample="2026-01-10"),
)

Key = tuple[str, str]


def judge(sheet: Sheet, lines: list[Line], given: Given) -> Judged:
    """Who would be added, who would be changed, and who is on the list but not in the file."""
    today = clock.local(given.now).date()
    listed = {name_key(rep.name, rep.area): rep for rep in reps_today(today)}
    rows: dict[Key, int] = {}
    plan: list[tuple[Line, Representative | None, dict[str, Any]]] = []
    wrong: list[Wrong] = []
    for line in lines:
        key = name_key(line.values["name"], line.values.get("area", ""))
        if key in rows:
            wrong.append(Wrong(line.number, sheet.at("name"), TWICE, {"row": rows[key]}))
            continue
        rows[key] = line.number
        if line.values.get("since") and line.values["since"] > today:
            wrong.append(Wrong(line.number, sheet.at("since"), FUTURE))
        plan.append((line, listed.get(key), _changes(line, listed.get(key))))
    gone = [rep for key, rep in listed.items() if key not in rows]
    return Judged(wrong, _summary(plan, gone), plan)


def _summary(plan: list[tuple[Line, Representative | None, dict[str, Any]]], gone: list[Any]) -> dict[str, Any]:
    kinds = [line.values.get("kind") or (rep.kind if rep else "rep") for line, rep, _c in plan]
    kinds += [rep.kind for rep in gone]
    return {
        "new": sum(1 for _l, rep, _c in plan if rep is None),
        "same": sum(1 for _l, rep, changes in plan if rep is not None and not changes),
        "changed": sum(1 for _l, rep, changes in plan if rep is not None and changes),
        "reps": kinds.count("rep"), "committee": kinds.count("committee"),
        "fits": composition(kinds.count("rep"), kinds.count("committee")).ok,
        "gone": len(gone), "gone_some": [rep.name for rep in gone[:LISTED]],
    }  # fmt: skip


def _changes(line: Line, rep: Representative | None) -> dict[str, Any]:
    """What the file says otherwise; an empty cell changes nothing."""
    if rep is None:
        return {}
    named = {name: line.values[name] for name in ("kind", "households", "since") if name in line.values}
    found = {name: value for name, value in named.items() if getattr(rep, name) != value}
    if line.values.get("phone") and line.values["phone"] != phone_of(rep):
        found["phone_sealed"] = seal(line.values["phone"])
    return found


def write(judged: Judged, given: Given) -> None:
    """Add and change; the caller's transaction takes all of it or nothing."""
    here, today = current_community(), clock.local(given.now).date()
    position = db.session.scalar(select(func.max(Representative.position)).where(Representative.community_id == here))
    made: list[dict[str, Any]] = []
    for line, rep, changes in judged.plan:
        values = line.values
        if rep is None:
            made.append(
                row_key() | {
                    "kind": values.get("kind") or "rep", "name": values["name"], "area": values.get("area", ""),
                    "households": values.get("households", 0), "since": values.get("since") or today,
                    "phone_sealed": seal(values["phone"]) if values.get("phone") else None,
                    "position": (position or 0) + len(made) + 1,
                }
            )  # fmt: skip
        elif changes:
            db.session.execute(update(Representative), [{"community_id": here, "id": rep.id} | changes])
    if made:
        db.session.execute(insert(Representative), made)
    if judged.summary["new"] or judged.summary["changed"]:
        after = f"new {judged.summary['new']}，changed {judged.summary['changed']}"
        log_change("rep", "import", by=given.by, now=given.now, subject_id=given.import_id, after=after)


REPS = Kind("reps", COLUMNS, 500, judge, write)
