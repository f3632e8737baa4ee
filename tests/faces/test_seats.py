"""Who sits, in a browser: a term, a recommendation, consent, a first password; who represents, who convenes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.people.models import Account, Membership
from app.people.seats import Convener, CouncilSeat, CouncilTerm, Representative
from tenants.database import db
from tests.conftest import inside

HALL = "nanyandao"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def last_id(answer: Any) -> str:
    assert answer.status_code == 303, text(answer)[:3000]
    return re.search(r"[0-9a-f-]{36}", answer.headers["Location"])[0]


def term_form(app: Any, **changed: str) -> dict[str, str]:
    with app.app_context():
        year = clock.today().year
    return {
        "name": "第三届", "starts": f"{year}-01-01", "ends": f"{year + 4}-12-31", "sectors": "居民 18\n物业 1",
        "once": str(uuid4()), **changed,
    }  # fmt: skip


def candidate_form(term: str, **changed: str) -> dict[str, str]:
    return {
        "term": term, "once": str(uuid4()), "sector": "物业", "name": "刘经理", "unit": "建明物业",
        "recommended_by": "3 号楼居民小组", "recommended_on": "2026-01-05", "why": "热心", **changed,
    }  # fmt: skip


def test_a_term_from_the_first_word_to_the_last(app: Any, browse: Any, count_queries: Any) -> None:
    desk = browse(HALL, "shuji")
    assert "还没有定下这一届" in text(desk.get("/desk/seats"))
    assert "辖区单位 4" in text(desk.get("/desk/terms/new"))
    form = term_form(app)
    for bad, told in (({"sectors": "物业"}, "第 1 行看不懂"), ({"ends": "2020-01-01"}, "届满的日子"),
                      ({"name": ""}, "这一格要填"), ({"starts": "x"}, "日期看不懂")):  # fmt: skip
        answer = desk.post("/desk/terms", form | bad)
        assert (answer.status_code, told in text(answer)) == (422, True), bad
    term = last_id(desk.post("/desk/terms", form))
    assert last_id(desk.post("/desk/terms", form)) == term
    assert "17 人有议事会的角色" in text(desk.get("/desk/seats"))
    assert desk.post(f"/desk/terms/{term}/adoption").status_code == 303
    with count_queries() as seen:
        page = text(desk.get("/desk/seats"))
    assert len(seen) <= 8, seen
    assert page.count("缺同意") == 17
    assert page.count("is-free") == 19
    wanted = candidate_form(term)
    for bad, told in (({"name": ""}, "这一格要填"), ({"sector": "别的"}, "请选一样"),
                      ({"recommended_on": "2099-01-01"}, "晚于今天")):  # fmt: skip
        answer = desk.post("/desk/seats", wanted | bad)
        assert (answer.status_code, told in text(answer), "建明物业" in text(answer)) == (422, True, True), bad
    seat = f"/desk/seats/{last_id(desk.post('/desk/seats', wanted))}"
    assert "下一步：问本人愿不愿意" in text(desk.get(seat))
    taking = {"taking-number": "18", "taking-login": "liujingli"}
    early = desk.post(f"{seat}/seating", taking)
    assert (early.status_code, "先记下本人同意" in text(early)) == (409, True)
    assert desk.post(f"{seat}/consent", {"consent-how": "", "consent-on": "2026-01-06"}).status_code == 422
    assert desk.post(f"{seat}/consent", {"consent-how": "paper", "consent-on": "2026-01-06"}).status_code == 303
    for bad, told in (({"taking-number": "3"}, "3 号席位上已经有人"), ({"taking-login": "shuji"}, "已经有人用了"),
                      ({"taking-login": "王"}, "登录名用 2 到 40"), ({"taking-number": "99"}, "1 到 60")):  # fmt: skip
        answer = desk.post(f"{seat}/seating", taking | bad)
        assert (answer.status_code, told in text(answer)) == (422, True), bad
    done = desk.post(f"{seat}/seating", taking)
    assert (done.status_code, done.headers["Cache-Control"]) == (200, "no-store")
    password = re.search(r'h-plate is-big">([^<]+)<', text(done))[1]
    assert browse(HALL).post("/sign-in", {"login": "liujingli", "password": password}).status_code in (302, 303)
    again = desk.post(f"{seat}/seating", taking)
    assert (again.status_code, password in text(again)) == (409, False)
    assert "刘经理" in text(desk.get("/desk/seats/print"))
    assert desk.post(f"/desk/terms/{term}", form | {"sectors": "居民 18"}).status_code == 422
    assert desk.post(seat, wanted | {"unit": "新物业"}).status_code == 303
    assert desk.post(f"{seat}/leaving", {"reason": ""}).status_code == 422
    assert desk.post(f"{seat}/leaving", {"reason": "公司调走了"}).status_code == 303
    assert "公司调走了" in text(desk.get("/desk/seats"))
    with inside(app, HALL):
        found = db.session.scalars(select(Account.id).where(Account.login == "liujingli")).one()
        held = db.session.scalars(select(Membership).where(Membership.account_id == found)).one()
        assert (held.seat, held.title, held.until < held.since) == (18, "建明物业", True)


def test_the_list_of_old_fills_the_term(app: Any, browse: Any) -> None:
    desk = browse(HALL, "shuji")
    desk.post("/desk/terms", term_form(app, sectors="居民 18\n物业 2"))
    lines = "刘经理,liujingli,物业经理\n"
    assert desk.post("/desk/council-list", {"text": lines, "step": "seat"}).status_code == 200
    with inside(app, HALL):
        seat = db.session.scalars(select(CouncilSeat).where(CouncilSeat.name == "刘经理")).one()
        assert (seat.sector, seat.consent_on, seat.seated_on, seat.account_id is None) == ("物业", None, None, False)


def test_representatives_conveners_and_petitions(app: Any, browse: Any) -> None:
    desk = browse(HALL, "shuji")
    form = {"kind": "rep", "name": "小李", "area": "3 号楼", "households": "60", "phone": "13800001234",
            "since": "2026-01-05", "once": str(uuid4())}  # fmt: skip
    for bad, told in (({"households": "很多"}, "请写 0 到"), ({"phone": "12"}, "11 位"), ({"name": ""}, "这一格要填")):
        answer = desk.post("/desk/reps", form | bad)
        assert (answer.status_code, told in text(answer), "3 号楼" in text(answer)) == (422, True, True), bad
    assert desk.post("/desk/reps", form).status_code == 303
    assert desk.post("/desk/reps", form).status_code == 303, "a second click makes nothing"
    assert desk.post("/desk/reps", form | {"once": str(uuid4())}).status_code == 422
    page = text(desk.get("/desk/reps"))
    assert "一般 20 到 50 户" in page
    assert "13800001234" not in page
    one = f"/desk/reps/{re.search(r'/desk/reps/([0-9a-f-]{36})', page)[1]}"
    assert "13800001234" in text(desk.get(one))
    account = re.search(r'name="account" id="acc-1" value="([0-9a-f-]{36})"', text(desk.get(one)))[1]
    assert desk.post(f"{one}/account", {"account": account}).status_code == 303
    assert "对上了" in text(desk.get("/desk/reps"))
    assert desk.post(one, form | {"households": "40"}).status_code == 303
    assert "够了" in text(desk.get("/desk/petitions?what=reps&signing=1"))
    assert "要 10 位居民或者 1 位居民代表" in text(desk.get("/desk/petitions?what=residents&eligible=100&signers=9"))
    assert "人数写数字" in text(desk.get("/desk/petitions?what=residents&eligible=许多"))
    assert desk.get(f"/desk/petitions?what=owners&estate={uuid4()}").status_code == 404
    assert desk.post(f"{one}/ending").status_code == 303
    assert "从前的 1 位" in text(desk.get("/desk/reps"))
    who = re.findall(r'name="who" id="who-\d" value="([0-9a-f-]{36})"', text(desk.get("/desk/conveners")))
    assert len(who) == 3
    assert desk.post("/desk/conveners/suggested", {"who": [*who[:2], "x"]}).status_code == 303
    line = {
        "standing": "unit_steward",
        "name": "周大爷",
        "area": "3 号楼 2 单元",
        "since": "2026-01-05",
        "once": str(uuid4()),
    }
    assert desk.post("/desk/conveners", line | {"standing": "king"}).status_code == 422
    assert desk.post("/desk/conveners", line).status_code == 303
    assert desk.post("/desk/conveners", line).status_code == 303
    with inside(app, HALL):
        listed = db.session.scalars(select(Convener).order_by(Convener.since, Convener.name)).all()
        assert len(listed) == 3
        last = next(row.id for row in listed if row.name == "周大爷")
    assert desk.post(f"/desk/conveners/{last}", line | {"area": "5 号楼"}).status_code == 303
    assert desk.post(f"/desk/conveners/{last}/ending").status_code == 303
    assert f"/desk/conveners/{last}" not in text(desk.get("/desk/conveners"))


@pytest.mark.parametrize("url", ["/desk/seats", "/desk/reps", "/desk/conveners", "/desk/petitions"])
def test_only_the_secretary_comes_in(browse: Any, url: str) -> None:
    assert browse(HALL, "zhao").get(url).status_code == 403


def test_the_neighbour_changes_nothing(app: Any, browse: Any) -> None:
    desk, next_door = browse(HALL, "shuji"), browse("dianye", "shuji")
    term = last_id(desk.post("/desk/terms", term_form(app)))
    seat = last_id(desk.post("/desk/seats", candidate_form(term)))
    rep_form = {"kind": "rep", "name": "代表", "since": "2026-01-05", "once": str(uuid4())}
    desk.post("/desk/reps", rep_form)
    desk.post(
        "/desk/conveners", {"standing": "unit_steward", "name": "周大爷", "since": "2026-01-05", "once": str(uuid4())}
    )
    with inside(app, HALL):
        rep, line = (db.session.scalars(select(model.id)).one() for model in (Representative, Convener))
    gets = [f"/desk/seats?term={term}", f"/desk/seats/print?term={term}", f"/desk/terms/{term}"]
    gets += [f"/desk/seats/{seat}", f"/desk/seats/{seat}/leaving", f"/desk/seats/new?term={term}"]
    gets += [f"/desk/reps/{rep}", f"/desk/reps/{rep}/ending", f"/desk/conveners/{line}"]
    for url in gets:
        assert next_door.get(url).status_code == 404, url
    taking = {"taking-number": "18", "taking-login": "liujingli", "consent-how": "paper", "consent-on": "2026-01-06"}
    posts = [
        ("/desk/seats", candidate_form(term)),
        (f"/desk/terms/{term}", term_form(app)),
        (f"/desk/terms/{term}/adoption", {}),
    ]
    posts += [(f"/desk/seats/{seat}{what}", taking | candidate_form(term) | {"reason": "x"})
              for what in ("", "/consent", "/seating", "/leaving")]  # fmt: skip
    posts += [(f"/desk/reps/{rep}{what}", rep_form) for what in ("", "/account", "/ending")]
    posts += [(f"/desk/conveners/{line}{what}", rep_form) for what in ("", "/ending")]
    for url, data in posts:
        assert next_door.post(url, data).status_code == 404, url
    with inside(app, HALL):
        kept = db.session.scalars(select(CouncilSeat)).one()
        assert (kept.consent_on, kept.left_on, kept.account_id) == (None, None, None)
        assert db.session.scalar(select(func.count()).select_from(CouncilTerm)) == 1
        assert db.session.scalars(select(Representative.until)).one() is None
        assert db.session.scalars(select(Convener.until)).one() is None
