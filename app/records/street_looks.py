"""What the street's own staff looked at, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from app.matter.models import Matter
from app.people.looks import SUBJECTS
from app.people.privacy import Look
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20


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
