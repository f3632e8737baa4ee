"""The hall's own desk: accounts, roles, the council's list, venues, looks, rules, household codes; all of it logged."""

from __future__ import annotations

from threading import Barrier, Thread
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.matter import bounds, hallrules
from app.matter.deadlines import DEFAULTS
from app.matter.house import forget_houses, house
from app.matter.models import StreetBounds
from app.people import accounts, changes, council, desk, households, residents, roster, settings, venues
from app.people.actor import SYSTEM, Actor
from app.people.models import Account, ChangeLog, Membership
from app.people.places import Household, Venue
from app.people.roles import Role
from app.people.secrets import password_fits
from tenants.brand import BadColour, BadDrawing, suggest
from tenants.database import db, uuid7
from tests.cast import HOUSEHOLD_CODE, NEXT
from tests.conftest import inside, later


def account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def by(login: str) -> Actor:
    found = account(login)
    return Actor("staff", found.display_name, found.id, frozenset({Role.SECRETARY}))


def lines(subject: str) -> list[tuple[str, str, str]]:
    rows = db.session.scalars(
        select(ChangeLog).where(ChangeLog.subject == subject, ChangeLog.by_label == "张书记").order_by(ChangeLog.at)
    )
    return [(row.what, row.before, row.after) for row in rows]


# --- accounts and roles


def test_a_first_password_keeps_the_rules_and_must_be_changed(hall: Any, now: Any) -> None:
    password = desk.first_password("xiaowang")
    made = desk.add_account(
        "XiaoWang ", " 小王 ", password, {Role.GRID_WORKER: "第三网格"}, by=by("shuji"), now=now, must_change=True
    )
    db.session.commit()
    assert (made.login, made.display_name, made.must_change) == ("xiaowang", "小王", True)
    assert password_fits(made.password_hash, password)
    assert lines("account") == [("add", "", "xiaowang 小王")]
    assert lines("role") == [("give", "", "grid_worker 第三网格")]


@pytest.mark.parametrize(
    ("login", "name", "roles", "seat"),
    [
        ("a", "小王", {}, None),
        ("小王", "小王", {}, None),
        ("xiaowang", "  ", {}, None),
        ("xiaowang", "王" * 41, {}, None),
        ("shuji", "小王", {}, None),
        ("xiaowang", "小王", {Role.CHAIR: ""}, None),
        ("xiaowang", "小王", {Role.STREET_ADMIN: ""}, None),
        ("xiaowang", "小王", {Role.GRID_WORKER: "职" * 41}, None),
        ("xiaowang", "小王", {Role.COUNCIL_MEMBER: ""}, 3),
        ("xiaowang", "小王", {Role.COUNCIL_MEMBER: ""}, 61),
    ],
)
def test_what_cannot_be_an_account(hall: Any, now: Any, login: str, name: str, roles: Any, seat: int | None) -> None:
    with pytest.raises(Refused):
        desk.add_account(login, name, "xiaobandeng-2027", roles, by=SYSTEM, now=now, seat=seat)


def test_a_changed_name_is_logged_with_what_it_was(hall: Any, now: Any) -> None:
    desk.change_account(account("zhao"), login="zhao", name="赵师傅", by=by("shuji"), now=now)
    assert lines("account") == []
    desk.change_account(account("zhao"), login="zhaoshifu", name="赵建国", by=by("shuji"), now=now)
    db.session.flush()
    assert lines("account") == [("change", "zhao 赵师傅", "zhaoshifu 赵建国")]
    with pytest.raises(Refused):
        desk.change_account(account("zhaoshifu"), login="shuji", name="赵建国", by=SYSTEM, now=now)


def test_a_seat_is_held_by_one_person(hall: Any, now: Any) -> None:
    held = db.session.scalars(select(Membership).where(Membership.seat == 4)).one()
    with pytest.raises(Refused):
        desk.change_role(held, title="", seat=5, by=SYSTEM, now=now)
    desk.change_role(held, title="物业代表", seat=18, by=by("shuji"), now=now)
    db.session.flush()
    assert lines("role") == [("change", "council_member  4", "council_member 物业代表 18")]


