"""The street's desk over HTTP: opening and pausing halls, its own accounts, its log; by the administrator alone."""

from __future__ import annotations

import re

from sqlalchemy import select

from app import clock
from app.flow.triage import list_actions
from app.matter import calendar
from app.people.actor import Actor
from app.people.models import StreetAccount, StreetLog
from app.people.roles import Role
from app.records import templates
from app.records.documents.samples import starter
from tenants.brand import load_pack
from tenants.database import db
from tenants.hosts import forget_sites
from tenants.registry import Community
from tests.cast import NEXT, PASSWORD
from tests.conftest import inside

FORM = {
    "name": "幸福里社区", "slug": "xingfuli", "code": "XFL", "hall": "幸福号议事厅", "motto": "有话上车说",
    "phone": "8555 0101", "address": "", "hours": "", "look": "colour", "pack": "_default", "theme": "#7a3b12",
    "secretary": "孙书记", "login": "shuji",
}  # fmt: skip


def plate(page: str) -> str:
    """The password on a page that shows one."""
    return re.search(r'h-plate is-big">([^<]+)<', page)[1]


def looks_of(app, slug):
    """What the hall wears."""
    with inside(app, slug):
        return db.session.scalar(select(Community.brand).where(Community.slug == slug))


def test_a_hall_is_opened_paused_and_closed_on_pages(app, browse) -> None:
    """The secretary gets in with the password shown once; a paused hall is a friendly 503, a closed one a 410."""
    desk = browse("", "guanli")
    assert desk.get("/halls/new").status_code == 200
    tried = desk.post("/halls/new", FORM | {"name": ""})
    assert "幸福号议事厅" in tried.text
    bad = desk.post("/halls/check", FORM | {"slug": "nanyandao", "code": "nyd", "theme": "red"})
    assert bad.status_code == 422
    for said in ("nanyandao2", "2 到 6 个大写字母", "不是颜色", "有话上车说"):
        assert said in bad.text
    checked = desk.post("/halls/check", FORM)
    assert "http://xingfuli.yard.test" in checked.text
    opened = desk.post("/halls", FORM)
    assert opened.status_code == 200
    password = plate(opened.text)
    assert desk.post("/halls", FORM).status_code == 303
    assert password not in desk.get("/halls/xingfuli").text
    secretary = browse("xingfuli").sign_in("shuji", password)
    assert secretary.get("/desk").headers["Location"].endswith("/password")
    assert "幸福号议事厅" in browse("xingfuli").get("/").text

    assert desk.post("/halls/xingfuli/suspension", {"reason": ""}).status_code == 422
    assert desk.post("/halls/xingfuli/suspension", {"reason": "社区换届，10 月再开"}).status_code == 303
    for url in ("/", "/sign-in", "/desk", "/mark.svg"):
        answer = secretary.get(url)
        assert answer.status_code == 503
        assert "社区换届，10 月再开" in answer.text
        assert "8555 0100" in answer.text
    assert secretary.post("/sign-in", {"login": "shuji", "password": password}).status_code == 503
    assert desk.post("/halls/xingfuli/suspension", {"reason": "再停"}).status_code == 409
    assert "社区换届，10 月再开" in desk.get("/halls?state=suspended").text
    desk.post("/halls/xingfuli/resumption")
    assert browse("xingfuli").get("/").status_code == 200

    taken = desk.post("/halls/xingfuli/secretaries", {"secretary": "周书记", "login": "shuji"})
    assert (taken.status_code, "周书记" in taken.text) == (422, True)
    fresh = plate(desk.post("/halls/xingfuli/secretaries", {"secretary": "周书记", "login": "zhou"}).text)
    browse("xingfuli").sign_in("zhou", fresh)
    looks = "/halls/xingfuli/looks"
    assert re.search(r'<option selected value="">', desk.get("/halls/xingfuli").text)
    assert desk.post(looks, {"look": "pack", "pack": ""}).status_code == 422, "one tap undresses no hall"
    assert desk.post(looks, {"look": "pack", "pack": "fuyuan"}).status_code == 303
    assert desk.post(looks, {"look": "colour", "pack": "", "theme": "#7a1f3d"}).status_code == 303
    worn = looks_of(app, "xingfuli")
    assert (worn["brand"], worn["scene_svg"]) == ("#7a1f3d", load_pack("fuyuan").as_dict()["scene_svg"])

    assert desk.post("/halls/xingfuli/closure", {"typed": "xingfu"}).status_code == 422
    assert desk.post("/halls/xingfuli/closure", {"typed": "xingfuli"}).status_code == 303
    gone = browse("xingfuli").get("/sign-in")
    assert (gone.status_code, "8555 0100" in gone.text) == (410, True)
    assert "xingfuli" not in browse("").get("/").text
    assert "幸福里社区" in desk.get("/halls?state=closed").text
    desk.post("/halls/xingfuli/restoration")
    assert browse("xingfuli").get("/").status_code == 200
    page = desk.get("/log?subject=hall").text
    for said in ("开了一个厅", "把厅停了", "社区换届", "把厅关了", "给厅里加了一位书记", "钱管理员"):
        assert said in page


