"""The ledger's lines, its workbook and the life of an export, on the real database."""

from __future__ import annotations

import gc
import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from app import clock
from app.errors import Missing, Refused
from app.faces.jobs import ledger as worker
from app.faces.look import say
from app.flow.collect.models import Proposal
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.flow.implement.models import ProgressNote
from app.flow.implement.order_models import SupervisionOrder
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.house import house
from app.matter.ledger import Reader, colour_case, has_clock, light_of
from app.matter.ledger_filter import Wanted
from app.matter.lights import Colour
from app.matter.models import HAS_CLOCK, Matter
from app.people.models import Person
from app.people.places import Building
from app.records import ledger_export as exports
from app.records.ledger_book import batches, write_book
from app.records.ledger_columns import COLUMNS, chosen
from app.records.ledger_rows import MAKERS, Line, read_page
from app.records.models import LedgerExport, OldMatter
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside, later
from tests.rooms.carrying_out import ballot_on
from tests.rooms.ledger_town import fill
from tests.rooms.stage_setting import matter_at, staff

OFFICE = Reader(None, True)
GRID = Reader(None, False)
EVERYTHING = Wanted(tab="all")


def rack(now: datetime) -> Matter:
    """M01 as the rooms left it: 张小红's racks, decided, hung up, promised, done, rated."""
    building = db.session.scalar(select(Building))
    rack = matter_at(
        "reviewing", now=now, title="=1+1 装晾衣架", kind="joint", signers=19, category="addition", triage="minor",
        channel="point", point="百货商店门口", building_id=building.id, unit=3, owner_id=staff("zhao").id,
        rating_count=5, rating_satisfied=4, reworks=1, number="NYD20260007",
    )  # fmt: skip
    person = Person(name="张小红", title="女士", created_at=now)
    sitting = Sitting(
        number="NYD-HY-2026-001", kind="council", title="板凳会", starts_at=later(3), place="小板凳议事屋", base=17,
        state="closed", opened_at=later(3), quorate=True, present_at_opening=14, created_at=now,
    )  # fmt: skip
    db.session.add_all([person, sitting])
    db.session.flush()
    ballot_on(rack, now=later(3))
    written = Resolution(
        matter_id=rack.id, number="南盐道议决〔2026〕3号", title="决议", basis="表决", words="装", made_at=later(3),
        legal_effect="advisory", signed_at=later(3),
    )  # fmt: skip
    db.session.add(written)
    db.session.flush()
    due = {"due": date(2026, 7, 6), "first_due": date(2026, 7, 6), "created_at": now}
    db.session.add_all([
        Proposal(matter_id=rack.id, kind="joint", words="没处晒", person_id=person.id, said_at=now, signers=19,
                 entered_by=staff("xiaoli").id, entered_label="小李", read_back=True),
        AgendaItem(sitting_id=sitting.id, matter_id=rack.id, position=1, outcome="passed"),
        Commitment(matter_id=rack.id, position=1, what="装 5 组", who="何师傅", unit="组", target=5,
                   done_count=3, **due),
        Commitment(matter_id=rack.id, position=2, what="记在公示栏", who="小李", **due),
        ProgressNote(matter_id=rack.id, words="+86 装了三组", by_label="何师傅", at=later(9)),
        Posting(matter_id=rack.id, resolution_id=written.id, number="公示-1", starts=date(2026, 6, 4),
                objections_until=date(2026, 6, 11), ends=date(2026, 6, 20), place="门口", how_to_object="打电话",
                posted_at=later(3)),
        SupervisionOrder(matter_id=rack.id, number="南盐道督〔2026〕1号", level="community", lead="何师傅",
                         demand="快装", due=date(2026, 7, 1), issued_at=later(10), issued_label="张书记"),
        ReturnVisit(matter_id=rack.id, round=1, words="好用", reached=3, at=later(40), by_label="小李"),
        Rating(matter_id=rack.id, round=1, grade=5, source="web", rater="a", at=later(40)),
        Evaluation(matter_id=rack.id, round=1, words="@有效", at=later(41), by_label="张书记"),
    ])  # fmt: skip
    db.session.flush()
    return rack


