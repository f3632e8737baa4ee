"""The street's board: what its halls counted of themselves, read from their prepared rows.

No matter is counted here, so a page costs the same whether the halls have ten matters or ten thousand. Whoever reads
gets the age of the figures, and how many halls have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal, select, true

from app.flow.collect.voices import ModerationTally
from app.records.counts import HallCounts
from app.records.street_models import HallCount, StreetCount
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 25
#: What the list may be narrowed to.
LOOK, LATE, MISSING = "look", "late", "missing"


@dataclass(frozen=True)
class Line:
    """One community of the board; ``counts`` is None where nothing was counted yet."""

    id: int
    slug: str
    name: str
    hall: str
    counts: HallCounts | None
    weight: int
    counted_at: datetime | None
    suspended: bool = False


@dataclass(frozen=True)
class Board:
    """One page of communities, with how many there are: ``found`` by the filters, ``halls`` open, ``counted`` of them
    for this period, ``again`` since the moment asked about, and when the oldest and the newest were counted."""

    lines: list[Line] = field(default_factory=list)
    found: int = 0
    halls: int = 0
    counted: int = 0
    again: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


def board(
    period: str, *, page: int = 1, words: str = "", only: str = "", since: datetime | None = None, limit: int = PAGE,
    by_weight: bool = True,
) -> Board:  # fmt: skip
    """One page of the bound street's open communities for ``period``, what needs looking at most first.

    One statement. Communities of equal weight, and all without ``by_weight``, stand in the order in which they were
    opened, never by any figure.
    """
    mine = _of_period(period)
    # Sorted and cut narrow; only the page's own rows bring their figures along.
    every = _every(mine, only)
    totals = _totals(every, since)
    order = (every.c.weight.desc().nulls_last(), every.c.id) if by_weight else (every.c.id,)
    cut = (
        select(every.c.id, func.row_number().over(order_by=order).label("place"), func.count().over().label("found"))
        .where(*_wanted(every, words, only))
        .order_by(*order)
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
        .cte("cut")
    )
    rows = db.session.execute(
        select(
            *totals.c, cut.c.found, Community.id, Community.slug, Community.name, Community.hall,
            Community.suspended_at, HallCount.counts, HallCount.weight, HallCount.counted_at,
        )
        .select_from(totals)
        .outerjoin(cut, true())
        .outerjoin(Community, and_(Community.street_id == current_street(), Community.id == cut.c.id))
        .outerjoin(HallCount, mine)
        .order_by(cut.c.place)
    ).all()  # fmt: skip
    lines, first = [_line(row) for row in rows if row.id is not None], rows[0]
    return Board(lines, first.found or 0, first.halls, first.counted, first.again, first.oldest, first.newest)


def _of_period(period: str) -> Any:
    return and_(
        HallCount.community_id == Community.id, HallCount.street_id == Community.street_id, HallCount.period == period
    )


def _every(mine: Any, only: str) -> Any:
    """Every open community of the street, narrow: what is sorted, searched and counted, and no figures."""
    # Looking into the figures of every hall is only worth it for whoever asks for it.
    red = [HallCount.counts["red"].as_integer().label("red")] if only == LATE else []
    return (
        select(Community.id, Community.name, Community.suspended_at, HallCount.weight, HallCount.counted_at, *red)
        .outerjoin(HallCount, mine)
        .where(Community.street_id == current_street(), Community.closed_at.is_(None))
        .cte("every")
    )


def _totals(every: Any, since: datetime | None) -> Any:
    """How many halls there are, how many were counted, how many since, and the first and the last of it."""
    return select(
        func.count().label("halls"), func.count(every.c.counted_at).label("counted"),
        (func.count().filter(every.c.counted_at >= since) if since else literal(0)).label("again"),
        # A hall that is paused is not counted any more, and that is no fault.
        func.min(every.c.counted_at).filter(every.c.suspended_at.is_(None)).label("oldest"),
        func.max(every.c.counted_at).label("newest"),
    ).cte("totals")  # fmt: skip


def _wanted(every: Any, words: str, only: str) -> list[Any]:
    wanted = [every.c.name.contains(words, autoescape=True)] if words else []
    if only == LOOK:
        wanted.append(every.c.weight > 0)
    elif only == LATE:
        wanted.append(every.c.red > 0)
    elif only == MISSING:
        wanted.append(every.c.counted_at.is_(None))
    return wanted


def _line(row: Any) -> Line:
    counts = None if row.counts is None else HallCounts.from_dict(row.counts)
    return Line(
        row.id, row.slug, row.name, row.hall, counts, row.weight or 0, row.counted_at, row.suspended_at is not None
    )


def sums(periods: Iterable[str]) -> dict[str, StreetCount]:
    """The street's own rows of these periods, as far as they were summed up; one statement."""
    rows = db.session.scalars(
        select(StreetCount).where(StreetCount.street_id == current_street(), StreetCount.period.in_(list(periods)))
    )
    return {row.period: row for row in rows}


def community_and_moderation(slug: str, month: str) -> tuple[Community, ModerationTally | None] | None:
    """One community of the bound street with its moderation of a month: counts, and no words; one statement."""
    tally = and_(
        ModerationTally.street_id == Community.street_id, ModerationTally.community_id == Community.id,
        ModerationTally.month == month,
    )  # fmt: skip
    row = db.session.execute(
        select(Community, ModerationTally)
        .outerjoin(ModerationTally, tally)
        .where(Community.street_id == current_street(), Community.slug == slug)
    ).first()
    return (row[0], row[1]) if row else None


def community(slug: str) -> Community | None:
    """One community of the bound street; one statement."""
    return db.session.scalar(select(Community).where(Community.street_id == current_street(), Community.slug == slug))


def counts_of_hall(community_id: int, periods: Iterable[str]) -> dict[str, HallCount]:
    """What one community counted in these periods; one statement."""
    rows = db.session.scalars(
        select(HallCount).where(
            HallCount.street_id == current_street(), HallCount.community_id == community_id,
            HallCount.period.in_(list(periods)),
        )
    )  # fmt: skip
    return {row.period: row for row in rows}
