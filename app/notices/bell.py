"""After the commit: tell the worker that a timeline has something to tell.

The timeline itself is the outbox. The bell only saves waiting: when it is lost, the sweeper finds the entries.
"""

from __future__ import annotations

import structlog
from redis.exceptions import RedisError

from tenants.database import db
from tenants.queue import enqueue, enqueue_once
from tenants.scope import SCOPE, Scope

log = structlog.get_logger()
SPREAD = "app.faces.jobs.work:spread"


def ring() -> None:
    """Enqueue what the committed act has to tell; a queue that is down must not turn it into an error page.

    One telling waits for a hall at a time, however many acts it has to tell of; each errand is one job.
    """
    scope = SCOPE.get()
    told = db.session.info.pop("told", None)
    errands = db.session.info.pop("errands", ())
    if scope is None or scope.street is None:
        return
    calls = [(enqueue, where, work) for where, work in errands]
    if told and scope.community:
        here = Scope("community", street=scope.street, community=scope.community)
        calls.append((enqueue_once, here, SPREAD))
    for send, where, work in calls:
        try:
            send(where, work)
        except RedisError:
            log.warning("bell not heard, the sweeper will find it", work=work)


def errand(scope: Scope, work: str) -> None:
    """Ask for ``module:function`` in another binding of the same street, after this act has committed."""
    db.session.info.setdefault("errands", []).append((scope, work))
