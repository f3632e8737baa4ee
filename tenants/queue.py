"""Jobs, cache keys and rate limits: everything outside PostgreSQL that must know its tenant.

A job carries its binding as data and enters it before it runs. The queue alone is at-most-once, so whoever needs
more keeps a row in the database and a sweeper that enqueues again; jobs are idempotent.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib import import_module
from itertools import islice
from typing import Any

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.job import Job, JobStatus, get_current_job
from rq.serializers import JSONSerializer
from sqlalchemy import select

from .database import db
from .faults import JobFailed, places_of
from .registry import Community
from .scope import Scope, bound, current

log = structlog.get_logger()
QUEUE = "yiqilai"
#: What a caller sees while the store is away; rooms name it without knowing whose client it is.
StoreAway = RedisError
#: How many tenants one job of a round visits; few enough that it ends long before the queue gives it up.
ROUND = 40
#: Seconds after which the queue gives a job up: a workbook of ten years takes minutes on a small machine.
PATIENCE = 1800
#: Seconds that a bell may wait before it is rung again; a job that was lost with its worker is looked for by then.
RINGING = 120
#: Where it is counted how jobs end, as ``work|end``: each runs in a process of its own and cannot keep a number.
JOBS = "yql:jobs"


class RoundIncomplete(RuntimeError):
    """Some tenants of a round failed; the others are done and committed."""


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
    return _key(current(), *parts)


def _key(scope: Scope, *parts: object) -> str:
    return ":".join(str(part) for part in ("yql", scope.street, scope.community or "-", *parts))


def take_turn(name: str, milliseconds: int) -> bool:
    """Whether nobody has had this turn (a key of the store) for so long; it is the caller's then."""
    if redis().set(name, 1, nx=True, px=milliseconds):
        return True
    # The store counts on the wall clock: a turn taken while that was ahead must not last until it is that late.
    return bool(redis().pttl(name) > milliseconds and redis().set(name, 1, px=milliseconds))


def forget_keys() -> None:
    """Forget everything kept under the bound tenant's keys: its rows were replaced below the program."""
    client = redis()
    for name in client.scan_iter(match=key("*"), count=500):
        client.delete(name)


def enqueue_once(scope: Scope, function: str) -> str | None:
    """Like ``enqueue``, unless the same work of the same tenant waits already; returns None then.

    What waits has not begun to read, so it will find what was committed just now as well.
    """
    mark = _key(scope, "bell", function)
    if not take_turn(mark, RINGING * 1000):
        return None
    try:
        return enqueue(scope, function, mark=mark)
    except RedisError:
        # What cannot be sent must not keep the next one from being sent.
        with suppress(RedisError):
            redis().delete(mark)
        raise


def enqueue(scope: Scope, function: str, *, delay: timedelta | None = None, mark: str = "", **values: Any) -> str:
    """Run ``package.module:function`` bound to ``scope``; values must be JSON. Returns the job's id.

    ``mark`` is a key of the store that is deleted as the job begins.
    """
    call: dict[str, Any] = {
        "args": (scope.as_dict(), function, values),
        "retry": Retry(max=3, interval=[2, 10, 60]),
        "result_ttl": 600,
        "timeout": PATIENCE,
        # The lines a job writes carry the number of the request that sent it.
        "meta": {"request": structlog.contextvars.get_contextvars().get("request", ""), "mark": mark},
    }
    jobs = queue()
    if delay is None:
        # The library would ask the store twice; a page that waits for its answer asks once.
        with redis().pipeline() as line:
            sent = jobs.enqueue_call(run_bound, pipeline=line, **call)
            line.execute()
        return str(sent.id)
    return str(jobs.enqueue_in(delay, run_bound, *call["args"], retry=call["retry"], meta=call["meta"]).id)


