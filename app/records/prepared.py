"""Figures kept ready: each hall counts itself and keeps a row for every period, the street keeps their sums.

The hall counts in its own binding, so the street needs no grant on ballots, ratings or mediations. An idle hall costs
one statement a round. Nothing here commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, tuple_, union
from sqlalchemy.dialects.postgresql import insert

from app.flow.resolve.models import Commitment
from app.matter.models import Matter, TimelineEntry
from app.matter.workdays import local_day
from app.people.models import ChangeLog
from app.records.counts import HallCounts, sum_counts
from app.records.hall_counting import day_of
from app.records.hall_counts_matters import OPEN
from app.records.hall_figures import count_hall
from app.records.indicators import attention
from app.records.periods import Period, periods
from app.records.street_models import HallCount, StreetCount
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_community, current_street

#: An act writes the moment it began and is seen when it commits; what is this young is looked at once more.
SLACK = timedelta(minutes=2)
#: How many themes the street's row keeps.
THEMES = 12


@dataclass(frozen=True)
class Kept:
    """A row as it stands: what it is of, and when it was counted."""

    period: Period
    counted_at: datetime
    changed_at: datetime | None

    @property
    def is_unfinished(self) -> bool:
        """Whether the period was still running when it was counted."""
        return local_day(self.counted_at) <= self.period.last


def recount_hall(*, now: datetime, anew: bool = False, earlier: bool = True) -> int:
    """Bring the bound hall's rows up to date and return how many were written; 0 and one statement when idle.

    This month, quarter and year are counted when anything happened, a light changed, or a new day began; an earlier
    period when it has no row yet, had not ended when it was counted, or a matter changed that moved or was due in it.
    ``anew`` counts all of them whatever happened; without ``earlier`` the past months wait for the next round.
    """
    kept, newest, lights_moved = _stands(now)
    wanted = periods(local_day(now))[: None if earlier else 3]
    mark = kept.get(wanted[0].key)
    due = {one.period for one in kept.values() if one.is_unfinished and one.period.last < local_day(now)}
    due |= {period for period in wanted if period.key not in kept}
    changed = mark is None or newest != mark.changed_at or _is_young(newest, mark)
    if not (anew or due or changed or lights_moved or local_day(mark.counted_at) != local_day(now)):  # type: ignore[union-attr]
        return 0
    if mark is not None and changed:
        touched = _touched(mark)
        due |= {one.period for one in kept.values() if any(one.period.has(day) for day in touched)}
    due |= {*wanted} if anew else {*wanted[:3]}
    _write([(period, _count(period, now)) for period in sorted(due, key=lambda one: one.key)], newest, now)
    return len(due)


def _is_young(newest: datetime | None, mark: Kept) -> bool:
    return newest is not None and newest > mark.counted_at - SLACK


def _stands(now: datetime) -> tuple[dict[str, Kept], datetime | None, bool]:
    """The hall's rows, the newest thing that happened in it, and whether a light has changed since; one statement."""
    here = current_community()

    def last(table: Any) -> Any:
        return select(func.max(table.at)).where(table.community_id == here).scalar_subquery()

    stands = select(func.greatest(last(TimelineEntry), last(ChangeLog)).label("newest")).subquery()
    passed = [column.between(HallCount.counted_at, now) for column in (Matter.due_at, Matter.warn_at)]
    moved = exists().where(Matter.community_id == here, Matter.stage.in_(OPEN), or_(*passed)).correlate(HallCount)
    current = {period.key for period in periods(local_day(now))[:1]}
    rows = db.session.execute(
        select(
            stands.c.newest, HallCount.period, HallCount.first, HallCount.last, HallCount.counted_at,
            HallCount.changed_at, and_(HallCount.period.in_(current), moved).label("moved"),
        )
        .select_from(stands)
        .outerjoin(HallCount, HallCount.community_id == here)
    ).all()  # fmt: skip
    kept = {
        row.period: Kept(Period(row.period, row.first, row.last), row.counted_at, row.changed_at)
        for row in rows
        if row.period is not None
    }
    return kept, rows[0].newest, any(row.moved for row in rows)


def _touched(mark: Kept) -> set[date]:
    """The days on which the matters that changed since ever moved or had something due."""
    here, line = current_community(), TimelineEntry
    since = min(mark.changed_at or mark.counted_at, mark.counted_at) - SLACK
    changed = select(line.matter_id).where(line.community_id == here, line.at > since).distinct().cte("changed")
    mine = changed.c.matter_id
    moves = select(day_of(line.at).label("day")).where(
        line.community_id == here, line.matter_id == mine, line.new_stage.is_not(None)
    )
    promised = [
        select(day.label("day")).where(Commitment.community_id == here, Commitment.matter_id == mine)
        for day in (Commitment.due, Commitment.first_due)
    ]
    return set(db.session.scalars(union(moves, *promised)))