FACTS = {
    "number": "NYD20260007", "collected": date(2026, 6, 1), "channel": "民意收集点", "point": "百货商店门口",
    "proposer": "张女士等 19 人", "entered": "小李", "grid": "第一网格", "estate": "曹家巷小区",
    "building": "3 号楼", "unit": 3, "title": "=1+1 装晾衣架", "category": "添个设施", "triage": "小事好商量",
    "level": "社区", "accepted": date(2026, 6, 1),
    "sitting": date(2026, 6, 4), "sitting_place": "小板凳议事屋", "expected": 17, "present": 14,
    "result": "同意 10、不同意 0、弃权 1，通过", "resolution": "南盐道议决〔2026〕3号", "lead": "赵师傅",
    "doers": "何师傅、小李",
    "promise": "装 5 组（何师傅，7月6日前） 3/5 组；记在公示栏（小李，7月6日前）", "promised": date(2026, 7, 6),
    "progress": "6月10日：+86 装了三组", "stage": "7 评议 · 回访评议", "orders": 1, "posted": date(2026, 6, 4),
    "posted_until": date(2026, 6, 20), "visited": date(2026, 7, 11), "raters": 5, "satisfaction": 0.8,
    "evaluation": "@有效", "note": "返工 1 次", "closed": None, "archived": None, "light": "按时", "clock": None,
}  # fmt: skip


def read(reader: Reader, wanted: Wanted = EVERYTHING, now: datetime | None = None) -> Any:
    return read_page(wanted, reader, COLUMNS, now=now or later(42), calendar=house().calendar, say=say)


def test_a_line_shows_every_column_and_hides_what_is_not_for_everybody(hall: Any, now: Any, count_queries: Any) -> None:
    assert {column.key for column in COLUMNS} == MAKERS.keys()
    rack(now)
    quarrel = matter_at(
        "accepted", now=now, title="楼上漏水", track="mediation", visibility="parties", number="NYD20260008"
    )
    child = matter_at(
        "accepted", now=now, title="被同学欺负", has_minor=True, visibility="parties", number="NYD20260009"
    )
    house()
    with count_queries() as seen:
        lines = {line.cells["number"]: line for line in read(OFFICE).lines}
    assert len(seen) == 1
    assert {key: lines["NYD20260007"].cells[key] for key in FACTS} == FACTS
    assert (lines["NYD20260008"].cells["title"], lines["NYD20260008"].hidden) == ("楼上漏水", "")
    assert (lines["NYD20260009"].cells["title"], lines["NYD20260009"].hidden) == (None, "child")
    seen_by_grid = {line.id: line for line in read(GRID).lines}
    assert seen_by_grid[quarrel.id].hidden == "parties"
    assert all(seen_by_grid[quarrel.id].cells[column.key] is None for column in COLUMNS if column.inner)
    assert [line.id for line in read(GRID, Wanted(tab="all", words="漏水")).lines] == []
    assert [line.id for line in read(OFFICE, Wanted(tab="all", words="漏水")).lines] == [quarrel.id]
    looked = Reader(None, True, frozenset({child.id}))
    assert [line.cells["title"] for line in read(looked, Wanted(tab="all", words="欺负")).lines] == ["被同学欺负"]
    assert read(OFFICE, Wanted(tab="all", words="nyd20260008")).total == 1
    assert [column.key for column in chosen(["light", "no such"])] == ["number", "title", "light"]


def test_the_colour_in_sql_is_the_light_and_the_filters_agree(hall: Any, now: Any) -> None:
    for days in (-9, -1, 0, 1, 2, 3, 5, 12, 40):
        for stage, more in (("accepted", {}), ("referred", {}), ("suspended", {"suspended_from": "accepted"})):
            matter_at(stage, now=now, due_at=later(days, hours=6), **more)
    matter_at("accepted", now=now - timedelta(days=400), due_at=None, category="pets", channel="phone", level="street")
    for moment in (now, later(1), later(4, hours=20)):
        rows = db.session.execute(select(Matter, colour_case(moment).label("colour"))).all()
        for row in rows:
            assert row.colour == light_of(row.Matter, moment, house().calendar).colour, (row.Matter.due_at, moment)
        for colour in Colour:
            expected = sum(row.colour == colour for row in rows)
            assert read(OFFICE, Wanted(tab="all", colour=str(colour)), moment).total == expected, colour
    by_light = [line.light.colour for line in read(OFFICE, Wanted(tab="all", sort="light", down=False), now).lines]
    assert by_light == sorted(by_light, key=["red", "yellow", "green", "grey"].index)
    for wanted in (
        Wanted(tab="all", year=2025, month=4), Wanted(tab="all", category="pets"), Wanted(channel="phone"),
        Wanted(level="street"), Wanted(tab="elsewhere", words="涵洞", category="pets"),
    ):  # fmt: skip
        assert read(OFFICE, wanted).total == 1, wanted
    # The index of clocks is only taken where its condition is the query's own.
    assert re.sub(r"[\s()]", "", HAS_CLOCK) == re.sub(r"[\s()]|matter\.", "", in_sql(has_clock()))


