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


def recount() -> None:
    """Bring the bound hall's figures up to date; when any were written, ask for the street's sums."""
    _recount(anew=False)


def recount_anew() -> None:
    """Count every period of the bound hall, whether anything happened or not."""
    _recount(anew=True)


def _recount(*, anew: bool) -> None:
    if prepared.recount_hall(now=clock.now(), anew=anew):
        # The sum reads what is committed.
        db.session.commit()
        ask_for_sum()


def ask_for_sum() -> None:
    """Enqueue one sum for the bound street, unless one still waits: a round of forty halls needs one and not forty."""
    street = Scope("street", street=current_street())
    with bound(street):
        mark = key("sum-asked")
    try:
        asked = redis().get(mark)
        if asked is None or not still_waiting([asked.decode()]):
            redis().set(mark, enqueue(street, SUM), ex=3600)
    except RedisError:
        # The next round of any hall that changes asks again.
        return


def sum_street() -> None:
    """Sum up what the bound street's halls have counted."""
    prepared.sum_street(now=clock.now())


def recount_street() -> None:
    """Let every hall of the bound street count itself anew: what the button 「现在重新数一遍」 asks for."""
    here = current_street()
    enqueue_round([Scope("community", street=here, community=hall.id) for hall in kpis.halls()], RECOUNT_ANEW)
