"""Importing on the real database, through the worker's own entry: all or nothing, again without a change, resumed."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.errors import Refused
from app.faces.jobs import imports as worker
from app.flow.collect import work_order_import, work_orders
from app.flow.collect import work_order_rules as order_rules
from app.flow.collect.channels import WorkOrder
from app.flow.collect.models import Proposal
from app.flow.triage.returned_orders import return_order
from app.matter.files import FileStore
from app.matter.models import Matter, TimelineEntry
from app.people import import_runs as runs
from app.people import register
from app.people.actor import Actor
from app.people.import_files import read_grids
from app.people.imports import ImportRun
from app.people.models import Account, ChangeLog
from app.people.places import Building, Estate, Grid, Household
from app.people.queries import account_with_roles, actor_of
from app.people.residents import find_household
from app.people.sheets import csv_bytes, xlsx_bytes
from app.records import old_ledger
from app.records.models import OldMatter
from tenants.database import db
from tenants.queue import queue
from tenants.scope import current, current_community
from tests.cast import HOUSEHOLD_CODE, NEXT
from tests.conftest import inside

HOUSES = "网格,小区,楼栋,单元数,单元,房号\n"
ORDERS = "工单编号,来电时间,来电人,联系电话,类型,内容,地址,答复期限\n"
M10 = "LY0001,2026-06-01 09:30,陈女士,13800001234,投诉,柳荫小广场晚上跳舞音响太大，孩子写不了作业。,柳荫小区小广场,\n"


def secretary() -> Actor:
    account_id = db.session.scalars(select(Account.id).where(Account.login == "shuji")).one()
    found = account_with_roles(account_id, clock.today())
    assert found is not None
    return actor_of(*found)


def hand_in(kind: str, data: bytes | str, **options: Any) -> UUID:
    """As the door does: the file first, then the row, then the commit."""
    raw = data.encode() if isinstance(data, str) else data
    run_id, file_id = uuid4(), uuid4()
    worker.store().put(current_community(), file_id, raw)
    runs.hand_in(
        kind, file_name="表.csv", file_id=file_id, sha256="0" * 64, by=secretary(), now=clock.now(), id=run_id,
        options=options,
    )  # fmt: skip
    db.session.commit()
    return run_id


def run_of(run_id: UUID) -> ImportRun:
    db.session.expire_all()
    return runs.find_run(run_id)


def bring_in(kind: str, data: bytes | str, **options: Any) -> ImportRun:
    """Check, confirm, write."""
    run_id = hand_in(kind, data, **options)
    worker.work()
    run = run_of(run_id)
    if run.state == "checked":
        runs.confirm(run, now=clock.now())
        db.session.commit()
        worker.work()
    return run_of(run_id)


def count(model: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_households_come_in_with_their_grid_estate_and_building(hall: Any) -> None:
    run = bring_in("households", HOUSES + "第二网格,锡麟街25号院,5,3,3,301\n第二网格,锡麟街25号院,5,3,3,302室\n")
    assert (run.state, run.summary["new"], run.summary["buildings"], run.summary["grids"]) == ("done", 2, 1, 1)
    building = db.session.scalars(select(Building).where(Building.name == "5 号楼")).one()
    assert (building.units, building.sort, building.estate.name) == (3, 5, "锡麟街25号院")
    rooms = db.session.scalars(select(Household.room).where(Household.building_id == building.id)).all()
    assert sorted(rooms) == ["301", "302"]
    assert run.done == run.total == 2
    log = db.session.scalars(select(ChangeLog).where(ChangeLog.subject == "place")).one()
    assert log.by_label == "张书记"


def test_the_same_file_again_changes_nothing(hall: Any, superuser: Any) -> None:
    rows = HOUSES + "第一网格,曹家巷小区,3号楼,4,3,301\n第二网格,曹家巷小区,5,3,3,301\n"
    bring_in("households", rows)
    before = [(h.id, h.room) for h in db.session.scalars(select(Household).order_by(Household.id))]
    logged = count(ChangeLog)
    again = bring_in("households", rows)
    assert (again.state, again.summary["new"], again.summary["same"], again.summary["changed"]) == ("done", 0, 2, 0)
    assert [(h.id, h.room) for h in db.session.scalars(select(Household).order_by(Household.id))] == before
    assert count(ChangeLog) == logged


def test_one_bad_row_spoils_nothing_and_says_where_it_is(hall: Any) -> None:
    good = "".join(f"第一网格,曹家巷小区,8,2,1,{n}01\n" for n in range(1, 6))
    run = bring_in("households", HOUSES + good + "第一网格,曹家巷小区,8,2,五十,101\n")
    assert (run.state, run.error_count) == ("refused", 1)
    assert run.errors[0]["row"] == 7
    assert run.errors[0]["column"] == "E 单元"
    assert count(Household) == 1
    assert run.error_file_id is not None
    with worker.store().open(current_community(), run.error_file_id) as file:
        listed = read_grids(file.read())[0].rows
    assert listed[1][1][:2] == ["7", "E 单元"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("一,甲院,1,2,1,101\n一,甲院,1,2,1,101室\n", "同一户"),
        ("一,甲院,1,2,1,101\n二,甲院,1号,2,1,102\n", "同一栋楼"),
        ("一,甲院,1,2,1,101\n一,甲院,1,3,1,102\n", "同一栋楼"),
        ("一,甲院,1,2,3,101\n", "只有"),
        ("一,甲院,1,2,1,\n", "要填"),
        ("一,甲院,1,2,1," + "长" * 21 + "\n", "最多写"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(hall: Any, rows: str, told: str) -> None:
    run = bring_in("households", HOUSES + rows)
    assert run.state == "refused"
    assert told in run.errors[0]["words"]
    assert count(Building) == 1


def test_a_household_that_is_gone_from_the_file_is_only_told(hall: Any) -> None:
    run = bring_in("households", HOUSES + "第一网格,曹家巷小区,3号楼,4,3,302\n")
    assert (run.summary["gone"], run.summary["gone_some"]) == (1, ["曹家巷小区 3号楼 3 单元 301"]) or run.summary[
        "gone"
    ] == 1
    assert find_household(HOUSEHOLD_CODE) is not None
    assert count(Household) == 2


def test_a_building_moves_to_another_grid_and_grows(hall: Any) -> None:
    run = bring_in("households", HOUSES + "第九网格,曹家巷小区,3 号楼,6,3,301\n")
    assert (run.summary["changed"], run.summary["new"]) == (1, 0)
    building = db.session.scalars(select(Building)).one()
    assert (building.grid.name, building.units) == ("第九网格", 6)


def test_five_thousand_households_are_quick(hall: Any) -> None:
    """The issue allows a minute on two cores; a tenth of that must do here, or something is done row by row."""
    rows = [
        [f"第{b % 5 + 1}网格", f"小区{b % 3}", f"{b + 10} 号楼", 5, unit, f"{floor}0{door}"]
        for b in range(25) for unit in range(1, 6) for floor in range(1, 21) for door in (1, 2)
    ]  # fmt: skip
    data = xlsx_bytes("户", ["网格", "小区", "楼栋", "单元数", "单元", "房号"], rows)
    began = time.monotonic()
    run = bring_in("households", data)
    took = time.monotonic() - began
    assert (len(rows), run.state, run.summary["new"]) == (5000, "done", 5000)
    assert took < 30, f"5,000 households took {took:.1f} s"


def test_two_thousand_old_rows_are_quick(hall: Any) -> None:
    heads = ["年份", "事项编号", "收集日期", "提出人", "事项", "结果", "办结日", "满意度", "备注"]
    rows = [
        [
            2015 + n % 5,
            f"T{n:05}",
            f"{2015 + n % 5}-{n % 12 + 1:02}-05",
            "张小红",
            f"第 {n} 件事：楼道灯不亮",
            "修好了",
            "",
            "满意",
            "",
        ]
        for n in range(2000)
    ]
    data = csv_bytes(heads, rows)
    began = time.monotonic()
    run = bring_in("ledger", data)
    took = time.monotonic() - began
    assert (run.state, run.summary["new"]) == ("done", 2000)
    assert took < 30, f"2,000 old rows took {took:.1f} s"
    again = bring_in("ledger", data)
    assert (again.summary["new"], again.summary["same"], again.summary["changed"]) == (0, 2000, 0)


LEDGER = "年份,编号,收集日期,提出人,性别,事项,结果,应到/实到,件数,备注\n"


def test_an_old_ledger_keeps_its_words_and_no_names(hall: Any) -> None:
    row = "2019,12,3月5日,张小红,女,楼上楼下漏水 13812345678,调解好了,17/14,26余,\n"
    run = bring_in("ledger", LEDGER + row)
    assert run.state == "done", run.errors
    old = db.session.scalars(select(OldMatter)).one()
    assert (old.proposer_masked, old.count_words, old.count_least) == ("张女士", "26余", 26)
    assert (old.collected_on, old.expected, old.present) == (date(2019, 3, 5), 17, 14)
    assert old.title == "楼上楼下漏水 138****5678"
    assert old.import_id == run.id
    changed = bring_in("ledger", LEDGER + row.replace("调解好了", "又调解了一次"))
    assert (changed.summary["new"], changed.summary["changed"]) == (0, 1)
    db.session.expire_all()
    assert db.session.scalars(select(OldMatter.result)).one() == "又调解了一次"


def test_an_old_ledger_without_years_takes_the_one_given(hall: Any) -> None:
    rows = "收集日期,事项\n3月5日,楼道灯不亮\n"
    assert bring_in("ledger", rows).state == "refused"
    assert bring_in("ledger", rows, year=2018).state == "done"
    assert old_ledger.years() == [(2018, 1)]


def test_the_register_and_the_old_ledger_go_out_and_in_without_a_change(hall: Any) -> None:
    bring_in("households", HOUSES + "二,锡麟街25号院,甲楼,3,3,301\n")
    from app.people.import_households import COLUMNS, register_rows

    order = ("grid", "estate", "building", "units", "unit", "room", "sort")
    heads = [next(c.label for c in COLUMNS if c.key == key) for key in order]
    again = bring_in("households", xlsx_bytes("户", heads, register_rows()))
    assert (again.summary["new"], again.summary["same"], again.summary["changed"]) == (0, 2, 0)
    bring_in("ledger", LEDGER + "2019,12,2019-03-05,张小红,女,漏水,好了,17/14,26余,=备注\n")
    sheet = xlsx_bytes("账", [label for _n, label in old_ledger.EXPORTED], old_ledger.export_rows(old_ledger.Wanted()))
    once_more = bring_in("ledger", sheet)
    assert (once_more.summary["new"], once_more.summary["same"], once_more.summary["changed"]) == (0, 1, 0)


def test_a_work_order_becomes_a_matter_that_says_where_it_came_from(hall: Any) -> None:
    """M10: 广场舞 came by 12345."""
    run = bring_in("work_orders", ORDERS + M10)
    assert run.state == "done", run.errors
    order = db.session.scalars(select(WorkOrder)).one()
    matter = db.session.scalars(select(Matter)).one()
    proposal = db.session.scalars(select(Proposal)).one()
    assert (matter.channel, matter.stage, matter.place) == ("12345", "submitted", "柳荫小区小广场")
    assert (proposal.work_order_id, order.matter_id, order.import_id) == (order.id, matter.id, run.id)
    assert order.due_at == order_rules.due_of(None, order.received_at, work_order_import.house().calendar)
    assert matter.due_at is not None
    assert matter.due_at <= order.due_at
    assert "13800001234" not in (order.phone_sealed or "")
    assert work_orders.phone_of(order) == "13800001234"
    again = bring_in("work_orders", ORDERS + M10)
    assert (again.summary["new"], again.summary["same"]) == (0, 1)
    assert count(Matter) == 1


def test_the_dry_run_tells_row_by_row_what_would_happen(hall: Any) -> None:
    bring_in("work_orders", ORDERS + M10)
    number = db.session.scalars(select(Matter.number)).one()
    rows = ORDERS + M10.replace("柳荫小区小广场,", "柳荫小区小广场东侧,")
    rows += "LY0002,2020-06-01,,,求助,楼道灯坏了一个月没人修,3 号楼,2020-06-05\n"
    rows += "LY0003,2026-06-02,,,投诉,柳荫小广场跳舞音响太大，影响孩子写作业,小广场,2099-01-01\n"
    run_id = hand_in("work_orders", rows)
    worker.work()
    run = run_of(run_id)
    assert run.state == "checked"
    told = [(line["outcome"], line["late"], line["like"]) for line in run.summary["lines"]]
    assert told == [("changed", False, ""), ("new", True, ""), ("new", False, number)]
    assert count(Matter) == 1


def test_one_bad_order_and_none_comes_in(hall: Any) -> None:
    run = bring_in("work_orders", ORDERS + M10 + "LY0002,昨天,,,骂人,x,,\n" + M10)
    assert run.state == "refused"
    assert {(bad["row"], bad["column"]) for bad in run.errors} >= {(3, "B 来电时间"), (3, "E 类型"), (4, "A 工单编号")}
    assert (count(Matter), count(WorkOrder)) == (0, 0)


def test_an_order_is_answered_once(hall: Any, now: Any) -> None:
    bring_in("work_orders", ORDERS + M10)
    order = db.session.scalars(select(WorkOrder)).one()
    with pytest.raises(Refused):
        work_orders.reply(order.id, "  ", "", by=secretary(), now=now)
    work_orders.reply(order.id, "已受理，本周开会", "赵师傅", by=secretary(), now=now)
    db.session.commit()
    assert (order.result, order.handler) == ("已受理，本周开会", "赵师傅")
    line = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "order_replied")).one()
    assert line.public
    with pytest.raises(Refused):
        work_orders.reply(order.id, "再答一次", "", by=secretary(), now=now)
    with pytest.raises(Refused):
        return_order(order.id, "不是我们的", "电业社区", by=secretary(), now=now)


def test_an_order_that_is_not_ours_goes_back_with_its_matter(hall: Any, now: Any) -> None:
    bring_in("work_orders", ORDERS + M10)
    order = db.session.scalars(select(WorkOrder)).one()
    return_order(order.id, "小广场在电业社区", "电业社区，8555 0120", by=secretary(), now=now)
    db.session.commit()
    matter = db.session.scalars(select(Matter)).one()
    assert (matter.stage, order.return_reason) == ("not_accepted", "小广场在电业社区")
    assert work_orders.counts(now)["returned"] == 1


def crowd(n: int) -> str:
    return HOUSES + "".join(
        f"第一网格,曹家巷小区,{b},9,{u},{r}01\n" for b in range(20, 20 + n) for u in (1, 2) for r in range(1, 26)
    )


def test_progress_is_seen_while_the_big_transaction_is_open_and_a_cancel_leaves_no_half(
    hall: Any, superuser: Any, monkeypatch: Any
) -> None:
    run_id = hand_in("households", crowd(30))
    worker.work()
    runs.confirm(run_of(run_id), now=clock.now())
    db.session.commit()
    seen: list[tuple[str, int, int]] = []
    real = worker.Beat.__call__

    def watch(beat: Any, done: int) -> None:
        beat._last = 0.0
        with superuser.begin() as other:
            if done >= 500:
                seen.append(tuple(other.execute(select(ImportRun.state, ImportRun.total, ImportRun.done)).one()))
                seen_doors = other.execute(select(func.count()).select_from(Household)).scalar()
                assert seen_doors == 2, "the cast has one door in each of the two halls"
            if done >= 1000:
                other.execute(update(ImportRun).values(cancel_asked_at=clock.now()))
        real(beat, done)

    monkeypatch.setattr(worker.Beat, "__call__", watch)
    worker.work()
    run = run_of(run_id)
    assert run.state == "cancelled"
    assert seen[-1] == ("running", 1500, 500)
    assert count(Household) == 1
    assert count(Building) == 1


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_finishes(hall: Any, monkeypatch: Any) -> None:
    run_id = hand_in("households", crowd(20))
    worker.work()
    runs.confirm(run_of(run_id), now=clock.now())
    db.session.commit()

    class Killed(BaseException):
        """A kill runs no handler of ours."""

    real = worker.Beat.__call__

    def die(beat: Any, done: int) -> None:
        beat._last = 0.0
        real(beat, done)
        if done >= 500:
            raise Killed

    monkeypatch.setattr(worker.Beat, "__call__", die)
    with pytest.raises(Killed):
        worker.work()
    db.session.rollback()
    db.session.remove()
    monkeypatch.setattr(worker.Beat, "__call__", real)
    assert (run_of(run_id).state, count(Household)) == ("running", 1)
    worker.work()
    assert run_of(run_id).state == "running", "its last beat is young, so somebody may still be at it"
    run = run_of(run_id)
    run.beat_at = clock.now() - timedelta(minutes=2)
    db.session.commit()
    worker.work()
    assert (run_of(run_id).state, count(Household)) == ("done", 1001)


def test_a_step_that_always_breaks_ends_and_writes_nothing(hall: Any, monkeypatch: Any) -> None:
    run_id = hand_in("households", HOUSES + "一,甲院,1,2,1,101\n")
    monkeypatch.setattr(worker, "read_grids", lambda _data: 1 / 0)
    for _attempt in range(runs.ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            worker.work()
    worker.work()
    run = run_of(run_id)
    assert (run.state, run.errors[0]["words"]) == ("failed", runs.BROKEN)


def test_two_workers_never_write_the_same_kind_at_once(app: Any, hall: Any) -> None:
    run_id = hand_in("households", HOUSES + "一,甲院,1,2,1,101\n")
    worker.work()
    runs.confirm(run_of(run_id), now=clock.now())
    db.session.commit()
    with db.engines[None].begin() as other:
        from sqlalchemy import text

        name = f"import:{current_community()}:households"
        assert other.execute(text("select pg_try_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": name}).scalar()
        worker.work()
        assert (run_of(run_id).state, count(Household)) == ("running", 1)
        db.session.rollback()
    run_of(run_id).beat_at = None
    db.session.commit()
    worker.work()
    assert (run_of(run_id).state, count(Household)) == ("done", 2)


def test_the_file_goes_when_the_run_has_ended(hall: Any, app: Any) -> None:
    store = FileStore(Path(app.config["DATA_DIR"]))
    run_id = hand_in("households", HOUSES + "一,甲院,1,2,1,101\n")
    worker.work()
    run = run_of(run_id)
    assert run.file_id in runs.kept_files()
    store.open(current_community(), run.file_id).close()
    runs.ask_cancel(run, now=clock.now())
    db.session.commit()
    worker.work()
    from app.errors import Missing

    with pytest.raises(Missing):
        store.open(current_community(), run_of(run_id).file_id)
    assert run.file_id not in runs.kept_files()


def test_what_nobody_confirms_is_given_up(hall: Any) -> None:
    run_id = hand_in("households", HOUSES + "一,甲院,1,2,1,101\n")
    worker.work()
    run_of(run_id).created_at = clock.now() - timedelta(days=8)
    db.session.commit()
    worker.work()
    assert run_of(run_id).state == "cancelled"


def test_a_real_job_of_the_queue_does_it_and_the_neighbour_sees_nothing(app: Any, hall: Any) -> None:
    from rq import SimpleWorker

    from tenants.queue import enqueue

    run_id = hand_in("households", HOUSES + "一,甲院,1,2,1,101\n")
    enqueue(current(), "app.faces.jobs.imports:work")
    db.session.remove()
    jobs = queue()
    SimpleWorker([jobs], connection=jobs.connection, serializer=jobs.serializer).work(burst=True, logging_level="ERROR")
    assert run_of(run_id).state == "checked"
    db.session.remove()
    with inside(app, NEXT):
        assert count(ImportRun) == 0


def test_places_by_hand(hall: Any, now: Any) -> None:
    by = secretary()
    grid = register.add_named("grid", "第二网格", id=uuid4(), by=by, now=now)
    estate = db.session.scalars(select(Estate)).one()
    with pytest.raises(Refused):
        register.add_named("grid", "第二 网格", id=uuid4(), by=by, now=now)
    values = {"estate_id": estate.id, "grid_id": grid.id, "name": "5 号楼", "units": 2, "sort": 5}
    building = register.add_building(values, id=uuid4(), by=by, now=now)
    with pytest.raises(Refused):
        register.add_building(values | {"name": "5号楼"}, id=uuid4(), by=by, now=now)
    door = register.add_household(building.id, 2, "301", id=uuid4(), by=by, now=now)
    for unit, room in ((2, "301"), (3, "101")):
        with pytest.raises(Refused):
            register.add_household(building.id, unit, room, id=uuid4(), by=by, now=now)
    with pytest.raises(Refused):
        register.change_building(building, values | {"units": 1}, by=by, now=now)
    for kind, place in (("grid", grid), ("building", building)):
        with pytest.raises(Refused):
            register.close(kind, place, by=by, now=now)
    for kind, place in (("household", door), ("building", building), ("grid", grid)):
        register.close(kind, place, by=by, now=now)
    with pytest.raises(Refused):
        register.reopen("household", door, by=by, now=now)
    db.session.commit()
    assert count(Grid) == 2


def test_a_closed_household_has_no_code_any_more(hall: Any, now: Any) -> None:
    household = db.session.scalars(select(Household)).one()
    register.close("household", household, by=secretary(), now=now)
    db.session.commit()
    assert find_household(HOUSEHOLD_CODE) is None
    register.reopen("household", household, by=secretary(), now=now)
    db.session.commit()
    assert find_household(HOUSEHOLD_CODE) is None
    run = bring_in("households", HOUSES + "第一网格,曹家巷小区,3号楼,4,3,301\n")
    assert run.summary["same"] == 1
