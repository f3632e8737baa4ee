"""What many watch at once: a number per watched thing, published after the commit that changed it, and what was drawn
for that number. Keys are led by the tenant; nothing is ever found under another hall's name.

The database holds the truth (a counter of its own), Redis only saves asking it. A number is kept for half a minute, so
that one lost while Redis was away is found again; without Redis every question is answered by the database.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from redis.exceptions import RedisError

from .queue import key, redis, take_turn

log = structlog.get_logger()
#: Seconds after which a number is read from the database again, and a drawing is drawn again.
KEEP = 30
# Two commits may publish in the wrong order: the greater number stays.
_PUBLISH = """
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
if known <= tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""


def publish(numbers: Mapping[object, int]) -> None:
    """Tell everybody who watches that these things now stand at these numbers; never fails."""
    try:
        for thing, number in numbers.items():
            redis().eval(_PUBLISH, 1, key("live", thing), number, KEEP)
    except RedisError:
        log.warning("the watched numbers are read from the database")


def standing(thing: object) -> tuple[int | None, str]:
    """``(number, newest tag)`` of a thing: the number is None when it is not known here, the tag then empty."""
    try:
        number, tag = redis().mget(key("live", thing), key("live", thing, "tag"))
    except RedisError:
        return None, ""
    return (int(number) if number is not None else None), _text(tag or b"")


def draw_again(thing: object, milliseconds: int) -> bool:
    """Whether the caller is the one who looks anew; everybody else waits that long. True where Redis is away."""
    try:
        return take_turn(key("live", thing, "turn"), milliseconds)
    except RedisError:
        return True


def keep(thing: object, tag: str, look: str, text: str) -> None:
    """Keep what was drawn for ``tag``, so that the other watchers of the same look get it without the database."""
    try:
        pipe = redis().pipeline(transaction=False)
        pipe.set(key("live", thing, "tag"), tag, ex=KEEP)
        pipe.set(key("live", thing, tag, look), text.encode(), ex=KEEP)
        pipe.execute()
    except RedisError:
        log.warning("a drawing was not kept")


def kept(thing: object, tag: str, look: str) -> str | None:
    """What was drawn for ``tag`` and this look, or None."""
    try:
        found = redis().get(key("live", thing, tag, look))
    except RedisError:
        return None
    return _text(found) if found is not None else None


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
