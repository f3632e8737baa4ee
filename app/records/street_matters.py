"""The matters of a street's halls as the street reads them: public words, and of a restricted one number and stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

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
#: Whose title the street's lists may show. What a hall took down from its pages is not shown here either.
IS_PUBLIC = and_(Matter.visibility == "public", Matter.hidden_at.is_(None))


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
    is_open: bool = True


def matters_of(
    community_id: int, now: datetime, page: int = 1, view: str = "open", *, words: str = "", category: str = "",
    stage: str = "", limit: int = PAGE,
) -> tuple[list[Card], int]:  # fmt: skip
    """One page of a community's matters: ``late``, ``open`` or ``all``; one statement and the street's calendar.

    ``words`` look through numbers, and through the titles of what is public; the rest is found by its number alone.
    """
    conditions = [Matter.street_id == current_street(), Matter.community_id == community_id]
    if view in ("open", "late"):
        conditions.append(Matter.stage.in_(_OPEN))
    if view == "late":
        conditions += [Matter.due_at < now, Matter.stage != "suspended"]
    if words:
        conditions.append(or_(Matter.number.contains(words.upper(), autoescape=True), _public_title(words)))
    if category:
        conditions += [Matter.category == category, IS_PUBLIC]
    if stage:
        conditions.append(Matter.stage == stage)
    order = Matter.due_at.asc().nulls_last() if view != "all" else Matter.collected_at.desc()
    rows = db.session.execute(
        select(Matter, func.count().over())
        .where(*conditions)
        .order_by(order, Matter.collected_at.desc(), Matter.number)
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    ).all()
    return [_card(row[0], now) for row in rows], int(rows[0][1]) if rows else 0


def _public_title(words: str) -> ColumnElement[bool]:
    return and_(IS_PUBLIC, Matter.title.contains(words, autoescape=True))


@dataclass(frozen=True)
class Told:
    """A public matter with its community."""

    card: Card
    community: str
    slug: str
    closed_at: datetime | None


def theme(
    category: str, since: datetime, until: datetime, now: datetime, page: int = 1, *, community_id: int | None = None
) -> tuple[list[Told], int]:
    """One page of the public matters of one category that the halls received in the period, the newest first."""
    wanted = [
        Matter.street_id == current_street(), Matter.category == category, IS_PUBLIC,
        Matter.collected_at.between(since, until), Matter.stage.not_in(("withdrawn", "merged")),
    ]  # fmt: skip
    if community_id is not None:
        wanted.append(Matter.community_id == community_id)
    rows = db.session.execute(
        select(Matter, Community.name, Community.slug, func.count().over())
        .join(Community, and_(Community.street_id == Matter.street_id, Community.id == Matter.community_id))
        .where(*wanted)
        .order_by(Matter.collected_at.desc(), Matter.number)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    found = [Told(_card(row[0], now), row[1], row[2], row[0].closed_at) for row in rows]
    return found, int(rows[0][3]) if rows else 0


def solved_lately(since: datetime, now: datetime, limit: int = 6) -> list[Told]:
    """What was closed last among the public matters of all halls; one statement."""
    rows = db.session.execute(
        select(Matter, Community.name, Community.slug)
        .join(Community, and_(Community.street_id == Matter.street_id, Community.id == Matter.community_id))
        .where(
            Matter.street_id == current_street(), Matter.closed_at.between(since, now), IS_PUBLIC,
            Matter.stage.in_(("closed", "archived")),
        )
        .order_by(Matter.closed_at.desc(), Matter.number)
        .limit(limit)
    ).all()  # fmt: skip
    return [Told(_card(row[0], now), row[1], row[2], row[0].closed_at) for row in rows]


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
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
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
        matter.collected_at, stage in OPEN_STAGES,
    )  # fmt: skip
