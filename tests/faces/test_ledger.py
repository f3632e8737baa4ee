"""The ledger over HTTP: columns, orders, kept views, exports, and who may not."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.faces.jobs import ledger as worker
from app.records.models import LedgerExport, LedgerView, OldMatter
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at, staff


@pytest.fixture
def stock(app: Any) -> None:
    """Three public matters of two years and a quarrel, and a row of an old ledger."""
    with inside(app, HOME):
        now, last = clock.now(), clock.at(date(clock.today().year - 1, 5, 4))
        matter_at(
            "closed", now=last, closed_at=now, title="甲：路灯", number="NYD1", rating_count=4, rating_satisfied=1
        )
        matter_at(
            "closed", now=now, closed_at=now, title="乙：晾衣架", number="NYD2", rating_count=4, rating_satisfied=4
        )
        matter_at("accepted", now=now, title="丙：车棚", number="NYD3", owner_id=staff("xiaoli").id, category="parking")
        matter_at("accepted", now=now, title="丁：漏水", number="NYD4", track="mediation", visibility="parties")
        db.session.add(OldMatter(year=2019, number="旧1", row_key="k", title="修路灯的旧事", created_at=now))
        db.session.commit()


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def titles(page: str) -> str:
    return "".join(re.findall(r"(甲|乙|丙|丁)：[^<]*</a></th>", page))


def test_columns_orders_and_filters_stay(browse: Any, stock: Any, count_queries: Any) -> None:
    who = browse(HOME, "shuji")
    assert titles(text(who.get("/desk/matters?tab=done&sort=satisfaction"))) == "甲乙"
    page = text(who.get("/desk/matters?tab=done&sort=satisfaction&down=1&col=satisfaction&col=closed"))
    assert titles(page) == "乙甲"
    assert 'aria-sort="descending"' in page
    assert "100%" in page
    assert "25%" in page
    with count_queries() as seen:
        again = text(who.get("/desk/matters"))
    assert len(seen) <= 6, seen
    assert titles(again) == "乙甲"
    assert "100%" in again
    assert titles(text(who.get(f"/desk/matters?tab=all&year={clock_year(browse) - 1}"))) == "甲"
    found = text(who.get("/desk/matters?tab=all&q=路灯"))
    assert titles(found) == "甲"
    assert "修路灯的旧事" in found
    assert "2019 年还有 1 件" in text(who.get("/desk/matters?tab=all&year=2019"))
    assert titles(text(who.get("/desk/matters?tab=open&sort=number"))) == "丙丁"
    assert titles(text(who.get("/desk/matters?tab=open&sort=nothing&month=77&level=moon&grid=x&year=12"))) in (
        "丙丁",
        "丁丙",
    )
    paper = text(who.get("/desk/matters/paper?tab=done"))
    assert "is-across" in paper
    assert "满意度" in paper


def clock_year(browse: Any) -> int:
    with browse(HOME).app.app_context():
        return clock.today().year


def test_views_are_kept_shared_and_opened_first(app: Any, browse: Any, stock: Any) -> None:
    who, mate, once = browse(HOME, "shuji"), browse(HOME, "xiaoli"), str(uuid7())
    form = {"tab": "done", "sort": "closed", "col": ["number", "satisfaction"], "once": once}
    blank = who.post("/desk/ledger-views", form | {"name": "  ", "shared": "1"})
    assert blank.status_code == 422
    assert "起个名字" in text(blank)
    assert 'name="sort" value="closed"' in text(blank)
    kept = form | {"name": "办完的", "shared": "1", "is_default": "1"}
    for _twice in range(2):
        made = who.post("/desk/ledger-views", kept)
        assert made.status_code == 303
    assert made.location.endswith(f"view={once}")
    # A new browser of the same person opens with it; a mate finds it and cannot change it.
    fresh = text(browse(HOME, "shuji").get("/desk/matters"))
    assert set(titles(fresh)) == {"甲", "乙"}
    assert "满意度</a>" in fresh
    assert "办完的" in text(mate.get("/desk/ledger-views"))
    assert set(titles(text(mate.get(f"/desk/matters?view={once}")))) == {"甲", "乙"}
    for door in ("", "/default", "/removal"):
        assert mate.post(f"/desk/ledger-views/{once}{door}", {"name": "抢来的"}).status_code == 404
    who.post("/desk/ledger-views", form | {"name": "另一个", "once": str(uuid7())})
    taken = who.post(f"/desk/ledger-views/{once}", {"name": "另一个"})
    assert taken.status_code == 422
    assert "已经有一个叫" in text(taken)
    assert who.post(f"/desk/ledger-views/{once}", {"name": "办结的"}).status_code == 303
    assert "办结的" not in text(mate.get("/desk/ledger-views"))
    assert who.post(f"/desk/ledger-views/{once}/default", {"off": "1"}).status_code == 303
    assert set(titles(text(browse(HOME, "shuji").get("/desk/matters")))) == {"丙", "丁"}
    assert who.post(f"/desk/ledger-views/{once}/removal").status_code == 303
    with inside(app, HOME):
        assert [view.name for view in db.session.scalars(select(LedgerView))] == ["另一个"]


def test_exports_by_the_page(app: Any, browse: Any, stock: Any) -> None:
    who, supervisor, grid, once = browse(HOME, "shuji"), browse(HOME, "jiandu"), browse(HOME, "xiaoli"), uuid7()
    sheet = who.get("/desk/matters/sheet?tab=done")
    assert "%E5%8D%97%E7%9B%90%E9%81%93" in sheet.headers["Content-Disposition"]
    assert sheet.headers["Cache-Control"] == "no-store"
    assert load_workbook(BytesIO(sheet.data))["台账"].max_row == 3
    assert "丁" not in all_words(supervisor.get("/desk/matters/sheet?tab=open").data)
    assert "丁：漏水" in all_words(who.get("/desk/matters/sheet?tab=open").data)
    assert who.get("/desk/matters/sheet?tab=refused").status_code == 404
    assert grid.get("/desk/ledger-exports").status_code == grid.get("/desk/matters/sheet").status_code == 403
    nothing = who.post("/desk/ledger-exports", {"year": "1999", "once": str(uuid7())})
    assert nothing.status_code == 422
    assert "没什么可导的" in text(nothing)
    url = f"/desk/ledger-exports/{once}"
    for _twice in range(2):
        assert who.post("/desk/ledger-exports", {"year": "", "once": str(once)}).location.endswith(url)
    assert "排着队" in text(who.get(url))
    assert who.get(f"{url}/progress").json["state"] == "uploaded"
    assert who.post(f"{url}/download").status_code == 409
    with inside(app, HOME):
        worker.export()
    assert who.get(f"{url}/progress").json["percent"] == 100
    done = text(who.get(url))
    assert "下载" in done
    assert re.search(r" 行，[1-9]\d* KB", done), "a small book has a size as well"
    book = who.post(f"{url}/download")
    assert load_workbook(BytesIO(book.data))["往年台账"].max_row == 2
    assert "下载过 1 次" in text(who.get("/desk/ledger-exports"))
    assert supervisor.get(url).status_code == supervisor.post(f"{url}/download").status_code == 404
    who.post(f"{url}/cancellation")
    neighbour = browse(NEXT, "shuji")
    for method, door in (("get", ""), ("get", "/progress"), ("post", "/download"), ("post", "/cancellation")):
        assert getattr(neighbour, method)(f"{url}{door}").status_code == 404
    with inside(app, HOME):
        assert [(row.state, row.downloads) for row in db.session.scalars(select(LedgerExport))] == [("done", 1)]


def all_words(data: bytes) -> str:
    return str([[cell.value for cell in row] for sheet in load_workbook(BytesIO(data)) for row in sheet.iter_rows()])
