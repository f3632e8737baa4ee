"""Out of what a matter across communities grows: public matters of several halls on one theme, or a hall's request."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from app.matter.models import Escalation, Matter
from app.matter.situation import OPEN_STAGES
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

_STAGES = tuple(str(stage) for stage in OPEN_STAGES)


def _public() -> tuple[Any, ...]:
    return (Matter.visibility == "public", Matter.accepted_at.is_not(None), Matter.hidden_at.is_(None))


def matters_about(words: str, *, limit: int = 20) -> list[tuple[Matter, Community]]:
    """Open public matters of all halls whose title holds ``words``, the newest first."""
    found = select(Matter, Community).join(
        Community, and_(Community.street_id == Matter.street_id, Community.id == Matter.community_id)
    )
    found = found.where(Matter.street_id == current_street(), *_public(), Matter.stage.in_(_STAGES))
    rows = db.session.execute(
        found.where(Matter.title.icontains(words, autoescape=True)).order_by(Matter.collected_at.desc()).limit(limit)
    ).all()
    return [(row[0], row[1]) for row in rows]


def sources(matter_ids: Collection[UUID]) -> list[tuple[Matter, Community]]:
    """The public matters out of which a lead grows, oldest first."""
    rows = db.session.execute(
        select(Matter, Community)
        .join(Community, and_(Community.street_id == Matter.street_id, Community.id == Matter.community_id))
        .where(Matter.street_id == current_street(), Matter.id.in_(matter_ids), *_public())
        .order_by(Matter.collected_at, Matter.number)
    ).all()
    return [(row[0], row[1]) for row in rows]


def matter_of_request(escalation_id: UUID) -> UUID | None:
    """The matter behind a hall's request; None when there is none or when it is not open to everybody."""
    return db.session.scalar(
        select(Matter.id)
        .join(Escalation, and_(Escalation.community_id == Matter.community_id, Escalation.matter_id == Matter.id))
        .where(Escalation.street_id == current_street(), Escalation.id == escalation_id, *_public())
    )


def names_of(community_ids: Iterable[int]) -> list[str]:
    """The names of these halls of the bound street, in the order in which they were opened."""
    wanted = select(Community.name).where(Community.street_id == current_street(), Community.id.in_(community_ids))
    return list(db.session.scalars(wanted.order_by(Community.opened_at, Community.name)))
