"""Reads of the talent room: the pool, a matter's invitations, and what a key opens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app.matter.models import Attachment, Matter
from app.talent.load import Load, pool
from app.talent.matching import Candidate
from app.talent.models import Expert, ExpertContact, Invitation, InvitationKey, InvitationOpening, Opinion
from tenants.database import db
from tenants.scope import current_community, current_street

__all__ = [
    "Load", "candidates", "expert_behind", "find_expert", "invitable", "invitations_of", "key_behind", "opened_by",
    "openings_of", "opinion_of", "opinions_of", "papers_of", "pool", "shared_pool",
]  # fmt: skip
#: Kind and subject of a picture that was laid into an expert's letter.
PAPER_KIND, PAPER_ABOUT = "expert_photo", "expert"


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


def shared_pool() -> list[Expert]:
    """Everybody of the pool the halls may read, by profession and code."""
    return list(
        db.session.scalars(
            select(Expert)
            .where(Expert.street_id == current_street(), Expert.shared)
            .order_by(Expert.profession, Expert.code)
        )
    )


def candidates(matter_id: UUID) -> list[Candidate]:
    """The shared pool as it stands towards one matter; two statements."""
    asked = db.session.execute(
        select(Invitation.expert_id, Invitation.state)
        .where(Invitation.community_id == current_community(), Invitation.matter_id == matter_id)
        .order_by(Invitation.sent_at)
    ).all()
    before: dict[UUID, str] = {row[0]: row[1] for row in asked}
    return [_candidate(expert, before) for expert in shared_pool()]


def expert_behind(invitation: Invitation) -> Expert | None:
    """The pool's entry of an invited expert, as far as the hall may read it."""
    return db.session.scalar(
        select(Expert).where(Expert.street_id == current_street(), Expert.id == invitation.expert_id)
    )


def _candidate(expert: Expert, before: dict[UUID, str]) -> Candidate:
    states = [before[one] for one in (*map(UUID, expert.also_ids), expert.id) if one in before]
    return Candidate(
        expert.id, expert.name, expert.profession, expert.skill, specialties=expert.specialties,
        weekdays=expert.weekdays, open_now=expert.open_now, most_open=expert.most_open, barred_in=expert.barred_in,
        conflicts=expert.conflicts, valid_until=expert.valid_until, is_suspended=expert.suspended_at is not None,
        before=states[-1] if states else "", hours=expert.hours,
    )  # fmt: skip


def openings_of(invitation_id: UUID, n: int = 50) -> list[InvitationOpening]:
    """When the link or the cookie's page was opened and what it showed, newest first."""
    return list(
        db.session.scalars(
            select(InvitationOpening)
            .where(
                InvitationOpening.community_id == current_community(),
                InvitationOpening.invitation_id == invitation_id,
            )
            .order_by(InvitationOpening.at.desc())
            .limit(n)
        )
    )


def papers_of(invitation_id: UUID) -> list[Attachment]:
    """The pictures laid into one letter. A guest sees those of the own invitation and no other file of the hall."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.about == PAPER_ABOUT,
                Attachment.about_id == invitation_id, Attachment.hidden_at.is_(None),
            )
            .order_by(Attachment.created_at, Attachment.id)
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
