"""The secretary's desk in a browser: accounts, roles, the council's list, households and their slips."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.people import residents
from app.people.models import Account, ChangeLog, Membership
from app.people.places import Household, Venue
from app.people.roles import Role
from app.people.secrets import password_fits
from tenants.database import db
from tests.cast import HOUSEHOLD_CODE, NEXT, PASSWORD
from tests.conftest import inside

HALL = "nanyandao"


@pytest.fixture
def secretary(browse: Any) -> Any:
    return browse(HALL, "shuji")


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def find(app: Any, login: str, slug: str = HALL) -> Any:
    with inside(app, slug):
        found = db.session.scalars(select(Account).where(Account.login == login)).one()
        held = db.session.scalars(select(Membership).where(Membership.account_id == found.id)).all()
        db.session.expunge_all()
        return found, held


def ids(app: Any) -> dict[str, Any]:
    """One thing of each kind of 南盐道."""
    with inside(app, HALL):
        return {
            "account_id": db.session.scalars(select(Account.id).where(Account.login == "xiaoli")).one(),
            "membership_id": db.session.scalars(select(Membership.id).where(Membership.seat == 3)).one(),
            "household_id": db.session.scalars(select(Household.id)).one(),
            "building": db.session.scalars(select(Household.building_id)).one(),
            "venue_id": db.session.scalars(select(Venue.id).where(Venue.kind == "room")).one(),
        }


def new_account(**changed: str) -> dict[str, str]:
    return {
        "name": "小王", "login": "xiaowang", "role": "grid_worker", "title": "第三网格", "seat": "",
        "once": str(uuid4()), **changed,
    }  # fmt: skip


def shown_password(answer: Any) -> str:
    return re.search(r'h-plate is-big">([^<]+)<', text(answer))[1]


def test_a_new_account_signs_in_with_the_password_that_was_shown_once(secretary: Any, browse: Any) -> None:
    form = new_account()
    answer = secretary.post("/desk/accounts", form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    password = shown_password(answer)
    other = browse(HALL)
    assert other.post("/sign-in", {"login": "xiaowang", "password": password}).status_code in (302, 303)
    forced = other.get("/desk/accounts")
    assert forced.status_code in (302, 303)
    assert forced.headers["Location"].endswith("/password")
    again = secretary.post("/desk/accounts", form)
    assert again.status_code == 303
    assert password not in text(secretary.get(again.headers["Location"]))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": ""}, "这一格要填"),
        ({"name": "王" * 41}, "最多写 40 个字"),
        ({"login": "王"}, "登录名用 2 到 40 个"),
        ({"login": "shuji"}, "已经有人用了"),
        ({"role": "chair"}, "请选一样"),
        ({"role": "grid_worker", "seat": "3"}, "只有议事会成员有席位号"),
        ({"role": "council_member", "seat": "三"}, "席位号写数字"),
        ({"role": "council_member", "seat": "3"}, "3 号席位上已经有人"),
        ({"role": "council_member", "seat": "99"}, "席位号从 1 到 60"),
        ({"title": "职" * 100_000}, "最多写 40 个字"),
    ],
)
def test_a_bad_account_keeps_what_was_typed(app: Any, secretary: Any, changed: Any, told: str) -> None:
    answer = secretary.post("/desk/accounts", new_account(**{"title": "第三网格", **changed}))
    assert answer.status_code == 422
    assert told in text(answer)
    assert "h-errors" in text(answer)
    with inside(app, HALL):
        assert len(db.session.scalars(select(Account)).all()) == 22


def test_rare_letters_are_kept(app: Any, secretary: Any) -> None:
    assert secretary.post("/desk/accounts", new_account(name="𬱖㛃䶮\x00")).status_code == 200
    assert find(app, "xiaowang")[0].display_name == "𬱖㛃䶮"


def test_name_role_seat_and_title_change(app: Any, secretary: Any) -> None:
    grid, _held = find(app, "xiaoli")
    one = f"/desk/accounts/{grid.id}"
    assert secretary.post(f"{one}/names", {"name": "李大明", "login": "lidaming"}).status_code == 303
    answer = secretary.post(f"{one}/roles", {"new-role": "council_member", "new-title": "居民", "new-seat": "18"})
    assert answer.status_code == 303
    _account, held = find(app, "lidaming")
    seat = next(m for m in held if m.seat == 18)
    assert secretary.post(f"/desk/roles/{seat.id}", {"title": "居民代表", "seat": "19"}).status_code == 303
    assert secretary.post(f"/desk/roles/{seat.id}", {"title": "居民代表", "seat": "3"}).status_code == 422
    page = text(secretary.get(one))
    assert "李大明" in page
    assert "19 号席" in page
    assert "居民代表" in page
    assert "撤掉李大明的" in text(secretary.get(f"/desk/roles/{seat.id}/ending"))
    assert secretary.post(f"/desk/roles/{seat.id}/ending").status_code == 303
    assert secretary.post(f"/desk/roles/{seat.id}/ending").status_code == 404


def test_a_closed_account_is_out_at_once_and_may_come_back(app: Any, secretary: Any, browse: Any) -> None:
    grid, _held = find(app, "xiaoli")
    his = browse(HALL, "xiaoli")
    assert "停用小李的账号" in text(secretary.get(f"/desk/accounts/{grid.id}/closure"))
    assert secretary.post(f"/desk/accounts/{grid.id}/closure").status_code == 303
    assert his.post("/sign-in", {"login": "xiaoli", "password": PASSWORD}).status_code not in (302, 303)
    assert secretary.post(f"/desk/accounts/{grid.id}/reopening").status_code == 303
    his.sign_in("xiaoli")


def test_who_mistyped_is_unlocked(app: Any, secretary: Any, browse: Any) -> None:
    his = browse(HALL)
    for _try in range(5):
        his.post("/sign-in", {"login": "xiaoli", "password": "wrong-password-1"})
    grid, _held = find(app, "xiaoli")
    assert grid.locked_until is not None
    assert "锁着" in text(secretary.get("/desk/accounts?role=grid_worker"))
    assert secretary.post(f"/desk/accounts/{grid.id}/unlocking").status_code == 303
    his.sign_in("xiaoli")


def test_a_second_click_does_not_make_a_second_password(app: Any, secretary: Any) -> None:
    grid, _held = find(app, "xiaoli")
    assert "重设密码" in text(secretary.get(f"/desk/accounts/{grid.id}/password"))
    answer = secretary.post(f"/desk/accounts/{grid.id}/password", {"epoch": grid.epoch})
    assert answer.status_code == 200
    assert secretary.post(f"/desk/accounts/{grid.id}/password", {"epoch": grid.epoch}).status_code == 409
    changed, _held = find(app, "xiaoli")
    assert changed.must_change
    with app.app_context():
        assert password_fits(changed.password_hash, shown_password(answer))


def test_the_secretary_cannot_lock_the_hall_out(app: Any, secretary: Any) -> None:
    me, held = find(app, "shuji")
    assert secretary.post(f"/desk/accounts/{me.id}/closure").status_code == 409
    assert secretary.post(f"/desk/roles/{held[0].id}/ending").status_code == 409
    page = text(secretary.get(f"/desk/accounts/{me.id}"))
    assert "停用这个账号" not in page


def council_list(n: int) -> str:
    return "姓名,登录名,职务\n" + "\n".join(f"委员{i},weiyuan{i},代表{i}" for i in range(1, n + 1))


def test_a_council_is_checked_first_and_then_seated(app: Any, secretary: Any, browse: Any) -> None:
    upload = (BytesIO(council_list(17).encode("gbk")), "council.csv")
    dry = secretary.post("/desk/council-list", {"step": "check", "file": upload}, content_type="multipart/form-data")
    assert dry.status_code == 200
    assert "17 行都没问题" in text(dry)
    with inside(app, HALL):
        assert len(db.session.scalars(select(Account)).all()) == 22
    done = secretary.post("/desk/council-list", {"step": "seat", "text": council_list(17)})
    assert done.status_code == 200
    password = re.search(r'weiyuan17</td>.*?<b class="nb">([^<]+)</b>', text(done), re.S)[1]
    answer = browse(HALL).post("/sign-in", {"login": "weiyuan17", "password": password})
    assert answer.status_code in (302, 303)
    again = secretary.post("/desk/council-list", {"step": "seat", "text": council_list(17)})
    assert again.status_code == 422
    assert "已经在议事会里了" in text(again)


def test_one_bad_line_and_nobody_is_seated(app: Any, secretary: Any) -> None:
    bad = council_list(3) + "\n没有登录名,,"
    answer = secretary.post("/desk/council-list", {"step": "seat", "text": bad})
    assert answer.status_code == 422
    assert "有 1 行要改" in text(answer)
    assert "没有登录名" in text(answer)
    with inside(app, HALL):
        assert len(db.session.scalars(select(Account)).all()) == 22


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"text": ""}, "一行也没有"),
        ({"text": "字" * 100_000}, "名单太长了"),
        ({"text": council_list(61)}, "名单最多 60 行"),
    ],
)
def test_lists_that_are_none(secretary: Any, sent: dict[str, str], told: str) -> None:
    answer = secretary.post("/desk/council-list", sent)
    assert answer.status_code == 422
    assert told in text(answer)


def test_a_picture_is_not_a_list(secretary: Any) -> None:
    upload = (BytesIO(b"\x89PNG\r\n\x1a\n\x00\x00"), "list.csv")
    answer = secretary.post("/desk/council-list", {"file": upload}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "读不出来" in text(answer)


# --- households


def seen_of(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def code_of(page: str) -> str:
    return re.search(r'class="code">([^<]+)<', page)[1]


def test_a_slip_is_printed_once_and_the_old_code_is_dead(app: Any, secretary: Any) -> None:
    one = f"/desk/households/{ids(app)['household_id']}"
    seen = seen_of(text(secretary.get(one)))
    slip = secretary.post(f"{one}/code", {"seen": seen})
    assert slip.status_code == 200
    assert slip.headers["Cache-Control"] == "no-store"
    assert 'class="qr"' in text(slip)
    assert "曹家巷小区 3 号楼 3 单元" in text(slip)
    code = code_of(text(slip))
    assert code not in text(secretary.get(one))
    assert secretary.post(f"{one}/code", {"seen": seen}).status_code == 409
    with inside(app, HALL):
        assert residents.find_household(code) is not None
        assert residents.find_household(HOUSEHOLD_CODE) is None


def test_a_lost_code_is_closed(app: Any, secretary: Any) -> None:
    one = f"/desk/households/{ids(app)['household_id']}"
    assert "作废" in text(secretary.get(f"{one}/code-closure"))
    assert secretary.post(f"{one}/code-closure").status_code == 303
    assert "作废了" in text(secretary.get("/desk/households"))
    with inside(app, HALL):
        assert residents.find_household(HOUSEHOLD_CODE) is None


def more_households(app: Any, n: int) -> None:
    with inside(app, HALL):
        building = db.session.scalars(select(Household.building_id)).one()
        db.session.add_all(Household(building_id=building, unit=3, room=str(400 + i)) for i in range(n))
        db.session.commit()


def test_a_stairwell_is_printed_at_once(app: Any, secretary: Any) -> None:
    building = ids(app)["building"]
    more_households(app, 20)
    ask = text(secretary.get(f"/desk/household-slips?building={building}&unit=3"))
    assert "21 户" in ask
    form = {"building": str(building), "unit": "3", "seen": seen_of(ask)}
    slips = text(secretary.post("/desk/household-slips", form))
    assert slips.count('class="code"') == 21
    assert slips.count("h-sheet h-slips") == 3
    assert secretary.post("/desk/household-slips", form).status_code == 409
    assert secretary.get("/desk/household-slips?building=x&unit=y").status_code == 404
    assert secretary.post("/desk/household-slips", {}).status_code == 404


# --- who may, who may not

GETS = (
    "/desk/accounts", "/desk/accounts/new", "/desk/council-seats", "/desk/council-list", "/desk/households",
    "/desk/accounts/{account_id}", "/desk/accounts/{account_id}/closure", "/desk/accounts/{account_id}/password",
    "/desk/roles/{membership_id}", "/desk/roles/{membership_id}/ending", "/desk/households/{household_id}",
    "/desk/households/{household_id}/code-closure", "/desk/household-slips?building={building}&unit=3",
)  # fmt: skip
POSTS = (
    ("/desk/accounts/{account_id}/names", {"name": "坏人", "login": "huairen"}),
    ("/desk/accounts/{account_id}/roles", {"new-role": "secretary"}),
    ("/desk/accounts/{account_id}/closure", {}),
    ("/desk/accounts/{account_id}/reopening", {}),
    ("/desk/accounts/{account_id}/unlocking", {}),
    ("/desk/accounts/{account_id}/password", {"epoch": "0"}),
    ("/desk/roles/{membership_id}", {"title": "坏", "seat": "50"}),
    ("/desk/roles/{membership_id}/ending", {}),
    ("/desk/households/{household_id}/code", {"seen": ""}),
    ("/desk/households/{household_id}/code-closure", {}),
    ("/desk/household-slips", {"building": "{building}", "unit": "3", "seen": ""}),
)
OPEN_TO_ALL_SECRETARIES = 5


def rows(app: Any) -> list[Any]:
    with inside(app, HALL):
        return [
            [tuple(row) for row in db.session.execute(select(model.__table__).order_by(model.id))]
            for model in (Account, Membership, Household, ChangeLog)
        ]


def test_next_doors_secretary_finds_nothing_and_changes_nothing(app: Any, browse: Any) -> None:
    here, before = ids(app), rows(app)
    foreign = browse(NEXT, "shuji")
    for url in GETS[OPEN_TO_ALL_SECRETARIES:]:
        assert foreign.get(url.format(**here)).status_code == 404, url
    for url, form in POSTS:
        sent = {key: value.format(**here) for key, value in form.items()}
        assert foreign.post(url.format(**here), sent).status_code == 404, url
    assert rows(app) == before


@pytest.mark.parametrize("login", ["zhao", "xiaoli", "jiandu", "yishi1"])
def test_only_the_secretary_enters(app: Any, browse: Any, login: str) -> None:
    here, before = ids(app), rows(app)
    other = browse(HALL, login)
    for url in GETS:
        assert other.get(url.format(**here)).status_code == 403, url
    for url, form in (*POSTS, ("/desk/accounts", new_account()), ("/desk/council-list", {"text": council_list(1)})):
        assert other.post(url.format(**here), form).status_code == 403, url
    assert rows(app) == before


def many_people(app: Any) -> None:
    with inside(app, HALL):
        now = clock.now()
        for i in range(60):
            db.session.add(
                Account(kind="staff", login=f"extra{i}", password_hash="x", display_name=f"人{i}", created_at=now)
            )
        db.session.flush()
        for extra in db.session.scalars(select(Account).where(Account.login.like("extra%"))):
            for role in (Role.GRID_WORKER, Role.BUILDING_STEWARD):
                db.session.add(Membership(account_id=extra.id, role=role, since=clock.today()))
        residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
        db.session.commit()


def test_pages_need_few_statements_however_many_rows(app: Any, secretary: Any, count_queries: Any) -> None:
    here = ids(app)
    many_people(app)
    more_households(app, 60)
    for url in GETS:
        with count_queries() as seen:
            assert secretary.get(url.format(**here)).status_code == 200, url
        assert len(seen) <= 8, (url, len(seen), seen)
