"""Cells, headings, files: what people bring, read or refused with a reason. Pure tables."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest

from app.flow.collect import work_order_rules as orders
from app.flow.collect.work_order_rules import Known, Likeness
from app.matter.situation import Stage
from app.matter.workdays import Calendar
from app.people import import_cells as cells
from app.people import import_files as files
from app.people.import_cells import BadCell
from app.people.import_files import BadFile, Grid
from app.people.import_households import COLUMNS, HOUSEHOLDS, building_name, room_name
from app.people.import_rules import choose, find_heading, read_lines
from app.people.sheets import csv_bytes, guarded, xlsx_bytes
from app.records.old_ledger_rules import least_of, mask_numbers, mask_person, two_counts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-05-06", date(2024, 5, 6)), ("2024.5.6", date(2024, 5, 6)), ("2024年5月6日", date(2024, 5, 6)),
        ("2024/5/6 星期一", date(2024, 5, 6)), ("20240506", date(2024, 5, 6)), ("45418", date(2024, 5, 6)),
        ("２０２４－５－６", date(2024, 5, 6)), ("5月6日", date(2019, 5, 6)),
    ],
)  # fmt: skip
def test_a_day_is_read_in_the_ways_offices_write_it(text: str, found: date) -> None:
    assert cells.day(text, year=2019) == found


@pytest.mark.parametrize("text", ["下月底", "2024-13-01", "2024-02-30", "5月6日", "1", "0001-01-01"])
def test_what_is_no_day_says_so(text: str) -> None:
    with pytest.raises(BadCell):
        cells.day(text)


def test_moments_are_on_a_chinese_clock_and_a_deadline_is_a_whole_day() -> None:
    assert cells.moment("2026-06-01 09:30") == datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
    assert cells.moment("2026年6月1日9时30分") == datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
    assert cells.last_moment("2026-06-08") == datetime(2026, 6, 8, 15, 59, 59, tzinfo=UTC)
    assert cells.last_moment("2026-06-08 18:00") == datetime(2026, 6, 8, 10, tzinfo=UTC)
    with pytest.raises(BadCell):
        cells.moment("2026-06-01 下午")


@pytest.mark.parametrize(
    ("text", "found"), [("3", 3), ("3单元", 3), ("三单元", 3), ("３", 3), ("十二", 12), ("二十一", 21), ("3.0", 3)]
)
def test_units_are_numbers_however_written(text: str, found: int) -> None:
    assert cells.whole(1, 30, "单元")(text) == found


@pytest.mark.parametrize("text", ["甲", "0", "31", "-1", "1e9", "3.5"])
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.whole(1, 30, "单元")(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("3", "3 号楼"), ("3号", "3 号楼"), ("3 号楼", "3 号楼"), ("3#", "3 号楼"), ("甲楼", "甲楼"), ("3栋", "3栋")],
)
def test_a_building_has_one_name(text: str, found: str) -> None:
    assert building_name(text) == found


def test_a_door_is_its_number() -> None:
    assert [room_name(text) for text in ("301", "301室", "３０１", " 3 01 ")] == ["301"] * 4


def test_cells_of_a_spreadsheet_become_what_people_see() -> None:
    shown = [
        cells.as_text(v) for v in (301.0, 301, None, date(2024, 5, 6), datetime(2024, 5, 6, 9, 30), " a\x00\u200b ")
    ]
    assert shown == ["301", "301", "", "2024-05-06", "2024-05-06 09:30:00", "a"]
    assert cells.as_text("𬱖㛃䶮") == "𬱖㛃䶮"


def table(*rows: tuple[str, ...]) -> Grid:
    return Grid([(number, list(row)) for number, row in enumerate(rows, 1)])


HEAD = ("网格", "小区", "楼号", "单元", "门牌号")


def test_the_heading_is_found_under_a_title_and_by_other_names() -> None:
    sheet = find_heading(
        table(("南盐道社区住户表",), ("*网格（必填）", "小区名称", "楼栋", "单元号", "房号", "电话")), COLUMNS
    )
    assert sheet is not None
    assert set(sheet.places) == {"grid", "estate", "building", "unit", "room"}
    assert sheet.ignored == ["电话"]
    assert sheet.at("building") == "C 楼栋"


def test_errors_name_line_and_column() -> None:
    sheet = choose([table(HEAD, ("一", "甲", "3", "x", "301"), ("一", "甲", "3", "1", ""))], HOUSEHOLDS)
    lines, wrong = read_lines(sheet, COLUMNS, lambda _done: None)
    assert not lines
    assert [(bad.row, bad.column) for bad in wrong] == [(2, "D 单元"), (3, "E 门牌号")]


def test_a_missing_column_is_one_error_and_a_table_without_heading_is_refused() -> None:
    lines, wrong = read_lines(choose([table(HEAD[:4], ("一", "甲", "3", "1"))], HOUSEHOLDS), COLUMNS, lambda _n: None)
    assert not lines
    assert [bad.values["name"] for bad in wrong] == ["房号"]
    with pytest.raises(BadFile):
        choose([table(("一", "甲", "3", "1", "301"))], HOUSEHOLDS)
    with pytest.raises(BadFile):
        choose([table(HEAD)], HOUSEHOLDS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_comes_in_the_encodings_of_china(encoding: str) -> None:
    grid = files.read_grids("网格,小区\r\n一,㛃苑\r\n".encode(encoding))[0]
    assert grid.rows == [(1, ["网格", "小区"]), (2, ["一", "㛃苑"])]


def test_json_and_xlsx_are_read_too() -> None:
    listed = json.dumps({"data": [{"external_no": "A1", "type": "咨询"}]}, ensure_ascii=False).encode()
    assert files.read_grids(listed)[0].rows == [(0, ["external_no", "type"]), (1, ["A1", "咨询"])]
    data = xlsx_bytes("表", ["网格", "房号"], [["一", 301], ["=1+1", "302"]])
    assert files.read_grids(data)[0].rows == [(1, ["网格", "房号"]), (2, ["一", "301"]), (3, ["=1+1", "302"])]


def packed(name: str, data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"   ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, b"\x00\x01\x02binary", b"PK\x03\x04broken",
        b'{"a": 1}', b"[1, 2]", b"x" * (files.BYTES + 1), packed("xl/workbook.xml", b"<a/>"),
        packed("xl/sheet.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        packed("bomb.bin", b"\x00" * (files.UNPACKED + 1)),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_bad_file_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadFile) as told:
        files.read_grids(data)
    assert told.value.reason


def test_more_rows_than_one_file_may_hold() -> None:
    rows = "网格,小区\n" + "一,甲\n" * (files.ROWS + files.SEARCH + 1)
    with pytest.raises(BadFile) as told:
        files.read_grids(rows.encode())
    assert told.value.reason == files.TOO_LONG


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-1", "@sum", "\t=1", "＝1+1"])
def test_nothing_we_hand_out_is_run_as_a_formula(text: str) -> None:
    assert guarded(text).startswith("'")
    with zipfile.ZipFile(BytesIO(xlsx_bytes("表", ["头"], [[text]]))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert guarded(text).encode() in csv_bytes(["头"], [[text]])


def test_what_we_guarded_comes_back_as_it_was() -> None:
    assert files.read_grids(csv_bytes(["编号", "内容"], [["-12", "=好"]]))[0].rows[1] == (2, ["-12", "=好"])


@pytest.mark.parametrize(
    ("text", "gender", "shown"),
    [
        ("张小红", "女", "张女士"), ("张小红", "", "张某"), ("欧阳锋", "男", "欧阳先生"), ("张女士", "", "张女士"),
        ("张某", "", "张某"), ("小程", "", "小程"), ("老郭", "男", "老郭"), ("小红", "", "小某"),
        ("轮椅老人的孙女", "", "轮椅老人的孙女"), ("3号楼居民的王小明", "", "3号楼居民的家人"),
        ("张三等12户", "", "张某等12户"), ("3号楼居民王小明", "", "3号楼居民王某"), ("居委会王主任", "",
        "居委会王主任"),
        ("曹家巷居民", "", "曹家巷居民"), ("张三业主", "", "张某业主"), ("物业公司", "", "物业公司"), ("热心居民", "",
        "热心居民"),
        ("王小明、赵四", "", "王某、赵某"), ("王小明居民代表", "", "王某居民代表"), ("匿名", "", "匿名"), ("", "", ""),
    ],
)  # fmt: skip
def test_names_are_masked_on_the_way_in(text: str, gender: str, shown: str) -> None:
    assert mask_person(text, gender) == shown


def test_numbers_of_people_are_masked_in_free_text() -> None:
    assert mask_numbers("打 13812345678，证 130102199001011234") == "打 138****5678，证 130102********1234"
    assert mask_numbers("花了 120000 元，3 号楼 301") == "花了 120000 元，3 号楼 301"


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("26余", 26),
        ("12+30余", 42),
        ("300余件", 300),
        ("三百余件", 300),
        ("26", 26),
        ("近30", None),
        ("约 5 件", None),
        ("若干", None),
    ],
)
def test_a_rough_total_has_a_lower_bound(text: str, least: int | None) -> None:
    """W11: 26余 stays text, 26 is what it is at least; 近30 has no lower bound."""
    assert least_of(text) == least


def test_should_and_did_come_in_one_cell() -> None:
    assert two_counts("17/14") == (17, 14)
    assert two_counts("应到17人") == (17, None)
    with pytest.raises(BadCell):
        two_counts("都到了")


def test_a_caller_is_a_courtesy() -> None:
    shown = [orders.masked_caller(name) for name in ("张小红", "张女士", "王*", "欧阳先生", "李**")]
    assert shown == ["张某", "张女士", "王某", "欧阳先生", "李某"]


def test_an_order_is_due_as_it_says_or_five_working_days_after_it_came() -> None:
    """Domain section 6: reply within 5 working days."""
    monday = datetime(2026, 6, 1, 2, tzinfo=UTC)
    assert orders.due_of(None, monday, Calendar()) == datetime(2026, 6, 8, 15, 59, 59, tzinfo=UTC)
    own = datetime(2026, 6, 3, tzinfo=UTC)
    assert orders.due_of(own, monday, Calendar()) == own


@pytest.mark.parametrize(
    ("stage", "more", "fine"),
    [
        (Stage.SUBMITTED, {}, True), (None, {}, True), (Stage.ACCEPTED, {}, False), (Stage.CLOSED, {}, False),
        (Stage.SUBMITTED, {"reason": " "}, False), (Stage.SUBMITTED, {"door": ""}, False),
        (Stage.SUBMITTED, {"replied": True}, False), (Stage.SUBMITTED, {"returned": True}, False),
    ],
)  # fmt: skip
def test_an_order_goes_back_only_before_anybody_took_it_on(stage: Any, more: dict[str, Any], fine: bool) -> None:
    given = {"replied": False, "returned": False, "reason": "不在本社区", "door": "电业社区"} | more
    assert orders.may_return(stage, **given).ok is fine


def test_likeness_needs_no_dictionary() -> None:
    likeness = Likeness(
        [
            Known("A", "广场舞音响太大 柳荫小广场晚上跳舞声音太大，孩子写不了作业"),
            Known("B", "楼道灯不亮 3 号楼 2 单元灯坏了一个月"),
        ]
    )
    assert likeness.best("柳荫小广场跳舞声音太大，影响孩子写作业") == "A"
    assert likeness.best("河边想修一个亭子") == ""
    assert Likeness([]).best("什么都没有") == ""