def run_bound(scope: dict[str, Any], function: str, values: dict[str, Any]) -> None:
    """The worker's entry for one job: bind, run, commit once. An exception rolls everything back and rq retries.

    A hall that was paused or closed since the job was sent is left alone; the sweeper finds its work when it is open
    again.
    """
    with _told(function, scope):
        _take_mark()
        with bound(Scope.from_dict(scope)) as here:
            closed = here.kind == "community" and not is_open(here)
        if not closed:
            _run(scope, function, values)


def _take_mark() -> None:
    """From now on the next bell is a job of its own, for this one is about to read."""
    job = get_current_job()
    if job and (mark := job.meta.get("mark")):
        redis().delete(mark)


@contextmanager
def _told(function: str, scope: dict[str, Any] | None = None) -> Iterator[None]:
    """Write down how a job went and count it. Of an error only its class and its places leave the block."""
    job = get_current_job()
    begun, asked = time.perf_counter(), (job.meta.get("request") if job else "") or ""
    about: dict[str, Any] = {"request": asked, "job": job.id[:8] if job else ""}
    if scope:
        about["tenant"] = scope.get("community") or f"street {scope.get('street')}"
    with structlog.contextvars.bound_contextvars(**about):
        try:
            yield
        except Exception as error:
            _count(function, "failed")
            log.error("job failed", work=function, kind=type(error).__name__, at=places_of(error))
            raise JobFailed(f"{function}: {type(error).__name__}") from None
        _count(function, "done")
        # A round comes each few seconds whether there was work or not; it is told only to who asks for more.
        tell = log.info if scope else log.debug
        tell("job done", work=function, ms=round((time.perf_counter() - begun) * 1000))


def _count(function: str, end: str) -> None:
    try:
        redis().hincrby(JOBS, f"{function}|{end}", 1)
    except RedisError:
        return


def is_open(scope: Scope) -> bool:
    """Whether the bound hall is neither paused nor closed."""
    table = Community.__table__
    wanted = select(table.c.id).where(
        table.c.id == scope.community, table.c.suspended_at.is_(None), table.c.closed_at.is_(None)
    )
    with db.engines[None].begin() as conn:
        return conn.execute(wanted).first() is not None


def _run(scope: dict[str, Any], function: str, values: dict[str, Any]) -> None:
    module, _, name = function.partition(":")
    work = getattr(import_module(module), name)
    with bound(Scope.from_dict(scope)):
        try:
            work(**values)
            db.session.commit()
        finally:
            db.session.remove()


def enqueue_round(scopes: Iterable[Scope], function: str) -> list[str]:
    """Run ``package.module:function`` in one tenant after the other, forty to a job. Returns the ids of the jobs.

    A job costs a new process, so a job for every tenant and work would keep the worker busy with nothing else.
    """
    jobs, waiting = queue(), iter(scopes)
    sent = []
    while part := [scope.as_dict() for scope in islice(waiting, ROUND)]:
        retry = Retry(max=3, interval=[2, 10, 60])
        sent.append(str(jobs.enqueue_call(run_round, args=(part, function), retry=retry, result_ttl=600).id))
    return sent


def still_waiting(sent: Iterable[str]) -> bool:
    """Whether any of these jobs has not been begun yet."""
    found: Iterator[Job | None] = iter(Job.fetch_many(list(sent), connection=redis(), serializer=JSONSerializer))
    return any(job is not None and job.get_status() == JobStatus.QUEUED for job in found)


def run_round(scopes: list[dict[str, Any]], function: str) -> None:
    """What the worker does with a round: each tenant in a transaction of its own, none kept from it by another's fault.

    Raises ``RoundIncomplete`` at the end when some failed, so that the queue tries again; works may run twice.
    """
    failed = 0
    with _told(function):
        for scope in scopes:
            try:
                _run(scope, function, {})
            except Exception as error:  # A fault in one hall must not cost its neighbours their day.
                failed += 1
                log.error(
                    "a tenant's turn failed", work=function, tenant=scope.get("community"), kind=type(error).__name__,
                    at=places_of(error),
                )  # fmt: skip
    if failed:
        _count(function, "failed")
        raise RoundIncomplete(f"{function}: {failed} of {len(scopes)} tenants failed")
