"""What the street reads across its halls: a fixed number of aggregate statements, whatever the number of rows.

Only tables on which the street holds a grant are read; no name, phone or household is among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, cast, exists, func, or_, select

from app import clock
from app.flow.collect.voices import ModerationTally
from app.flow.deliberate.models import Sitting
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.flow.triage.policy import ReviewRequest
from app.flow.triage.review import OPINION
from app.matter.house import house
from app.matter.levels import ESCALATION_LABELS
from app.matter.levels import Escalation as State
from app.matter.lights import Colour, Light, light
from app.matter.models import Escalation, EscalationReply, Matter, TimelineEntry
from app.matter.situation import END_STAGES, LABELS, OPEN_STAGES, Stage
from app.matter.workdays import Calendar, end_of
from app.people.looks import SUBJECTS
from app.people.privacy import Look
from app.records.indicators import Counts, attention
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
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


@dataclass(frozen=True)
class Card:
    """One matter as the street's lists show it: a restricted one keeps only its number and stage."""

    id: UUID
    number: str
    title: str
    stage: Stage
    stage_label: str
    light: Light
    is_restricted: bool
    collected_at: datetime


@dataclass(frozen=True)
class Request:
    """One request of a hall to the street."""

    id: UUID
    matter_id: UUID
    number: str
    title: str
    community: str
    slug: str
    reason: str
    state: str
    state_label: str
    to_level: str
    asked_at: datetime
    asked_by: str
    days: int


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


def requests(now: datetime, states: Sequence[str] = ("asked", "taken"), limit: int = 100) -> list[Request]:
    """Requests of the bound street's halls, the longest waiting first."""
    found = db.session.execute(
        select(Escalation, Matter.number, Matter.title, Matter.visibility, Community.name, Community.slug)
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .join(Community, Community.id == Escalation.community_id)
        .where(Escalation.street_id == current_street(), Escalation.state.in_(states))
        .order_by(Escalation.asked_at.desc() if "answered" in states else Escalation.asked_at)
        .limit(limit)
    ).all()
    return [_request(row, now) for row in found]


def replies_to(escalation_id: UUID) -> list[EscalationReply]:
    """The street's own answers to one request, in order."""
    return list(
        db.session.scalars(
            select(EscalationReply)
            .where(EscalationReply.street_id == current_street(), EscalationReply.escalation_id == escalation_id)
            .order_by(EscalationReply.at)
        )
    )


def community_and_moderation(slug: str, now: datetime) -> tuple[Community, ModerationTally | None] | None:
    """One community of the bound street with its moderation of the month: counts, and no words; in one statement."""
    month = and_(
        ModerationTally.street_id == Community.street_id, ModerationTally.community_id == Community.id,
        ModerationTally.month == f"{clock.local(now):%Y-%m}",
    )  # fmt: skip
    row = db.session.execute(
        select(Community, ModerationTally)
        .outerjoin(ModerationTally, month)
        .where(Community.street_id == current_street(), Community.slug == slug)
    ).first()
    return (row[0], row[1]) if row else None


def communities() -> list[Community]:
    """The open halls of the bound street, in the order in which they were opened."""
    return list(
        db.session.scalars(
            select(Community)
            .where(Community.street_id == current_street(), Community.closed_at.is_(None))
            .order_by(Community.id)
        )
    )


