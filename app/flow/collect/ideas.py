"""What came in answer to a call: counted for everybody, told in public once the hall took it up, listed for the desk.

One idea is one matter. When a desk merges two ideas each keeps its own line, because two people answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, Select, and_, bindparam, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from app.flow.collect.channels import Campaign
from app.flow.collect.models import Proposal
from app.flow.collect.public_lists import GROUPS
from app.flow.collect.queries import sensitivity_of
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage, Track, Visibility
from app.people.places import Venue
from app.words import N_
from tenants.database import HERE, db
from tenants.scope import current_community

PAGE = 20
#: A file for a spreadsheet holds everything a community can say in one call; beyond it the desk narrows its question.
SHEET = 5000
SHOWN = 60
#: What the desk asks its list for: the resident's groups, and before them what still waits for an answer.
STATES: dict[str, tuple[str, frozenset[Stage]]] = {
    "waiting": (N_("等受理"), frozenset({Stage.COLLECTED, Stage.SUBMITTED, Stage.NEEDS_INFO})),
    "talking": (N_("正在议"), GROUPS["talking"]),
    "doing": (N_("正在办"), GROUPS["doing"]),
    "done": (N_("办成的"), GROUPS["done"]),
    "ended": (N_("别的去处"), GROUPS["ended"]),
}


@dataclass(frozen=True)
class Idea:
    """One answer to a call as the desk sees it. ``is_restricted``: only its parties may read what it is about."""

    matter_id: UUID
    number: str
    title: str
    stage: Stage
    said_at: datetime
    place: str
    category: str
    channel: str
    words: str
    wish: str
    merged_number: str
    is_restricted: bool

    @property
    def stage_label(self) -> str:
        """Where it stands, a message id."""
        return LABELS[self.stage]


@dataclass(frozen=True)
class Outcome:
    """One answer as the public sees it; ``matter_id`` is where to read on: the matter it was merged into, if it was."""

    matter_id: UUID
    number: str
    title: str
    stage: Stage
    merged_number: str

    @property
    def stage_label(self) -> str:
        """What became of it, a message id."""
        return LABELS[self.stage]


@dataclass(frozen=True)
class Running:
    """A call with the number of answers so far."""

    campaign: Campaign
    n: int


def _count() -> ColumnElement[int]:
    return (
        select(func.count(Proposal.matter_id.distinct()))
        .where(Proposal.community_id == Campaign.community_id, Proposal.campaign_id == Campaign.id)
        .correlate(Campaign)
        .scalar_subquery()
    )


def count_ideas(campaign: Campaign) -> int:
    """How many ideas came in answer to a call."""
    wanted = select(func.count(Proposal.matter_id.distinct())).where(
        Proposal.community_id == current_community(), Proposal.campaign_id == campaign.id
    )
    return db.session.scalar(wanted) or 0


def campaigns_page(page: int, today: date) -> tuple[list[Running], int]:
    """Every call with its number of ideas, 20 to a page, those not over first; and how many calls there are."""
    rows = db.session.execute(
        select(Campaign, _count(), func.count().over())
        .where(Campaign.community_id == current_community())
        .order_by(
            or_(Campaign.ended_at.is_not(None), Campaign.ends < today),
            Campaign.starts.desc(),
            Campaign.created_at.desc(),
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return [Running(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def venues_and_call(today: date, *, venues: int) -> tuple[list[Venue], Running | None]:
    """The first open places and the call that runs today and ends first, in one statement for the hall's front page."""
    rows = db.session.execute(_venues_and_call(), {"today": today, "venues": venues}).all()
    call = rows[0][1]
    return [row[0] for row in rows if row[0] is not None], Running(call, rows[0][2]) if call is not None else None


@cache
def _venues_and_call() -> Any:
    today = bindparam("today", type_=Date())
    one = (
        select(Campaign.id)
        .where(
            Campaign.community_id == HERE, Campaign.starts <= today, Campaign.ends >= today, Campaign.ended_at.is_(None)
        )
        .order_by(Campaign.ends, Campaign.created_at)
        .limit(1)
        .scalar_subquery()
    )
    # A row is always there, so a hall without places still shows its call and a hall without a call its places.
    root = select(literal(1).label("here")).subquery()
    return (
        select(Venue, Campaign, _count())
        .select_from(root)
        .outerjoin(Venue, and_(true(), Venue.community_id == HERE, Venue.closed_at.is_(None)))
        .outerjoin(Campaign, and_(Campaign.community_id == HERE, Campaign.id == one))
        .order_by(Venue.sort, Venue.name)
        .limit(bindparam("venues", type_=BigInteger()))
    )