def test_a_year_as_a_workbook(hall: Any, now: Any) -> None:
    rack(now)
    matter_at("closed", now=later(60), closed_at=later(70), title="-2+3|cmd\x07", number="NYD20260010")
    matter_at("closed", now=now - timedelta(days=300), closed_at=now, title="去年的", number="NYD20250001")
    db.session.add_all([
        OldMatter(year=year, number=f"旧{year}", row_key=f"k{year}", title="@旧事", created_at=now)
        for year in (2019, 2026)
    ])  # fmt: skip
    db.session.flush()
    book, beats = written(Wanted(tab="all", year=2026))
    assert book.sheetnames == ["6月", "7月", "年度", "往年台账"]
    assert beats == [2, 3]
    year = book["年度"]
    heads = {cell.value: cell.column for cell in year[1]}
    assert list(heads) == [column.label for column in COLUMNS]
    assert (year.max_row, year.freeze_panes, year.print_title_rows) == (3, "A2", "$1:$1")
    assert (year.page_setup.orientation, str(year.auto_filter.ref)[:2]) == ("landscape", "A1")

    def cell(row: int, label: str) -> Any:
        return year.cell(row, heads[label])

    assert (cell(2, "事项").value, cell(2, "事项").data_type, cell(2, "事项").quotePrefix) == (
        "=1+1 装晾衣架",
        "s",
        True,
    )
    assert (cell(3, "事项").value, cell(3, "事项").data_type) == ("-2+3|cmd", "s")
    assert cell(2, "收集日期").value.date() == date(2026, 6, 1)
    assert cell(2, "收集日期").is_date
    assert (cell(2, "应到").value, cell(2, "满意度").value, cell(2, "满意度").number_format) == (17, 0.8, "0%")
    assert [cell(row, "序号").value for row in (2, 3)] == [1, 2]
    assert (book["7月"].max_row, book["往年台账"].max_row) == (2, 2)
    assert "张小红" not in str([[one.value for one in row] for row in year.iter_rows()])
    everything, _beats = written(EVERYTHING)
    assert everything.sheetnames == ["2025-08", "2025年度", "2026-06", "2026-07", "2026年度", "往年台账"]
    assert everything["往年台账"].max_row == 3
    filtered, _beats = written(Wanted(tab="done", year=2026))
    assert filtered.sheetnames == ["7月", "年度"]


def in_sql(condition: Any) -> str:
    return str(condition.compile(compile_kwargs={"literal_binds": True})).lower()


def written(wanted: Wanted) -> tuple[Any, list[int]]:
    out, beats = BytesIO(), []
    write_book(out, wanted, OFFICE, now=later(80), calendar=house().calendar, say=say, beat=beats.append)
    out.seek(0)
    return load_workbook(out), beats


def test_no_more_than_a_batch_is_in_hand(app: Any, superuser: Any, count_queries: Any) -> None:
    alive, done = [], 0
    with inside(app, HOME) as site:
        fill(superuser, site.scope.community, "NYD", 700, days=700)
        house()
        with count_queries() as seen:
            asked = batches(EVERYTHING, OFFICE, COLUMNS, now=clock.now(), calendar=house().calendar, say=say, size=100)
            for lines in asked:
                done += len(lines)
                alive.append(sum(isinstance(thing, Line) for thing in gc.get_objects()))
    assert (done, len(alive), len(seen)) == (700, 8, 8)
    assert max(alive) <= 2 * 100


