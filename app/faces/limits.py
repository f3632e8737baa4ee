"""How often one address may knock, and how often a whole hall may guess.

A door names its own limit (``Door.limit``), counted with every POST. Codes that can be guessed (查询码, 户码) count
only wrong tries, per address and per hall, so that a busy hall never shuts itself out by being right. When the queue's
store is away the counting goes on in this process.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, abort, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from tenants.hosts import Site

log = structlog.get_logger()
#: Wrong codes one address may try, and a whole hall together; 12 digits and 30¹⁰ codes make these harmless numbers.
GUESSES_OF_ADDRESS = parse("10 per 10 minutes")
GUESSES_OF_HALL = parse("300 per hour")


class SlowDown:
    """The counters: in the program's Redis, and in this process while that is away."""

    def __init__(self, url: str, *, enabled: bool) -> None:
        self.enabled = enabled
        self.shared = MovingWindowRateLimiter(storage_from_string(url))
        self.here = MovingWindowRateLimiter(MemoryStorage())

    def count(self, verb: str, limit: RateLimitItem, *marks: str) -> bool:
        """``hit`` or ``test`` a limit; True while it is not reached."""
        try:
            return bool(getattr(self.shared, verb)(limit, *marks))
        except Exception as error:  # The store's client names its own errors; none of them may turn a knock into a 500.
            log.warning("limits are counted in this process only", kind=type(error).__name__)
            return bool(getattr(self.here, verb)(limit, *marks))


def init_limits(app: Flask) -> None:
    """Open the counters; with ``RATELIMIT_ENABLED`` off nothing is counted."""
    app.extensions["slow_down"] = SlowDown(_storage(app.config["REDIS_URL"]), enabled=app.config["RATELIMIT_ENABLED"])


def address() -> str:
    """The bound tenant and the address: a crowd in one hall never slows another hall."""
    return f"{hall()}:{request.remote_addr}"


def hall() -> str:
    """The bound tenant."""
    site: Site | None = getattr(g, "site", None)
    return f"{site.street_id}:{site.community_id or '-'}" if site else "?"


def slow_down(door: Any) -> None:
    """Count this knock at a door and answer 429 when its limit is reached."""
    if is_on() and not _count("hit", parse(door.limit), "door", door.endpoint, address()):
        abort(429)


def may_guess(kind: str) -> bool:
    """Whether this address, and this hall, may try another code of ``kind`` now."""
    if not is_on():
        return True
    own, all_together = _guesses(kind)
    return _count("test", *own) and _count("test", *all_together)


def wrong_guess(kind: str) -> None:
    """Remember a wrong code."""
    if is_on():
        for counter in _guesses(kind):
            _count("hit", *counter)


def is_on() -> bool:
    """Whether limits are counted at all."""
    return bool(current_app.extensions["slow_down"].enabled)


def _guesses(kind: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (GUESSES_OF_ADDRESS, "guess", kind, address()), (GUESSES_OF_HALL, "guess", kind, hall())


def _count(verb: str, limit: RateLimitItem, *marks: str) -> bool:
    counters: SlowDown = current_app.extensions["slow_down"]
    return counters.count(verb, limit, *marks)


def _storage(url: str) -> str:
    # The library knows the same address under another name; the database number behind the socket must survive.
    return "redis+" + url if url.startswith("unix://") else url
