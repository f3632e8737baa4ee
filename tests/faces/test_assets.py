"""What matters leave behind: registered, looked at, broken, mended, grown into a new matter, taken away."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.flow.implement import asset_queries as queries
from app.flow.implement import asset_rules as rules
from app.flow.implement import assets
from app.flow.implement.asset_rules import Draft
from app.flow.implement.models import Asset, AssetCheck
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at, staff

DAY = date(2026, 6, 1)
GOOD = Draft("晾衣架", 5, "组", "物业 何师傅", "每月看一次", DAY, "3 号楼前", None, "property", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"what": " "}, "what"), ({"count": 0}, "count"), ({"count": None}, "count"), ({"unit": ""}, "unit"),
     ({"keeper": ""}, "keeper"), ({"upkeep": "长" * 201}, "upkeep"), ({"keeper_kind": "nobody"}, "keeper_kind"),
     ({"promised_on": DAY + timedelta(1)}, "promised_on"), ({"promised_on": date(1, 1, 1)}, "promised_on"),
     ({"check_months": 61}, "check_months")],
)  # fmt: skip
def test_what_may_not_be_registered(change, field):
    assert not rules.problems(GOOD, DAY)
    assert set(rules.problems(Draft(**{**GOOD.__dict__, **change}), DAY)) == {field}


def test_the_rules_of_looking():
    assert rules.next_check(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert rules.next_check(date(2026, 12, 15), 13) == date(2028, 1, 15)
    assert rules.next_check(DAY, None) is None
    assert [rules.urgency("in_use", DAY + timedelta(days=d), DAY) for d in (-1, 0, 7, 8)] == [
        "late", "soon", "soon", "fine",
    ]  # fmt: skip
    assert rules.urgency("removed", DAY, DAY) == rules.urgency("in_use", None, DAY) == "none"
    assert not rules.may_register(Stage.DECIDED)
    assert rules.may_register(Stage.ARCHIVED)
    assert not rules.may_check("in_use", fine=False, words=" ")
    assert not rules.may_check("removed", fine=True, words="")
    assert not rules.may_remove("in_use", "")


@pytest.fixture
def closed(app):
    """A closed public matter: its id."""
    with inside(app, HOME):
        now = clock.now()
        matter = matter_at("closed", now=now, title="增设共享晾衣架", closed_at=now)
        found = matter.id
        db.session.commit()
        return found


def verbs(app, matter):
    with inside(app, HOME):
        wanted = select(TimelineEntry.verb).where(TimelineEntry.matter_id == matter)
        return db.session.scalars(wanted.order_by(TimelineEntry.at, TimelineEntry.seq)).all()


def test_from_the_register_to_a_new_wish_and_away(app, browse, closed):
    xiaoli = browse(HOME, "xiaoli")
    assert xiaoli.get(f"/desk/matters/{closed}/assets/new").status_code == 200
    form = {"what": "晾衣架", "count": "5 组", "unit": "组", "keeper": "物业 何师傅", "upkeep": "每月看一次",
            "keeper_kind": "property", "place": "3 号楼前", "promised_on": "2026-01-05", "check_months": "1",
            "once": str(uuid4())}  # fmt: skip
    bad = xiaoli.post(f"/desk/matters/{closed}/assets", form | {"keeper": "", "promised_on": "昨天"})
    assert bad.status_code == 422
    assert "每月看一次" in bad.get_data(as_text=True)
    for _click in range(2):
        made = xiaoli.post(f"/desk/matters/{closed}/assets", form)
        assert made.status_code == 303
    page, one = made.headers["Location"], form["once"]
    assert page.endswith(one)
    public = browse().get(f"/matters/{closed}").get_data(as_text=True)
    assert "留下 5 组晾衣架" in public
    assert "物业 何师傅管：每月看一次" in public
    assert "登记一样" in xiaoli.get(f"/desk/matters/{closed}?tab=tasks").get_data(as_text=True)
    assert xiaoli.post(f"{page}/checks", {"fine": "no", "words": ""}).status_code == 422
    look = {"fine": "yes", "words": "", "once": str(uuid4())}
    for _click in range(2):
        assert xiaoli.post(f"{page}/checks", look).status_code == 303
    assert xiaoli.post(f"{page}/wishes").status_code == 409
    assert xiaoli.post(f"{page}/checks", {"fine": "no", "words": "断了一根横杆"}).status_code == 303
    assert "提成新的心愿" in xiaoli.get(page).get_data(as_text=True)
    once = {"once": str(uuid4())}
    for _click in range(2):
        grown = xiaoli.post(f"{page}/wishes", once)
        assert grown.status_code == 303
    assert once["once"] in grown.headers["Location"]
    assert xiaoli.post(f"{page}/checks", {"fine": "yes", "words": "换了新的"}).status_code == 303
    edit = form | {"check_months": "", "keeper": "志愿者"}
    assert xiaoli.post(f"{page}/duties", edit).status_code == 303
    with inside(app, HOME):
        row = db.session.scalar(select(Asset))
        assert (row.state, row.keeper, row.next_check, row.count) == ("in_use", "志愿者", None, 5)
        assert db.session.scalar(select(func.count()).select_from(AssetCheck)) == 3
        assert db.session.scalar(select(Matter.follows_id).where(Matter.id == once["once"])) == closed
        assert queries.totals_by_unit() == [("晾衣架", "组", 5)]
        assert [asset.what for asset, _matter in queries.left_behind(3)] == ["晾衣架"]
    for login in ("jiandu", None):
        assert browse(HOME, login).post(f"{page}/removals", {"reason": "x"}).status_code in (302, 403)
    stranger = browse(NEXT, "shuji")
    for answer in (
        stranger.get(page), stranger.post(f"{page}/removals", {"reason": "x"}), stranger.post(f"{page}/checks", look),
        stranger.get(f"/desk/matters/{closed}/assets/new"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert xiaoli.post(f"{page}/removals", {"reason": " "}).status_code == 422
    assert xiaoli.post(f"{page}/removals", {"reason": "楼要拆了"}).status_code == 303
    assert xiaoli.post(f"{page}/removals", {"reason": "楼要拆了"}).status_code == 303
    assert "留下了什么" not in browse().get(f"/matters/{closed}").get_data(as_text=True)
    assert verbs(app, closed) == [
        "leave_asset", "asset_fault", "wish", "asset_mended", "change_asset", "remove_asset",
    ]  # fmt: skip


def test_the_list_costs_little_and_what_is_due_stands_first(app, browse, closed, count_queries):
    with inside(app, HOME):
        now, by = clock.now(), staff("xiaoli")
        today = clock.local(now).date()
        matter = db.session.scalar(select(Matter))
        made = [
            assets.register(
                matter, Draft(f"第 {n} 样", 1, "个", "物业", "常看看", today, check_months=1), by=by, now=now
            )
            for n in range(24)
        ]
        made[5].next_check = today - timedelta(3)
        assets.check(made[7], matter, fine=False, words="歪了", by=by, now=now)
        hidden = matter_at("closed", now=now, closed_at=now, visibility="parties", title="张三李四吵架")
        assets.register(hidden, GOOD.__class__(**{**GOOD.__dict__, "promised_on": today}), by=by, now=now)
        db.session.commit()
    shuji = browse(HOME, "shuji")
    shuji.get("/desk/assets")
    with count_queries() as seen:
        page = shuji.get("/desk/assets").get_data(as_text=True)
    assert len([line for line in seen if "set_config" not in line]) <= 6, seen
    assert page.index("第 7 样") < page.index("第 5 样") < page.index("第 0 样")
    assert "第 5 样" in shuji.get("/desk/assets?state=due").get_data(as_text=True)
    assert "第 6 样" not in shuji.get("/desk/assets?state=due").get_data(as_text=True)
    paper = shuji.get("/desk/assets/print").get_data(as_text=True)
    assert "第 23 样" in paper
    assert "晾衣架" not in paper
    assert "没有" in shuji.get("/desk/assets?q=雕像").get_data(as_text=True)
    # What the parties' matter left is found by the office, and by nobody who may not read the matter.
    assert "没有" not in shuji.get(f"/desk/assets?q={GOOD.what}").get_data(as_text=True).split("<main")[1]
    assert "没有" in browse(HOME, "sun").get(f"/desk/assets?q={GOOD.what}").get_data(as_text=True).split("<main")[1]
    assert "没有" in shuji.get("/desk/assets?q=%25").get_data(as_text=True)
