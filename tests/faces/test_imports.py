"""Bringing tables in over HTTP: imports with their progress, households by hand, old ledgers, work orders."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.faces.jobs import imports as worker
from app.flow.collect.channels import WorkOrder
from app.matter.models import Matter
from app.people.import_files import read_grids
from app.people.imports import ImportRun
from app.people.places import Building, Estate, Grid, Household
from app.records.models import OldMatter
from tenants.database import db
from tenants.queue import queue
from tests.cast import HOME, NEXT
from tests.conftest import inside

HOUSES = "网格,小区,楼栋,单元,房号\n"
GOOD = HOUSES + "第一网格,曹家巷小区,5,1,101\n第一网格,曹家巷小区,5,1,102\n"
ORDERS = "工单编号,来电时间,来电人,联系电话,类型,内容,地址\n"
LATE = ORDERS + "LY0001,2026-06-01 09:30,陈女士,13800001234,投诉,=柳荫小广场晚上跳舞音响太大,柳荫小区小广场\n"


@pytest.fixture
def secretary(browse: Any) -> Any:
    return browse(HOME, "shuji")


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def upload(browser: Any, kind: str, data: str | bytes, **more: Any) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    fields = {"kind": kind, "once": str(uuid4()), "file": (BytesIO(raw), "我的表.csv")} | more
    return browser.post("/desk/imports", fields, content_type="multipart/form-data")


def work(app: Any, slug: str = HOME) -> None:
    with inside(app, slug):
        worker.work()


def bring_in(app: Any, browser: Any, kind: str, data: str, **more: Any) -> str:
    """Through every page to the end; returns the run's own address."""
    answer = upload(browser, kind, data, **more)
    assert answer.status_code == 303, text(answer)[:3000]
    where = str(answer.headers["Location"]).removeprefix(f"http://{browser.host}")
    work(app)
    assert browser.post(f"{where}/confirmation").status_code == 303
    work(app)
    return where


def one(app: Any, model: Any, slug: str = HOME) -> Any:
    with inside(app, slug):
        found = db.session.scalars(select(model)).all()
        db.session.expunge_all()
        return found[0] if len(found) == 1 else found


def test_a_table_goes_through_its_three_steps(app: Any, secretary: Any) -> None:
    assert "要么全写进去" in text(secretary.get("/desk/imports"))
    assert "楼栋" in text(secretary.get("/desk/imports/new?kind=households"))
    answer = upload(secretary, "households", GOOD)
    where = answer.headers["Location"].removeprefix(f"http://{secretary.host}")
    with app.app_context():
        assert len(queue()) == 1, "the worker was called after the commit"
    waiting = text(secretary.get(where))
    assert 'http-equiv="refresh"' in waiting
    assert "排着队" in waiting
    work(app)
    progress = secretary.get(f"{where}/progress").get_json()
    assert (progress["state"], progress["done"], progress["total"]) == ("checked", 2, 2)
    page = text(secretary.get(where))
    assert "一处错都没有" in page
    assert 'http-equiv="refresh"' not in page
    assert secretary.post(f"{where}/confirmation").status_code == 303
    work(app)
    assert "写好了" in text(secretary.get(where))
    assert secretary.post(f"{where}/confirmation").status_code == 303
    assert len(one(app, Household)) == 3
    assert "我的表.csv" in text(secretary.get("/desk/imports"))


def test_errors_stand_on_the_page_and_in_a_sheet(app: Any, secretary: Any) -> None:
    where = upload(secretary, "households", HOUSES + "一,甲院,1,x,101\n").headers["Location"]
    where = where.removeprefix(f"http://{secretary.host}")
    work(app)
    page = text(secretary.get(where))
    assert "有 1 处要改" in page
    assert "D 单元" in page
    sheet = secretary.get(f"{where}/errors")
    assert sheet.headers["Content-Disposition"].startswith("attachment")
    assert read_grids(sheet.get_data())[0].rows[1][1][:2] == ["2", "D 单元"]
    assert secretary.post(f"{where}/confirmation").status_code == 409
    assert one(app, Building).name == "3 号楼"


@pytest.mark.parametrize(
    ("data", "more", "told"),
    [
        (b"", {}, "一行也没有"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, {}, "旧格式"),
        (b"PK\x03\x04broken", {}, "打不开"),
        (b"a,b\n1,2\n", {"file": ""}, "请选一个表格文件"),
        (b"x" * (20 * 1024 * 1024 + 2), {}, "最多 20 MB"),
        (b"a,b\n1,2\n", {"year": "十九"}, "年份写四位数"),
    ],
)
def test_a_bad_file_is_refused_at_the_door(app: Any, secretary: Any, data: bytes, more: Any, told: str) -> None:
    kind = "ledger" if "year" in more else "households"
    answer = upload(secretary, kind, data, **more)
    assert answer.status_code == 422
    assert told in text(answer)
    assert one(app, ImportRun) == []


