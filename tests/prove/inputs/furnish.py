"""What the stories do not leave lying about: keys of guests, half-written drafts, a browser that owns what it said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from sqlalchemy import select

from app import clock
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound
from tests import harness
from tests.prove.inputs.knock import Answer, Knock, knock
from tests.prove.inputs.under_way import UNDER_WAY
from tests.prove.inputs.world import HALLS, World

#: Browsers without an account: one that wrote its words, one that said where, one that handed matters in, a guest who
#: has been asked, and one who has said yes and writes.
SAID, PLACED, MINE, GUEST = "who has said it", "who has said where", "who handed it in", "an invited expert"
WRITING = "an expert who writes"
BROWSERS = (SAID, PLACED, MINE, GUEST, WRITING)

#: What a table that is under way asks for: a paper not yet given out, and whom it is for; a phone that was left.
UNDER_HAND = {"stub": ("9", "10", "11"), "who": ("锡麟街第 9 户",), "number": ("13603118852", "1")}


def furnish(world: World) -> dict[str, list[str]]:
    """Give the world these browsers; returns the tokens of guests by the name that addresses give to them."""
    for slug in HALLS[:3]:
        _write_a_draft(world, slug)
    for slug in HALLS:
        world.cookies[slug, MINE] = _owner_of_everything(world, slug)
    hall = HALLS[0]
    links = json.loads((Path(world.folder) / "demo.json").read_text("utf-8"))["links"]
    letter = urlsplit(links["expert"]).path.rsplit("/", 1)[1]
    world.cookies[hall, GUEST] = f"yiqilai_guest={letter}"
    world.cookies[hall, WRITING] = _say_yes(world, hall)
    return {"letter": [letter], "task": _task_keys(world, hall), "tracking": [links["tracking"]["code"]]}


def known_by(world: World) -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """What each login of each hall knows, by the name of the field that asks for it; strangers know a secretary's."""
    told = json.loads((Path(world.folder) / "demo.json").read_text("utf-8"))
    by_place: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    # Who came late to a sitting that is open now came before this minute.
    with world.app.app_context():
        now = f"{clock.local(clock.now()):%H:%M}"
    for one in told["accounts"]:
        slug = "" if one["site"] == "street" else one["site"]
        here = {**UNDER_HAND, "at": (now,)} if slug == HALLS[0] else {}
        mine: dict[str, tuple[str, ...]] = {
            "login": (one["login"],),
            **dict.fromkeys(("password", "old"), (one["password"],)),
            **here,
        }
        by_place[slug, one["login"]] = mine
        by_place.setdefault((slug, ""), mine)
    codes = {"code": (told["links"]["household"]["code"], told["links"]["tracking"]["code"])}
    for login in ("", *BROWSERS):
        for slug in HALLS:
            by_place[slug, login] = {**by_place.get((slug, ""), {}), **(codes if slug == HALLS[0] else {})}
    return by_place


def send(world: World, slug: str, login: str, path: str, fields: dict[str, str]) -> Answer:
    """A filled-in form; the browser keeps the cookie it is given."""
    body = urlencode(fields).encode()
    answer = knock(world, Knock(slug, login, "POST", path, kind="application/x-www-form-urlencoded", body=body))
    if (cookie := answer.headers.get("Set-Cookie", "")).startswith("yiqilai="):
        world.cookies[slug, login] = cookie.partition(";")[0]
    return answer


def _say_yes(world: World, slug: str) -> str:
    """The cookie of the browser in which a second expert said yes; some words of the opinion are kept there."""
    kept = json.loads((Path(world.folder) / "demo-played.json").read_text("utf-8"))["secrets"]
    yes = send(world, slug, "", f"/x/{kept[f'{UNDER_WAY}guest']['link']}/acceptance", {})
    assert yes.status == 303, yes.status
    mine = world.cookies[slug, WRITING] = yes.headers["Set-Cookie"].partition(";")[0]
    assert mine.startswith("yiqilai_guest="), mine[:20]
    assert send(world, slug, WRITING, "/x/draft", {"words": "树根要先看一看", "named": "1"}).status == 303
    return mine


def _write_a_draft(world: World, slug: str) -> None:
    for login in (SAID, PLACED):
        world.cookies[slug, login] = ""
        assert send(world, slug, login, "/say", {"words": "楼道灯坏了三天了", "wish": ""}).status == 303
    where = {"building": "none", "place": "南门口", "who": "self"}
    assert send(world, slug, PLACED, "/say/where", where).status == 303


def _owner_of_everything(world: World, slug: str) -> str:
    """The cookie of a browser that handed in twenty of the hall's matters, of as many stages as there are."""
    with world.app.app_context():
        site = find_site(world.app, harness.BASE, slug)
        with bound(site.scope):
            found = db.session.execute(
                select(Matter.id, Matter.stage).where(Matter.community_id == site.community_id).order_by(Matter.number)
            ).all()
            db.session.remove()
    by_stage: dict[str, list[str]] = {}
    for row in found:
        by_stage.setdefault(row.stage, []).append(str(row.id))
    turns = [ids[n] for n in range(20) for ids in by_stage.values() if n < len(ids)]
    return world.signed(slug, {"mine": turns[:20], "visitor": uuid4().hex})


def _task_keys(world: World, slug: str) -> list[str]:
    """Links for owners outside the hall, made at the desk and read off the page that shows them once."""
    with world.app.app_context():
        site = find_site(world.app, harness.BASE, slug)
        with bound(site.scope):
            here = Commitment.community_id == site.community_id
            wanted = select(Commitment.id).join(
                Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id)
            )
            tasks = list(db.session.scalars(wanted.where(here, Matter.stage == "implementing").limit(8)))
            db.session.remove()
    keys = []
    for task in tasks:
        path = f"/desk/tasks/{task}/links"
        made = send(world, slug, "shuji", path, {"to_label": "物业 何师傅", "days": "90", "once": str(uuid4())})
        page = knock(world, Knock(slug, "shuji", "GET", path)).text if made.status == 303 else ""
        keys += re.findall(r"/t/([\w-]{22})", page)[:1]
    return keys
