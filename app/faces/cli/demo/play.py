"""Playing the demo street: settle, then every history, then demo.json. A second start finds what stands."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import Book, story_id, write_private
from app.faces.cli.demo.copies import multiply
from app.faces.cli.demo.histories import STORIES
from app.faces.cli.demo.histories.channels import HAPPENINGS, Happening, happen, open_channels
from app.faces.cli.demo.settle import Keys, rows, settle
from app.faces.cli.demo.story import inside, play
from app.matter.models import Matter
from app.people import residents
from app.people.secrets import new_code
from app.records import kpis, prepared
from tenants.database import db
from tenants.hosts import bases, find_site, site_root, site_url

#: The resident whose account the demo hands out; name and household code sign in together.
RESIDENT = "王桂兰"
HOME = "nanyandao"
#: Whose invitation is still open, and whose tracking code is handed out.
OPEN_LETTER, FOLLOWED = "drain", "sheds"


def play_street(app: Flask) -> None:
    """Idempotent: each hall is settled in one transaction, each chapter of a history is played in one."""
    book = Book.open(Path(app.config["DATA_DIR"]) / "demo-played.json")
    if _stands(app, book):
        return
    keys = _keys(app)
    # The codes are kept before the first hall is settled: a hall that stands is not settled again after a kill.
    for row in rows("communities.csv"):
        keys.households.setdefault(row["slug"], new_code())
    _keep(app, keys)
    book.anchor = book.anchor or clock.today().isoformat()
    book.keep()
    opened = clock.at(book.today - timedelta(days=400))
    settle(app, keys, opened=opened, scale=app.config["DEMO_SCALE"])
    # Numbers are given out as things are said, so everything is told in that order; a story begins its day.
    for tale in sorted((*STORIES, *HAPPENINGS), key=lambda tale: tale.first_day(book.today)):
        if isinstance(tale, Happening):
            with inside(find_site(app, bases(app)[0].rsplit(":", 1)[0], HOME).scope):
                happen(tale, book)
        else:
            play(app, tale, book)
    multiply(app, STORIES, app.config["DEMO_SCALE"])
    _resident(app, keys, book)
    _count(app)
    _write_doors(app, keys, book)
    book.finished = _mark(app)
    book.keep()


def _mark(app: Flask) -> str:
    """What makes a finished street finished: the same halls at the same addresses, at the same scale."""
    return f"{site_root(app)} {app.config['TENANT_BY']} {app.config['DEMO_SCALE']}"


def _stands(app: Flask, book: Book) -> bool:
    """Whether everything was played before, here and not in a database that has since been thrown away."""
    if not book.anchor:
        return False
    try:
        home = find_site(app, bases(app)[0].rsplit(":", 1)[0], HOME)
    except LookupError:
        book.chapters, book.intent, book.secrets, book.finished = {}, {}, {}, ""
        return False
    if book.finished != _mark(app):
        return False
    with inside(home.scope):
        return db.session.scalar(select(Matter.id).where(Matter.id == story_id(STORIES[0].name))) is not None


def _keys(app: Flask) -> Keys:
    path = Path(app.config["DATA_DIR"]) / "demo-keys.json"
    return Keys(**json.loads(path.read_text())) if path.exists() else _keep(app, Keys())


def _keep(app: Flask, keys: Keys) -> Keys:
    write_private(Path(app.config["DATA_DIR"]) / "demo-keys.json", asdict(keys))
    return keys


def _count(app: Flask) -> None:
    """Have this month, quarter and year ready for the street's first look; the scheduler counts the earlier months."""
    now = clock.now()
    with inside(find_site(app, bases(app)[0].rsplit(":", 1)[0]).scope):
        for hall in kpis.halls():
            with kpis.in_hall(hall):
                prepared.recount_hall(now=now, earlier=False)
                db.session.commit()
        prepared.sum_street(now=now)
        db.session.commit()


def _resident(app: Flask, keys: Keys, book: Book) -> None:
    """A resident's account made the real way, from the household's slip."""
    with inside(find_site(app, bases(app)[0].rsplit(":", 1)[0], HOME).scope):
        moved_in = clock.at(book.today - timedelta(days=30), 10)
        account, _is_new = residents.join(keys.households[HOME], RESIDENT, title="女士", now=moved_in)
        db.session.commit()
        open_channels(book, account)


def _write_doors(app: Flask, keys: Keys, book: Book) -> None:
    """``demo.json`` as the running contract asks for it."""
    document = {
        "base": site_root(app),
        "street": {"url": site_root(app)},
        "communities": [
            {"slug": row["slug"], "url": site_root(app, row["slug"]), "hall": _hall(app, row["slug"])}
            for row in rows("communities.csv")
        ],
        "accounts": _accounts(keys),
        "links": _links(keys, book),
        "written_at": clock.now().isoformat(),
    }
    write_private(Path(app.config["DATA_DIR"]) / "demo.json", document)


def _hall(app: Flask, slug: str) -> str:
    return find_site(app, bases(app)[0].rsplit(":", 1)[0], slug).hall


def _accounts(keys: Keys) -> list[dict[str, str]]:
    accounts: list[dict[str, str]] = [
        {"role": "street_admin", "site": "street", "login": "guanli", "password": keys.street},
        {"role": "street_supervisor", "site": "street", "login": "zhuren", "password": keys.street},
    ]
    for row in rows("communities.csv"):
        for login, role in (("shuji", "secretary"), ("shegong", "community_worker"), ("wangge", "grid_worker")):
            accounts.append({"role": role, "site": row["slug"], "login": login, "password": keys.staff})
        for seat in range(1, int(row["council"]) + 1):
            accounts.append(
                {"role": "council_member", "site": row["slug"], "login": f"yishi{seat}", "password": keys.council}
            )
    accounts.append({"role": "resident", "site": HOME, "login": RESIDENT, "password": keys.households[HOME]})
    return accounts


def _links(keys: Keys, book: Book) -> dict[str, Any]:
    return {
        "expert": site_url("guest.letter", slug=HOME, token=book.secret(OPEN_LETTER, "link")),
        "tracking": {"url": site_url("community.track", slug=HOME), "code": book.secret(FOLLOWED, "tracking")},
        "household": {"url": site_url("community.join", slug=HOME), "code": keys.households[HOME]},
    }
