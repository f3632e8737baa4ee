"""Wrong tries on a login that nobody has are counted and rest like those of a real one.

Whoever tries names must not learn from the answer which of them exist: the sentence, the rests and the work are the
same. The counts stand in the program's store under a keyed mark and pass after a week; while the store is away nothing
is counted here, which a real account still does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.errors import Verdict, yes
from app.people import rules
from app.people.secrets import blind
from tenants.queue import StoreAway, key, redis

KEPT = timedelta(days=7)


def may_try(login: str, now: datetime) -> Verdict:
    """What :func:`app.people.rules.may_try` says of an account."""
    try:
        kept = redis().get(_key("rest", login))
    except StoreAway:
        return yes()
    return rules.may_try(datetime.fromisoformat(str(kept, "ascii")) if kept else None, now)  # type: ignore[arg-type]


def count_failure(login: str, now: datetime) -> None:
    """One more wrong try on this login."""
    try:
        count = redis().incr(_key("wrong", login))
        redis().expire(_key("wrong", login), KEPT)
        _failed, until = rules.after_failure(int(count) - 1, now)  # type: ignore[arg-type]
        if until is not None:
            redis().set(_key("rest", login), until.isoformat(), ex=KEPT)
    except StoreAway:
        return


def _key(what: str, login: str) -> str:
    return key("login", what, blind("login", login))
