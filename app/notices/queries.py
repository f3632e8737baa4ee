"""Reads of the outbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app.matter.models import Matter
from app.notices.models import Message
from app.notices.reminder_queries import Climbed, climbed
from app.notices.rules import PROPOSER
from tenants.database import db
from tenants.scope import current_community

__all__ = ["Climbed", "climbed", "for_proposer", "message_with_matter", "outbox"]
PAGE = 20
WAITING = ("queued", "not_configured", "failed")
#: What the outbox page can be narrowed to.
VIEWS = {"waiting": WAITING, "printed": ("printed",), "told": ("delivered", "sent")}


def outbox(view: str = "waiting", page: int = 1) -> tuple[list[tuple[Message, str, str]], int]:
    """One page of messages with number and title of their matter, newest first, and how many there are in the view."""
    wanted = and_(Message.community_id == current_community(), Message.receipt.in_(VIEWS.get(view, WAITING)))
    rows: list[Any] = list(
        db.session.execute(
            select(Message, Matter.number, Matter.title, func.count().over())
            .join(Matter, and_(Matter.community_id == Message.community_id, Matter.id == Message.matter_id))
            .where(wanted)
            .order_by(Message.created_at.desc(), Message.timeline_id, Message.to_label)
            .limit(PAGE)
            .offset((max(1, page) - 1) * PAGE)
        ).all()
    )
    return [(row[0], row[1], row[2]) for row in rows], int(rows[0][3]) if rows else 0


def message_with_matter(message_id: UUID) -> tuple[Message, Matter] | None:
    """One message and its matter, for the slip."""
    row = db.session.execute(
        select(Message, Matter)
        .join(Matter, and_(Matter.community_id == Message.community_id, Matter.id == Message.matter_id))
        .where(Message.community_id == current_community(), Message.id == message_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def for_proposer(matter_id: UUID, limit: int = 20) -> list[Message]:
    """What the proposer should hear about one matter, newest first; shown on the tracking page."""
    return list(
        db.session.scalars(
            select(Message)
            .where(
                Message.community_id == current_community(), Message.matter_id == matter_id,
                Message.to_kind == PROPOSER,
            )
            .order_by(Message.created_at.desc())
            .limit(limit)
        )
    )  # fmt: skip
