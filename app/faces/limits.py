"""How often somebody may knock, in layers, so that whoever shares an address with a nuisance is not shut out by it.

A door names what one visitor may do (``Door.limit``), counted with every POST. Behind one address sit a whole
building's wireless, a carrier's gateway, a machine in the lobby; so the layers are, per hall:

- an account (户码 or staff) has an allowance of its own and no other;
- a browser this hall has known for a minute has an allowance of its own, and all such browsers of an address together
  a very high ceiling;
- browsers nobody has seen before share a ceiling of their address. Whoever is refused here is known a minute later,
  so a wait of a minute always helps a person and never a script that forgets its cookies.

Codes that can be guessed (查询码, 户码) count only wrong tries, in the same layers and for the hall as a whole, so that
a busy hall never shuts itself out by being right. When the queue's store is away the counting goes on in this process.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app, g, request, session
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from packaging.version import Version
from werkzeug.exceptions import TooManyRequests

from app.faces.visitor import browser_key, visitor
from app.people.permissions import Permission
from tenants.hosts import Site

log = structlog.get_logger()
#: Seconds after which a browser is no newcomer any more.
KNOWN_AFTER = 60
#: The allowance of one visitor, times this: for all newcomers of an address, for all its known browsers, for staff.
NEWCOMERS, KNOWN, STAFF = 3, 30, 10
#: Wrong codes of one visitor, of an address's newcomers, of all its known browsers, and of a whole hall; 12 digits and
#: 30¹⁰ codes make these harmless numbers.
GUESSES = parse("10 per 10 minutes")
GUESSES_OF_ADDRESS = parse("60 per 10 minutes")
GUESSES_OF_HALL = parse("3000 per hour")
#: One-time codes asked for: of one visitor, of an address's newcomers, of all its known browsers. A hall reads out 120
#: an hour (``people.phones.HALL_AN_HOUR``), and one address must never use them up.
CODES = parse("6 per hour")
CODES_OF_NEWCOMERS, CODES_OF_ADDRESS = parse("15 per hour"), parse("30 per hour")

#: Whoever answers under a key.
GUESTS = (Permission.GUEST_ANSWER, Permission.GUEST_TASK)


class TooFast(TooManyRequests):
    """Too much from one place: the page says how many seconds to wait, and keeps what was typed."""

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Lane:
    """One counter: its limit and whose it is."""

    limit: RateLimitItem
    marks: tuple[str, ...]
    passes_with_time: bool = False


class SharedStorage(RedisStorage):
    """The library's store, which would otherwise load a second client beside the one that the program uses."""

    STORAGE_SCHEME = None
    DEPENDENCIES = {"redis": Version("3.0")}


class SlowDown:
    """The counters: in the program's Redis, and in this process while that is away."""

    def __init__(self, url: str, *, enabled: bool) -> None:
        self.enabled = enabled
        self.shared = MovingWindowRateLimiter(SharedStorage(url))
        self.here = MovingWindowRateLimiter(MemoryStorage())

    def count(self, verb: str, lane: Lane) -> Any:
        """``hit`` or ``test`` a lane (True while it is not full), or its ``get_window_stats``."""
        try:
            return _ask(self.shared, verb, lane)
        except Exception as error:  # The store's client names its own errors; none of them may turn a knock into a 500.
            log.warning("limits are counted in this process only", kind=type(error).__name__)
            return _ask(self.here, verb, lane)


def _ask(counter: MovingWindowRateLimiter, verb: str, lane: Lane) -> Any:
    found = getattr(counter, verb)(lane.limit, *lane.marks)
    if (
        found is not False
        or counter.get_window_stats(lane.limit, *lane.marks)[0] <= time.time() + lane.limit.get_expiry()
    ):
        return found
    # The knocks that fill it were counted by a clock that was ahead: they would shut people out until it is that late.
    counter.clear(lane.limit, *lane.marks)
    return getattr(counter, verb)(lane.limit, *lane.marks)


def init_limits(app: Flask) -> None:
    """Open the counters; with ``RATELIMIT_ENABLED`` off nothing is counted."""
    app.extensions["slow_down"] = SlowDown(_storage(app.config["REDIS_URL"]), enabled=app.config["RATELIMIT_ENABLED"])
    app.after_request(_note_browser)


