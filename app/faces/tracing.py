"""One number for every request: on the error page, in the answer's header, in every line and in every job it sends.

One line a request says which door, how it ended and how long it took. The door's pattern is written, never the address
that was typed: addresses of guests hold keys, and queries hold codes.
"""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import structlog
from flask import Flask, g, has_request_context, request
from sqlalchemy import event

from app.faces import metrics
from tenants.database import db

log = structlog.get_logger()
HEADER = "X-Request-Id"
_FIT = re.compile(r"[0-9a-f-]{8,36}\Z")


def init_tracing(app: Flask) -> None:
    """Begin before anybody else looks at the request and end after everybody else; call it first of all."""
    app.before_request(_begin)
    app.after_request(_end)


def watch_statements(app: Flask) -> None:
    """Count what each request asks the database; call it when the engines are known."""
    with app.app_context():
        for engine in db.engines.values():
            event.listen(engine, "before_cursor_execute", _count)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    # Only a number a proxy may have made is taken over: it goes into a header and into every line.
    g.request_id = given if _FIT.match(given) else uuid.uuid4().hex[:12]
    g.begun, g.statements = time.perf_counter(), 0
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _count(*_arguments: Any) -> None:
    if has_request_context() and "statements" in g:
        g.statements += 1


def door_of() -> str:
    """The endpoint that was asked for, or a dash where there is none."""
    return request.endpoint or "-"


def _end(response: Any) -> Any:
    response.headers[HEADER] = g.get("request_id", "-")
    seconds = time.perf_counter() - g.get("begun", time.perf_counter())
    door, method, status = door_of(), request.method, response.status_code
    if door in ("static", "healthz", "readyz") and status < 400:
        return response
    try:
        metrics.note_request(door, method, status, seconds, g.get("statements", 0))
        log.info(
            "request", door=door, method=method, status=status, ms=round(seconds * 1000, 1), sql=g.get("statements", 0)
        )
    except OSError:
        # A full disk must not cost somebody the answer.
        pass
    return response
