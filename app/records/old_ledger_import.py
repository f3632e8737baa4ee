"""Taking an old ledger in: the columns of domain section 4, row by row, new, same or changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from app.people.desk import log_change
from app.people.import_cells import BadCell, day, plain, whole, words
from app.people.import_files import Grid, widest
from app.people.import_rules import Column, Given, Judged, Kind, Line, Sheet, Wrong
from app.records.models import OldMatter
from app.records.old_ledger_rules import least_of, mask_numbers, mask_person, two_counts
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

SHORT, LONG = 80, 2000
CHUNK = 250
NO_YEAR = N_("看不出是哪一年的事：写上年份或完整的日期，或者在传的时候选这份台账是哪一年的。")
TWICE = N_("和第 %(row)s 行是同一件事（年份、编号、日期、事项都一样）。写上不同的编号，或者删掉一行。")


def _text(limit: int = SHORT) -> Any:
    read = words(limit)
    return lambda cell: mask_numbers(read(cell))


def _day_words(text: str) -> str:
    """Days are read after the year is known, so here only their length is bounded."""
    return words(40)(text)


def _names(text: str) -> str:
    return words(200)(text)


COLUMNS: tuple[Column, ...] = (
    Column("year", N_("年份"), whole(1980, 2100, "年", "年度"), also=("年", "年度"), sample="2019"),
    Column("number", N_("事项编号"), words(40), also=("编号", "序号"), sample="NYD20190012"),
    Column("collected", N_("收集日期"), _day_words, also=("日期", "收集时间", "提出日期", "时间"), sample="2019-03-05"),
    Column("channel", N_("渠道/收集点"), _text(), also=("渠道", "收集点", "来源"), sample="百货商店门口"),
    Column("proposer", N_("提出人"), _names, also=("提出人(脱敏)", "反映人", "提案人", "来访人"), sample="张女士"),
    Column("gender", N_("性别"), words(4)),
    Column("entered", N_("代录人"), words(SHORT), sample="小李"),
    Column("place", N_("网格/小区/楼栋/单元"), _text(200), also=("地点", "位置", "楼栋", "小区"),
           sample="曹家巷小区 3 号楼"),
    Column("title", N_("事项"), _text(500), True, ("事项名称", "内容", "议题", "反映问题", "事由"), "楼道灯不亮"),
    Column("category", N_("类别"), _text(), also=("分类",), sample="设施修缮"),
    Column("triage", N_("四商量"), _text(), also=("怎么商量",), sample="小事"),
    Column("level", N_("层级"), _text(), sample="社区"),
    Column("accepted", N_("受理日"), _day_words, also=("受理日期",), sample="2019-03-06"),
    Column("sitting", N_("议事日"), _day_words, also=("议事日期", "开会日期"), sample="2019-03-12"),
    Column("sitting_both", N_("议事日/地点"), words(200), also=("议事时间地点",)),
    Column("sitting_place", N_("议事地点"), _text(200), sample="小板凳议事屋"),
    Column("expected", N_("应到"), whole(0, 99_999, "人"), sample="17"),
    Column("present", N_("实到"), whole(0, 99_999, "人"), sample="14"),
    Column("attendance", N_("应到/实到"), two_counts),
    Column("result", N_("结果/决议号"), _text(LONG), also=("结果", "决议", "处理结果", "办理结果"),
           sample="装 6 盏声控灯"),
    Column("owner", N_("责任人"), words(SHORT), also=("牵头人", "承办人"), sample="赵师傅"),
    Column("promise", N_("承诺"), _text(LONG), sample="三月底前装好"),
    Column("due", N_("时限"), _day_words, also=("期限", "办结期限"), sample="2019-03-31"),
    Column("progress", N_("进展"), _text(LONG), also=("进展情况", "落实情况"), sample="装好了"),
    Column("supervised", N_("灯色/督办次数"), words(SHORT), also=("灯色", "督办次数", "督办"), sample="绿/0"),
    Column("closed", N_("办结日"), _day_words, also=("办结日期", "完成日期"), sample="2019-03-28"),
    Column("posted", N_("公示起止"), words(SHORT), also=("公示", "公示日期"), sample="3月13日至3月28日"),
    Column("visited", N_("回访日"), _day_words, also=("回访日期",), sample="2019-04-10"),
    Column("satisfaction", N_("满意度"), words(SHORT), sample="满意"),
    Column("evaluation", N_("评估"), _text(LONG), sample="有效"),
    Column("archived", N_("归档"), words(SHORT), sample="已归档"),
    Column("count", N_("件数"), words(40), also=("数量", "件/次", "合计"), sample="26余"),
    Column("note", N_("备注"), _text(LONG)),
)  # fmt: skip
#: Column of the sheet → column of the table, where a cell goes over as it was read.
SAME = {
    "channel": "channel", "entered": "entered_label", "place": "place", "title": "title", "category": "category",
    "triage": "triage", "level": "level", "sitting_place": "sitting_place", "result": "result", "owner": "owner",
    "promise": "promise", "progress": "progress", "supervised": "supervised", "posted": "posted",
    "satisfaction": "satisfaction", "evaluation": "evaluation", "archived": "archived", "note": "note",
    "number": "number", "count": "count_words",
}  # fmt: skip
DAYS = {
    "accepted": "accepted_on", "sitting": "sitting_on", "due": "due_on", "closed": "closed_on", "visited": "visited_on",
}  # fmt: skip
#: A cell of these that is no day (「下月底」) is kept in words beside the note rather than refused.
SOFT = {"due": N_("时限"), "visited": N_("回访日")}


def row_of(line: Line, sheet: Sheet, year: int | None) -> tuple[dict[str, Any], list[Wrong]]:
    """One line as the table keeps it, names masked; and what cannot be read of its days and its year."""
    given, wrong = line.values, []
    found: dict[str, Any] = {column: given.get(name, "") for name, column in SAME.items()}
    own_year = given.get("year") or year
    days: dict[str, date | None] = {}
    for name, column in {"collected": "collected_on", **DAYS}.items():
        days[column], bad = _day(given.get(name, ""), own_year)
        if bad is not None and name in SOFT:
            found["note"] = "；".join(part for part in (found["note"], f"{SOFT[name]}：{given[name]}") if part)[:LONG]
        elif bad is not None:
            wrong.append(Wrong(line.number, sheet.at(name), bad.reason, bad.values))
        if own_year is None and days[column] is not None:
            own_year = days[column].year  # type: ignore[union-attr]
    if own_year is None:
        wrong.append(Wrong(line.number, sheet.at("year" if "year" in sheet.places else "collected"), NO_YEAR))
    both = given.get("sitting_both", "")
    if both:
        found["sitting_place"], days["sitting_on"] = _both(both, own_year, found["sitting_place"])
    expected, present = given.get("attendance", (None, None))
    found |= days | {
        "year": own_year, "proposer_masked": mask_person(given.get("proposer", ""), given.get("gender", "")),
        "expected": given.get("expected", expected), "present": given.get("present", present),
        "count_least": least_of(found["count_words"]) if found["count_words"] else None,
    }  # fmt: skip
    found["row_key"] = fingerprint(found)
    return found, wrong


def _day(text: str, year: int | None) -> tuple[date | None, BadCell | None]:
    if not text or text in ("-", "—", "/", "无"):
        return None, None
    try:
        return day(text, year=year), None
    except BadCell as error:
        return None, error


def _both(text: str, year: int | None, place: str) -> tuple[str, date | None]:
    the_day, bad = _day(text, year)
    if bad is not None:
        return place or mask_numbers(text), None
    rest = re.sub(r"^[\d\s\-./年月日号]+", "", text).strip(" /，,")
    return place or mask_numbers(rest), the_day


def fingerprint(row: dict[str, Any]) -> str:
    """What makes a row the same one again: year, number, day and title (as it is kept)."""
    parts = (row["year"], row["number"], row["collected_on"], re.sub(r"\s+", "", plain(row["title"])))
    return hashlib.sha256("|".join(str(part or "") for part in parts).encode()).hexdigest()


def judge(sheet: Sheet, lines: list[Line], given: Given) -> Judged:
    """What each row would do; one statement, whatever the number of rows."""
    wrong: list[Wrong] = []
    rows: dict[str, tuple[int, dict[str, Any]]] = {}
    for line in lines:
        row, bad = row_of(line, sheet, given.options.get("year"))
        wrong += bad
        if row["row_key"] in rows and not bad:
            first = rows[row["row_key"]][0]
            wrong.append(Wrong(line.number, sheet.at("title"), TWICE, {"row": first}))
        rows.setdefault(row["row_key"], (line.number, row))
    standing = _standing()
    new = [row for mark, (_n, row) in rows.items() if mark not in standing]
    changed = [
        (standing[mark].id, row)
        for mark, (_n, row) in rows.items()
        if mark in standing and _differs(standing[mark], row)
    ]
    years = sorted({row["year"] for _n, row in rows.values() if row["year"]})
    summary = {
        "new": len(new), "same": len(rows) - len(new) - len(changed), "changed": len(changed),
        "years": years, "rough": sum(1 for _n, row in rows.values() if row["count_words"]),
        "masked": sum(1 for _n, row in rows.values() if row["proposer_masked"]),
    }  # fmt: skip
    return Judged(wrong, summary, (new, changed))


def _standing() -> dict[str, Any]:
    columns = [column for column in OldMatter.__table__.columns if column.name not in ("street_id", "created_at")]
    rows = db.session.execute(select(*columns).where(OldMatter.community_id == current_community()))
    return {row.row_key: row for row in rows}


def _differs(standing: Any, row: dict[str, Any]) -> bool:
    return any(getattr(standing, name) != value for name, value in row.items())


def write(judged: Judged, given: Given) -> None:
    """Add the new rows and bring the changed ones up to the file, in bulk."""
    new: list[dict[str, Any]]
    changed: list[tuple[UUID, dict[str, Any]]]
    new, changed = judged.plan
    here = {"community_id": current_community(), "street_id": current_street()}
    stamp = {"import_id": given.import_id, "created_at": given.now}
    rows = [here | stamp | {"id": uuid7()} | row for row in new]
    for at in range(0, len(rows), CHUNK):
        db.session.execute(insert(OldMatter), rows[at : at + CHUNK])
        given.beat(min(at + CHUNK, len(rows)))
    again = [{"community_id": here["community_id"], "id": row_id, "import_id": given.import_id} | row
             for row_id, row in changed]  # fmt: skip
    for at in range(0, len(again), CHUNK):
        db.session.execute(update(OldMatter), again[at : at + CHUNK])
        given.beat(len(rows) + min(at + CHUNK, len(again)))
    if rows or again:
        log_change("place", "ledger", by=given.by, now=given.now, subject_id=given.import_id,
                   after=f"new {len(rows)}，changed {len(again)}")  # fmt: skip


def _yearly_first(grids: Sequence[Grid]) -> Grid:
    """A book with a sheet a month and one for the year is read by its year (domain section 4)."""
    return next((grid for grid in grids if any(mark in grid.name for mark in ("年度", "全年", "汇总"))), widest(grids))


LEDGER = Kind("ledger", COLUMNS, 20_000, judge, write, _yearly_first)
