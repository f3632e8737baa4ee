"""Every door × every role: knocking with the next community's ids gives 404 and changes nothing.

The list of doors is taken from the program, so a new door cannot escape. 南盐道 holds one row of every table, all
with the same id; 电业 knocks with that id.
"""

from __future__ import annotations

import hashlib
import re
import sys
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, Uuid, insert, text

from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import Role
from tenants.policies import kinds
from tests import cast, harness
from tests.conftest import Neighbour, inside
from tests.tenants.rows import SPECIAL, row

THING = uuid.UUID(int=0xABC)
#: The neighbour's logins, one of each role that can knock.
RESIDENT = "household code"
KNOCKERS = {
    None: frozenset(),
    "shuji": frozenset({Role.SECRETARY}),
    "zhao": frozenset({Role.COMMUNITY_WORKER}),
    "xiaoli": frozenset({Role.GRID_WORKER}),
    "sun": frozenset({Role.BUILDING_STEWARD}),
    "jiandu": frozenset({Role.AFFAIRS_SUPERVISOR}),
    "yishi1": frozenset({Role.COUNCIL_MEMBER}),
    RESIDENT: frozenset({Role.RESIDENT}),
}


@pytest.fixture
def furnished(app: Any, superuser: Engine) -> Engine:
    """One row of every tenant table in 南盐道, every reference among them whole."""
    with inside(app, cast.HOME) as site:
        street, community = site.street_id, site.community_id
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        for table, kind, _access in kinds().values():
            if kind != "tenant":
                continue
            values = row(table, street=street, community=community, row_id=THING)
            ids = {c.name: THING for c in table.columns if isinstance(c.type, Uuid) and not c.nullable}
            # Where two columns must differ, the special row says how.
            ids = {name: SPECIAL.get(table.name, {}).get(name, thing) for name, thing in ids.items()}
            conn.execute(insert(table).values(**(values | ids)))
    return superuser


def fingerprint(superuser: Engine, community: int) -> str:
    """Every row of the community, as text."""
    digest = hashlib.sha256()
    with superuser.connect() as conn:
        for name, (_table, kind, _access) in sorted(kinds().items()):
            if kind == "tenant":
                query = text(
                    f"select coalesce(string_agg(t::text, '|' order by id), '') from {name} t where community_id = :c"
                )
                digest.update(str(conn.execute(query, {"c": community}).scalar()).encode())
    return digest.hexdigest()


def doors_with_ids(app: Any) -> list[tuple[str, Any]]:
    """The community's doors that name a thing by its id."""
    return [
        (name, door)
        for name, (site, door) in app.extensions["doors"].items()
        if site == "community" and "<uuid:" in door.url
    ]


def knock(browser: Neighbour, door: Any) -> Any:
    url = re.sub(r"<uuid:[a-z_]+>", str(THING), door.url)
    url = re.sub(r"<int:[a-z_]+>", "1", url)
    url = re.sub(r"<[a-z()=0-9]+:[a-z_]+>", "x", url)
    return (
        browser.get(url) if door.method == "GET" else browser.post(url, {"reason": "试一试", "once": str(uuid.uuid4())})
    )


@pytest.mark.parametrize("login", KNOCKERS, ids=str)
def test_the_neighbour_finds_nothing(app, furnished, login):
    with inside(app, cast.HOME) as site:
        home = site.community_id
    before = fingerprint(furnished, home)
    browser = Neighbour(app, cast.NEXT)
    if login == RESIDENT:
        joined = browser.post("/join", {"name": "隔壁王姐", "code": cast.HOUSEHOLD_CODE, "adult": "y"})
        assert joined.status_code == 303, joined.get_data(as_text=True)[:2000]
    elif login:
        browser.sign_in(login)
    for name, door in doors_with_ids(app):
        answer = knock(browser, door)
        may_enter = door.permission in ANYONE or holds(KNOCKERS[login], door.permission)
        if door.permission is Permission.GUEST_ANSWER:
            continue
        expected = {404} if may_enter else {302, 403, 404}
        assert answer.status_code in expected, f"{login} at {door.method} {door.url} ({name}) got {answer.status_code}"
    assert fingerprint(furnished, home) == before


