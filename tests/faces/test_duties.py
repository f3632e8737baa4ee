"""Three administrators at the street: who keeps accounts, who reads the logs, and that nobody does both."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.faces.street.menu import ENTRIES
from app.people import duties, two_step
from app.people.models import StreetAccount
from app.people.permissions import ANYONE, HELD, Permission, holds
from app.people.roles import STREET_ROLES, Role
from tenants.database import db
from tests.cast import HOME, PASSWORD
from tests.conftest import inside
from tests.faces.test_street_desk import plate

OWN = "ziji-de-mima-2026"


def appoint(desk: Any, browse: Any, login: str, role: Role) -> Any:
    """A new login with this role, signed in with a password of its own."""
    made = desk.post("/accounts", {"name": login, "login": login, "role": role})
    person = browse("").sign_in(login, plate(made.text))
    changed = person.post("/password", {"old": plate(made.text), "new": OWN, "again": OWN})
    assert changed.status_code == 303
    return person


def ids(app: Any) -> dict[str, StreetAccount]:
    with inside(app):
        return {one.login: one for one in db.session.scalars(select(StreetAccount))}


def test_the_duties_share_nothing_but_the_log_and_the_own_account() -> None:
    # Who looked at what tells matters and reasons: the audit reads it as the street does, the keeper of accounts not.
    shared = {Permission.ACCOUNT_USE, Permission.STREET_LOG_READ, Permission.STREET_LOOK_READ}
    assert Permission.STREET_LOOK_READ not in HELD[Role.SECURITY_ADMIN]
    appointed = set(duties.CARRIES)
    able = {role: HELD[role] - duties.withheld({role}, appointed) for role in STREET_ROLES}
    for role in duties.CARRIES:
        assert able[role] - shared == duties.CARRIES[role]
        for other in STREET_ROLES - {role}:
            assert able[role] & able[other] <= shared
    assert duties.withheld({Role.STREET_ADMIN}, ()) == frozenset()


def test_a_small_office_begins_with_one_and_hands_over(app: Any, browse: Any) -> None:
    admin = browse("", "guanli")
    page = admin.get("/accounts").text
    assert "三个管理员还没分开：安全管理员、审计管理员" in page
    made = admin.post("/accounts", {"name": "安全员", "login": "anquan", "role": "security_admin"})
    assert "归这一位安全管理员管" in made.text
    assert admin.get("/accounts").status_code == 403
    assert "安全管理员" in admin.get("/accounts").text
    assert 'href="/accounts"' not in admin.get("/overview").text
    assert admin.get("/halls").status_code == 200, "opening halls stays with the system administrator"
    keeper = browse("").sign_in("anquan", plate(made.text))
    keeper.post("/password", {"old": plate(made.text), "new": OWN, "again": OWN})
    assert keeper.get("/sign-in").location.endswith("/accounts")
    auditor = appoint(keeper, browse, "shenji", Role.AUDIT_ADMIN)
    assert "三个管理员分开了" in keeper.get("/accounts").text
    assert auditor.get("/sign-in").location.endswith("/log")
    assert "加了账号" in auditor.get("/log").text
    assert auditor.get("/looks").status_code == 200
    assert (keeper.get("/looks").status_code, keeper.get("/log").status_code) == (403, 200)


def test_at_every_door_of_the_street_each_duty_enters_only_its_own(app: Any, browse: Any) -> None:
    admin = browse("", "guanli")
    auditor = appoint(admin, browse, "shenji", Role.AUDIT_ADMIN)
    keeper = appoint(admin, browse, "anquan", Role.SECURITY_ADMIN)
    people = {Role.STREET_ADMIN: admin, Role.AUDIT_ADMIN: auditor, Role.SECURITY_ADMIN: keeper}
    tried = 0
    for site, door in app.extensions["doors"].values():
        if site != "street" or door.method != "GET" or "<" in door.url or door.permission in ANYONE:
            continue
        for role, person in people.items():
            may = holds(frozenset({role}), door.permission)
            may = may and door.permission not in duties.withheld({role}, set(duties.CARRIES))
            if may and role is Role.STREET_ADMIN:
                continue
            tried += 1
            assert (person.get(door.url).status_code == 403) is not may, f"{role} at {door.url}"
    assert tried > 60
    for person, role in ((auditor, Role.AUDIT_ADMIN), (keeper, Role.SECURITY_ADMIN)):
        page = person.get("/account").text
        for _key, _label, _icon, _group, endpoint, permission in ENTRIES:
            door = app.extensions["doors"].get(endpoint)
            assert door is None or (f'href="{door[1].url}"' in page) is holds(frozenset({role}), permission), endpoint


def test_nobody_changes_what_they_are_themselves_and_a_new_role_begins_anew(app: Any, browse: Any) -> None:
    admin = browse("", "guanli")
    keeper = appoint(admin, browse, "anquan", Role.SECURITY_ADMIN)
    found, watcher = ids(app), browse("", "zhuren")
    one = f"/accounts/{found['zhuren'].id}/role"
    assert admin.post(one, {"role": "street_admin", "epoch": "0"}).status_code == 403
    own = {"role": "street_admin", "epoch": found["anquan"].epoch}
    assert keeper.post(f"/accounts/{found['anquan'].id}/role", own).status_code == 409
    assert keeper.post(f"/accounts/{found['guanli'].id}/role", {"role": "audit_admin", "epoch": 0}).status_code == 409
    assert keeper.post(one, {"role": "mayor", "epoch": "0"}).status_code == 422
    assert keeper.post(one, {"role": "audit_admin", "epoch": "0"}).status_code == 303
    assert keeper.post(one, {"role": "street_admin", "epoch": "0"}).status_code == 409, "somebody clicked twice"
    assert watcher.get("/overview").status_code == 302, "whoever becomes another signs in anew"
    watcher.sign_in("zhuren", PASSWORD)
    assert watcher.get("/overview").status_code == 403
    assert "换了角色" in watcher.get("/log").text


def test_the_keeper_gives_a_hall_a_fresh_secretary_and_opens_no_hall(app: Any, browse: Any) -> None:
    admin = browse("", "guanli")
    keeper = appoint(admin, browse, "anquan", Role.SECURITY_ADMIN)
    form = {"secretary": "周书记", "login": "zhou"}
    assert admin.post(f"/halls/{HOME}/secretaries", form).status_code == 403
    assert HOME in keeper.get("/accounts/secretaries").text
    assert keeper.get(f"/halls/{HOME}").status_code == 403
    password = plate(keeper.post(f"/halls/{HOME}/secretaries", form).text)
    assert browse(HOME).sign_in("zhou", password).get("/desk").location.endswith("/password")


def test_the_database_knows_no_fifth_role(app: Any, superuser: Any) -> None:
    with superuser.begin() as conn, pytest.raises(IntegrityError, match="ck_street_account_role"):
        conn.execute(text("update street_account set role = 'security_admin,audit_admin'"))


def test_in_a_hall_the_supervisor_reads_the_log_and_the_looks(browse: Any) -> None:
    supervisor = browse(HOME, "jiandu")
    for url in ("/desk/changes", "/desk/looks"):
        assert supervisor.get(url).status_code == 200
    page = supervisor.get("/desk/changes").text
    assert 'href="/desk/changes"' in page
    assert 'href="/desk/settings"' not in page
    assert browse(HOME, "zhao").get("/desk/changes").status_code == 403


def test_on_the_server_a_keeper_who_lost_everything_gets_back_in(app: Any, browse: Any) -> None:
    keeper = appoint(browse("", "guanli"), browse, "anquan", Role.SECURITY_ADMIN)
    with inside(app):
        lost = db.session.scalars(select(StreetAccount).where(StreetAccount.login == "anquan")).one()
        two_step.begin(lost)
        lost.totp_since = clock.now()
        db.session.commit()
    said = app.test_cli_runner().invoke(args=["street", "account", "anquan", "--name", "安全员", "--phone-lost"]).output
    assert keeper.get("/accounts").status_code == 302, said
    back = browse("").sign_in("anquan", re.search(r"password (\S+)", said)[1])
    assert back.get("/accounts").location.endswith("/password")
    assert "在服务器上重设" in browse("", "zhuren").get("/log").text