def address() -> str:
    """The bound tenant and the address: a crowd in one hall never slows another hall."""
    return f"{hall()}:{request.remote_addr}"


def hall() -> str:
    """The bound tenant."""
    site: Site | None = getattr(g, "site", None)
    return f"{site.street_id}:{site.community_id or '-'}" if site else "?"


def slow_down(door: Any) -> None:
    """Count this knock at a door; raises :class:`TooFast` when a layer is full.

    The visitor's own allowance is asked first, so that one browser's flood uses up nothing of its neighbours'.
    """
    if not is_on():
        return
    # A guest answers under a key and is nobody else, also where staff is signed in.
    lanes = _lanes(parse(door.limit), "door", door.endpoint, nobody=door.permission in GUESTS)
    meet()
    for lane in lanes:
        if not _counters().count("hit", lane):
            raise TooFast(_wait(lane))


def may_guess(kind: str) -> bool:
    """Whether this visitor, this address and this hall may try another code of ``kind`` now."""
    return not is_on() or all(_counters().count("test", lane) for lane in _guesses(kind))


def wrong_guess(kind: str) -> None:
    """Remember a wrong code."""
    if is_on():
        lanes = list(_guesses(kind))
        meet()
        for lane in lanes:
            _counters().count("hit", lane)


def wait_for_code() -> int:
    """Count that this visitor asks for a one-time code; the seconds to wait, or 0 where it may be made."""
    if not is_on():
        return 0
    own = _lanes(CODES, "ask", "phone")
    meet()
    pools = (Lane(CODES_OF_NEWCOMERS if lane.passes_with_time else CODES_OF_ADDRESS, lane.marks) for lane in own[1:])
    full = next((lane for lane in (own[0], *pools) if not _counters().count("hit", lane)), None)
    return _wait(full) if full else 0


def is_on() -> bool:
    """Whether limits are counted at all."""
    return bool(current_app.extensions["slow_down"].enabled)


def meet() -> None:
    """From now on this browser is known by its key; both are set together, so a kept cookie cannot pass for many."""
    if "since" not in session or "visitor" not in session:
        session["since"] = int(time.time())
        browser_key()


def _is_known() -> bool:
    # Met later than now means met while the clock was ahead, which is no newcomer either.
    since = session.get("since")
    return "visitor" in session and isinstance(since, int) and abs(time.time() - since) >= KNOWN_AFTER


def _note_browser(response: Any) -> Any:
    # Whoever carries a session anyway (a page with a form) begins to be known with that page, not with the first POST.
    if request.endpoint not in (None, "static", "healthz", "readyz") and session:
        meet()
    return response


def _lanes(own: RateLimitItem, *what: str, nobody: bool = False) -> list[Lane]:
    me = None if nobody else visitor()
    if me is not None:
        return [Lane(_times(own, STAFF if me.is_staff else 1), (*what, hall(), "account", str(me.id)))]
    browser = Lane(own, (*what, hall(), "browser", browser_key()))
    if _is_known():
        return [browser, Lane(_times(own, KNOWN), (*what, address(), "known"))]
    return [browser, Lane(_times(own, NEWCOMERS), (*what, address(), "new"), passes_with_time=True)]


def _guesses(kind: str) -> Iterable[Lane]:
    # Newcomers of an address share the guesses of one visitor: forgetting the cookie wins nothing.
    own = _lanes(GUESSES, "guess", kind)
    wider = [Lane(GUESSES if lane.passes_with_time else GUESSES_OF_ADDRESS, lane.marks) for lane in own[1:]]
    return [own[0], *wider, Lane(GUESSES_OF_HALL, ("guess", kind, hall()))]


def _times(item: RateLimitItem, factor: int) -> RateLimitItem:
    return type(item)(item.amount * factor, item.multiples)


def _wait(lane: Lane) -> int:
    """Seconds until this visitor may knock again."""
    free_again = int(_counters().count("get_window_stats", lane)[0] - time.time()) + 1
    return max(1, min(free_again, KNOWN_AFTER) if lane.passes_with_time else free_again)


def _counters() -> SlowDown:
    counters: SlowDown = current_app.extensions["slow_down"]
    return counters


def _storage(url: str) -> str:
    # The library knows the same address under another name; the database number behind the socket must survive.
    return "redis+" + url if url.startswith("unix://") else url
