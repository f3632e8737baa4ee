"""Reads of the talent room: the pool, a matter's invitations, and what a key opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app.matter.models import Matter
from app.talent.models import Expert, ExpertContact, Invitation, InvitationKey, InvitationOpening, Opinion
from tenants.database import db
from tenants.scope import current_community, current_street


@dataclass(frozen=True)
class Load:
    """How often one expert was asked in the whole street, and what came of it (domain.md section 7, K15)."""

    asked: int = 0
    accepted: int = 0
    handed_in: int = 0
    waiting: int = 0


def invitable(today: datetime) -> list[Expert]:
    """Experts a hall may ask today, by profession; read through the street's sharing."""
    day = today.date()
    return list(
        db.session.scalars(
            select(Expert)
            .where(
                Expert.street_id == current_street(), Expert.shared, Expert.suspended_at.is_(None),
                or_(Expert.valid_until.is_(None), Expert.valid_until >= day),
            )
            .order_by(Expert.profession, Expert.code)
        )
    )  # fmt: skip


def invitations_of(matter_id: UUID) -> list[tuple[Invitation, Opinion | None, int]]:
    """The invitations of one matter, newest first, with the opinion and how often the link was opened."""
    openings = (
        select(func.count())
        .where(
            InvitationOpening.community_id == Invitation.community_id,
            InvitationOpening.invitation_id == Invitation.id,
        )
        .correlate(Invitation)
        .scalar_subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(Invitation, Opinion, openings)
        .outerjoin(
            Opinion,
            and_(Opinion.community_id == Invitation.community_id, Opinion.invitation_id == Invitation.id),
        )
        .where(Invitation.community_id == current_community(), Invitation.matter_id == matter_id)
        .order_by(Invitation.sent_at.desc())
    ).all()
    return [(row[0], row[1], int(row[2])) for row in rows]


def opinions_of(matter_id: UUID) -> list[Opinion]:
    """The opinions that stand in the record of one matter, in the order they came."""
    return list(
        db.session.scalars(
            select(Opinion)
            .where(Opinion.community_id == current_community(), Opinion.matter_id == matter_id)
            .order_by(Opinion.at)
        )
    )


def key_behind(key_hash: str) -> InvitationKey | None:
    """The key with this fingerprint, as far as the bound scope may see it."""
    return db.session.scalar(
        select(InvitationKey).where(
            InvitationKey.community_id == current_community(), InvitationKey.key_hash == key_hash
        )
    )


def opened_by(key: InvitationKey) -> tuple[Invitation, Matter] | None:
    """The invitation and the matter behind a key. The guest must be bound to both."""
    row = db.session.execute(
        select(Invitation, Matter)
        .join(Matter, and_(Matter.community_id == Invitation.community_id, Matter.id == Invitation.matter_id))
        .where(Invitation.community_id == current_community(), Invitation.id == key.invitation_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def opinion_of(invitation_id: UUID) -> Opinion | None:
    """The opinion of one invitation."""
    return db.session.scalar(
        select(Opinion).where(Opinion.community_id == current_community(), Opinion.invitation_id == invitation_id)
    )


def pool(profession: str = "") -> list[tuple[Expert, Load, str | None]]:
    """The street's whole pool with the load per expert and the sealed phone, by profession and code; one statement."""
    load = (
        select(
            Invitation.expert_id,
            func.count().label("asked"),
            func.count().filter(Invitation.state.in_(("accepted", "handed_in"))).label("accepted"),
            func.count().filter(Invitation.state == "handed_in").label("handed_in"),
            func.count().filter(Invitation.state.in_(("sent", "accepted"))).label("waiting"),
        )
        .where(Invitation.street_id == current_street())
        .group_by(Invitation.expert_id)
        .subquery()
    )
    statement = (
        select(Expert, load.c.asked, load.c.accepted, load.c.handed_in, load.c.waiting, ExpertContact.phone_sealed)
        .outerjoin(load, load.c.expert_id == Expert.id)
        .outerjoin(
            ExpertContact,
            and_(ExpertContact.street_id == Expert.street_id, ExpertContact.expert_id == Expert.id),
        )
        .where(Expert.street_id == current_street())
        .order_by(Expert.profession, Expert.code)
    )
    if profession:
        statement = statement.where(Expert.profession == profession)
    return [
        (row[0], Load(*(int(count or 0) for count in row[1:5])), row[5]) for row in db.session.execute(statement).all()
    ]


def find_expert(expert_id: UUID) -> tuple[Expert, ExpertContact | None] | None:
    """An expert of the bound street with the contact; only the street's scope may read the latter."""
    row = db.session.execute(
        select(Expert, ExpertContact)
        .outerjoin(
            ExpertContact,
            and_(ExpertContact.street_id == Expert.street_id, ExpertContact.expert_id == Expert.id),
        )
        .where(Expert.street_id == current_street(), Expert.id == expert_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None
