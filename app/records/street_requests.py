"""What the halls of a street ask of it, and what it answered. No name of a resident is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app import clock
from app.flow.triage.policy import ReviewOpinion, ReviewRequest
from app.flow.triage.review import OPINION
from app.matter.levels import ESCALATION_LABELS
from app.matter.levels import Escalation as State
from app.matter.models import Escalation, EscalationReply, Matter
from app.matter.outside_queries import late_count
from app.matter.workdays import local_day
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

#: What a grid asks of its own community is not the street's to answer.
FOR_STREET = Escalation.to_level != "community"


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


@dataclass(frozen=True)
class Standing:
    """How many requests nobody has taken, how many of them for too long, and how many refusals wait to be looked at.

    ``late`` requests are past the day of their own clock, ``letters`` past that of their reply.
    """

    asked: int
    slow: int
    reviews: int
    late: int = 0
    letters: int = 0


def requests(
    now: datetime, states: Sequence[str] = ("asked", "taken"), limit: int = 100, *, community_id: int | None = None
) -> list[Request]:
    """Requests of the bound street's halls, or of one of them, the longest waiting first."""
    of = [Escalation.community_id == community_id] if community_id is not None else []
    found = db.session.execute(
        select(Escalation, Matter.number, Matter.title, Matter.visibility, Community.name, Community.slug)
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .join(Community, Community.id == Escalation.community_id)
        .where(FOR_STREET, Escalation.street_id == current_street(), Escalation.state.in_(states), *of)
        .order_by(Escalation.asked_at.desc() if "answered" in states else Escalation.asked_at)
        .limit(limit)
    ).all()
    return [_request(row, now) for row in found]


def standing(slow_since: datetime, now: datetime | None = None) -> Standing:
    """How much waits for the street at ``now``, in one statement; ``slow`` was asked before ``slow_since``."""
    moment = now or slow_since
    asked = and_(FOR_STREET, Escalation.street_id == current_street(), Escalation.state == "asked")
    doubted = (
        select(func.count())
        .select_from(ReviewRequest)
        .outerjoin(ReviewOpinion, OPINION)
        .where(ReviewRequest.street_id == current_street(), ReviewOpinion.id.is_(None))
    )
    row = db.session.execute(
        select(
            func.count(), func.count().filter(Escalation.asked_at < slow_since), doubted.scalar_subquery(),
            func.count().filter(Escalation.answer_due < moment), late_count(local_day(moment)),
        ).where(asked)
    ).one()  # fmt: skip
    return Standing(*row)


def replies_to(escalation_id: UUID) -> list[EscalationReply]:
    """The street's own answers to one request, in order."""
    return list(
        db.session.scalars(
            select(EscalationReply)
            .where(EscalationReply.street_id == current_street(), EscalationReply.escalation_id == escalation_id)
            .order_by(EscalationReply.at)
        )
    )


def _request(row: Any, now: datetime) -> Request:
    asked = row.Escalation
    return Request(
        id=asked.id, matter_id=asked.matter_id, number=row.number,
        title=row.title if row.visibility == "public" else "", community=row.name, slug=row.slug, reason=asked.reason,
        state=asked.state, state_label=ESCALATION_LABELS[State(asked.state)], to_level=asked.to_level,
        asked_at=asked.asked_at, asked_by=asked.asked_label,
        days=max(0, (clock.local(now).date() - clock.local(asked.asked_at).date()).days),
    )  # fmt: skip