def _count(period: Period, now: datetime) -> HallCounts:
    counts = count_hall(period.first, period.last, now=now)
    if period.has(local_day(now)):
        return counts
    before = db.session.scalar(
        select(HallCount.counts).where(HallCount.community_id == current_community(), HallCount.period == period.key)
    )
    return counts.without_lights(HallCounts.from_dict(before) if before else None)


def _write(counted: Iterable[tuple[Period, HallCounts]], newest: datetime | None, now: datetime) -> None:
    rows = [
        {
            "community_id": current_community(), "street_id": current_street(), "id": uuid7(), "period": period.key,
            "first": period.first, "last": period.last, **_columns(counts), "weight": attention(counts),
            "counted_at": now, "changed_at": newest,
        }
        for period, counts in counted
    ]  # fmt: skip
    _put(HallCount, rows, ("community_id", "period"))


def _columns(counts: HallCounts) -> dict[str, Any]:
    plain = counts.as_dict()
    return {"themes": plain.pop("themes"), "counts": plain}


def _put(table: Any, rows: Sequence[dict[str, Any]], key: tuple[str, ...]) -> None:
    """Write rows over those of the same key; one statement."""
    if not rows:
        return
    statement = insert(table).values(list(rows))
    kept = (*key, "street_id", "id")
    changes = {name: statement.excluded[name] for name in rows[0] if name not in kept}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes))


def counts_of(row: HallCount) -> HallCounts:
    """What a prepared row of a hall holds, its themes included."""
    return HallCounts.from_dict({**row.counts, "themes": row.themes})


def sum_street(*, now: datetime) -> int:
    """Sum up the bound street's halls for every period that a hall counted since; returns how many sums were written.

    One statement when nothing is newer. A closed hall stays in the sums of the days when it was open.
    """
    stale = _stale()
    if not stale:
        return 0
    open_halls = _open_halls()
    rows = db.session.scalars(select(HallCount).join(Community, open_halls).where(HallCount.period.in_(stale)))
    by_period: dict[tuple[str, date, date], list[HallCount]] = defaultdict(list)
    for row in rows:
        by_period[row.period, row.first, row.last].append(row)
    _put(StreetCount, [_sum(*key, halls, now) for key, halls in by_period.items()], ("street_id", "period"))
    return len(by_period)


def _open_halls() -> Any:
    return and_(
        Community.id == HallCount.community_id, Community.street_id == HallCount.street_id,
        HallCount.street_id == current_street(),
        or_(Community.closed_at.is_(None), day_of(Community.closed_at) > HallCount.first),
    )  # fmt: skip


def _stale() -> list[str]:
    """The periods of which a hall has a newer row than the sum, or another number of halls."""
    newest = (
        select(HallCount.period, func.max(HallCount.counted_at).label("at"), func.count().label("halls"))
        .join(Community, _open_halls())
        .group_by(HallCount.period)
        .subquery()
    )
    mine = and_(StreetCount.street_id == current_street(), StreetCount.period == newest.c.period)
    return list(
        db.session.scalars(
            select(newest.c.period)
            .outerjoin(StreetCount, mine)
            .where(
                or_(
                    StreetCount.period.is_(None),
                    tuple_(StreetCount.newest_at, StreetCount.halls) != tuple_(newest.c.at, newest.c.halls),
                )
            )
        )
    )


def _sum(key: str, first: date, last: date, halls: Sequence[HallCount], now: datetime) -> dict[str, Any]:
    return {
        "street_id": current_street(), "id": uuid7(), "period": key, "first": first, "last": last,
        "counts": _columns(sum_counts(counts_of(row) for row in halls))["counts"], "themes": themes_of(halls),
        "halls": len(halls), "oldest_at": min(row.counted_at for row in halls),
        "newest_at": max(row.counted_at for row in halls), "summed_at": now,
    }  # fmt: skip


def themes_of(halls: Iterable[HallCount]) -> list[dict[str, Any]]:
    """``[{"key", "matters", "communities"}, …]``: what most matters were about, and in how many communities."""
    matters: dict[str, int] = defaultdict(int)
    places: dict[str, int] = defaultdict(int)
    for row in halls:
        for key, n in row.themes.items():
            matters[key] += n
            places[key] += 1
    order = sorted(matters, key=lambda key: (-matters[key], key))[:THEMES]
    return [{"key": key, "matters": matters[key], "communities": places[key]} for key in order]