def test_the_last_secretary_stays(hall: Any, now: Any) -> None:
    secretary = account("shuji")
    held = db.session.scalars(select(Membership).where(Membership.account_id == secretary.id)).one()
    with pytest.raises(Refused):
        desk.end_role(held.id, by=SYSTEM, now=now)
    with pytest.raises(Refused):
        desk.disable_account(secretary, by=by("zhao"), now=now)
    desk.give_role(account("zhao"), Role.SECRETARY, by=SYSTEM, now=now)
    db.session.flush()
    with pytest.raises(Refused):
        desk.end_role(held.id, by=by("shuji"), now=now)
    desk.end_role(held.id, by=by("zhao"), now=now)
    db.session.flush()
    assert held.until is not None


def test_a_disabled_second_secretary_does_not_count(hall: Any, now: Any) -> None:
    desk.give_role(account("zhao"), Role.SECRETARY, by=SYSTEM, now=now)
    db.session.flush()
    desk.disable_account(account("zhao"), by=by("shuji"), now=now)
    db.session.flush()
    with pytest.raises(Refused):
        desk.disable_account(account("shuji"), by=SYSTEM, now=now)


def test_two_secretaries_who_close_each_other_do_not_both_succeed(app: Any, now: Any) -> None:
    with inside(app, "nanyandao"):
        desk.give_role(account("zhao"), Role.SECRETARY, by=SYSTEM, now=now)
        db.session.commit()
    ready, outcome = Barrier(2), []

    def close(mine: str, other: str) -> None:
        with inside(app, "nanyandao"):
            me, target = by(mine), account(other)
            ready.wait(10)
            try:
                desk.disable_account(target, by=me, now=now)
                db.session.flush()
                sleep(0.2)
                db.session.commit()
                outcome.append("closed")
            except Refused:
                outcome.append("refused")

    threads = [Thread(target=close, args=pair) for pair in (("shuji", "zhao"), ("zhao", "shuji"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcome) == ["closed", "refused"]


def test_nobody_disables_themselves(hall: Any, now: Any) -> None:
    desk.give_role(account("zhao"), Role.SECRETARY, by=SYSTEM, now=now)
    with pytest.raises(Refused):
        desk.disable_account(account("shuji"), by=by("shuji"), now=now)


def test_closing_and_a_new_password_end_every_session(hall: Any, now: Any) -> None:
    grid = account("xiaoli")
    epoch = grid.epoch
    desk.disable_account(grid, by=SYSTEM, now=now)
    assert grid.epoch == epoch + 1
    desk.enable_account(grid, by=SYSTEM, now=now)
    desk.reset_password(grid, "xiaobandeng-2027", by=SYSTEM, now=now)
    assert (grid.epoch, grid.must_change, grid.failed) == (epoch + 2, True, 0)


def test_a_residents_account_gets_no_role_and_no_password(hall: Any, now: Any) -> None:
    resident, _ = residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    with pytest.raises(Refused):
        desk.give_role(resident, Role.SECRETARY, by=SYSTEM, now=now)
    with pytest.raises(Refused):
        desk.reset_password(resident, "xiaobandeng-2027", by=SYSTEM, now=now)
    with pytest.raises(Refused):
        desk.change_account(resident, login="wang", name="王", by=SYSTEM, now=now)


def test_the_list_finds_by_name_role_and_kind(hall: Any, now: Any) -> None:
    def names(**more: Any) -> list[str]:
        rows, _total = accounts.accounts_page(**{"kind": "staff", "role": "", "words": "", "page": 1, **more})
        return [row["account"].display_name for row in rows]

    rows, total = accounts.accounts_page(kind="staff", role="", words="", page=1)
    assert (len(rows), total) == (20, 22)
    assert names(page=2)
    assert not set(names()) & set(names(page=2))
    assert names(role="grid_worker") == ["小李"]
    assert names(words="监督") == ["何监督"]
    assert names(words="%") == []
    desk.disable_account(account("xiaoli"), by=SYSTEM, now=now)
    assert names(kind="disabled") == ["小李"]
    residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    assert names(kind="resident") == ["王阿姨"]


# --- the council's list


@pytest.mark.parametrize(
    "text",
    [
        "姓名,登录名,职务\n王淑珍,wangsz,居民代表\n李强,liqiang",
        "王淑珍，wangsz，居民代表\r\n\r\n李强，liqiang，",
        "王淑珍\twangsz\t居民代表\n李强\tLIQIANG\t\n",
        '\ufeffname,login,title\n"王淑珍","wangsz","居民代表"\n李强,liqiang,,,\n',
    ],
)
def test_lists_are_read_as_people_write_them(text: str) -> None:
    read = [(line.name, line.login, line.title) for line in roster.read(text)]
    assert read == [("王淑珍", "wangsz", "居民代表"), ("李强", "liqiang", "")]


def test_a_list_saved_by_an_office_program_in_china() -> None:
    assert roster.decode("王淑珍,wangsz".encode("gbk")) == "王淑珍,wangsz"
    assert roster.decode(b"PK\x03\x04\x00\x00") is None
    assert roster.decode(b"a" * (roster.BYTES + 1)) is None


def council_of(n: int, start: int = 1) -> str:
    return "\n".join(f"委员{i},weiyuan{i},代表{i}" for i in range(start, start + n))


def empty_council(now: Any) -> None:
    for held in db.session.scalars(select(Membership).where(Membership.role == Role.COUNCIL_MEMBER)):
        desk.end_role(held.id, by=SYSTEM, now=now)
    db.session.flush()


def test_seventeen_members_sit_down_at_once(hall: Any, now: Any, count_queries: Any) -> None:
    empty_council(now)
    with count_queries() as seen:
        seated = council.seat_council(roster.read(council_of(17)), by=by("shuji"), now=now)
    assert len(seen) <= 8
    assert [one.seat for one in seated] == list(range(1, 18))
    db.session.commit()
    made = account("weiyuan9")
    assert made.must_change
    assert password_fits(made.password_hash, seated[8].password)
    assert len(accounts.council_page()) == 17
    assert len(lines("role")) == 17


def test_the_dry_run_names_the_problem_of_every_line_and_seats_nobody(hall: Any, now: Any) -> None:
    text = "\n".join(
        ["新人,xinren,", ",noname,", "坏登录,坏,", "又一人,xinren,", "别人,shuji,", "议事员3,yishi3,", "多了,duole,a,b"]
    )
    read = roster.read(text)
    planned = council.plan(read)
    assert [bool(one.verdict) for one in planned] == [True] + [False] * 6
    assert len({one.verdict.reason for one in planned if not one.verdict}) == 6
    before = len(db.session.scalars(select(Account)).all())
    with pytest.raises(Refused):
        council.seat_council(read, by=SYSTEM, now=now)
    assert len(db.session.scalars(select(Account)).all()) == before


def test_who_has_an_account_only_gets_the_seat(hall: Any, now: Any) -> None:
    seated = council.seat_council(roster.read("张书记,shuji,召集\n新人,xinren,"), by=SYSTEM, now=now)
    assert [(one.seat, bool(one.password)) for one in seated] == [(18, False), (19, True)]


@pytest.mark.parametrize("text", ["", "\n \n", "name,login,title", council_of(61)])
def test_no_list_and_too_long_a_list(hall: Any, text: str) -> None:
    with pytest.raises(Refused):
        council.plan(roster.read(text))


# --- venues

PLACE = {"kind": "tree", "name": "大槐树下", "place": "院子中间", "hours": "", "note": ""}


def test_a_venue_is_added_changed_closed_and_moved(hall: Any, now: Any) -> None:
    secretary = by("shuji")
    made = venues.add_venue(PLACE, id=uuid7(), by=secretary, now=now)
    venues.change_venue(made, {**PLACE, "hours": "周二上午"}, by=secretary, now=later(hours=1))
    venues.move_venue(made.id, up=True, by=secretary, now=later(hours=2))
    db.session.flush()
    assert [v.name for v in venues.venues()].index("大槐树下") == 1
    venues.close_venue(made, by=secretary, now=later(hours=3))
    db.session.flush()
    assert venues.venues()[-1].name == "大槐树下"
    with pytest.raises(Refused):
        venues.move_venue(made.id, up=True, by=secretary, now=now)
    venues.reopen_venue(made, by=secretary, now=later(hours=4))
    db.session.flush()
    assert [what for what, _, _ in lines("venue")] == ["add", "change", "order", "close", "reopen"]


def test_two_places_cannot_have_one_name(hall: Any, now: Any) -> None:
    with pytest.raises(Refused):
        venues.add_venue({**PLACE, "name": "小板凳议事屋"}, id=uuid7(), by=SYSTEM, now=now)


# --- the hall's record, its looks, its rules


def test_the_record_and_the_brand_say_the_same_name(hall: Any, app: Any, now: Any) -> None:
    changed = settings.change_record(
        {"hall": "大板凳议事屋", "motto": "有事坐下说", "phone": "8555 0200"}, by=by("shuji"), now=now
    )
    db.session.commit()
    assert changed == ["hall", "motto", "phone"]
    row = settings.hall_row()
    assert (row.hall, row.brand["hall"], row.brand["motto"], row.phone) == (
        "大板凳议事屋", "大板凳议事屋", "有事坐下说", "8555 0200",
    )  # fmt: skip
    assert {what for what, _, _ in lines("hall")} == {"hall", "motto", "phone"}
    db.session.remove()
    with inside(app, NEXT):
        assert settings.hall_row().hall != "大板凳议事屋"


def test_a_suggested_palette_may_be_stored(hall: Any, now: Any) -> None:
    palette = suggest("#7a1fa2")
    values = {name: getattr(palette, name) for name in settings.COLOURS} | {"pattern": "waves"}
    wanted = settings.dressed(settings.brand_of(settings.hall_row()), values, None)
    changed = settings.change_brand(wanted, by=by("shuji"), now=now)
    db.session.commit()
    assert set(changed) >= {"brand", "pattern"}
    assert settings.hall_row().brand["brand"] == palette.brand
    assert ("pattern", "waves") in {(what, after) for what, _, after in lines("brand")}


def test_pale_colours_are_refused_and_nothing_is_stored(hall: Any, now: Any) -> None:
    old = dict(settings.hall_row().brand)
    pale = settings.dressed(settings.brand_of(settings.hall_row()), {"brand": "#ffee88"}, None)
    with pytest.raises(Refused):
        settings.change_brand(pale, by=SYSTEM, now=now)
    assert settings.hall_row().brand == old


def test_looks_that_are_not_looks(hall: Any) -> None:
    brand = settings.brand_of(settings.hall_row())
    with pytest.raises(BadColour):
        settings.dressed(brand, {"brand": "red;}"}, None)
    with pytest.raises(BadDrawing):
        settings.dressed(brand, {}, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><script/></svg>')


def whole(**changed: int) -> dict[str, int]:
    numbers, _choices = hallrules.rules_of(settings.hall_row())
    return {**numbers, **changed}


CHOSEN = {"quorum": "two_thirds", "council_rule": "council_two_thirds"}


def test_rules_within_the_bounds_hold_from_now_on(hall: Any, now: Any) -> None:
    numbers = whole(**{"deadlines.accepted": 8, "notice_days": 5})
    changed = hallrules.set_rules(numbers, CHOSEN, by=by("shuji"), now=now)
    db.session.commit()
    forget_houses()
    assert set(changed) == {"deadlines.accepted", "notice_days", "quorum", "council_rule"}
    own = house()
    assert (own.deadlines["accepted"].amount, own.deadlines["accepted"].unit) == (8, "working_days")
    assert set(own.deadlines) == {"accepted"}
    assert (own.settings["notice_days"], own.settings["quorum"]) == (5, "two_thirds")
    assert ("deadlines.accepted", "5", "8") in lines("deadline")


@pytest.mark.parametrize(("key", "amount"), [("deadlines.accepted", 11), ("deadlines.accepted", 0), ("notice_days", 2)])
def test_rules_outside_the_bounds_change_nothing(hall: Any, now: Any, key: str, amount: int) -> None:
    old = dict(settings.hall_row().settings)
    with pytest.raises(Refused):
        hallrules.set_rules(whole(**{key: amount}), CHOSEN, by=SYSTEM, now=now)
    assert settings.hall_row().settings == old


def test_the_streets_own_bounds_win(app: Any, now: Any) -> None:
    with inside(app):
        db.session.add(
            StreetBounds(bounds={"deadlines.accepted": [3, 6], "quorum": ["half"], "notice_days": "x"}, changed_at=now)
        )
        db.session.commit()
    with inside(app, "nanyandao"):
        with pytest.raises(Refused):
            hallrules.set_rules(whole(**{"deadlines.accepted": 8}), {"quorum": "half"}, by=SYSTEM, now=now)
        with pytest.raises(Refused):
            hallrules.set_rules(whole(), {"quorum": "two_thirds"}, by=SYSTEM, now=now)
        hallrules.set_rules(whole(**{"deadlines.accepted": 6}), {"quorum": "half"}, by=SYSTEM, now=now)


def test_every_bound_has_a_name_and_holds_its_own_default() -> None:
    assert set(bounds.LABELS) == set(bounds.BOUNDS)
    assert {key.removeprefix("deadlines.") for key in bounds.BOUNDS if key not in bounds.OWN_NUMBERS} == set(DEFAULTS)
    for key in bounds.BOUNDS:
        assert bounds.within(key, bounds.default_of(key), bounds.BOUNDS), key


# --- household codes


def home() -> Household:
    return db.session.scalars(select(Household)).one()


def test_a_new_code_replaces_the_old_one(hall: Any, now: Any) -> None:
    seen = households.seen_mark([home()])
    household, code = households.issue(home().id, seen=seen, by=by("shuji"), now=later(days=1))
    db.session.commit()
    assert residents.find_household(code).id == household.id
    assert residents.find_household(HOUSEHOLD_CODE) is None
    with pytest.raises(Refused):
        households.issue(household.id, seen=seen, by=by("shuji"), now=later(days=1))
    assert residents.find_household(code) is not None


def test_a_revoked_code_opens_nothing_and_is_logged(hall: Any, now: Any) -> None:
    households.revoke(home().id, by=by("shuji"), now=later(days=1))
    db.session.commit()
    assert residents.find_household(HOUSEHOLD_CODE) is None
    rows, _total = changes.changes_page(subject="household_code", page=1)
    assert changes.names_of(rows) == {home().id: "曹家巷小区 3 号楼 3 单元 301"}


def neighbours(n: int) -> UUID:
    building = home().building_id
    db.session.add_all(Household(building_id=building, unit=3, room=str(400 + i)) for i in range(n))
    db.session.commit()
    return building


def test_a_whole_stairwell_gets_its_codes_in_few_statements(hall: Any, now: Any, count_queries: Any) -> None:
    building = neighbours(30)
    seen = households.seen_mark(households.unit_households(building, 3))
    db.session.rollback()
    with count_queries() as statements:
        issued = households.issue_unit(building, 3, seen=seen, by=by("shuji"), now=later(days=1))
        db.session.commit()
    assert len(statements) <= 8
    assert len({code for _, code in issued}) == 31
    household, code = issued[-1]
    assert residents.find_household(code).room == household.room
    with pytest.raises(Refused):
        households.issue_unit(building, 3, seen=seen, by=SYSTEM, now=later(days=1))
    with pytest.raises(Missing):
        households.issue_unit(building, 29, seen="", by=SYSTEM, now=now)


def test_households_are_found_by_their_door(hall: Any) -> None:
    building = neighbours(30)
    rows, total = households.households_page(building_id=building, unit=3, room="", page=1)
    assert (len(rows), total) == (20, 31)
    rows, total = households.households_page(building_id=None, unit=None, room="301", page=1)
    assert [households.address(row) for row in rows] == ["曹家巷小区 3 号楼 3 单元 301"]


# --- the neighbour


def test_the_neighbours_things_are_not_there(hall: Any, app: Any, now: Any) -> None:
    here = {
        "account": account("zhao").id,
        "membership": db.session.scalars(select(Membership.id)).first(),
        "household": home().id,
        "venue": db.session.scalars(select(Venue.id)).first(),
    }
    db.session.remove()
    with inside(app, NEXT):
        for missing in (
            lambda: desk.find_account(here["account"]),
            lambda: desk.find_membership(here["membership"]),
            lambda: households.find_household(here["household"]),
            lambda: venues.find_venue(here["venue"]),
        ):
            with pytest.raises(Missing):
                missing()