def test_the_same_form_twice_is_one_run_and_a_cancel_before_writing_keeps_the_hall(app: Any, secretary: Any) -> None:
    once = str(uuid4())
    first = upload(secretary, "households", GOOD, once=once).headers["Location"]
    assert upload(secretary, "households", GOOD, once=once).headers["Location"] == first
    where = first.removeprefix(f"http://{secretary.host}")
    work(app)
    assert secretary.post(f"{where}/cancellation").status_code == 303
    assert "停下了" in text(secretary.get(where))
    assert secretary.post(f"{where}/confirmation").status_code == 409
    work(app)
    assert one(app, Household).room == "301"


def test_who_may_bring_in_what(app: Any, secretary: Any, browse: Any) -> None:
    worker_desk, grid = browse(HOME, "zhao"), browse(HOME, "xiaoli")
    assert grid.get("/desk/imports").status_code == 403
    assert grid.get("/desk/work-orders").status_code == 403
    assert "往年台账" in text(worker_desk.get("/desk/imports"))
    assert worker_desk.get("/desk/imports/new?kind=households").status_code == 404
    assert upload(worker_desk, "households", GOOD).status_code == 404
    where = upload(secretary, "households", GOOD).headers["Location"].removeprefix(f"http://{secretary.host}")
    assert worker_desk.get(where).status_code == 404
    neighbour = browse(NEXT, "shuji")
    for page in (where, f"{where}/progress", f"{where}/errors"):
        assert neighbour.get(page).status_code == 404
    for act in ("confirmation", "cancellation"):
        assert neighbour.post(f"{where}/{act}").status_code == 404
    assert one(app, ImportRun).cancel_asked_at is None


def test_every_template_can_be_filled_and_brought_in(app: Any, secretary: Any) -> None:
    for kind in ("households", "ledger", "work_orders"):
        sheet = secretary.get(f"/desk/imports/template?kind={kind}").get_data()
        where = upload(secretary, kind, sheet).headers["Location"].removeprefix(f"http://{secretary.host}")
        work(app)
        assert secretary.get(f"{where}/progress").get_json()["state"] == "checked", text(secretary.get(where))


def test_a_fresh_hall_is_filled_by_hand(app: Any, secretary: Any) -> None:
    def add(kind: str, **fields: str) -> Any:
        return secretary.post(
            f"/desk/register/{kind}s", {"once": str(uuid4())} | {f"{kind}-{name}": v for name, v in fields.items()}
        )

    assert add("grid", name="第二网格").status_code == 303
    again = add("grid", name="第二 网格")
    assert again.status_code == 422
    assert "已经有叫" in text(again)
    assert add("estate", name="").status_code == 422
    assert add("estate", name="锡麟街25号院").status_code == 303
    grid = next(g for g in one(app, Grid) if g.name == "第二网格")
    estate = next(e for e in one(app, Estate) if e.name == "锡麟街25号院")
    place = {"estate": str(estate.id), "grid": str(grid.id), "name": "5", "units": "三", "sort": "5"}
    assert add("building", **place).status_code == 303
    assert add("building", **(place | {"grid": str(uuid4())})).status_code == 422
    building = next(b for b in one(app, Building) if b.name == "5 号楼")
    assert building.units == 3
    assert add("household", building=str(building.id), unit="4", room="301").status_code == 422
    assert add("household", building=str(building.id), unit="3", room="301室").status_code == 303
    door = next(h for h in one(app, Household) if h.building_id == building.id)
    one_door = f"/desk/register/households/{door.id}"
    assert secretary.post(one_door, {"unit": "2", "room": "302"}).status_code == 303
    assert secretary.post(f"/desk/register/buildings/{building.id}/closure").status_code == 409
    assert secretary.post(f"{one_door}/closure").status_code == 303
    assert "停用了" in text(secretary.get(f"/desk/households/{door.id}"))
    assert secretary.post(f"/desk/households/{door.id}/code", {"seen": ""}).status_code == 409
    assert secretary.post(f"/desk/register/buildings/{building.id}/closure").status_code == 303
    assert secretary.post(f"{one_door}/reopening").status_code == 409
    page = text(secretary.get("/desk/register"))
    assert "锡麟街25号院 5 号楼" in page


def test_the_register_goes_out_as_a_sheet(app: Any, secretary: Any) -> None:
    rows = read_grids(secretary.get("/desk/register/sheet").get_data())[0].rows
    assert rows[0][1][:3] == ["网格", "小区或院", "楼栋"]
    assert rows[1][1] == ["第一网格", "曹家巷小区", "3 号楼", "4", "3", "301", "3"]


def test_the_neighbour_cannot_touch_the_register(app: Any, secretary: Any, browse: Any) -> None:
    household = one(app, Household)
    neighbour = browse(NEXT, "shuji")
    for act in ("", "/closure", "/reopening"):
        url = f"/desk/register/households/{household.id}{act}"
        assert neighbour.post(url, {"unit": "1", "room": "1"}).status_code == 404
    stolen = {"household-building": str(household.building_id), "household-unit": "1", "household-room": "1"}
    assert neighbour.post("/desk/register/households", stolen | {"once": str(uuid4())}).status_code == 422
    assert one(app, Household).room == "301"


