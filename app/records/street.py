"""What the street reads across its halls. Only tables on which it holds a grant are read; no name, phone or household
is among them. The parts stand in ``street_board``, ``street_requests``, ``street_matters`` and ``street_looks``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select

from app import clock
from app.flow.collect.voices import ModerationTally
from app.records.street_live import Row, overview
from app.records.street_looks import Looked, looks
from app.records.street_matters import PAGE, Card, card_of, matter_of, matters_of, moves_of, story_of
from app.records.street_requests import Request, replies_to, requests
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

__all__ = [
    "PAGE", "Card", "Looked", "Request", "Row", "card_of", "communities", "community_and_moderation", "looks",
    "matter_of", "matters_of", "moves_of", "overview", "replies_to", "requests", "story_of",
]  # fmt: skip


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
