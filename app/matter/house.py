"""What the bound hall has settled for itself: names on papers, deadlines, quorum; and the street's calendar.

Kept for a few seconds per process, so that moving a matter does not read the same three rows each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select

from app.matter.deadlines import Deadline
from app.matter.models import Holiday
from app.matter.workdays import Calendar
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current, current_street

SECONDS = 5.0
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class House:
    """``short`` is the community's name without 社区, as it leads the numbers of papers."""

    name: str
    short: str
    code: str
    hall: str
    settings: Mapping[str, Any]
    calendar: Calendar
    deadlines: Mapping[str, Deadline] = field(default_factory=dict)


def house() -> House:
    """The bound hall's settings."""
    return kept("house", _read)


def kept(name: str, read: Callable[[], Kept]) -> Kept:
    """What ``read`` finds for the bound hall or street, kept for a few seconds per process under ``name``."""
    found: dict[Any, tuple[float, Kept]] = current_app.extensions.setdefault("matter.houses", {})
    scope = current()
    mark = (name, scope.street, scope.community)
    if mark not in found or time.monotonic() - found[mark][0] > SECONDS:
        found[mark] = (time.monotonic(), read())
    return found[mark][1]


def forget_houses() -> None:
    """Drop what this process kept, after a hall or the street changed its settings or its lists."""
    current_app.extensions.pop("matter.houses", None)


def street_calendar() -> Calendar:
    """The bound street's working days."""
    rows = db.session.execute(
        select(Holiday.day, Holiday.is_working).where(Holiday.street_id == current_street())
    ).all()
    return Calendar(
        frozenset(day for day, is_working in rows if not is_working),
        frozenset(day for day, is_working in rows if is_working),
    )


def _read() -> House:
    scope = current()
    calendar = street_calendar()
    if scope.community is None:
        return House("", "", "", "", {}, calendar)
    row = db.session.execute(
        select(Community.name, Community.code, Community.hall, Community.settings).where(
            Community.id == scope.community
        )
    ).one()
    own = {key: Deadline(*value) for key, value in row.settings.get("deadlines", {}).items()}
    return House(row.name, row.name.removesuffix("社区"), row.code, row.hall, row.settings, calendar, own)
