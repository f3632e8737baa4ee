"""Reading what stands before a larger body: the party's study, the asking, its sitting, its poll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from app.flow.decide.models import Poll
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.queries import ON_AGENDA
from app.flow.resolve.body_rules import SITTING_KINDS, Body, Standing
from app.flow.resolve.evidence import body_votes
from app.flow.resolve.models import PartyStudy, Ratification
from app.matter.models import Matter
from app.people.places import Estate
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class BodyAsked:
    """One asking with what it has by now."""

    ratification: Ratification
    poll: Poll | None
    estate: str


def study_of(matter: Matter) -> PartyStudy | None:
    """The newest study on record."""
    return db.session.scalar(
        select(PartyStudy)
        .where(PartyStudy.community_id == current_community(), PartyStudy.matter_id == matter.id)
        .order_by(PartyStudy.made_at.desc())
        .limit(1)
    )


def asked_now(matter: Matter) -> Ratification | None:
    """The asking that has no result yet."""
    return db.session.scalar(
        select(Ratification).where(
            Ratification.community_id == current_community(), Ratification.matter_id == matter.id,
            Ratification.state == "preparing",
        )
    )  # fmt: skip


def askings_of(matter: Matter) -> Sequence[BodyAsked]:
    """Every asking of the matter with its poll and its estate's name, newest first, in one statement."""
    rows = db.session.execute(
        select(Ratification, Poll, Estate.name)
        .outerjoin(Poll, and_(Poll.community_id == Ratification.community_id, Poll.id == Ratification.poll_id))
        .outerjoin(Estate, and_(Estate.community_id == Ratification.community_id, Estate.id == Ratification.estate_id))
        .where(Ratification.community_id == current_community(), Ratification.matter_id == matter.id)
        .order_by(Ratification.asked_at.desc())
    ).all()
    return [BodyAsked(asked, poll, name or "") for asked, poll, name in rows]


def find_ratification(ratification_id: UUID) -> Ratification | None:
    """The bound hall's asking with this id."""
    return db.session.scalar(
        select(Ratification).where(Ratification.community_id == current_community(), Ratification.id == ratification_id)
    )


def sitting_for(asked: Ratification) -> Sitting | None:
    """The body's newest sitting that was not called off and has the matter on its agenda."""
    return db.session.scalar(
        select(Sitting)
        .join(AgendaItem, and_(AgendaItem.community_id == Sitting.community_id, AgendaItem.sitting_id == Sitting.id))
        .where(
            Sitting.community_id == current_community(), AgendaItem.matter_id == asked.matter_id,
            Sitting.kind == SITTING_KINDS[Body(asked.body)], Sitting.state != "called_off",
            Sitting.created_at >= asked.asked_at, ON_AGENDA,
        )
        .order_by(Sitting.starts_at.desc())
        .limit(1)
    )  # fmt: skip


def standing_of(matter: Matter) -> Standing:
    """How the poll now before the body stands; nothing while two people have not counted it."""
    row = db.session.execute(select(body_votes(matter))).one_or_none()
    return Standing(row.questions, row.passed, row.without_quorum, row.run_off) if row else Standing()


def poll_is_void(poll_id: UUID) -> bool:
    """Whether the poll was voided."""
    return _state_of(poll_id) == "void"


def poll_has_opened(poll_id: UUID) -> bool:
    """Whether somebody may have voted in it, and it still counts."""
    return _state_of(poll_id) in ("open", "counting", "closed")


def estates() -> Sequence[tuple[UUID, str]]:
    """The estates of the hall that are not closed, by name."""
    rows = db.session.execute(
        select(Estate.id, Estate.name)
        .where(Estate.community_id == current_community(), Estate.closed_at.is_(None))
        .order_by(Estate.name)
    ).all()
    return [(estate_id, name) for estate_id, name in rows]


def _state_of(poll_id: UUID) -> str:
    return (
        db.session.scalar(select(Poll.state).where(Poll.community_id == current_community(), Poll.id == poll_id)) or ""
    )
