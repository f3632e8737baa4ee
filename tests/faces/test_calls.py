"""Calls for ideas over HTTP: at the desk, and as everybody sees them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.flow.collect.channels import Campaign
from app.flow.collect.rules import Source
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_hall import taken_up
from tests.rooms.people import said


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def worker(browse: Any) -> Any:
    return browse(HOME, "zhao")


def form(**changed: Any) -> dict[str, Any]:
    today = clock.today()
    return {
        "once": str(uuid4()), "title": "金点子征集", "theme": "空地拿来做什么", "words": "两百多平方米。",
        "starts": today.isoformat(), "ends": (today + timedelta(days=9)).isoformat(), **changed,
    }  # fmt: skip


def begun(worker: Any, **changed: Any) -> Campaign:
    with worker.app.app_context():
        data = form(**changed)
    answer = worker.post("/desk/campaigns", data)
    assert answer.status_code == 303, text(answer)
    return calls(worker.app)[UUID(data["once"])]


def calls(app: Any, slug: str = HOME) -> dict[UUID, Campaign]:
    with inside(app, slug):
        found = {row.id: row for row in db.session.scalars(select(Campaign))}
        db.session.expunge_all()
        return found


def test_a_call_is_announced_once_however_often_the_button_is_pressed(app: Any, browse: Any, worker: Any) -> None:
    with app.app_context():
        data = form()
    for _click in range(2):
        answer = worker.post("/desk/campaigns", data)
        assert answer.headers["Location"].endswith(f"/desk/campaigns/{data['once']}")
    assert len(calls(app)) == 1
    code = calls(app)[UUID(data["once"])].code
    home = text(browse().get("/"))
    assert "金点子征集" in home
    assert f'href="/calls/{code}"' in home
    page = text(browse().get(f"/calls/{code.lower()}"))
    for words in ("空地拿来做什么", "两百多平方米。", f'href="/say?call={code}"', "还剩", "宣传发动"):
        assert words in page
    assert "金点子征集" in text(browse().get("/calls"))
    assert "金点子征集" not in text(browse(NEXT).get("/"))
    assert browse(NEXT).get(f"/calls/{code}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"title": ""}, "请给这次征集起个名字"),
        ({"theme": "字" * 61}, "最多写 60 个字"),
        ({"words": "字" * 2001}, "最多写 2000 个字"),
        ({"ends": "2020-01-01"}, "截止那天不能早于开始那天"),
        ({"starts": "2020-01-01", "ends": "2020-02-01"}, "截止那天已经过了"),
        ({"ends": "明天"}, "日子写成"),
        ({"ends": ""}, "请选到哪天为止"),
    ],
)
def test_a_bad_call_keeps_what_was_typed(app: Any, worker: Any, changed: Any, told: str) -> None:
    with app.app_context():
        data = form(**changed)
    answer = worker.post("/desk/campaigns", data)
    assert answer.status_code == 422
    assert told in text(answer)
    assert (changed.get("theme") or "空地拿来做什么") in text(answer)
    assert calls(app) == {}


def test_a_call_is_changed_and_ended_with_an_answer(app: Any, browse: Any, worker: Any) -> None:
    made = begun(worker)
    url = f"/desk/campaigns/{made.id}"
    with app.app_context():
        data = form(title="空地怎么用")
    assert worker.post(f"{url}/words", data).status_code == 303
    assert worker.post(f"{url}/words", {**data, "title": ""}).status_code == 422
    refused = worker.post(f"{url}/closing", {"result": " "})
    assert refused.status_code == 422
    assert calls(app)[made.id].ended_at is None
    assert "现在结束不能再开" in text(worker.get(f"{url}/closing"))
    assert worker.post(f"{url}/closing", {"result": "收到三条，先装长椅。"}).status_code == 303
    page = text(browse().get(f"/calls/{made.code}"))
    assert "空地怎么用" in page
    assert "收到三条，先装长椅。" in page
    assert "当平常的事办" in page
    assert worker.get(f"{url}/words").status_code == 409
    assert worker.post(f"{url}/words", data).status_code == 409
    assert worker.post(f"{url}/closing", {"result": "长椅装好了。"}).status_code == 303
    assert "长椅装好了。" in text(browse().get(f"/calls/{made.code}"))
    assert "空地怎么用" not in text(browse().get("/"))


def test_the_public_reads_what_was_taken_up_and_nothing_else(app: Any, browse: Any, worker: Any, now: Any) -> None:
    made = begun(worker)
    with inside(app, HOME):
        source = Source(campaign_id=made.id)
        told = taken_up(1, now, title="摆两条长椅", source=source)[0].id
        taken_up(1, now, title="楼上楼下", track="mediation", source=source)
        said(now, title="还没人看过", source=source)
        db.session.commit()
    page = text(browse().get(f"/calls/{made.code}"))
    assert "摆两条长椅" in page
    assert f"/matters/{told}" in page
    assert "楼上楼下" not in page
    assert "还没人看过" not in page
    assert "另有 2 条" in page


def test_the_desk_lists_filters_and_exports_its_ideas(app: Any, worker: Any, now: Any, count_queries: Any) -> None:
    made = begun(worker)
    with inside(app, HOME):
        source = Source(campaign_id=made.id)
        taken_up(23, now, source=source)
        said(now, title="=1+1", words="=HYPERLINK(0) 王阿姨说的", source=source)
        taken_up(1, now, title="楼上楼下", words="他家漏水", track="mediation", source=source)
        db.session.commit()
    url = f"/desk/campaigns/{made.id}"
    worker.get(url)
    with count_queries() as seen:
        page = text(worker.get(url))
    assert len(seen) <= 6, seen
    assert page.count('class="h-plate"') == 20
    assert text(worker.get(f"{url}?page=2")).count('class="h-plate"') == 5
    assert text(worker.get(f"{url}?state=waiting")).count('class="h-plate"') == 1
    assert text(worker.get(f"{url}?q=第 22 件")).count('class="h-plate"') == 1
    answer = worker.get(f"{url}/ideas.xlsx?state=waiting")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sheet = load_workbook(BytesIO(answer.get_data())).active
    assert [cell.value for cell in sheet[2]][2:4] == ["=1+1", "=HYPERLINK(0) 王阿姨说的"]
    assert sheet["C2"].data_type == "s"
    whole = load_workbook(BytesIO(worker.get(f"{url}/ideas.xlsx").get_data())).active
    cells = {cell.value for row in whole.iter_rows() for cell in row}
    assert whole.max_row == 26
    assert not cells & {"楼上楼下", "他家漏水"}
    assert not any("王桂兰" in str(cell) or "13800001234" in str(cell) for cell in cells)


def test_a_call_has_its_poster(worker: Any) -> None:
    made = begun(worker)
    page = text(worker.get(f"/desk/campaigns/{made.id}/poster?size=a3"))
    for words in (f"{HOME}.yard.test/calls/{made.code}", "金点子征集", "空地拿来做什么", "出个主意", "is-a3"):
        assert words in page
    for what in ("poster.svg", "code.svg"):
        answer = worker.get(f"/desk/campaigns/{made.id}/{what}")
        assert answer.mimetype == "image/svg+xml"
        assert answer.headers["Content-Disposition"].startswith("attachment")


PAGES = ("", "/words", "/closing", "/ideas.xlsx", "/poster", "/poster.svg", "/code.svg")


@pytest.mark.parametrize(("login", "status"), [(None, {302, 303, 401, 403}), ("xiaoli", {403}), ("yishi1", {403})])
def test_calls_are_made_by_the_office(app: Any, browse: Any, worker: Any, login: str | None, status: set) -> None:
    made = begun(worker)
    person = browse(HOME, login)
    with app.app_context():
        data = form()
    for url in ("/desk/campaigns", "/desk/campaign-form", *(f"/desk/campaigns/{made.id}{page}" for page in PAGES)):
        assert person.get(url).status_code in status
    for url in ("/desk/campaigns", f"/desk/campaigns/{made.id}/words", f"/desk/campaigns/{made.id}/closing"):
        assert person.post(url, {**data, "result": "结束了吧"}).status_code in status
    assert list(calls(app)) == [made.id]
    assert calls(app)[made.id].ended_at is None


def test_the_neighbour_finds_no_call_of_ours(app: Any, browse: Any, worker: Any) -> None:
    made = begun(worker, theme="葱兰和月季")
    neighbour = browse(NEXT, "shuji")
    with app.app_context():
        data = form(title="换个名字")
    for page in PAGES:
        assert neighbour.get(f"/desk/campaigns/{made.id}{page}").status_code == 404
    for page in ("/words", "/closing"):
        assert neighbour.post(f"/desk/campaigns/{made.id}{page}", {**data, "result": "结束了吧"}).status_code == 404
    kept = calls(app)[made.id]
    assert (kept.title, kept.ended_at) == ("金点子征集", None)
    assert "葱兰和月季" not in text(neighbour.get("/desk/campaigns"))


def test_the_list_of_calls_costs_little(app: Any, browse: Any, worker: Any, count_queries: Any) -> None:
    for number in range(3):
        begun(worker, title=f"第 {number} 次")
    person = browse()
    person.get("/calls")
    for who, url, most in ((person, "/calls", 2), (worker, "/desk/campaigns", 4)):
        who.get(url)
        with count_queries() as seen:
            assert who.get(url).status_code == 200
        assert len(seen) <= most, seen
