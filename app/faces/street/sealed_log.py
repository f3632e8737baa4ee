"""Doors of the street's sealed log, and the newest seal of every hall."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from app import clock
from app.faces import sealed_log as seen
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people.permissions import Permission
from app.people.street_log import log_street
from app.records import audit as records


def audit() -> str:
    """The street's own log, and how far each hall's is sealed and anchored here."""
    return desk("street/audit.html", "audit", halls=records.halls_sealed(), **seen.values("street"))


def audit_check() -> Any:
    """Verify the street's log in the background."""
    log_street("audit", "check", by=actor(), now=clock.now())
    return seen.begin("street")


def audit_progress() -> Response:
    """How far that is."""
    return jsonify(seen.progress())


def audit_file() -> Response:
    """The seals as a file; that somebody took it is written down."""
    log_street("audit", "export", by=actor(), now=clock.now())
    return seen.file_answer("street")


def audit_paper() -> str:
    """The newest seal on paper."""
    return seen.paper("street")


R = Permission.STREET_AUDIT_READ
DOORS: list[Door] = [
    Door("GET", "/audit", audit, R),
    Door("GET", "/audit/progress", audit_progress, R),
    Door("POST", "/audit/checks", audit_check, R),
    Door("POST", "/audit/files", audit_file, R),
    Door("GET", "/audit/paper", audit_paper, R),
]