def test_the_life_of_an_export(app: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(app.config["DATA_DIR"]) / "files"
    with inside(app, HOME) as site:
        home = folder / str(site.scope.community)
        for month in (1, 2, 3):
            matter_at("closed", now=datetime(2026, month, 9, tzinfo=UTC), closed_at=now)
        shuji, once = staff(), uuid7()
        with pytest.raises(Refused):
            exports.ask_export(Wanted(tab="all", year=2001), OFFICE, title="空", by=shuji, now=now, id=uuid7())
        asked = exports.ask_export(EVERYTHING, OFFICE, title="全部", by=shuji, now=now, id=once)
        assert exports.ask_export(EVERYTHING, OFFICE, title="全部", by=shuji, now=now, id=once) is asked
        assert (asked.state, asked.total) == ("queued", 3)
        db.session.commit()
        # A worker dies in the middle; what it wrote never stood under a name, and the next one begins again.
        monkeypatch.setattr(worker, "write_book", dies)
        with pytest.raises(ZeroDivisionError):
            worker.export()
        monkeypatch.undo()
        assert one(once).state == "running"
        assert not list(home.glob(f"*{once}*"))
        worker.export()
        row = one(once)
        assert (row.state, row.done, row.attempts, row.file_name[11:]) == ("done", 3, 2, "南盐道_议事台账_全部_v1.xlsx")
        with worker.store().open(site.scope.community, once) as file:
            assert load_workbook(file)["2026年度"].max_row == 4
        exports.count_download(row, now=clock.now())
        assert once in exports.kept_files()
        # Whoever is not of the office takes only their own away, and a week later it is gone.
        with pytest.raises(Missing):
            exports.find_export(once, Reader(staff("jiandu").id, False))
        row.expires_at = now - timedelta(days=1)
        db.session.commit()
        worker.tend()
        assert one(once).state == "lapsed"
        assert not list(home.glob(f"*{once}*"))
        with pytest.raises(Refused):
            exports.count_download(one(once), now=clock.now())
    cancelled_and_failed(app, now, monkeypatch, home)


def cancelled_and_failed(app: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    with inside(app, HOME):
        ids = [uuid7(), uuid7(), uuid7()]
        for export_id, login in zip(ids, ("shuji", "shuji", "xiaoli"), strict=True):
            exports.ask_export(EVERYTHING, OFFICE, title="全部", by=staff(login), now=now, id=export_id)
        assert exports.cancel_export(one(ids[0]), now=now)
        db.session.commit()
        # The second is cancelled while it is being written: it stops at its next beat and leaves nothing.
        real = worker.write_book

        def slow(*given: Any, **more: Any) -> int:
            with db.engines[None].begin() as conn:
                conn.execute(update(LedgerExport).where(LedgerExport.id == ids[1]).values(state="cancelled"))
            return real(*given, **more)

        monkeypatch.setattr(worker, "write_book", slow)
        worker.export()
        monkeypatch.undo()
        assert [one(export_id).state for export_id in ids] == ["cancelled", "cancelled", "failed"]
        assert one(ids[2]).problem == exports.NO_ACCOUNT
        assert not [path for path in home.glob("*") if any(str(export_id) in path.name for export_id in ids)]
        # Too often begun is failed; a silent one is taken up, a lively one is left alone.
        db.session.execute(update(LedgerExport).values(state="running", beat_at=now, attempts=1))
        assert exports.claim(now=now + timedelta(seconds=30)) is None
        assert exports.claim(now=now + timedelta(seconds=90)).attempts == 2
        db.session.execute(update(LedgerExport).values(state="running", beat_at=None, attempts=exports.ATTEMPTS))
        assert exports.claim(now=now) is None
        db.session.commit()
    with inside(app, NEXT), pytest.raises(Missing):
        exports.find_export(ids[0], OFFICE)


def dies(path: Path, *_given: Any, **_more: Any) -> int:
    path.write_bytes(b"half a book")
    raise ZeroDivisionError


def one(export_id: Any) -> LedgerExport:
    return db.session.scalars(
        select(LedgerExport).where(LedgerExport.id == export_id).execution_options(populate_existing=True)
    ).one()
