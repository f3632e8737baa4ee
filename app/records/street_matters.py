"""The matters of a street's halls as the street reads them: public words, and of a restricted one number and stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.house import house
from app.matter.lights import Light, light
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import LABELS, OPEN_STAGES, Stage
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
_OPEN = sorted(str(stage) for stage in OPEN_STAGES)


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
