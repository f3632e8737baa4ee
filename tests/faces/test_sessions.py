"""Sessions and cookies, headers, rests and keys: what a browser is told, and what it cannot be talked into."""

from __future__ import annotations

import base64
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from redis.exceptions import ConnectionError as Away
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.faces.community import live_key
from app.people import rules, secrets, strangers
from app.people.models import Account
from tenants import binding
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, PASSWORD
from tests.conftest import NOW, Neighbour, inside
from tests.harness import BASE

COOKIE = "yiqilai"


def cookie_of(person: Any, name: str = COOKIE) -> str:
    return person.client.get_cookie(name, domain=person.host).value


def with_cookie(app: Any, value: str) -> Neighbour:
    """Somebody else's browser that got hold of a cookie."""
    thief = Neighbour(app, HOME)
    thief.client.set_cookie(COOKIE, value, domain=thief.host)
    return thief


# --- sessions


def test_a_copied_cookie_is_dead_once_its_owner_signed_out(app: Any, browse: Any) -> None:
    person, other = browse(HOME, "shuji"), browse(HOME, "shuji")
    thief = with_cookie(app, cookie_of(person))
    assert thief.get("/desk").status_code == 200, "the attempt is real: the copy works while the owner is in"
    person.post("/sign-out")
    assert thief.get("/desk").status_code == 302
    assert other.get("/desk").status_code == 200, "the other browser of the same account stays"


def test_sign_out_everywhere_ends_them_all(browse: Any) -> None:
    here, there = browse(HOME, "shuji"), browse(HOME, "shuji")
    assert here.post("/account/sign-outs").status_code == 303
    assert here.get("/desk").status_code == there.get("/desk").status_code == 302
    desk, other = browse("", "guanli"), browse("", "guanli")
    desk.post("/account/sign-outs")
    assert other.get("/overview").status_code == 302


def test_more_sign_outs_than_are_remembered_end_all_sessions(app: Any, browse: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "ENDED_MOST", 2)
    left, thieves = browse(HOME, "zhao"), []
    for _time in range(3):
        person = browse(HOME, "zhao")
        thieves.append(with_cookie(app, cookie_of(person)))
        person.post("/sign-out")
    assert [thief.get("/desk").status_code for thief in (*thieves, left)] == [302] * 4


def test_signing_in_begins_a_session_nobody_knew(app: Any, browse: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    person = browse()
    before = re.search(r'name="csrf_token" value="([^"]+)"', person.get("/sign-in").text)[1]
    fixed = cookie_of(person)
    form = {"login": "shuji", "password": PASSWORD, "csrf_token": before}
    assert person.post("/sign-in", form).status_code == 303
    assert cookie_of(person) != fixed
    assert person.post("/sign-out", {"csrf_token": before}).status_code == 400, "the token of before is worth nothing"
    assert with_cookie(app, fixed).get("/desk").status_code == 302
    assert person.post("/sign-out").status_code == 400, "and without a token nothing is done"


def test_another_role_ends_the_sessions_of_before(app: Any, browse: Any) -> None:
    secretary, worker = browse(HOME, "shuji"), browse(HOME, "zhao")
    with inside(app, HOME):
        ids = {one.login: one.id for one in db.session.scalars(select(Account))}
    new = {"new-role": "grid_leader", "new-title": "", "new-seat": ""}
    assert secretary.post(f"/desk/accounts/{ids['zhao']}/roles", new).status_code == 303
    assert worker.get("/desk").status_code == 302
    old = with_cookie(app, cookie_of(secretary))
    assert secretary.post(f"/desk/accounts/{ids['shuji']}/roles", new).status_code == 303
    assert secretary.get("/desk").status_code == 200, "the own session goes on as a new one"
    assert old.get("/desk").status_code == 302


def test_after_twelve_hours_the_desk_asks_again(browse: Any, monkeypatch: Any) -> None:
    person, resident = browse(HOME, "shuji"), browse()
    resident.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    monkeypatch.setattr(rules, "LONGEST_SESSION", timedelta(seconds=-1))
    assert person.get("/desk").status_code == 302
    assert "满 12 个小时" in person.get("/sign-in").text
    assert "王阿姨" in resident.get("/me").text, "a resident at home is not bothered"


# --- rests, and no word about who exists


def test_each_rest_is_longer_than_the_one_before() -> None:
    failed, rests = 0, []
    for _try in range(35):
        failed, until = rules.after_failure(failed, NOW)
        rests += [until - NOW] if until else []
    assert rests == [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240, 240, 240)]


