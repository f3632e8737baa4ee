"""What the worker does to keep the street's figures ready: each hall counts itself, then the street sums up."""

from __future__ import annotations

from redis.exceptions import RedisError

from app import clock
from app.records import kpis, prepared
from tenants.database import db
from tenants.queue import enqueue, enqueue_round, key, redis, still_waiting
from tenants.scope import Scope, bound, current_street

RECOUNT = "app.faces.jobs.figures:recount"
RECOUNT_ANEW = "app.faces.jobs.figures:recount_anew"
SUM = "app.faces.jobs.figures:sum_street"
#: For how many seconds a sum stays owed; a new day counts everything anew.
KEPT = 24 * 3600


def recount() -> None:
    """Bring the bound hall's figures up to date; when any were written, ask for the street's sums."""
    _recount(anew=False)


def recount_anew() -> None:
    """Count every period of the bound hall, whether anything happened or not."""
    _recount(anew=True)


def _recount(*, anew: bool) -> None:
    written = prepared.recount_hall(now=clock.now(), anew=anew)
    try:
        if written:
            # The sum reads what is committed; and who dies between the commit and the asking leaves the mark behind.
            _owe()
            db.session.commit()
        if written or redis().get(_mark()) is not None:
            ask_for_sum()
    except RedisError:
        # The next round of any hall that changes asks again.
        return


def _mark() -> str:
    """Where it stands that the bound street's sums are owed: the job that was asked for, or a dash before one was."""
    with bound(Scope("street", street=current_street())):
        return key("sum-asked")


def _owe() -> None:
    if not _is_asked():
        redis().set(_mark(), "-", ex=KEPT)


def _is_asked() -> bool:
    asked = redis().get(_mark())
    return asked is not None and still_waiting([asked.decode()])


def ask_for_sum() -> None:
    """Enqueue one sum for the bound street, unless one still waits: a round of forty halls needs one and not forty."""
    if not _is_asked():
        redis().set(_mark(), enqueue(Scope("street", street=current_street()), SUM), ex=KEPT)


def sum_street() -> None:
    """Sum up what the bound street's halls have counted."""
    owed = redis().get(_mark())
    prepared.sum_street(now=clock.now())
    db.session.commit()
    if owed is not None and redis().get(_mark()) == owed:
        redis().delete(_mark())


def recount_street() -> None:
    """Let every hall of the bound street count itself anew: what the button 「现在重新数一遍」 asks for."""
    here = current_street()
    enqueue_round([Scope("community", street=here, community=hall.id) for hall in kpis.halls()], RECOUNT_ANEW)