def matters_of(community_id: int, now: datetime, page: int = 1, view: str = "open") -> tuple[list[Card], int]:
    """One page of a community's matters: ``late``, ``open`` or ``all``; one statement and the street's calendar."""
    conditions = [Matter.street_id == current_street(), Matter.community_id == community_id]
    if view in ("open", "late"):
        conditions.append(Matter.stage.in_(_OPEN))
    if view == "late":
        conditions += [Matter.due_at < now, Matter.stage != "suspended"]
    order = Matter.due_at.asc().nulls_last() if view != "all" else Matter.collected_at.desc()
    rows = db.session.execute(
        select(Matter, func.count().over())
        .where(*conditions)
        .order_by(order, Matter.collected_at.desc(), Matter.number)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    return [_card(row[0], now) for row in rows], int(rows[0][1]) if rows else 0


def matter_of(slug: str, matter_id: UUID) -> tuple[Community, Matter] | None:
    """One matter of one community of the bound street."""
    row = db.session.execute(
        select(Community, Matter)
        .join(Matter, and_(Matter.street_id == Community.street_id, Matter.community_id == Community.id))
        .where(Community.street_id == current_street(), Community.slug == slug, Matter.id == matter_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def story_of(matter: Matter) -> dict[str, Any]:
    """What the street may read of an open matter: public lines, resolution, posting, promises; two statements."""

    def mine(table: Any) -> Any:
        return and_(
            table.street_id == current_street(), table.community_id == matter.community_id,
            table.matter_id == matter.id,
        )  # fmt: skip

    lines = db.session.scalars(
        select(TimelineEntry)
        .where(mine(TimelineEntry), TimelineEntry.public)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(60)
    ).all()
    # Few postings times few promises: one statement costs less than two.
    papers = db.session.execute(
        select(Resolution, Posting, Commitment)
        .select_from(Matter)
        .outerjoin(Resolution, and_(mine(Resolution), Resolution.replaced_at.is_(None)))
        .outerjoin(
            Posting, and_(Posting.community_id == Resolution.community_id, Posting.resolution_id == Resolution.id)
        )
        .outerjoin(Commitment, mine(Commitment))
        .where(Matter.street_id == current_street(), Matter.community_id == matter.community_id, Matter.id == matter.id)
        .order_by(Posting.posted_at.desc().nulls_last(), Commitment.position)
    ).all()
    return {
        "lines": lines, "resolution": papers[0][0] if papers else None,
        "postings": list(dict.fromkeys(posting for _resolution, posting, _promise in papers if posting)),
        "promises": list(dict.fromkeys(promise for _resolution, _posting, promise in papers if promise)),
    }  # fmt: skip


def moves_of(matter: Matter) -> list[TimelineEntry]:
    """The moves of a matter that is not open, in order; the caller has written down why the street looks."""
    return list(
        db.session.scalars(
            select(TimelineEntry)
            .where(
                TimelineEntry.street_id == current_street(), TimelineEntry.community_id == matter.community_id,
                TimelineEntry.matter_id == matter.id, TimelineEntry.new_stage.is_not(None),
            )
            .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
            .limit(60)
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """One look of the street's own staff."""

    at: datetime
    who: str
    subject: str
    reason: str
    number: str
    matter_id: UUID
    community: str
    slug: str


def looks(page: int = 1) -> tuple[list[Looked], int]:
    """One page of what the street's own staff looked at, the newest first, and how many there are."""
    rows = db.session.execute(
        select(Look, Matter.number, Community.name, Community.slug, func.count().over())
        .join(Matter, and_(Matter.community_id == Look.community_id, Matter.id == Look.matter_id))
        .join(Community, Community.id == Look.community_id)
        .where(Look.street_id == current_street(), Look.viewer_kind == "street")
        .order_by(Look.at.desc(), Look.id.desc())
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    found = [
        Looked(
            row.Look.at, row.Look.viewer_label, SUBJECTS[row.Look.subject], row.Look.reason, row.number,
            row.Look.matter_id, row.name, row.slug,
        )
        for row in rows
    ]  # fmt: skip
    return found, int(rows[0][4]) if rows else 0


def card_of(matter: Matter, now: datetime) -> Card:
    """One matter as a card."""
    return _card(matter, now)


def _card(matter: Matter, now: datetime) -> Card:
    restricted = matter.visibility != "public"
    stage = Stage(matter.stage)
    shown = light(matter.stage_since, matter.due_at, now, house().calendar, suspended=stage is Stage.SUSPENDED)
    return Card(
        matter.id, matter.number, "" if restricted else matter.title, stage, LABELS[stage], shown, restricted,
        matter.collected_at,
    )  # fmt: skip


def _request(row: Any, now: datetime) -> Request:
    asked = row.Escalation
    return Request(
        id=asked.id, matter_id=asked.matter_id, number=row.number,
        title=row.title if row.visibility == "public" else "", community=row.name, slug=row.slug, reason=asked.reason,
        state=asked.state, state_label=ESCALATION_LABELS[State(asked.state)], to_level=asked.to_level,
        asked_at=asked.asked_at, asked_by=asked.asked_label,
        days=max(0, (clock.local(now).date() - clock.local(asked.asked_at).date()).days),
    )  # fmt: skip


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
