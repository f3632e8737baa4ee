"""The figures of one hall over a period, counted in SQL: a fixed number of statements, whatever the number of rows.

Source: domain.md section 7. Days are days in Asia/Shanghai, both ends of the period belong to it. What was merged is
counted with the matter it went into, what was withdrawn never, and a matter that was sent back twice is one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.matter.models import Matter
from app.matter.workdays import local_day, start_of
from app.records import hall_counts_matters as matters
from app.records import hall_counts_people as people
from app.records import hall_counts_promises as promises
from app.records import hall_counts_table as table
from app.records.counts import BY_KEY, HallCounts
from app.records.hall_counting import NOT_COUNTED
from app.records.hall_counts_matters import lights as lights
from tenants.database import db
from tenants.scope import current_community


def count_hall(first: date, last: date, *, now: datetime) -> HallCounts:
    """Count the bound hall over ``first`` to ``last``; lights and what waits for the street are those of ``now``."""
    since, until = ends_of(first, last)
    today = local_day(now)
    parts: tuple[dict[str, Any], ...] = (
        matters.matters(since, until), matters.ratings(since, until), matters.moves(since, until),
        matters.replies(since, until), matters.entries(since, until), lights(now),
        promises.promises(first, last, today), promises.postings(first, last, today),
        promises.orders(first, last, today), promises.asks(now),
        people.places(since, until, last), people.residents(since, until, last), people.faces(since, until),
        table.sittings(since, until), table.mediations(since, until, first, last, today),
        table.invitations(since, until),
    )  # fmt: skip
    found: dict[str, Any] = {"lit": 1, "themes": count_themes(first, last)}
    for part in parts:
        found |= part
    return HallCounts(**{key: value if key in BY_KEY else int(value or 0) for key, value in found.items()})


def count_themes(first: date, last: date) -> dict[str, int]:
    """How many matters of each category the bound hall received in the period; one statement."""
    since, until = ends_of(first, last)
    rows = db.session.execute(
        select(Matter.category, func.count())
        .where(
            Matter.community_id == current_community(), Matter.collected_at.between(since, until),
            Matter.stage.not_in(NOT_COUNTED), Matter.category != "",
        )
        .group_by(Matter.category)
    )  # fmt: skip
    return {category: int(n) for category, n in rows}


def ends_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The first and the last moment of a period."""
    return start_of(first), start_of(last + timedelta(days=1)) - timedelta(microseconds=1)
