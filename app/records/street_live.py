"""The overview counted live; it stands until the prepared figures do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, and_, cast, exists, func, or_, select

from app import clock
from app.flow.deliberate.models import Sitting
from app.flow.resolve.models import Commitment
from app.flow.triage.policy import ReviewRequest
from app.flow.triage.review import OPINION
from app.matter.house import house
from app.matter.lights import Colour, Light, light
from app.matter.models import Escalation, Matter
from app.matter.situation import END_STAGES, OPEN_STAGES, Stage
from app.matter.workdays import Calendar, end_of
from app.records.indicators import Counts, attention
from app.records.street_requests import Request, requests
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

_OPEN = sorted(str(stage) for stage in OPEN_STAGES)
_GONE = sorted(str(stage) for stage in END_STAGES | {Stage.CLOSED})
_CLOSED = ("closed", "archived")
_LEFT = ("referred", "withdrawn", "merged", "terminated")


@dataclass(frozen=True)
class Row:
    """One community of the overview."""

    id: int
    slug: str
    name: str
    hall: str
    counts: Counts
    reviews: int = 0


def overview(since: datetime, now: datetime) -> tuple[list[Row], list[Request]]:
    """All halls, the one that needs looking at most first, and the open requests; five statements."""
    kpis, lights_of = _matter_counts(since, now), _lights(now)
    waiting = requests(now)
    rows = [
        Row(row.id, row.slug, row.name, row.hall, replace(
            kpis.get(row.id, Counts()), **lights_of.get(row.id, {}), **_asking(waiting, row.slug),
            due=row.due, kept=row.kept, sittings=row.sittings, escalated_first=row.escalated_first,
        ), row.reviews)
        for row in _communities(since, now)
    ]  # fmt: skip
    rows.sort(key=lambda row: (-attention(row.counts), row.id))
    return rows, waiting


def _asking(waiting: list[Request], slug: str) -> dict[str, int]:
    mine = [request for request in waiting if request.slug == slug]
    asked = [request for request in mine if request.state == "asked"]
    return {
        "asking": len(asked),
        "with_street": len(mine) - len(asked),
        "longest_wait": max((request.days for request in asked), default=0),
    }


def _communities(since: datetime, now: datetime) -> Sequence[Any]:
    """The halls with what other tables count for them, as scalar subqueries of one statement."""
    first, last = clock.local(since).date(), clock.local(now).date()
    in_period = Commitment.due.between(first, last) & (Commitment.state != "dropped")
    here = and_(Commitment.street_id == Community.street_id, Commitment.community_id == Community.id)
    # A promise of today is not late before the day is over.
    was_due = or_(Commitment.due < last, Commitment.done_at.is_not(None))
    kept = cast(func.timezone("Asia/Shanghai", Commitment.done_at), Date) <= Commitment.due

    def count(*conditions: Any) -> Any:
        return select(func.count()).where(*conditions).correlate(Community).scalar_subquery()

    firsts = (
        select(Escalation.matter_id)
        .where(Escalation.street_id == Community.street_id, Escalation.community_id == Community.id)
        .group_by(Escalation.matter_id)
        .having(func.min(Escalation.asked_at) >= since)
        .correlate(Community)
        .subquery()
    )
    sat = and_(
        Sitting.street_id == Community.street_id, Sitting.community_id == Community.id, Sitting.state == "closed",
        Sitting.starts_at.between(now - timedelta(days=30), now),
    )  # fmt: skip
    asked = and_(ReviewRequest.street_id == Community.street_id, ReviewRequest.community_id == Community.id)
    return db.session.execute(
        select(
            Community.id, Community.slug, Community.name, Community.hall,
            count(here, in_period, was_due).label("due"),
            count(here, in_period, was_due, kept).label("kept"),
            count(sat).label("sittings"),
            select(func.count()).select_from(firsts).scalar_subquery().label("escalated_first"),
            count(asked, ~exists().where(OPINION)).label("reviews"),
        )
        .where(Community.street_id == current_street(), Community.closed_at.is_(None))
        .order_by(Community.id)
    ).all()  # fmt: skip


def _matter_counts(since: datetime, now: datetime) -> dict[int, Counts]:
    stage, ended_at = Matter.stage, func.coalesce(Matter.closed_at, Matter.stage_since)
    closed = and_(stage.in_(_CLOSED), Matter.closed_at.between(since, now))
    taken = Matter.accepted_at.between(since, now) & (stage != "withdrawn")
    # What was accepted and withdrawn inside the period is counted nowhere, so it must not be taken off either.
    gone_away = stage.in_(_LEFT) & ((stage != "withdrawn") | (Matter.accepted_at < since)) & (Matter.accepted_at <= now)

    def count(condition: Any) -> Any:
        return func.count().filter(condition)

    rows = db.session.execute(
        select(
            Matter.community_id,
            count(Matter.collected_at.between(since, now) & stage.not_in(("withdrawn", "merged"))).label("received"),
            count(taken).label("accepted"),
            count((stage == "not_accepted") & Matter.stage_since.between(since, now)).label("refused"),
            count(closed).label("closed"),
            count((Matter.accepted_at < since) & ~(stage.in_((*_GONE,)) & (ended_at < since))).label("open_at_start"),
            count(gone_away & Matter.stage_since.between(since, now)).label("left"),
            count(closed & Matter.level.in_(("grid", "community"))).label("closed_near"),
            func.coalesce(func.sum(Matter.rating_count).filter(closed), 0).label("rated"),
            func.coalesce(func.sum(Matter.rating_satisfied).filter(closed), 0).label("satisfied"),
        )
        .where(Matter.street_id == current_street())
        .group_by(Matter.community_id)
    ).mappings()  # fmt: skip
    return {
        row["community_id"]: Counts(**{key: int(value) for key, value in row.items() if key != "community_id"})
        for row in rows
    }


def _lights(now: datetime) -> dict[int, dict[str, int]]:
    """How many lights of each colour, per community. Grouped by day, because the light looks only at days (K11)."""
    since_day = cast(func.timezone("Asia/Shanghai", Matter.stage_since), Date)
    due_day = cast(func.timezone("Asia/Shanghai", Matter.due_at), Date)
    is_late = func.coalesce(Matter.due_at < now, False)
    paused = Matter.stage == "suspended"
    rows = db.session.execute(
        select(Matter.community_id, since_day, due_day, is_late, paused, func.count())
        .where(Matter.street_id == current_street(), Matter.stage.in_(_OPEN))
        .group_by(Matter.community_id, since_day, due_day, is_late, paused)
    ).all()
    calendar = house().calendar
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for community_id, since, due, late, suspended, n in rows:
        shown = _light_of_days(since, due, bool(late), bool(suspended), now, calendar)
        found[community_id][str(shown.colour)] += n
        if shown.colour is Colour.RED:
            found[community_id]["overdue_days"] += n * shown.overdue
    return {community_id: dict(counts) for community_id, counts in found.items()}


def _light_of_days(
    since: date, due: date | None, late: bool, suspended: bool, now: datetime, calendar: Calendar
) -> Light:
    ends = end_of(due) if due else None
    if ends and late:
        ends = min(ends, now - timedelta(microseconds=1))
    return light(clock.at(since, 0), ends, now, calendar, suspended=suspended)
