"""What comes round by itself: one list, one scheduler.

Two schedulers would run everything twice, so the lock decides; it is lost after a minute without renewal.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.faces import standing
from tenants.database import db
from tenants.hosts import Unknown, bases, find_site
from tenants.queue import enqueue_round, redis, still_waiting
from tenants.registry import Community
from tenants.scope import Scope, bound

log = structlog.get_logger()
LOCK = "yql:scheduler"
LOCK_SECONDS = 60


@dataclass(frozen=True)
class Periodic:
    """Run ``work`` each ``every`` seconds: in every ``open`` hall, in ``all`` of them, or in every ``street``."""

    work: str
    every: float
    of: str = "open"


PERIODICS = [
    # A paused hall's log goes on: that it was paused stands there.
    Periodic("app.faces.jobs.audit:seal", 45, of="all"),
    Periodic("app.faces.jobs.audit:seal_street", 45, of="street"),
    Periodic("app.faces.jobs.work:spread", 120),
    Periodic("app.faces.jobs.imports:work", 60),
    Periodic("app.faces.jobs.ledger:tend", 120),
    Periodic("app.faces.jobs.delivery:tend", 120),
    Periodic("app.faces.jobs.work:take_up", 300),
    Periodic("app.faces.jobs.figures:recount", 300),
    Periodic("app.faces.jobs.work:climb", 300),
    Periodic("app.faces.jobs.work:take_up_looks", 300),
    Periodic("app.faces.jobs.work:end_postings", 300),
    Periodic("app.faces.jobs.work:mend_promises", 600),
    Periodic("app.faces.jobs.work:lapse", 600),
    Periodic("app.faces.jobs.work:end_sheets", 600),
    Periodic("app.faces.jobs.work:moderate", 600),
    Periodic("app.faces.jobs.talent:tend", 900),
    # Once a day each hall speaks; knocking every half hour means that a machine started at noon still speaks today.
    Periodic("app.faces.jobs.work:urge", 1800),
    Periodic("app.faces.jobs.work:clear_expired", 24 * 3600),
    Periodic("app.faces.jobs.work:sweep_files", 24 * 3600),
    Periodic("app.faces.jobs.audit:anchor", 24 * 3600, of="street"),
]


def streets(app: Flask) -> Iterator[Scope]:
    """Every street this deployment serves."""
    for base in bases(app):
        try:
            yield find_site(app, base.rsplit(":", 1)[0]).scope
        except Unknown:
            continue


def scopes(app: Flask, *, closed: bool = False) -> Iterator[Scope]:
    """Every open hall of every street; ``closed`` adds those that are paused or closed."""
    for street in streets(app):
        wanted = select(Community.id).where(Community.street_id == street.street)
        if not closed:
            wanted = wanted.where(Community.closed_at.is_(None), Community.suspended_at.is_(None))
        with bound(street), db.engines[None].begin() as conn:
            halls = list(conn.execute(wanted).scalars())
        for community in halls:
            yield Scope("community", street=street.street, community=community)


WHERE: dict[str, Callable[[Flask], Iterator[Scope]]] = {
    "open": scopes, "all": lambda app: scopes(app, closed=True), "street": streets,
}  # fmt: skip


@dataclass
class Rounds:
    """When each work last went out, in seconds, and the jobs it went out as."""

    last: dict[str, float] = field(default_factory=dict)
    sent: dict[str, list[str]] = field(default_factory=dict)

    def run_due(self, app: Flask, moment: float) -> int:
        """Enqueue what is due at ``moment`` and return how many jobs that were.

        A work whose last round still waits is not sent again: while the worker is away the queue must not grow.
        """
        # A demo's clock that was set back must not keep everything waiting until it is that late again.
        due = [one for one in PERIODICS if not 0 <= moment - self.last.get(one.work, 0.0) < one.every]
        places = {of: list(WHERE[of](app)) for of in {one.of for one in due}}
        sent = 0
        for periodic in due:
            if still_waiting(self.sent.get(periodic.work, ())):
                continue
            self.last[periodic.work] = moment
            self.sent[periodic.work] = enqueue_round(places[periodic.of], periodic.work)
            sent += len(self.sent[periodic.work])
        return sent


def run_forever(app: Flask) -> None:
    """Hold the lock and send what is due, until asked to stop."""
    me = f"{socket.gethostname()}:{os.getpid()}"
    stop: list[Any] = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    signal.signal(signal.SIGINT, lambda *_: stop.append(1))
    rounds = Rounds()
    while not stop:
        try:
            if _hold(me):
                standing.beat(standing.SCHEDULER)
                # A demo whose clock was moved must not wait for what has fallen due meanwhile.
                rounds.run_due(app, time.monotonic() + 1e6 + clock.offset(app).total_seconds())
        except (RedisError, SQLAlchemyError) as error:
            log.warning("the scheduler waits", kind=type(error).__name__)
        for _ in range(20):
            if stop:
                break
            time.sleep(0.5)


def _hold(me: str) -> bool:
    client = redis()
    if client.set(LOCK, me, nx=True, ex=LOCK_SECONDS):
        return True
    if client.get(LOCK) == me.encode():
        client.expire(LOCK, LOCK_SECONDS)
        return True
    if client.ttl(LOCK) > LOCK_SECONDS:
        # The store counts on the wall clock: held while that was ahead, the lock would outlive its holder by as much.
        client.expire(LOCK, LOCK_SECONDS)
    return False
