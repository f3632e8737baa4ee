"""Days of listening: settled once, seen by everybody, logged, and everything heard there carries its source."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.flow.collect.channels import ListeningDay, ListeningSeries
from app.flow.collect.models import Proposal
from app.matter.models import Matter
from app.people.places import Building
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def today(app: Any) -> Any:
    with app.app_context():
        return clock.today()


def series_form(app: Any, **more: Any) -> dict[str, Any]:
    return {
        "once": str(uuid4()), "name": "周二说事", "kind": "open_hour", "rhythm": "weekly",
        "weekday": DAYS[today(app).weekday()], "starts": "00:00", "ends": "23:00", "venue": "", "place": "小板凳议事屋",
        "host": "张书记", **more,
    }  # fmt: skip


def day_form(app: Any, **more: Any) -> dict[str, Any]:
    return {
        "once": str(uuid4()), "series": "", "kind": "home_visit", "day": today(app).isoformat(), "time": "00:00",
        "place": "3 号楼 2 单元", "building": "", "host": "小李", "visitors": "3", "words": "都在家", **more,
    }  # fmt: skip


def voice(**more: Any) -> dict[str, Any]:
    return {
        "once": str(uuid4()), "words": "二单元的灯坏了，晚上看不见台阶。", "channel": "door", "kind": "individual",
        "place": "2 单元门口", "name": "王阿姨", "read_back": "y", "become": "lead", **more,
    }  # fmt: skip


@pytest.fixture
def series(app: Any, browse: Any) -> str:
    """Open hours on today's weekday."""
    answer = browse(HOME, "xiaoli").post("/desk/listening/series", series_form(app))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with inside(app, HOME):
        return str(db.session.scalars(select(ListeningSeries.id)).one())


@pytest.fixture
def visit(app: Any, browse: Any) -> str:
    """小李 at the doors of building 3."""
    with inside(app, HOME):
        building = str(db.session.scalars(select(Building.id)).one())
    answer = browse(HOME, "xiaoli").post("/desk/listening/days", day_form(app, building=building))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return re.search(r"days/([0-9a-f-]+)", answer.location)[1]


def test_a_rhythm_is_shown_to_everybody(app: Any, browse: Any, series: str) -> None:
    desk = browse(HOME, "zhao").get("/desk/listening").get_data(as_text=True)
    assert desk.count("周二说事") >= 6
    assert "开始记" in desk
    hall = browse().get("/places").get_data(as_text=True)
    assert "这几天有人坐着听" in hall
    assert hall.count("张书记") in (1, 2)
    assert "周二说事" not in browse(NEXT).get("/places").get_data(as_text=True)
    assert browse(HOME, "xiaoli").post(f"/desk/listening/series/{series}/end").status_code == 303
    assert "周二说事" not in browse().get("/places").get_data(as_text=True)


def test_one_day_is_called_off_with_a_reason(app: Any, browse: Any, series: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    at = clock.at(today(app) + timedelta(days=7), 0).isoformat()
    door = f"/desk/listening/series/{series}/cancellation"
    assert xiaoli.post(door, {"at": at, "reason": ""}).status_code == 409
    assert xiaoli.post(door, {"at": "next week", "reason": "停电"}).status_code == 409
    wrong_day = clock.at(today(app) + timedelta(days=8), 0).isoformat()
    assert xiaoli.post(door, {"at": wrong_day, "reason": "停电"}).status_code == 409
    assert xiaoli.post(door, {"at": at, "reason": "小区停电"}).status_code == 303
    assert "小区停电" in browse().get("/places").get_data(as_text=True)


def test_what_is_heard_carries_the_day(app: Any, browse: Any, visit: str) -> None:
    xiaoli, at = browse(HOME, "xiaoli"), f"/desk/listening/days/{visit}"
    form = xiaoli.get(f"{at}/voice").get_data(as_text=True)
    assert "念给本人听过" in form
    sent = voice()
    answer = xiaoli.post(f"{at}/voice", sent)
    assert answer.status_code == 303
    slip = xiaoli.get(answer.location).get_data(as_text=True)
    assert re.search(r"\d{3} \d{3} \d{3} \d{3}", slip)
    assert f"{at}/voice" in slip
    assert xiaoli.post(f"{at}/voice", sent).location == answer.location
    xiaoli.post(f"{at}/voice", voice(become="proposal", channel="visit", words="楼道堆了旧家具，想清走。"))
    with inside(app, HOME):
        rows = db.session.execute(
            select(Matter.stage, Matter.channel, Proposal.listening_id, Proposal.entered_label, Matter.point)
            .join(Proposal, Proposal.matter_id == Matter.id)
            .order_by(Matter.stage)
        ).all()
        day = today(app).isoformat()
        assert [(r[0], r[1], str(r[2]), r[3], r[4]) for r in rows] == [
            ("collected", "door", visit, "小李", f"入户走访 {day}"),
            ("submitted", "visit", visit, "小李", f"入户走访 {day}"),
        ]
    page = xiaoli.get(at).get_data(as_text=True)
    assert "2 件" in page
    assert "曹家巷小区 3 号楼" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [({"read_back": ""}, "念给本人听过"), ({"words": ""}, "什么事"), ({"phone": "12"}, "手机号是 11 位")],
)
def test_a_bad_entry_keeps_what_was_typed(app: Any, browse: Any, visit: str, more: dict[str, str], said: str) -> None:
    answer = browse(HOME, "xiaoli").post(f"/desk/listening/days/{visit}/voice", voice(name="老刘家", **more))
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert "老刘家" in answer.get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Matter)).all() == []