LEDGER = "年份,编号,收集日期,提出人,事项,结果,件数\n"


def test_old_ledgers_have_a_page_of_their_own(app: Any, secretary: Any, browse: Any, count_queries: Any) -> None:
    assert "还没有往年台账" in text(secretary.get("/desk/old-matters"))
    rows = "".join(
        f"{2016 + n % 2},{n},{2016 + n % 2}-03-05,张小红,第{n}件：楼道灯不亮,修好了,26余\n" for n in range(60)
    )
    bring_in(app, secretary, "ledger", LEDGER + rows)
    assert "往年台账" in text(secretary.get("/desk/matters"))
    with count_queries() as seen:
        page = text(secretary.get("/desk/old-matters"))
    assert len(seen) <= 7, "\n".join(seen)
    assert "张某" in page
    assert "张小红" not in page
    assert "2017 年" in page
    assert "共 3 页" in page
    assert "共 2 页，30 件" in text(secretary.get("/desk/old-matters?year=2016"))
    assert "没有找到" in text(secretary.get("/desk/old-matters?q=亭子"))
    found = text(secretary.get("/desk/old-matters?q=第7件"))
    link = re.search(r"/desk/old-matters/[0-9a-f-]{36}", found)[0]
    assert "最少 26" in text(secretary.get(link))
    assert browse(NEXT, "shuji").get(link).status_code == 404
    sheet = read_grids(secretary.get("/desk/old-matters/sheet?year=2016").get_data())[0]
    assert len(sheet.rows) == 31
    assert len(one(app, OldMatter)) == 60


def test_work_orders_are_listed_answered_and_handed_back(app: Any, secretary: Any, browse: Any) -> None:
    assert "还没有工单" in text(secretary.get("/desk/work-orders"))
    where = bring_in(app, secretary, "work_orders", LATE)
    assert "立成一件新事" in text(secretary.get(where))
    order, matter = one(app, WorkOrder), one(app, Matter)
    assert f"/desk/matters/{matter.id}" in text(secretary.get("/desk/work-orders"))
    # The menu and today count what is new; the list that counts what is owed as well says how many of it are.
    waits = re.sub(r"<[^>]+>|\s", "", text(secretary.get("/desk/inbox")))
    assert "等着办的2件1件新来的等着受理" in waits
    one_order = f"/desk/work-orders/{order.id}"
    page = text(secretary.get(one_order))
    assert "13800001234" in page
    assert "不归我们" in page
    empty = secretary.post(f"{one_order}/reply", {"result": "", "handler": "赵师傅"})
    assert empty.status_code == 422
    assert "赵师傅" in text(empty)
    assert secretary.post(f"{one_order}/return", {"reason": "不是我们的", "door": ""}).status_code == 422
    assert secretary.post(f"{one_order}/reply", {"result": "已受理，周五开会", "handler": ""}).status_code == 303
    assert secretary.post(f"{one_order}/reply", {"result": "再答", "handler": ""}).status_code == 409
    assert "张书记" in text(secretary.get(one_order))
    assert "没有找到" in text(secretary.get("/desk/work-orders?show=open"))
    sheet = secretary.get("/desk/work-orders/csv?show=replied").get_data().decode("utf-8-sig")
    row = list(csv.reader(StringIO(sheet)))[1]
    assert (row[0], row[8], row[9]) == ("LY0001", "张书记", "已受理，周五开会")
    assert row[4].startswith("'="), "what a spreadsheet would run is guarded"
    assert "13800001234" not in sheet
    assert len(read_grids(secretary.get("/desk/work-orders/xlsx?show=all").get_data())[0].rows) == 2
    neighbour = browse(NEXT, "shuji")
    assert neighbour.get(one_order).status_code == 404
    assert neighbour.post(f"{one_order}/return", {"reason": "x", "door": "y"}).status_code == 404


def test_an_order_goes_back_and_shows_the_right_door(app: Any, secretary: Any) -> None:
    bring_in(app, secretary, "work_orders", LATE)
    one_order = f"/desk/work-orders/{one(app, WorkOrder).id}"
    back = {"reason": "小广场在电业社区", "door": "电业社区，8555 0120"}
    assert secretary.post(f"{one_order}/return", back).status_code == 303
    assert secretary.post(f"{one_order}/return", back).status_code == 409
    assert one(app, Matter).stage == "not_accepted"
    assert "小广场在电业社区" in text(secretary.get(one_order))


def test_a_list_of_twenty_orders_costs_no_more_than_one(app: Any, secretary: Any, count_queries: Any) -> None:
    rows = "".join(f"LY{n:04},2026-06-01 09:30,,,求助,第{n}盏路灯不亮,小广场\n" for n in range(25))
    bring_in(app, secretary, "work_orders", ORDERS + rows)
    secretary.get("/desk/work-orders")
    with count_queries() as seen:
        assert "共 2 页，25 张" in text(secretary.get("/desk/work-orders"))
    assert len(seen) <= 7, "\n".join(seen)
