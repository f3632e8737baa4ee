"""The main job of a hall over TLS: the secretary's first day, a resident's matter, a job of the worker."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from uuid import UUID, uuid4

from openpyxl import load_workbook

from app import clock, config, create_app
from app.flow.deliberate.models import Sitting
from tenants.database import db
from tenants.hosts import Site, find_site
from tenants.scope import bound
from tests.prove.install.office import BASE, Office
from tests.prove.install.units import read_env
from tests.prove.install.visitor import Visitor


def open_street(office: Office) -> str:
    """As the runbook says it; returns the first password of the street's administrator."""
    office.flask("--owner", "street", "open", "--host", BASE, "--name", "试装街道", "--short", "试街")
    told = office.flask("street", "account", "guanli", "--name", "管理员")
    return re.findall(r"^password (\S+)$", told, re.MULTILINE)[0]


def open_hall(office: Office, slug: str, code: str, name: str) -> str:
    """A hall from the shell; returns the secretary's first password."""
    told = office.flask("community", "open", slug, "--code", code, "--name", name, "--hall", "试装议事厅")
    assert f"https://{Visitor(office, slug).host}{Visitor(office, slug).lead}" in told, told
    return re.findall(r"^password (\S+)$", told, re.MULTILINE)[0]


def first_day(office: Office, slug: str, password: str) -> Visitor:
    """The secretary signs in with the first password and must choose an own one before anything else."""
    who = Visitor(office, slug)
    answer = who.post("/sign-in", {"login": "shuji", "password": password})
    assert answer.status == 303, answer.words[:600]
    # By path the halls share a host, so the cookie's own name tells them apart.
    assert any((slug in name) == bool(who.lead) and "yiqilai" in name for name in who.cookies), list(who.cookies)
    sent = who.get("/desk")
    assert (sent.status in (302, 303), sent.location.rpartition("/")[2]) == (True, "password"), sent.location
    own = f"Xiao-{uuid4().hex[:10]}"
    changed = who.post("/password", {"old": password, "new": own, "again": own})
    assert changed.status == 303, changed.words[:600]
    desk = who.get("/desk")
    assert desk.status == 200, (desk.status, desk.location, desk.words[:300])
    return who


def speaks(office: Office, slug: str, words: str) -> tuple[Visitor, str]:
    """A resident says something in three steps and gets twelve digits; returns who and the digits."""
    who = Visitor(office, slug)
    first = who.post("/say", {"words": words, "wish": "早点修好"}, files=[])
    assert first.status == 303, first.words[:600]
    assert who.post("/say/where", {"building": "none", "place": "南门口", "who": "self"}).status == 303
    third = who.post("/say/check", {"name": "", "phone": "", "name_public": "", "truth": "y"})
    assert third.status == 303, third.words[:600]
    receipt = who.get(third.location)
    found = re.search(r"\b(\d{3}) (\d{3}) (\d{3}) (\d{3})\b", receipt.words)
    assert receipt.status == 200, receipt.status
    assert found, receipt.words[:600]
    return who, "".join(found.groups())


def tracks(office: Office, slug: str, code: str) -> str:
    """Somebody else's phone finds the matter by its code alone; returns the page's words."""
    other = Visitor(office, slug)
    answer = other.post("/track", {"code": code})
    assert answer.status == 303, answer.words[:400]
    page = other.get(answer.location)
    assert page.status == 200, page.status
    return page.words


def exports(who: Visitor, patience: float = 60) -> tuple[float, list[str]]:
    """The ledger as a workbook, written by the worker; seconds until it was there, and the titles in it."""
    once, begun = str(uuid4()), time.monotonic()
    url = f"/desk/ledger-exports/{once}"
    answer = who.post("/desk/ledger-exports", {"year": "", "once": once}, seen=who.get("/desk/ledger-exports"))
    assert answer.status == 303, answer.words[:600]
    while (told := json.loads(who.get(f"{url}/progress").text)).get("percent") != 100:
        assert time.monotonic() - begun < patience, told
        time.sleep(0.2)
    seconds = time.monotonic() - begun
    got = _download(who, url)
    sheet = load_workbook(BytesIO(got)).worksheets[0]
    return seconds, [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def _download(who: Visitor, url: str) -> bytes:
    import contextlib
    from urllib.parse import urlencode

    from tests.journeys.wire import hidden
    from tests.prove.install.visitor import line_to

    page = who.get(url)
    with contextlib.closing(line_to(who.office, who.host)) as line:
        line.request("POST", f"{who.lead}{url}/download", urlencode(hidden(page.text)), {
            "Host": who.host, "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in who.cookies.items()),
            "Referer": f"https://{who.host}{who.lead}{url}",
        })  # fmt: skip
        got = line.getresponse()
        data = got.read()
    assert got.status == 200, (got.status, data[:300])
    return data


@contextmanager
def inside(office: Office, slug: str) -> Iterator[Site]:
    """An application context on the office's own database and keys, bound to a hall as a job would be."""
    app = create_app(config.from_environment(read_env(office.path("/etc/yiqilai/yiqilai.env"))))
    with app.app_context():
        site = find_site(app, BASE, slug)
        try:
            with bound(site.scope):
                yield site
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def sitting_of(office: Office, slug: str) -> UUID:
    """A sitting that residents have been told of, so that its page lives."""
    with inside(office, slug):
        now = clock.now()
        sitting = Sitting(
            number=f"{slug}-1", kind="council", title="试装第一次会", starts_at=now, place="议事屋", base=17,
            state="open", opened_at=now, created_at=now, present_at_opening=9, quorate=True, noticed_at=now,
        )  # fmt: skip
        db.session.add(sitting)
        db.session.commit()
        return sitting.id