def test_a_log_is_put_right_and_then_stays(app: Any, browse: Any, visit: str) -> None:
    xiaoli, at = browse(HOME, "xiaoli"), f"/desk/listening/days/{visit}"
    bad = xiaoli.post(at, day_form(app, visitors="-4", words="改成五户"))
    assert bad.status_code == 422
    assert "改成五户" in bad.get_data(as_text=True)
    assert xiaoli.post(at, day_form(app, visitors="5", host="小李、孙楼长", words="敲了五户")).status_code == 303
    assert xiaoli.post(f"{at}/closure").status_code == 303
    assert xiaoli.post(f"{at}/closure").status_code == 303
    assert xiaoli.post(at, day_form(app, visitors="9")).status_code == 409
    assert xiaoli.get(f"{at}/voice").status_code == 409
    with inside(app, HOME):
        day = db.session.scalars(select(ListeningDay)).one()
        assert (day.visitors, day.host_label, day.words, day.state) == (5, "小李、孙楼长", "敲了五户", "done")


def test_a_day_of_a_rhythm_has_one_log(app: Any, browse: Any, series: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    first = xiaoli.post("/desk/listening/days", day_form(app, series=series))
    second = xiaoli.post("/desk/listening/days", day_form(app, series=series))
    assert first.location == second.location
    early = xiaoli.post(
        "/desk/listening/days",
        day_form(app, series=series, day=(today(app) + timedelta(days=7)).isoformat(), words="提前写"),
    )
    assert early.status_code == 422
    assert "还没到那一天" in early.get_data(as_text=True)
    assert "提前写" in early.get_data(as_text=True)


def test_the_month_on_the_page_on_paper_and_as_a_table(app: Any, browse: Any, visit: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    xiaoli.post(f"/desk/listening/days/{visit}/voice", voice())
    for page in ("/desk/listening/month", "/desk/listening/month/paper"):
        shown = xiaoli.get(page).get_data(as_text=True)
        assert "入户走访" in shown
        assert "曹家巷小区 3 号楼" in shown
    table = xiaoli.get("/desk/listening/month.xlsx")
    rows = list(load_workbook(BytesIO(table.data)).active.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][2:9] == ("入户走访", "入户走访", "3 号楼 2 单元", "曹家巷小区 3 号楼", "小李", 3, 1)
    assert "还没有记录" in xiaoli.get("/desk/listening/month?month=2020-01").get_data(as_text=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "要填"),
        ({"ends": "00:00", "starts": "10:00"}, "散的时间"),
        ({"rhythm": "monthly", "month_day": "31"}, "1 到 28"),
        ({"rhythm": "monthly", "month_day": ""}, "哪天听意见"),
        ({"place": ""}, "要填"),
    ],
)
def test_a_bad_rhythm_is_told_at_its_field(app: Any, browse: Any, more: dict[str, str], said: str) -> None:
    answer = browse(HOME, "xiaoli").post("/desk/listening/series", series_form(app, host="何主任", **more))
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert "何主任" in answer.get_data(as_text=True)


def test_a_second_rhythm_of_the_same_name_is_refused(app: Any, browse: Any, series: str) -> None:
    answer = browse(HOME, "xiaoli").post("/desk/listening/series", series_form(app))
    assert answer.status_code == 422
    assert "换个名字" in answer.get_data(as_text=True)


def test_a_steward_writes_down_but_settles_no_rhythm(app: Any, browse: Any, series: str) -> None:
    sun = browse(HOME, "sun")
    assert sun.post("/desk/listening/series", series_form(app, name="楼长时间")).status_code == 403
    assert sun.post("/desk/listening/days", day_form(app, host="孙楼长")).status_code == 303
    assert browse(HOME, "yishi1").get("/desk/listening").status_code == 403


def test_the_neighbour_finds_none_of_it(app: Any, browse: Any, series: str, visit: str) -> None:
    next_door, at = browse(NEXT, "shuji"), f"/desk/listening/days/{visit}"
    assert next_door.get(at).status_code == 404
    assert next_door.get(f"{at}/voice").status_code == 404
    assert next_door.get(f"/desk/listening/days/new?series={series}").status_code == 404
    assert next_door.post(at, day_form(app, visitors="99")).status_code == 404
    assert next_door.post(f"{at}/voice", voice()).status_code == 404
    assert next_door.post(f"{at}/closure").status_code == 404
    assert next_door.post(f"/desk/listening/series/{series}/end").status_code == 404
    assert next_door.post("/desk/listening/days", day_form(app, series=series)).status_code == 404
    assert "入户走访" not in next_door.get("/desk/listening/month").get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(ListeningDay.visitors)).one() == 3
        assert db.session.scalars(select(ListeningSeries.ended_at)).one() is None


def test_the_pages_cost_few_statements(app: Any, browse: Any, series: str, visit: str, count_queries: Any) -> None:
    zhao = browse(HOME, "zhao")
    pages = ("/desk/listening", f"/desk/listening/days/{visit}", "/desk/listening/month", "/places")
    for page in pages:
        zhao.get(page)
        with count_queries() as seen:
            assert zhao.get(page).status_code == 200
        assert len(seen) <= 8, (page, seen)


def test_the_log_tells_the_rhythm_in_words(app: Any, browse: Any, series: str) -> None:
    page = browse(HOME, "shuji").get("/desk/changes?subject=listening").get_data(as_text=True)
    assert f"周二说事 · 每周{'一二三四五六日'[today(app).weekday()]}" in page
    assert "FREQ" not in page
