"""The pages that are measured: who asks for them, what is made ready before the window, and what has to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tests.bench.browser import Lines, Reply, Visitor
from tests.bench.town import HallSeen

Knock = Callable[[], Reply]
WORDS = "楼道里的灯坏了半年多，老人晚上下楼看不见台阶，上个礼拜有人绊了一下，盼着早点给换上声控的。"


@dataclass(frozen=True)
class Place:
    """One hall behind one web server, and the street above it."""

    lines: Lines
    hall: HallSeen
    street_cookies: dict[str, str]

    def anybody(self) -> Visitor:
        """A new browser at the hall's host."""
        return Visitor(self.lines, f"{self.hall.slug}.localhost")


@dataclass(frozen=True)
class View:
    """One page. ``ready`` makes what a window of so many requests needs; the limit is in milliseconds of CPU."""

    name: str
    limit: float
    ready: Callable[[Place, int], list[Knock]]
    requests: int = 40
    in_hall: bool = True


def _expect(reply: Reply, status: int, mark: str = "") -> Reply:
    assert reply.status == status, (reply.status, reply.text[:1500])
    assert mark in reply.text, (mark, reply.text[:1500])
    return reply


def _page(path: Callable[[Place], str], mark: str) -> Callable[[Place, int], list[Knock]]:
    def ready(place: Place, number: int) -> list[Knock]:
        visitor, wanted = place.anybody(), path(place)
        return [lambda: _expect(visitor.get(wanted), 200, mark)] * number

    return ready


def _votes(place: Place, number: int) -> list[Knock]:
    """Each resident has opened the sheet; what is measured is the vote itself."""
    return [_vote(place) for _ in range(number)]


def _vote(place: Place) -> Knock:
    resident, path = next(place.hall.next_voter), f"/polls/{place.hall.poll}"
    visitor = place.anybody()
    visitor.cookies.update(resident.cookies)
    sheet = _expect(visitor.get(path), 200, "csrf_token").text
    return lambda: _expect(visitor.post(path, {"q1": "yes"}, seen=sheet), 303)


def _submits(place: Place, number: int) -> list[Knock]:
    """Each neighbour has filled in the three steps; what is measured is handing it in."""
    return [_submit(place) for _ in range(number)]


def _submit(place: Place) -> Knock:
    visitor = place.anybody()
    first = _expect(visitor.get("/say"), 200).text
    _expect(visitor.post("/say", {"words": WORDS, "wish": "换成声控的"}, seen=first), 303)
    where = {"building": "none", "place": "南门口", "who": "self"}
    _expect(visitor.post("/say/where", where, seen=first), 303)
    last = _expect(visitor.get("/say/check"), 200).text
    fields = {"name": "", "phone": "", "name_public": "", "truth": "y"}
    return lambda: _expect(visitor.post("/say/check", fields, seen=last), 303)


def _overview(place: Place, number: int) -> list[Knock]:
    officer = Visitor(place.lines, "localhost", dict(place.street_cookies))
    return [lambda: _expect(officer.get("/overview"), 200, "个社区，最需要看的排前面")] * number


def _matter(place: Place) -> str:
    wanted: UUID = place.hall.matter
    return f"/matters/{wanted}"


EMPTY = View("empty view", 0.0, _page(lambda _place: "/healthz", ""), requests=100, in_hall=False)
VIEWS = (
    View("list of 20", 12.0, _page(lambda _place: "/matters", "page=2")),
    View("matter, 50 comments", 18.0, _page(_matter, "楼道里的灯坏了半年")),
    View("vote", 6.0, _votes),
    View("submit", 9.0, _submits, requests=25),
    View("hall home", 12.0, _page(lambda _place: "/", "</html>")),
    View("street overview", 40.0, _overview, requests=20, in_hall=False),
)
