"""The hall settles things for itself: record, looks, rules, places; and everything is in the log."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.people.models import ChangeLog
from app.people.places import Grid, Venue
from app.people.settings import COLOURS
from tenants.brand import load_pack, suggest
from tenants.database import db
from tenants.registry import Community
from tests.cast import HOME as HALL
from tests.cast import NEXT
from tests.conftest import inside

CIRCLE = '<circle cx="24" cy="24" r="20" fill="currentColor"/>'
MARK = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{CIRCLE}</svg>'


@pytest.fixture
def secretary(browse: Any) -> Any:
    return browse(HALL, "shuji")


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def community(app: Any, slug: str = HALL) -> dict[str, Any]:
    with inside(app, slug):
        return dict(db.session.execute(select(Community.__table__).where(Community.slug == slug)).one()._mapping)


def log(app: Any, subject: str) -> list[ChangeLog]:
    with inside(app, HALL):
        found = db.session.scalars(
            select(ChangeLog).where(ChangeLog.subject == subject, ChangeLog.by_label == "张书记")
        ).all()
        db.session.expunge_all()
        return list(found)


# --- the record

RECORD = {
    "hall": "大板凳议事屋", "motto": "有事坐下说", "lead": "门口就能说", "venue": "室内小屋", "phone": "8555 0200",
    "address": "曹家巷 5 号", "hours": "天天",
}  # fmt: skip


def test_the_record_shows_everywhere(app: Any, secretary: Any) -> None:
    assert secretary.post("/desk/hall-record", RECORD).status_code == 303
    page = text(secretary.get("/desk/settings"))
    assert "大板凳议事屋" in page
    assert "曹家巷 5 号" in page
    assert "<b>大板凳议事屋</b>" in page
    assert {row.what for row in log(app, "hall")} >= {"hall", "phone", "address"}
    assert community(app, NEXT)["hall"] != "大板凳议事屋"


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"hall": " "}, "这一格要填"), ({"hall": "厅" * 21}, "最多写 20 个字"), ({"phone": ""}, "这一格要填")],
)
def test_a_bad_record_keeps_what_was_typed(app: Any, secretary: Any, changed: Any, told: str) -> None:
    before = community(app)
    answer = secretary.post("/desk/hall-record", {**RECORD, **changed})
    assert answer.status_code == 422
    assert told in text(answer)
    assert "曹家巷 5 号" in text(answer)
    assert community(app) == before


# --- the looks


def looks(**changed: Any) -> dict[str, Any]:
    palette = suggest("#7a1fa2")
    return {name: getattr(palette, name) for name in COLOURS} | {"pattern": "waves", "theme": "#7a1fa2", **changed}


def test_new_looks_are_worn(app: Any, secretary: Any) -> None:
    upload = (BytesIO(MARK.encode()), "m.svg")
    answer = secretary.post("/desk/brand", looks(mark=upload), content_type="multipart/form-data")
    assert answer.status_code == 303, text(answer)
    stored = community(app)["brand"]
    assert stored["brand"] == suggest("#7a1fa2").brand
    assert 'r="20"' in stored["mark_svg"]
    assert f"--brand: {stored['brand']}" in text(secretary.get("/desk/settings"))
    assert {row.what for row in log(app, "brand")} >= {"brand", "pattern", "mark_svg"}


def test_trying_on_stores_nothing(app: Any, secretary: Any) -> None:
    before = community(app)
    answer = secretary.post(
        "/desk/brand/preview", looks(mark=(BytesIO(MARK.encode()), "m.svg")), content_type="multipart/form-data"
    )
    assert answer.status_code == 200
    page = text(answer)
    assert f".h-tryout {{ --brand: {suggest('#7a1fa2').brand}" in page
    assert re.search(r'name="mark_text"[^>]*value="&lt;svg', page)
    assert community(app) == before
    kept = secretary.post("/desk/brand", looks(mark_text=MARK))
    assert kept.status_code == 303
    assert 'r="20"' in community(app)["brand"]["mark_svg"]


def test_one_colour_makes_five(app: Any, secretary: Any) -> None:
    before = community(app)
    answer = secretary.post("/desk/brand/suggestion", looks(theme="#00695c", brand="#ffffff"))
    assert answer.status_code == 200
    for name in COLOURS:
        assert f'value="{getattr(suggest("#00695c"), name)}"' in text(answer)
    assert community(app) == before


@pytest.mark.parametrize(
    ("url", "changed", "told"),
    [
        ("/desk/brand", {"brand": "#ffee88"}, "主色太浅"),
        ("/desk/brand", {"ink": "#cccccc"}, "深色不够深"),
        ("/desk/brand", {"brand": "red"}, "不是颜色"),
        ("/desk/brand", {"brand": "#000}<script>"}, "不是颜色"),
        ("/desk/brand", {"pattern": "nothing"}, "没有叫"),
        ("/desk/brand", {"mark_text": "<svg><script/></svg>"}, "SVG"),
        ("/desk/brand/preview", {"mark_text": MARK.replace("circle", "image")}, "图里不能有"),
        ("/desk/brand/suggestion", {"theme": "blue"}, "不是颜色"),
    ],
)
def test_looks_that_cannot_be_worn(app: Any, secretary: Any, url: str, changed: Any, told: str) -> None:
    before = community(app)
    answer = secretary.post(url, looks(**changed))
    assert answer.status_code == 422
    assert told in text(answer)
    assert "<script>" not in text(answer).replace("<script src", "")
    assert community(app) == before


def test_a_mark_that_is_a_photo(app: Any, secretary: Any) -> None:
    photo = (BytesIO(b"\xff\xd8\xff\xe0" + b"\x00" * 40_000), "mark.svg")
    answer = secretary.post("/desk/brand", looks(mark=photo), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert community(app)["brand"] == load_pack(HALL).as_dict()


# --- rules


def rules(secretary: Any, **changed: str) -> dict[str, str]:
    page = text(secretary.get("/desk/hall-rules"))
    fields = dict(re.findall(r'name="((?:deadlines__|notice|joint|climb_w|answer_)[a-z_]+)"[^>]*value="(\d+)"', page))
    assert len(fields) == 24
    return {**fields, "quorum": "half", "council_rule": "council_majority", "climb_asks": "stay", **changed}


def test_rules_are_set_within_the_bounds(app: Any, secretary: Any) -> None:
    form = rules(secretary, deadlines__accepted="８", notice_days="5", quorum="two_thirds")
    assert secretary.post("/desk/hall-rules", form).status_code == 303
    settings = community(app)["settings"]
    assert settings["deadlines"] == {"accepted": [8, "working_days"]}
    assert (settings["notice_days"], settings["quorum"]) == (5, "two_thirds")
    assert (settings["answer_urgent"], settings["climb_asks"]) == (24, "stay")
    page = text(secretary.get("/desk/changes?subject=deadline"))
    assert "改了期限：受理以后，立题" in page
    assert "5 个工作日" in page
    assert "8 个工作日" in page


@pytest.mark.parametrize(
    "changed",
    [
        {"deadlines__accepted": "11"},
        {"notice_days": "2"},
        {"joint_threshold": "51"},
        {"climb_working_days": "4"},
        {"deadlines__voting": "x"},
        {"quorum": "nobody"},
    ],
)
def test_rules_outside_the_bounds_keep_what_was_typed(app: Any, secretary: Any, changed: dict[str, str]) -> None:
    before = community(app)
    answer = secretary.post("/desk/hall-rules", rules(secretary, deadlines__suspended="60", **changed))
    assert answer.status_code == 422
    assert "h-errors" in text(answer)
    assert 'value="60"' in text(answer)
    assert community(app) == before


# --- places

PLACE = {"kind": "tree", "name": "大槐树下", "place": "院子中间", "hours": "周二上午", "note": ""}


def venue(app: Any, name: str) -> Any:
    with inside(app, HALL):
        found = db.session.scalars(select(Venue).where(Venue.name == name)).one()
        db.session.expunge_all()
        return found


def grid(app: Any, slug: str) -> Any:
    with inside(app, slug):
        return db.session.scalars(select(Grid.id)).one()


def test_a_place_from_first_to_last(app: Any, secretary: Any) -> None:
    form = {**PLACE, "once": str(uuid4())}
    assert secretary.post("/desk/venues", form).status_code == 303
    assert secretary.post("/desk/venues", form).status_code == 303
    one = f"/desk/venues/{venue(app, '大槐树下').id}"
    mine, other = grid(app, HALL), grid(app, NEXT)
    assert secretary.post(one, {**PLACE, "hours": "周三上午", "grid": str(mine)}).status_code == 303
    assert f'<option selected value="{mine}">' in text(secretary.get(one))
    # The neighbour's grid is none of ours.
    assert secretary.post(one, {**PLACE, "grid": str(other)}).status_code == 422
    assert venue(app, "大槐树下").grid_id == mine
    assert secretary.post(f"{one}/position", {"direction": "up"}).status_code == 303
    assert secretary.post(f"{one}/position", {"direction": "sideways"}).status_code == 404
    assert secretary.post(f"{one}/closure").status_code == 303
    assert venue(app, "大槐树下").closed_at is not None
    assert secretary.post(f"{one}/reopening").status_code == 303
    assert venue(app, "大槐树下").hours == "周三上午"
    assert {row.what for row in log(app, "venue")} == {"add", "change", "grid", "order", "close", "reopen"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": ""}, "这一格要填"),
        ({"name": "小板凳议事屋"}, "已经有叫"),
        ({"kind": "palace"}, "请选一样"),
        ({"place": "字" * 81}, "最多写 80 个字"),
    ],
)
def test_a_place_that_cannot_be(app: Any, secretary: Any, changed: Any, told: str) -> None:
    added = secretary.post("/desk/venues", {**PLACE, "once": str(uuid4()), **changed})
    assert added.status_code == 422
    assert told in text(added)
    assert "周二上午" in text(added)
    if changed.get("name") != "小板凳议事屋":
        one = f"/desk/venues/{venue(app, '小板凳议事屋').id}"
        assert secretary.post(one, {**PLACE, **changed}).status_code == 422
    assert venue(app, "小板凳议事屋").hours == "周一至周五 9:00–17:00"


# --- the log, and who may

GETS = ("/desk/settings", "/desk/hall-record", "/desk/hall-rules", "/desk/brand", "/desk/venues", "/desk/changes")


def test_the_log_has_pages_and_a_filter(app: Any, secretary: Any) -> None:
    with inside(app, HALL):
        now = clock.now()
        db.session.add_all(
            ChangeLog(at=now, by_label="张书记", subject="venue", what="close", before=f"点{i}") for i in range(45)
        )
        db.session.commit()
    page = text(secretary.get("/desk/changes?subject=venue&page=2"))
    assert "45 条" in page
    assert page.count("停用了议事点") == 20
    assert "subject=venue" in page
    assert "加了账号" in text(secretary.get("/desk/changes?subject=account"))


def test_next_doors_secretary_finds_no_place_here(app: Any, browse: Any) -> None:
    one = f"/desk/venues/{venue(app, '小板凳议事屋').id}"
    foreign = browse(NEXT, "shuji")
    assert foreign.get(one).status_code == 404
    posts = {one: PLACE, f"{one}/closure": {}, f"{one}/reopening": {}, f"{one}/position": {"direction": "up"}}
    for url, form in posts.items():
        assert foreign.post(url, form).status_code == 404, url
    assert venue(app, "小板凳议事屋").closed_at is None
    before = community(app)
    assert foreign.post("/desk/brand", looks()).status_code == 303
    assert foreign.post("/desk/hall-record", RECORD).status_code == 303
    assert community(app) == before


@pytest.mark.parametrize("login", ["zhao", "xiaoli", "yishi1"])
def test_only_the_secretary_enters(app: Any, browse: Any, login: str) -> None:
    other, before = browse(HALL, login), community(app)
    one = f"/desk/venues/{venue(app, '小板凳议事屋').id}"
    for url in (*GETS, one):
        assert other.get(url).status_code == 403, url
    posts = {
        "/desk/hall-record": RECORD, "/desk/hall-rules": {}, "/desk/brand": looks(), "/desk/brand/preview": looks(),
        "/desk/brand/suggestion": looks(), "/desk/venues": PLACE, one: PLACE, f"{one}/closure": {},
    }  # fmt: skip
    for url, form in posts.items():
        assert other.post(url, form).status_code == 403, url
    assert community(app) == before


def test_pages_need_few_statements_however_many_rows(app: Any, secretary: Any, count_queries: Any) -> None:
    with inside(app, HALL):
        now = clock.now()
        db.session.add_all(Venue(kind="tree", name=f"树{i}", place="院里", sort=i) for i in range(40))
        db.session.add_all(
            ChangeLog(at=now, by_label="张书记", subject="venue", what="close", before=f"点{i}") for i in range(60)
        )
        db.session.commit()
    one = f"/desk/venues/{venue(app, '小板凳议事屋').id}"
    for url in (*GETS, one):
        with count_queries() as seen:
            assert secretary.get(url).status_code == 200, url
        assert len(seen) <= 8, (url, len(seen), seen)


def test_a_page_that_answers_a_post_knows_the_page_to_come_back_to(secretary: Any) -> None:
    for url, form, back in (
        ("/desk/brand/preview", looks(), "/desk/brand"),
        ("/desk/hall-record", {}, "/desk/hall-record"),
    ):
        page = text(secretary.post(url, form))
        assert f'name="next" value="{back}"' in page, url
        assert secretary.get(back).status_code == 200
