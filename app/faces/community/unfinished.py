"""What somebody has begun and not ended: sittings without minutes, decisions without a paper, open referrals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, literal_column, or_, select, true, union_all

from app.flow.deliberate.models import Sitting
from app.flow.resolve.models import Resolution
from app.matter.ledger import Reader
from app.matter.models import Matter
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: Kind → icon, what is left to do, and the endpoint with the name of its parameter.
KINDS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "minutes": ("file-earmark-text", N_("会议记录还没写完"), ("community.sitting",), "sitting_id"),
    "resolution": ("journal-check", N_("定下来了，决议还没写"), ("community.resolution_form",), "matter_id"),
    "referral": ("send", N_("转出去了，等回执或回话"), ("community.desk_matter",), "matter_id"),
}  # fmt: skip


def unfinished(reader: Reader, limit: int = 6) -> list[dict[str, Any]]:
    """The oldest unfinished things, in one statement; a quarrel's title only for who may read it."""
    here = current_community()
    readable = or_(and_(Matter.visibility == "public", Matter.track == "ordinary"), Matter.owner_id == reader.id)
    shown = true() if reader.is_office else readable

    def kind(name: str) -> Any:
        return literal_column(f"'{name}'").label("kind")

    minutes = select(
        kind("minutes"), Sitting.id.label("id"), Sitting.title.label("title"), Sitting.starts_at.label("at")
    ).where(Sitting.community_id == here, Sitting.state == "closed", Sitting.minutes_done_at.is_(None))
    written = and_(Resolution.community_id == here, Resolution.matter_id == Matter.id, Resolution.replaced_at.is_(None))
    resolutions = (
        select(kind("resolution"), Matter.id, Matter.title, Matter.stage_since)
        .outerjoin(Resolution, written)
        .where(Matter.community_id == here, Matter.stage == "decided", Resolution.id.is_(None), shown)
    )
    referrals = select(kind("referral"), Matter.id, Matter.title, Matter.stage_since).where(
        Matter.community_id == here, Matter.stage == "referred", Matter.due_at.is_not(None), shown
    )
    rows = db.session.execute(union_all(minutes, resolutions, referrals).order_by("at").limit(limit)).all()
    return [{"kind": row.kind, "id": row.id, "title": row.title, "at": row.at} for row in rows]
