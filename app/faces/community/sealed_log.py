"""Doors of the hall's sealed log: the newest seal, verifying it, taking it away, printing it."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify

from app import clock
from app.faces import sealed_log as seen
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people.desk import log_change
from app.people.permissions import Permission


def audit() -> str:
    """Whether the log is whole, as of the last verification."""
    return desk("desk/audit.html", "audit", **seen.values("community"))


def audit_check() -> Any:
    """Verify all of it in the background."""
    log_change("audit", "check", by=actor(), now=clock.now())
    return seen.begin("community")


def audit_progress() -> Response:
    """How far that is."""
    return jsonify(seen.progress())


def audit_file() -> Response:
    """The seals as a file; that somebody took it is written down."""
    log_change("audit", "export", by=actor(), now=clock.now())
    return seen.file_answer(g.site.slug)


def audit_paper() -> str:
    """The newest seal on paper."""
    return seen.paper("community")


R = Permission.HALL_LOG_READ
DOORS: list[Door] = [
    Door("GET", "/desk/audit", audit, R),
    Door("GET", "/desk/audit/progress", audit_progress, R),
    Door("POST", "/desk/audit/checks", audit_check, R),
    Door("POST", "/desk/audit/files", audit_file, R),
    Door("GET", "/desk/audit/paper", audit_paper, R),
]
