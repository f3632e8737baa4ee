"""What stands between the program and the world: names, headers, TLS, files of the pages and pages that ask along."""

from __future__ import annotations

import contextlib
import http.client
import re
import time
from uuid import UUID

import pytest

from tests.journeys.wire import Answer
from tests.prove.install.machine import run
from tests.prove.install.office import BASE, Office
from tests.prove.install.visitor import HungUp, Visitor, line_to


def forged_headers_are_ignored(office: Office, hall: str) -> None:
    """A visitor's own word on host, scheme and address counts for nothing; cookies are shut in; HSTS comes once."""
    forged = Visitor(office, hall, headers={
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "9.9.9.9",
        "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example", "X-Real-IP": "9.9.9.9",
    })  # fmt: skip
    page = forged.get("/")
    assert page.status == 200
    assert "evil" not in page.text
    assert "http://" + forged.host not in page.text
    to_sign_in = forged.get("/desk")
    assert to_sign_in.status in (302, 303)
    assert "evil" not in to_sign_in.headers["Location"]
    secure = [value for name, value in _raw_headers(office, forged.host, "/say") if name.lower() == "set-cookie"]
    assert secure
    assert all("Secure" in value and "HttpOnly" in value for value in secure)
    assert sum(name.lower() == "strict-transport-security" for name, _ in _raw_headers(office, forged.host, "/")) == 1


def foreign_names_get_nothing(office: Office) -> None:
    """Foreign names are hung up on, and none gets a certificate."""
    for host in ("evil.example", f"a.b.{BASE}", f"{BASE}.evil.example", "127.0.0.1"):
        with pytest.raises(HungUp), contextlib.closing(line_to(office, host, BASE)) as line:
            _ask(line, "/", host)
    unknown = run("openssl", "s_client", "-connect", f"127.0.0.1:{office.https}", "-servername", "evil.example")
    assert "BEGIN CERTIFICATE" not in unknown.stdout


def old_tls_is_refused(office: Office) -> None:
    """Nobody speaks TLS 1.1."""
    to = ("-connect", f"127.0.0.1:{office.https}", "-servername", BASE)
    old = run("openssl", "s_client", *to, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert "Cipher is (NONE)" in old.stdout


def http_leads_to_https(office: Office, hall: str) -> None:
    """The same page of the same hall, for good."""
    plain = http.client.HTTPConnection("127.0.0.1", office.http, timeout=10)
    plain.request("GET", "/say?x=1", headers={"Host": f"{hall}.{BASE}"})
    led = plain.getresponse()
    assert (led.status, led.headers["Location"]) == (308, f"https://{hall}.{office.base}/say?x=1")


def _ask(line: http.client.HTTPSConnection, path: str, host: str) -> None:
    try:
        line.request("GET", path, headers={"Host": host})
        line.getresponse()
    except (http.client.BadStatusLine, ConnectionResetError) as error:
        raise HungUp(path) from error


def _raw_headers(office: Office, host: str, path: str) -> list[tuple[str, str]]:
    with contextlib.closing(line_to(office, host)) as line:
        line.request("GET", path, headers={"Host": host})
        return line.getresponse().getheaders()


def big_form(office: Office, hall: str) -> Answer:
    """A form of 70 MB by its own word."""
    who = Visitor(office, hall)
    headers = {"Content-Length": str(70 * 1024 * 1024), "Content-Type": "multipart/form-data; boundary=x"}
    return who.send("POST", "/say", b"", headers)


def static_files_are_kept(who: Visitor) -> int:
    """Every file that the home page names is kept for a year; returns how many there are."""
    home = who.get("/")
    assets = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', home.text)))
    assert assets
    for address in assets:
        got = who.get(address.replace("&amp;", "&"), Accept_Encoding="gzip")
        assert (got.status, "immutable" in got.headers["Cache-Control"]) == (200, True), (address, got.headers)
        assert "max-age=31536000" in got.headers["Cache-Control"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        again = who.get(address, If_None_Match=got.headers["ETag"], Accept_Encoding="gzip")
        assert again.status == 304
    styles = next(one for one in assets if ".css" in one)
    small = who.get(styles, Accept_Encoding="gzip")
    assert small.headers.get("Content-Encoding") == "gzip"
    assert who.get("/static/../../wsgi.py").status in (400, 404)
    return len(assets)


def quiet_live_page(who: Visitor, sitting: UUID) -> list[float]:
    """Ask twenty times for news of a sitting where there are none; returns the seconds each took."""
    page = who.get(f"/sittings/{sitting}")
    live = re.search(r'data-live="([^"]+)"', page.text)
    tag = re.search(r'data-tag="([^"]+)"', page.text)
    assert page.status == 200, page.words[:400]
    assert live
    assert tag
    address, spent = live[1].replace("&amp;", "&"), []
    for _ in range(20):
        begun = time.monotonic()
        quiet = who.get(address, If_None_Match=f'"{tag[1]}"')
        spent.append(time.monotonic() - begun)
        assert quiet.status == 304
        assert quiet.headers["X-Hall-Clock"].isdigit()
    fresh = who.get(address, If_None_Match='"0.-"')
    assert fresh.status == 200
    assert fresh.text
    return spent