def test_with_the_programs_own_scoping_off_the_database_still_shows_nothing(app, furnished, monkeypatch):
    """The program is made to ask for 南盐道 while 电业 is bound: row-level security alone must hold."""
    with inside(app, cast.HOME) as site:
        home = site.community_id
    before = fingerprint(furnished, home)
    browser = Neighbour(app, cast.NEXT).sign_in("shuji")
    account_modules = {"app.people.queries", "app.people.actions"}
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and name not in account_modules and hasattr(module, "current_community"):
            monkeypatch.setattr(module, "current_community", lambda: home)
    for name, door in doors_with_ids(app):
        if door.permission is Permission.GUEST_ANSWER or not (
            door.permission in ANYONE or holds(KNOCKERS["shuji"], door.permission)
        ):
            continue
        answer = knock(browser, door)
        assert answer.status_code in (404, 409, 422, 500), f"{door.method} {door.url} ({name}) got {answer.status_code}"
        assert str(THING) not in answer.get_data(as_text=True) or door.method == "POST" or answer.status_code == 404
    assert fingerprint(furnished, home) == before


@pytest.mark.parametrize("login", ["zhuren", "guanli"])
def test_the_street_has_no_door_into_a_hall_and_the_hall_none_into_the_street(app, furnished, login):
    street, hall = Neighbour(app, "").sign_in(login), Neighbour(app, cast.HOME).sign_in("shuji")
    for _name, (site, door) in app.extensions["doors"].items():
        shared = {d.url for s, d in app.extensions["doors"].values() if s != site}
        if door.url in shared or door.method != "GET":
            continue
        browser = street if site == "community" else hall
        assert knock(browser, door).status_code == 404, door.url


def test_a_cookie_of_one_hall_is_noise_in_the_next(app):
    home = Neighbour(app, cast.HOME).sign_in("shuji")
    cookie = home.client.get_cookie("yiqilai", domain=home.host)
    assert cookie is not None
    thief = Neighbour(app, cast.NEXT)
    thief.client.set_cookie("yiqilai", cookie.value, domain=thief.host)
    answer = thief.get("/desk")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("host", "status"),
    [("nowhere.yard.test", 404), ("a.nanyandao.yard.test", 404), ("www.yard.test", 404), ("evil.test", 400)],
)
def test_unknown_and_foreign_hosts(app, host, status):
    answer = app.test_client().get("/", base_url=f"http://{host}")
    assert answer.status_code == status
    assert "Traceback" not in answer.get_data(as_text=True)


def test_by_path_the_halls_are_as_apart_as_by_host(place, app, furnished):
    from app import create_app

    settings = harness.settings(place["owner"], place["database"], place["redis"], place["data_dir"], TENANT_BY="path")
    by_path = create_app(settings)
    client = by_path.test_client()
    base = f"http://{harness.BASE}"
    signed = client.post(f"/c/{cast.NEXT}/sign-in", data={"login": "shuji", "password": cast.PASSWORD}, base_url=base)
    assert signed.status_code in (302, 303)
    assert "Path=/c/dianye/" in signed.headers["Set-Cookie"]
    with inside(app, cast.HOME) as site:
        home = site.community_id
    before = fingerprint(furnished, home)
    for _name, door in doors_with_ids(by_path):
        if door.permission is Permission.GUEST_ANSWER or not (
            door.permission in ANYONE or holds(KNOCKERS["shuji"], door.permission)
        ):
            continue
        url = f"/c/{cast.NEXT}" + re.sub(r"<uuid:[a-z_]+>", str(THING), re.sub(r"<int:[a-z_]+>", "1", door.url))
        answer = client.open(url, method=door.method, base_url=base)
        assert answer.status_code == 404, f"{door.method} {url} got {answer.status_code}"
    assert fingerprint(furnished, home) == before
    assert client.get(f"/c/{cast.HOME}/desk", base_url=base).status_code == 302
