"""Signing in and out, the household's code, passwords, large print and language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import create_app
from app.faces.pages import local_path
from app.people import desk, residents
from app.people.actor import SYSTEM
from app.people.models import Account
from app.people.places import Household
from tenants.database import db
from tests import harness
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT, PASSWORD
from tests.conftest import Neighbour, inside


def account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def try_in(person: Neighbour, login: str, password: str, **more: str) -> Any:
    return person.post("/sign-in", {"login": login, "password": password, **more})


def test_the_secretary_signs_in_with_any_letter_case(browse: Any) -> None:
    assert try_in(browse(), " ShuJi ", PASSWORD).status_code == 303


def test_a_signed_in_person_goes_where_the_day_begins(browse: Any) -> None:
    assert browse(HOME, "shuji").get("/sign-in").location == "/desk"
    assert browse(HOME, "yishi3").get("/sign-in").location == "/council"


def test_a_wrong_password_is_counted_although_nobody_came_in(app: Any, browse: Any) -> None:
    answer = try_in(browse(), "shuji", "wrong-wrong-1")
    assert answer.status_code == 422
    assert "登录名或密码不对" in answer.get_data(as_text=True)
    with inside(app, HOME):
        assert account("shuji").failed == 1


def test_after_five_wrong_tries_the_account_rests_and_says_how_long(browse: Any) -> None:
    person = browse()
    for _ in range(5):
        try_in(person, "shuji", "wrong-wrong-1")
    answer = try_in(person, "shuji", PASSWORD)
    assert answer.status_code == 422
    assert "先歇 15 分钟再试" in answer.get_data(as_text=True)


def test_an_unknown_login_answers_like_a_wrong_password(browse: Any) -> None:
    one, two = (try_in(browse(), login, "wrong-wrong-1").get_data(as_text=True) for login in ("shuji", "nobody"))
    assert "登录名或密码不对" in one
    assert "登录名或密码不对" in two


def test_the_neighbour_s_password_opens_nothing_here(app: Any, browse: Any) -> None:
    with inside(app, NEXT):
        desk.add_account("geli", "隔壁小张", "lingju-mima-2026", {}, by=SYSTEM, now=datetime.now(UTC))
        db.session.commit()
    assert try_in(browse(NEXT), "geli", "lingju-mima-2026").status_code == 303
    assert try_in(browse(HOME), "geli", "lingju-mima-2026").status_code == 422


@pytest.mark.parametrize("field", ["login", "password"])
def test_endless_input_is_just_wrong(browse: Any, field: str) -> None:
    answer = browse().post("/sign-in", {"login": "shuji", "password": "x", field: "长" * 100_000})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/desk/ledger?page=2", "/desk/ledger?page=2"),
        ("https://elsewhere.test/", ""),
        ("//elsewhere.test/", ""),
        ("/\\elsewhere.test/", ""),
        ("/\t/elsewhere.test/", ""),
        ("javascript:alert(1)", ""),
        ("desk", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_next_leads_nowhere_else(target: str | None, kept: str) -> None:
    assert local_path(target) == kept


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/c/nanyandao/desk?page=2", True), ("/c/nanyandao/", True), ("/c/dianye/desk", False), ("/overview", False),
        ("/c/nanyandao/../dianye/", False), ("/c/nanyandao/%2e%2e/dianye/", False), ("/c/nanyandaoer/", False),
    ],
)  # fmt: skip
def test_next_stays_in_the_folder_of_its_hall(app: Any, target: str, kept: bool) -> None:
    with app.test_request_context("/sign-in", environ_overrides={"SCRIPT_NAME": "/c/nanyandao"}):
        assert local_path(target) == (target if kept else "")


def test_after_signing_in_the_wanted_page_comes_up(browse: Any) -> None:
    assert try_in(browse(), "shuji", PASSWORD, next="/places?x=1").location == "/places?x=1"
    assert try_in(browse(), "shuji", PASSWORD, next="//elsewhere.test").location == "/sign-in"


def test_signing_out_ends_the_session_and_keeps_one_s_own_matters(browse: Any) -> None:
    person = browse(HOME, "shuji")
    assert person.get("/password").status_code == 200
    assert person.post("/sign-out").status_code == 303
    assert person.get("/password").location.startswith("/sign-in")


def test_after_half_an_hour_the_desk_signs_out_and_says_why(app: Any, browse: Any, monkeypatch: Any) -> None:
    person = browse(HOME, "shuji")
    assert person.get("/password").status_code == 200
    monkeypatch.setitem(app.config, "IDLE_LOGOUT", timedelta(seconds=-1))
    assert person.get("/password").location.startswith("/sign-in")
    assert "有半小时没动" in person.get("/sign-in").get_data(as_text=True)


def test_a_first_password_must_be_changed_before_anything_else(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        account("zhao").must_change = True
        db.session.commit()
    person = browse(HOME, "zhao")
    assert person.get("/desk").location == "/password"
    assert "先换成自己的" in person.get("/password").get_data(as_text=True)
    answer = person.post("/password", {"old": PASSWORD, "new": "xin-mima-2027", "again": "xin-mima-2027"})
    assert answer.status_code == 303
    with inside(app, HOME):
        assert account("zhao").must_change is False
    assert person.get("/password").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong-wrong-1", "xin-mima-2027", "xin-mima-2027", "现在的密码不对"),
        (PASSWORD, "xin-mima-2027", "xin-mima-2028", "两次输的新密码不一样"),
        (PASSWORD, "short1", "short1", "密码要 12 到 128 个字"),
        (PASSWORD, "zhao-mima-2027", "zhao-mima-2027", "不要带登录名"),
    ],
)
def test_a_bad_new_password_changes_nothing(browse: Any, old: str, new: str, again: str, said: str) -> None:
    answer = browse(HOME, "zhao").post("/password", {"old": old, "new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert try_in(browse(), "zhao", PASSWORD).status_code == 303


def test_changing_the_password_ends_the_other_sessions(browse: Any) -> None:
    here, there = browse(HOME, "zhao"), browse(HOME, "zhao")
    here.post("/password", {"old": PASSWORD, "new": "xin-mima-2027", "again": "xin-mima-2027"})
    assert here.get("/password").status_code == 200
    assert there.get("/password").status_code == 302


def test_name_and_slip_make_an_account_and_open_it_again(app: Any, browse: Any) -> None:
    first = browse()
    assert first.post("/join", {"name": "王阿姨", "code": "abcde 23456", "adult": "y"}).location == "/me"
    assert "王阿姨" in first.get("/me").get_data(as_text=True)
    assert browse().post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE}).status_code == 303
    with inside(app, HOME):
        assert len(db.session.scalars(select(Account).where(Account.kind == "resident")).all()) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "王阿姨", "code": "ABCDE23457", "adult": "y"}, "户码不对"),
        ({"name": "王阿姨", "code": "", "adult": "y"}, "户码不对"),
        ({"name": "", "code": HOUSEHOLD_CODE, "adult": "y"}, "请写上您的姓名"),
        ({"name": "王" * 100_000, "code": HOUSEHOLD_CODE, "adult": "y"}, "最多写 40 个字"),
        ({"name": "小明", "code": HOUSEHOLD_CODE}, "满 18 岁"),
    ],
)
def test_a_slip_that_does_not_fit_is_told_kindly(app: Any, browse: Any, data: dict[str, str], said: str) -> None:
    answer = browse().post("/join", data)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Account).where(Account.kind == "resident")).all() == []


def test_a_revoked_slip_opens_nothing(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        household = db.session.scalars(select(Household)).one()
        residents.revoke_household_code(household, by=SYSTEM, now=datetime.now(UTC))
        db.session.commit()
    assert browse().post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"}).status_code == 422


@pytest.fixture
def limited(app: Any) -> Any:
    """Limits counted, as outside the tests."""
    app.extensions["slow_down"].enabled = True
    yield app
    app.extensions["slow_down"].enabled = False


def test_guessing_slips_is_slowed_down_in_this_hall_only(limited: Any, browse: Any) -> None:
    for number in range(10):
        assert browse().post("/join", {"name": "甲", "code": f"ABCDE2222{number}", "adult": "y"}).status_code == 422
    answer = browse().post("/join", {"name": "甲", "code": HOUSEHOLD_CODE, "adult": "y"})
    assert answer.status_code == 429
    assert "请过十分钟再试" in answer.get_data(as_text=True)
    assert browse(NEXT).post("/join", {"name": "乙", "code": HOUSEHOLD_CODE, "adult": "y"}).status_code == 303


def test_right_slips_are_never_slowed_down(limited: Any, browse: Any) -> None:
    for number in range(11):
        data = {"name": f"住户{number}", "code": HOUSEHOLD_CODE, "adult": "y"}
        assert browse().post("/join", data).status_code == 303


def test_a_door_slows_down_whoever_knocks_too_often(limited: Any, browse: Any) -> None:
    person = browse()
    answers = [try_in(person, "nobody", "wrong-wrong-1").status_code for _ in range(31)]
    assert answers[:30] == [422] * 30
    assert answers[30] == 429


def test_large_print_is_kept_for_this_hall(browse: Any) -> None:
    person = browse()
    answer = person.post("/preferences/elder", {"elder": "on", "next": "/track"})
    assert (answer.status_code, answer.location) == (303, "/track")
    assert 'data-elder="on"' in person.get("/track").get_data(as_text=True)
    person.post("/preferences/elder", {"elder": "off", "next": "//elsewhere.test"})
    assert 'data-elder="on"' not in person.get("/track").get_data(as_text=True)


def test_large_print_comes_along_to_another_hall_until_it_is_put_off_there(browse: Any) -> None:
    here, there, large = browse(), browse("dianye"), 'data-elder="on"'
    assert "elder=on" not in browse("").get("/").get_data(as_text=True)
    here.post("/preferences/elder", {"elder": "on"})
    street = browse("")
    assert large in street.get("/?elder=on").get_data(as_text=True)
    links = street.get("/").get_data(as_text=True)
    assert large in links
    assert "elder=on" in links
    assert large in there.get("/track?elder=on").get_data(as_text=True)
    there.post("/preferences/elder", {"elder": "off"})
    assert large not in there.get("/track?elder=on").get_data(as_text=True)


def test_only_languages_the_hall_speaks_are_kept(browse: Any) -> None:
    person = browse()
    person.post("/preferences/language", {"language": "tlh"})
    assert 'lang="zh-CN"' in person.get("/").get_data(as_text=True)
    person.post("/preferences/language", {"language": "en"})
    assert 'lang="en"' in person.get("/").get_data(as_text=True)


def test_a_resident_has_no_password_page(browse: Any) -> None:
    person = browse()
    person.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    assert person.get("/password").status_code == 403


def test_by_path_the_way_back_stays_in_the_hall(app: Any, place: dict[str, Any]) -> None:
    own = harness.settings(place["owner"], place["database"], place["redis"], place["data_dir"], TENANT_BY="path")
    by_path = create_app(own)
    client, base = by_path.test_client(), "http://yard.test"
    page = client.get("/c/nanyandao/track", base_url=base).get_data(as_text=True)
    assert 'name="next" value="/c/nanyandao/track"' in page
    assert (
        client.get("/c/nanyandao/password", base_url=base).location == "/c/nanyandao/sign-in?next=/c/nanyandao/password"
    )
    there = client.post(
        "/c/nanyandao/preferences/elder", data={"elder": "on", "next": "/c/nanyandao/track"}, base_url=base
    )
    assert there.location == "/c/nanyandao/track"
    assert 'data-elder="on"' in client.get("/c/nanyandao/track", base_url=base).get_data(as_text=True)
    assert 'data-elder="on"' not in client.get("/c/dianye/track", base_url=base).get_data(as_text=True)
    with by_path.app_context():
        for engine in db.engines.values():
            engine.dispose()
