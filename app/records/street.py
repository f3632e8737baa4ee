"""What the street reads across its halls. Only tables on which it holds a grant are read; no name, phone or household
is among them. The parts stand in ``street_board``, ``street_requests``, ``street_matters`` and ``street_looks``.
"""

from __future__ import annotations

from sqlalchemy import select

from app.records.street_looks import Looked, looks
from app.records.street_matters import PAGE, Card, card_of, matter_of, matters_of, moves_of, story_of
from app.records.street_requests import Request, replies_to, requests
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

__all__ = [
    "PAGE", "Card", "Looked", "Request", "card_of", "communities", "looks",
    "matter_of", "matters_of", "moves_of", "replies_to", "requests", "story_of",
]  # fmt: skip


def communities() -> list[Community]:
    """The open halls of the bound street, in the order in which they were opened."""
    return list(
        db.session.scalars(
            select(Community)
            .where(Community.street_id == current_street(), Community.closed_at.is_(None))
            .order_by(Community.id)
        )
    )
