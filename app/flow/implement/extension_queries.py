"""What owners of tasks ask of the office and nobody has answered: a later day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from app.flow.implement.models import ExtensionRequest
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community


def count_asked() -> Any:
    """How many requests wait for an answer, as a subquery for the menu."""
    return (
        select(func.count())
        .select_from(ExtensionRequest)
        .where(ExtensionRequest.community_id == current_community(), ExtensionRequest.state == "asked")
        .scalar_subquery()
    )


def asked_extensions(limit: int = 8) -> list[tuple[ExtensionRequest, Commitment, Matter]]:
    """The requests that wait, the longest waiting first."""
    of_task = and_(
        Commitment.community_id == ExtensionRequest.community_id, Commitment.id == ExtensionRequest.commitment_id
    )
    rows = db.session.execute(
        select(ExtensionRequest, Commitment, Matter)
        .join(Commitment, of_task)
        .join(Matter, and_(Matter.community_id == Commitment.community_id, Matter.id == Commitment.matter_id))
        .where(ExtensionRequest.community_id == current_community(), ExtensionRequest.state == "asked")
        .order_by(ExtensionRequest.asked_at)
        .limit(limit)
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]