def test_the_streets_own_accounts(app, browse, count_queries) -> None:
    """First password, change at once, closing, the last administrator; a supervisor and a hall have no such doors."""
    desk = browse("", "guanli")
    with count_queries() as seen:
        desk.get("/accounts")
    assert len(seen) <= 6
    bad = desk.post("/accounts", {"name": "孙主任", "login": "a b", "role": "mayor"})
    assert (bad.status_code, "孙主任" in bad.text) == (422, True)
    password = plate(desk.post("/accounts", {"name": "孙主任", "login": "sun", "role": "street_supervisor"}).text)
    sun = browse("").sign_in("sun", password)
    assert sun.get("/overview").headers["Location"].endswith("/password")
    with inside(app):
        ids = {one.login: one for one in db.session.scalars(select(StreetAccount))}
        made, admin = ids["sun"].id, ids["guanli"].id
    assert "停用孙主任" in desk.get(f"/accounts/{made}/closure").text
    assert desk.post(f"/accounts/{made}/closure").status_code == 303
    assert sun.get("/password").status_code == 302
    desk.post(f"/accounts/{made}/reopening")
    assert desk.post(f"/accounts/{made}/password", {"epoch": "99"}).status_code == 409
    assert plate(desk.post(f"/accounts/{made}/password", {"epoch": "1"}).text) != password
    assert desk.post(f"/accounts/{admin}/closure").status_code == 409
    watcher, hall = browse("", "zhuren"), browse(NEXT, "shuji")
    for url in ("/halls", "/halls/new", "/accounts", f"/accounts/{made}", "/halls/nanyandao"):
        assert watcher.get(url).status_code == 403
        assert hall.get(url).status_code == 404
    for url in ("/halls", "/accounts", "/halls/nanyandao/suspension", "/halls/nanyandao/closure"):
        assert watcher.post(url, FORM).status_code == 403
        assert hall.post(url, FORM).status_code == 404
    assert watcher.get("/log").status_code == 200
    assert desk.get("/halls/nosuch").status_code == 404
    forget_sites(app)
    assert browse().get("/").status_code == 200
    assert PASSWORD not in desk.get("/log").text


def test_whatever_the_desk_changes_is_in_its_log(app, browse) -> None:
    """Lists, words, ranges, days off and reply templates each leave a line of who, when, from what to what."""
    desk = browse("", "guanli")
    desk.post("/words", {"words": "骗子", "note": "", "seen": "0"})
    desk.post("/holidays", {"day": "2026-06-22", "name": "停电", "kind": "off"})
    desk.post("/replies", {"use": "referred", "title": "找别处", "words": "这件事请到别处去说。"})
    with inside(app):
        by = Actor("street", "钱管理员", roles=frozenset({Role.STREET_ADMIN}))
        items = list_actions.default_items("encouraged")
        items[0]["examples"] = "添个设施"
        list_actions.write_street_list("encouraged", items, "写短些", 0, by=by, now=clock.now())
        calendar.set_bounds({}, {}, by=by, now=clock.now())
        kept = templates.add_template("notice", "公示.docx", starter(), by=by, now=clock.now())
        templates.withdraw_template(kept.id, by=by, now=clock.now())
        said = {(row.subject, row.what) for row in db.session.scalars(select(StreetLog)) if row.by_label == by.label}
    assert said == {
        ("word_list", "publish"), ("holiday", "add"), ("reply", "add"), ("list", "write"), ("bounds", "set"),
        ("template", "add"), ("template", "withdraw"),
    }  # fmt: skip


def test_the_shell_does_what_the_page_does(app, browse) -> None:
    """Opened, paused, dressed, closed and brought back; whatever the rules refuse is an error of the shell."""

    def flask(*words: str, fails: bool = False) -> str:
        found = app.test_cli_runner().invoke(args=list(words))
        assert (found.exit_code != 0) is fails, found.output
        return found.output

    out = flask("community", "open", "xingfuli", "--code", "XFL", "--name", "幸福里社区", "--secretary", "孙书记")
    password = out.strip().rpartition(" ")[2]
    browse("xingfuli").sign_in("shuji", password)
    assert "xingfuli2" in flask("community", "open", "xingfuli", "--code", "XF", "--name", "又一个", fails=True)
    flask("community", "brand", "xingfuli", "--colour", "#7a3b12")
    flask("community", "brand", "xingfuli", "--pack", "nosuch", fails=True)
    assert "login zhou" in flask("community", "secretary", "xingfuli", "--name", "周书记", "--login", "zhou")
    flask("community", "suspend", "xingfuli", "--reason", "换届")
    assert browse("xingfuli").get("/").status_code == 503
    flask("community", "resume", "xingfuli")
    flask("community", "archive", "xingfuli", "--confirm", "other", fails=True)
    flask("community", "archive", "xingfuli", "--confirm", "xingfuli")
    assert "xingfuli\tXFL\t幸福里社区\tarchived" in flask("community", "list")
    flask("community", "restore", "xingfuli")
    assert browse("xingfuli").get("/").status_code == 200
    first = flask("street", "account", "sun", "--name", "孙主任").strip().rpartition(" ")[2]
    browse("").sign_in("sun", first)
    again = flask("street", "account", "sun", "--name", "孙主任").strip().rpartition(" ")[2]
    assert again != first
    with inside(app):
        said = sorted(row.what for row in db.session.scalars(select(StreetLog).where(StreetLog.by_label == "系统")))
    assert said == sorted(["open", "brand", "secretary", "suspend", "resume", "archive", "restore", "add", "password"])
