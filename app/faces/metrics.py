"""``/metrics`` for Prometheus: how much goes on and how well, never who.

The web runs as several processes, whose numbers are added up from files in ``PROMETHEUS_MULTIPROC_DIR``. Jobs, each a
process of its own, are counted in the program's store. Labels are doors, methods and classes of answers; a door of two
thousand halls is one door. It is answered only to the machine itself or for ``METRICS_TOKEN``.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.faces import standing

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


@cache
def _kept() -> SimpleNamespace:
    # Imported when the first request ends, so that no command and no start pays for it.
    from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415

    registry = CollectorRegistry()
    return SimpleNamespace(
        registry=registry,
        requests=Counter("yql_requests", "Answers", ["door", "method", "status"], registry=registry),
        seconds=Counter("yql_request_seconds", "Time spent on answers", ["door", "method"], registry=registry),
        statements=Counter("yql_statements", "Statements asked of the database", ["door"], registry=registry),
        latency=Histogram(
            "yql_request_duration_seconds", "How long an answer took", ["face", "method"], buckets=BUCKETS,
            registry=registry,
        ),
    )  # fmt: skip


def note_request(door: str, method: str, status: int, seconds: float, statements: int) -> None:
    """Count one answer."""
    kept = _kept()
    method = method if method in ("GET", "POST", "HEAD") else "other"
    kept.requests.labels(door, method, f"{status // 100}xx").inc()
    kept.seconds.labels(door, method).inc(seconds)
    kept.latency.labels(door.partition(".")[0], method).observe(seconds)
    if statements:
        kept.statements.labels(door).inc(statements)


class Metrics:
    """WSGI: answers ``/metrics`` before anything looks at hosts, cookies or halls."""

    def __init__(self, app: Flask, wsgi: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            return self.wsgi(environ, start)
        if environ.get("REQUEST_METHOD") != "GET" or not may_ask(environ, self.app.config["METRICS_TOKEN"]):
            start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"not found\n"]
        with self.app.app_context():
            body = page()
        start("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8"), ("Cache-Control", "no-store")])
        return [body]


def may_ask(environ: dict[str, Any], token: str) -> bool:
    """From the machine itself and not through a proxy, or with the token; the address is the connection's own."""
    given = environ.get("HTTP_AUTHORIZATION", "")
    if token and hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
        return True
    peer = environ.get("REMOTE_ADDR") or ""
    is_near = peer in ("", "::1", "::ffff:127.0.0.1") or peer.startswith("127.")
    return is_near and not any(environ.get(name) for name in _FORWARDED)


def page() -> bytes:
    """Everything in Prometheus' text format: what the web processes counted, and how things stand now."""
    from prometheus_client import CollectorRegistry, generate_latest, multiprocess  # noqa: PLC0415

    registry = _kept().registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    now = CollectorRegistry()
    now.register(_Standing())
    return bytes(generate_latest(registry) + generate_latest(now))


class _Standing:
    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

        for name, about, ask in (
            ("yql_jobs_waiting", "Jobs in the queue", standing.jobs_waiting),
            ("yql_jobs_failed_kept", "Jobs that failed for good and are kept", standing.jobs_failed),
            ("yql_outbox_waiting", "Messages that wait to be sent", standing.outbox_waiting),
            ("yql_worker_heartbeat_age_seconds", "Since the worker was last heard", standing.worker_age),
            ("yql_scheduler_heartbeat_age_seconds", "Since the scheduler was last heard", standing.scheduler_age),
            ("yql_seals_lag_seconds", "How long the oldest line has waited for its seal", standing.seals_lag),
            ("yql_backup_age_seconds", "Since the last backup", standing.backup_age),
            ("yql_disk_free_bytes", "Room left in the data folder", standing.disk_free),
        ):
            try:
                value = ask()
            except (RedisError, SQLAlchemyError, OSError):
                value = None
            # What is not known is left out: a zero would look like good news.
            if value is not None:
                yield GaugeMetricFamily(name, about, value=float(value))
        jobs = CounterMetricFamily("yql_jobs", "Jobs by work and end", labels=["work", "end"])
        try:
            for (work, end), count in standing.jobs_ended().items():
                jobs.add_metric([work, end], count)
        except RedisError:
            return
        yield jobs
