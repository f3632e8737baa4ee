"""Which pages are looked at, by whom, and two browsers that go through them at once."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.matter.models import Matter
from tenants.database import db
from tests import browser as browsers
from tests.journeys.atlas import Atlas

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

    from tests.journeys.wire import Wire

#: The hall with the most matters at every stage.
RICH = "nanyandao"
LANGS = {"zh_Hans": "zh-CN", "zh_Hant": "zh-TW", "en": "en"}
PLAIN = (
    "/", "/say", "/say/where", "/say/check", "/matters", "/track", "/ballots", "/results", "/calendar", "/privacy",
    "/join", "/sign-in",
)  # fmt: skip
MORE = ("/charter", "/places", "/feedback", "/postings", "/plans", "/handbook", "/able", "/join/phone", "/council")
ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
BROWSERS = 2


@dataclass(frozen=True)
class View:
    """A page as somebody sees it; an empty slug is the street, an empty login a stranger."""

    slug: str
    path: str
    login: str = ""
    elder: bool = False
    language: str = "zh_Hans"

    def __str__(self) -> str:
        marks = [self.login, "elder" if self.elder else "", self.language if self.language != "zh_Hans" else ""]
        return " ".join(part for part in (f"{self.slug or 'street'}{self.path}", *marks) if part)


def links(wire: Wire, path: str, pattern: str, most: int) -> list[str]:
    """The first addresses on a page that look like ``pattern``."""
    found = re.findall(rf'href="(?:https?://[^/"]+)?({pattern})"', wire.get(path).text)
    return list(dict.fromkeys(found))[:most]


def residents(atlas: Atlas, slug: str) -> list[View]:
    """The residents' main pages of a hall: those of the menu, the steps of saying, and one of each kind of thing."""
    wire = atlas.wire(slug, "")
    wire.post("/say", {"words": "楼道的灯晚上不亮", "wish": "早点修好"}, [])
    wire.post("/say/where", {"building": "none", "place": "南门口", "who": "self"})
    things = links(wire, "/matters", rf"/matters/{ID}", 1)
    things += links(wire, "/ballots", rf"/(?:ballots|polls)/{ID}(?:/result)?", 2)
    things += links(wire, "/results", rf"/results/{ID}", 1)
    with atlas.program.inside(slug) as site:
        wanted = select(Matter.id).where(Matter.community_id == site.community_id, Matter.stage == "reviewing")
        things += [f"/matters/{found}/rating" for found in db.session.scalars(wanted.limit(1))]
    return [View(slug, path) for path in (*PLAIN, *things) if wire.get(path).status == 200]


def desk(atlas: Atlas, slug: str, login: str) -> list[View]:
    """Everything of the side menu, with the matters and the things behind its main lists."""
    wire = atlas.wire(slug, login)
    start = "/desk" if slug else "/overview"
    menu = re.search(r'(?s)<nav class="h-side-in".*?</nav>', wire.get(start).text)
    assert menu, f"{start} of {slug or 'the street'} has no menu for {login}"
    paths = re.findall(r'href="(?:https?://[^/"]+)?(/[^"]*)"', menu[0])
    if slug:
        paths += links(wire, "/desk/matters", rf"/desk/matters/{ID}", 3)
        paths += links(wire, "/desk/inbox", rf"/desk/matters/{ID}/screening", 1)
        paths += links(wire, "/desk/sittings", rf"/desk/sittings/{ID}", 2)
        paths += links(wire, "/desk/tasks", rf"/desk/tasks/{ID}", 1)
        paths += links(wire, "/desk/ballots", rf"/desk/(?:polls|ballots)/{ID}", 2)
    else:
        paths += [
            "/",
            "/joint",
            *links(wire, "/halls", r"/halls/[a-z]+", 1),
            *links(wire, "/joints", rf"/joints/{ID}", 1),
        ]
    return [View(slug, path, login) for path in dict.fromkeys(paths) if wire.get(path).status == 200]


class Looker:
    """One browser window with axe in it; only its cookies and its width change."""

    def __init__(self, atlas: Atlas, page: Page, wire: CDPSession) -> None:
        self.atlas, self.page, self.wire = atlas, page, wire

    def open(self, view: View, width: int = 390) -> Page:
        """Go there as this person; the page must answer 200."""
        visitor = self.atlas.wire(view.slug, view.login)
        extra = {"elder": "on" if view.elder else "off", "language": view.language}
        url = f"http://{visitor.host}/"
        self.page.context.clear_cookies()
        self.page.context.add_cookies(
            [{"name": name, "value": value, "url": url} for name, value in {**visitor.cookies, **extra}.items()]
        )
        self.wide(width)
        answer = self.page.goto(f"http://{visitor.host}{view.path}", wait_until="load")
        assert answer, view
        assert answer.status == 200, f"{view}: {answer.status}"
        return self.page

    def wide(self, width: int) -> None:
        """The window's width in CSS pixels; 640 is a window of 1280 at 200 %, 320 the same at 400 %."""
        self.page.set_viewport_size({"width": width, "height": 900 if width > 800 else 740})


@contextlib.contextmanager
def looker(atlas: Atlas) -> Iterator[Looker]:
    """A window of a browser of its own."""
    with browsers.launched() as browser:
        context = browser.new_context(bypass_csp=True, locale="zh-CN", reduced_motion="reduce")
        context.add_init_script(browsers.axe_source())
        context.set_default_timeout(60_000)
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("DOM.enable")
        wire.send("Accessibility.enable")
        yield Looker(atlas, page, wire)


def go_through(atlas: Atlas, views: list[View], look: Callable[[Looker, View], list[str]]) -> list[str]:
    """Look at each view with two browsers at once; returns all findings, each behind the view it is on."""
    waiting: queue.SimpleQueue[View] = queue.SimpleQueue()
    for view in views:
        atlas.wire(view.slug, view.login)
        waiting.put(view)
    found: list[str] = []
    guard = threading.Lock()

    def walk(_n: int) -> None:
        with looker(atlas) as window:
            while True:
                try:
                    view = waiting.get_nowait()
                except queue.Empty:
                    return
                told = [f"{view}: {line}" for line in look(window, view)]
                with guard:
                    found.extend(told)

    with ThreadPoolExecutor(BROWSERS) as hands:
        list(hands.map(walk, range(BROWSERS)))
    return sorted(found)


def both_modes(views: list[View]) -> list[View]:
    """Each view as it is and in 关怀版."""
    return [replace(view, elder=elder) for view in views for elder in (False, True)]


def in_languages(views: list[View], languages: tuple[str, ...]) -> list[View]:
    """Each view in each of these languages."""
    return [replace(view, language=language) for language in languages for view in views]
