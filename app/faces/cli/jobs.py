"""``flask jobs worker | scheduler``: the two processes beside the web."""

from __future__ import annotations

import threading
import time

import click
from flask import current_app
from flask.cli import AppGroup
from redis.exceptions import RedisError
from rq import Worker

from app.faces import standing
from app.faces.jobs import periodic
from tenants.queue import be_patient, queue, redis

#: Seconds after which a silent worker counts as dead; it waits on the empty queue for a little less.
TTL = 30
#: Seconds that a starting worker gives its store to come up.
STORE_PATIENCE = 60.0
group = AppGroup("jobs", help="Worker and scheduler.")


@group.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(burst: bool) -> None:
    """Work the queue. Each job binds its own tenant and commits once."""
    be_patient(current_app._get_current_object(), 2 * TTL)  # type: ignore[attr-defined]
    client = redis()
    _await_store(client)
    if not burst:
        threading.Thread(target=_beat, args=(client,), daemon=True).start()
    Worker(
        [queue()], connection=client, serializer=queue().serializer, worker_ttl=TTL, maintenance_interval=10,
        job_monitoring_interval=5,
    ).work(burst=burst, with_scheduler=not burst, logging_level="WARNING")  # fmt: skip


def _await_store(client: object) -> None:
    """A worker may be started beside its store; one that never comes is told by the first job asked for."""
    deadline = time.monotonic() + STORE_PATIENCE
    while time.monotonic() < deadline:
        try:
            client.ping()  # type: ignore[attr-defined]
            return
        except RedisError:
            time.sleep(0.05)


def _beat(client: object) -> None:
    while True:
        try:
            client.set(standing.HEARTBEAT, time.time(), ex=300)  # type: ignore[attr-defined]
        except RedisError:
            pass
        time.sleep(10)


@group.command()
def scheduler() -> None:
    """Run the periodic works; exactly one scheduler may run, a lock in the queue's store sees to it."""
    periodic.run_forever(current_app._get_current_object())  # type: ignore[attr-defined]
