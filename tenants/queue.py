"""Jobs, cache keys and rate limits: everything outside PostgreSQL that must know its tenant.

A job carries its binding as data and enters it before it runs. The queue alone is at-most-once, so whoever needs
more keeps a row in the database and a sweeper that enqueues again; jobs are idempotent.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import Flask, current_app
from redis import Redis
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from .database import db
from .scope import Scope, bound, current

QUEUE = "yiqilai"


def init_queue(app: Flask) -> None:
    """Open the Redis client named by ``REDIS_URL``; nothing is contacted yet."""
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"])


def be_patient(app: Flask, seconds: float) -> None:
    """Let this process wait for ``seconds`` on one answer. A worker waits on an empty queue longer than the client's
    own five seconds; without this each quiet spell counts as a lost connection, and jobs wait out growing pauses.
    """
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_timeout=seconds)


def redis() -> Redis:
    """The program's Redis client."""
    client: Redis = current_app.extensions["redis"]
    return client


def queue() -> Queue:
    """The one job queue, with the JSON serializer (the default would unpickle)."""
    return Queue(QUEUE, connection=redis(), serializer=JSONSerializer)


def key(*parts: object) -> str:
    """A cache, limit or lock key of the bound tenant; raises ``Unbound`` when nobody is bound."""
    scope = current()
    return ":".join(str(part) for part in ("yql", scope.street, scope.community or "-", *parts))


def enqueue(scope: Scope, function: str, *, delay: timedelta | None = None, **values: Any) -> str:
    """Run ``package.module:function`` bound to ``scope``; values must be JSON. Returns the job's id."""
    call: dict[str, Any] = {
        "args": (scope.as_dict(), function, values),
        "retry": Retry(max=3, interval=[2, 10, 60]),
        "result_ttl": 600,
    }
    jobs = queue()
    if delay is None:
        return str(jobs.enqueue_call(run_bound, **call).id)
    return str(jobs.enqueue_in(delay, run_bound, *call["args"], retry=call["retry"]).id)


def run_bound(scope: dict[str, Any], function: str, values: dict[str, Any]) -> None:
    """The worker's only entry: bind, run, commit once. An exception rolls everything back and rq retries."""
    module, _, name = function.partition(":")
    work = getattr(import_module(module), name)
    with bound(Scope.from_dict(scope)):
        try:
            work(**values)
            db.session.commit()
        finally:
            db.session.remove()