def outcomes(campaign: Campaign) -> list[Outcome]:
    """Ideas whose story stands in public (taken up, nobody's private affair, not hidden), the furthest on first."""
    target = aliased(Matter)
    rows = db.session.execute(
        select(Matter.id, Matter.number, Matter.title, Matter.stage, Matter.closed_at, target.id, target.number)
        .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id))
        .outerjoin(target, and_(target.community_id == Matter.community_id, target.id == Matter.merged_into_id))
        .where(
            Matter.community_id == current_community(), Proposal.campaign_id == campaign.id,
            Matter.accepted_at.is_not(None), Matter.visibility == Visibility.PUBLIC,
            Matter.track != Track.MEDIATION, Matter.hidden_at.is_(None),
            or_(Matter.has_minor.is_(False), Matter.opened_reason != ""),
        )
        .distinct()
        .order_by(Matter.closed_at.nulls_last(), Matter.number)
        .limit(SHOWN)
    ).all()  # fmt: skip
    return [Outcome(row[5] or row[0], row[1], row[2], Stage(row[3]), row[6] or "") for row in rows]


def ideas_page(campaign: Campaign, *, state: str, words: str, page: int) -> tuple[list[Idea], int]:
    """One page of a call's ideas for the desk, the newest first, and how many the question finds."""
    rows = db.session.execute(
        _ideas(campaign, state, words).add_columns(func.count().over()).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return [_idea(row) for row in rows], rows[0][-1] if rows else 0


def every_idea(campaign: Campaign, *, state: str, words: str) -> Sequence[Idea]:
    """The same without pages, for a spreadsheet."""
    return [_idea(row) for row in db.session.execute(_ideas(campaign, state, words).limit(SHEET))]


def state_counts(campaign: Campaign) -> dict[str, int]:
    """How many ideas stand where; the key ``""`` is all of them."""
    rows = db.session.execute(
        select(Matter.stage, func.count(Matter.id.distinct()))
        .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id))
        .where(Matter.community_id == current_community(), Proposal.campaign_id == campaign.id)
        .group_by(Matter.stage)
    ).all()
    found = {Stage(stage): n for stage, n in rows}
    return {"": sum(found.values())} | dict(_sums(found))


def _sums(found: dict[Stage, int]) -> Iterator[tuple[str, int]]:
    for key, (_label, stages) in STATES.items():
        yield key, sum(n for stage, n in found.items() if stage in stages)


def _ideas(campaign: Campaign, state: str, words: str) -> Select:
    target = aliased(Matter)
    first = (
        select(Proposal.id)
        .where(
            Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id,
            Proposal.campaign_id == campaign.id,
        )
        .order_by(Proposal.said_at, Proposal.id)
        .limit(1)
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    wanted = (
        select(Matter, Proposal, target.number)
        .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.id == first))
        .outerjoin(target, and_(target.community_id == Matter.community_id, target.id == Matter.merged_into_id))
        .where(Matter.community_id == current_community(), Proposal.campaign_id == campaign.id)
        .order_by(Proposal.said_at.desc(), Matter.number.desc())
    )
    if state in STATES:
        wanted = wanted.where(Matter.stage.in_([str(stage) for stage in STATES[state][1]]))
    if words:
        # What only its parties may read is not found by its words either.
        like = f"%{words.replace('~', '~~').replace('%', '~%').replace('_', '~_')}%"
        heard = and_(Proposal.words.ilike(like, "~"), Matter.has_minor.is_(False))
        shown = and_(
            Matter.visibility == Visibility.PUBLIC, Matter.track != Track.MEDIATION,
            or_(Matter.title.ilike(like, "~"), heard),
        )  # fmt: skip
        wanted = wanted.where(or_(Matter.number.ilike(like, "~"), shown))
    return wanted


def _idea(row: Sequence) -> Idea:
    matter, said, merged = row[0], row[1], row[2]
    restricted = sensitivity_of(matter).is_restricted
    # A child's own words stay shut, also where its matter was opened.
    shut = restricted or matter.has_minor
    return Idea(
        matter_id=matter.id, number=matter.number, title="" if restricted else matter.title,
        stage=Stage(matter.stage), said_at=said.said_at, place=matter.place, category=matter.category,
        channel=matter.channel, words="" if shut else said.words, wish="" if shut else said.wish,
        merged_number=merged or "", is_restricted=restricted,
    )  # fmt: skip