def test_an_unknown_login_answers_rests_and_costs_like_a_real_one(app: Any, browse: Any, monkeypatch: Any) -> None:
    checks: Counter[str] = Counter()
    real = secrets._hasher(True)

    class Counting:
        def verify(self, *given: str) -> bool:
            checks[login] += 1
            return real.verify(*given)

        hash = real.hash

    with app.app_context():
        secrets._nobody()
    monkeypatch.setattr(secrets, "_hasher", lambda _fast: Counting())
    seen: dict[str, list[Any]] = {}
    for login in ("zhao", "meiyouren"):
        person = browse()
        for _try in range(7):
            answer = person.post("/sign-in", {"login": login, "password": "wrong-wrong-1"})
            page = re.sub(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"', "", answer.text).replace(login, "LOGIN")
            seen.setdefault(login, []).append((answer.status_code, page))
    for known, unknown in zip(*seen.values(), strict=True):
        assert known == unknown
    assert "先歇 15 分钟" in seen["zhao"][-1][1]
    assert checks == {"zhao": 5, "meiyouren": 5}


def test_while_the_store_is_away_a_stranger_is_just_wrong(app: Any, browse: Any, monkeypatch: Any) -> None:
    def away() -> Any:
        raise Away

    monkeypatch.setattr(strangers, "redis", away)
    answer = browse().post("/sign-in", {"login": "meiyouren", "password": "wrong-wrong-1"})
    assert (answer.status_code, "登录名或密码不对" in answer.text) == (422, True)


def test_a_database_that_comes_back_between_two_looks_signs_nobody_out(browse: Any, monkeypatch: Any) -> None:
    """Whose hall it is could not be read, so the cookie could not either: the page says to try again."""
    person, looked = browse(HOME, "shuji"), []
    find = binding.site_of_request

    def comes_back() -> Any:
        looked.append(1)
        if len(looked) == 1:
            raise OperationalError("select", {}, Exception("the server closed the connection"))
        return find()

    monkeypatch.setattr(binding, "site_of_request", comes_back)
    before = cookie_of(person)
    answer = person.get("/desk")
    assert answer.status_code == 503
    assert "Set-Cookie" not in answer.headers
    assert cookie_of(person) == before
    assert person.get("/desk").status_code == 200


# --- cookies


@pytest.fixture
def over_tls(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)


def test_the_session_s_cookie_is_closed_to_scripts_and_other_sites(browse: Any) -> None:
    said = browse().get("/sign-in").headers["Set-Cookie"]
    assert said.startswith("yiqilai=")
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert "Domain" not in said


def test_a_kept_session_is_written_anew_once_a_day(browse: Any, monkeypatch: Any) -> None:
    """A slow answer must not put back the session that a quicker one has just changed."""
    person = browse(HOME)
    assert person.post("/join", {"name": "老王", "code": HOUSEHOLD_CODE, "adult": "y"}).status_code == 303
    person.get("/matters")
    begun = cookie_of(person)
    assert person.get("/matters").headers.get("Set-Cookie") is None
    monkeypatch.setattr(binding, "_day", lambda: 99_999)
    assert "Expires" in person.get("/matters").headers["Set-Cookie"]
    assert cookie_of(person) != begun


@pytest.mark.parametrize(
    ("how", "url", "name", "path"),
    [
        ("host", f"https://{HOME}.{BASE}/sign-in", "__Host-yiqilai", "/"),
        ("host", f"https://{BASE}/sign-in", "__Host-yiqilai", "/"),
        ("path", f"https://{BASE}/sign-in", "__Host-yiqilai", "/"),
        ("path", f"https://{BASE}/c/{HOME}/sign-in", f"__Secure-yiqilai_{HOME}", f"/c/{HOME}/"),
    ],
)
def test_over_tls_the_cookie_binds_itself_to_its_host(
    app: Any, over_tls: None, monkeypatch: Any, how: str, url: str, name: str, path: str
) -> None:
    monkeypatch.setitem(app.config, "TENANT_BY", how)
    environ = {"yiqilai.slug": HOME, "SCRIPT_NAME": f"/c/{HOME}"} if "/c/" in url else {}
    base, _slash, _rest = url.removeprefix("https://").partition("/")
    said = app.test_client().get("/sign-in", base_url=f"https://{base}", environ_overrides=environ)
    cookie = said.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert f"Path={path};" in f"{cookie};"
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert said.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


# --- headers

PAGES = (
    ("", "", "/"), ("", "", "/sign-in"), ("", "guanli", "/overview"), ("", "guanli", "/accounts"),
    (HOME, "", "/"), (HOME, "", "/matters"), (HOME, "", "/join"), (HOME, "", "/privacy"), (HOME, "", "/nowhere"),
    (HOME, "", "/mark.svg"), (HOME, "", "/static/hall.css"), (HOME, "", "/healthz"), (HOME, "", "/i/NOKEY"),
    (HOME, "shuji", "/desk"), (HOME, "shuji", "/desk/settings"), (HOME, "shuji", "/account"),
    (HOME, "shuji", "/desk/households"), (HOME, "yishi1", "/council"), (HOME, "zhao", "/desk/accounts"),
)  # fmt: skip


@pytest.mark.parametrize(("slug", "login", "url"), PAGES)
def test_every_kind_of_page_says_what_it_may_load(browse: Any, slug: str, login: str, url: str) -> None:
    person = browse(slug, login or None)
    answer, again = person.get(url), person.get(url)
    policy = answer.headers["Content-Security-Policy"]
    rules_of = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert "unsafe" not in policy
    assert rules_of["default-src"] in (["'self'"], ["'none'"])
    assert rules_of["frame-ancestors"] == rules_of["object-src"] == rules_of["base-uri"] == ["'none'"]
    assert rules_of["form-action"] == ["'self'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == answer.headers["Cross-Origin-Resource-Policy"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers, "over plain HTTP no browser would take it"
    nonces = set(re.findall(r'nonce="([^"]+)"', answer.text)) if answer.mimetype == "text/html" else set()
    assert {f"'nonce-{nonce}'" for nonce in nonces} <= set(rules_of["script-src"])
    if nonces:
        assert not nonces & set(re.findall(r'nonce="([^"]+)"', again.text)), "each answer has a nonce of its own"
    assert not re.findall(r"<script(?![^>]*nonce)|<style(?![^>]*nonce)| on[a-z]+=\"| style=\"", answer.text)


# --- keys


def test_a_key_that_was_changed_signs_nobody_out_and_keeps_open_forms(app: Any, browse: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    person = browse()
    token = re.search(r'name="csrf_token" value="([^"]+)"', person.get("/sign-in").text)[1]
    with inside(app, HOME):
        held = live_key._signer().dumps("x")
    monkeypatch.setitem(app.config, "SECRET_KEY", "the-next-one")
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", ["test"])
    form = {"login": "shuji", "password": PASSWORD, "csrf_token": token}
    assert person.post("/sign-in", form).status_code == 303, "a form opened before the change is taken after it"
    assert person.get("/desk").status_code == 200
    with inside(app, HOME):
        assert live_key._signer().loads(held) == "x"
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [])
    assert person.get("/desk").status_code == 200, "whoever came back since carries the new signature"
    assert browse().get("/desk").status_code == 302


def test_without_the_earlier_key_its_cookies_are_noise(app: Any, browse: Any, monkeypatch: Any) -> None:
    person = browse(HOME, "shuji")
    monkeypatch.setitem(app.config, "SECRET_KEY", "the-next-one")
    assert person.get("/desk").status_code == 302


# --- what is stored


def test_a_sealed_text_opens_only_where_it_belongs_and_only_whole(app: Any) -> None:
    with app.app_context():
        sealed = secrets.seal("JBSWY3DP", "totp:1")
        assert sealed != secrets.seal("JBSWY3DP", "totp:1"), "a nonce of its own each time"
        assert secrets.unseal(sealed, "totp:1") == "JBSWY3DP"
        raw = bytearray(base64.b64decode(sealed))
        raw[-1] ^= 1
        for text, about in ((sealed, "totp:2"), (sealed, "phone"), (base64.b64encode(raw).decode(), "totp:1")):
            with pytest.raises(InvalidTag):
                secrets.unseal(text, about)


def test_passwords_are_kept_as_argon2id(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "ARGON2_FAST", False)
    with app.app_context():
        one, two = (secrets.hash_password(PASSWORD) for _time in range(2))
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two, "a salt of its own each time"


@pytest.mark.parametrize("url", ["/static/", "/static/icons", "/static/..%2fconfig.py", "/instance/", "/.git/config"])
def test_no_folder_is_listed(browse: Any, url: str) -> None:
    assert browse().get(url).status_code == 404


def test_only_methods_in_use_and_no_other_origin(browse: Any) -> None:
    person = browse(HOME, "shuji")
    for method in ("PUT", "DELETE", "PATCH"):
        answer = person.client.open("/sign-in", method=method, base_url=f"http://{person.host}")
        assert answer.status_code == 405
    answer = person.get("/desk", headers={"Origin": "https://elsewhere.test"})
    assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
