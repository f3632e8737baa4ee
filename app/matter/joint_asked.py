"""Reading what the street asks of one hall: its own invitation, its own part, the lead's row once that is shared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select

from app.matter.joint_models import JointInvite, JointMatter, JointPart
from app.matter.joint_queries import BACK, BACK_ROW, Hall, beside, taken_back_of
from app.matter.models import Matter
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_community, current_street


def invitations() -> list[tuple[JointMatter, Hall]]:
    """What the street asked the bound hall to take part in, the newest first."""
    return _of_hall(JointMatter.shared)


def unanswered() -> Any:
    """How many invitations the bound hall has not answered yet, as a scalar subquery."""
    answered = exists().where(beside(JointPart))
    return (
        select(func.count())
        .select_from(JointInvite)
        .join(JointMatter, and_(JointMatter.street_id == JointInvite.street_id, JointMatter.id == JointInvite.joint_id))
        .where(
            JointInvite.community_id == current_community(), JointInvite.kind == "invited",
            JointMatter.stage.in_(("inviting", "deliberating")), ~answered, ~taken_back_of(JointInvite),
        )
        .scalar_subquery()
    )  # fmt: skip


def invitation_of(joint_id: UUID) -> tuple[JointMatter, Hall] | None:
    """The bound hall's own invitation to this matter; None where it was never asked."""
    found = _of_hall(JointMatter.id == joint_id)
    return found[0] if found else None


def part_of(matter_id: UUID) -> tuple[JointMatter, JointPart] | None:
    """The lead this matter of the bound hall takes part in."""
    row = db.session.execute(
        select(JointMatter, JointPart)
        .join(JointPart, and_(JointPart.street_id == JointMatter.street_id, JointPart.joint_id == JointMatter.id))
        .where(
            JointPart.community_id == current_community(), JointPart.matter_id == matter_id,
            JointPart.state.in_(("joined", "voted")), JointMatter.street_id == current_street(),
        )
        .order_by(JointPart.answered_at.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return (row[0], row[1]) if row else None


def _of_hall(condition: Any) -> list[tuple[JointMatter, Hall]]:
    here = current_community()
    rows = db.session.execute(
        select(JointMatter, JointInvite, JointPart, Matter, Community, BACK.id.label("withdrawn"))
        .join(JointInvite, and_(JointInvite.street_id == JointMatter.street_id, JointInvite.joint_id == JointMatter.id))
        .join(Community, and_(Community.street_id == JointInvite.street_id, Community.id == JointInvite.community_id))
        .outerjoin(JointPart, beside(JointPart))
        .outerjoin(BACK_ROW, and_(beside(BACK), BACK.kind == "withdrawn"))
        .outerjoin(Matter, and_(Matter.community_id == JointPart.community_id, Matter.id == JointPart.matter_id))
        .where(
            JointMatter.street_id == current_street(), JointInvite.community_id == here,
            JointInvite.kind == "invited", condition,
        )
        .order_by(JointInvite.at.desc())
        .limit(100)
    ).all()  # fmt: skip
    return [
        (
            row.JointMatter,
            Hall(here, row.Community.name, row.Community.slug, row.Community.phone, row.JointInvite, row.JointPart,
                 row.withdrawn is not None, row.Matter),
        )
        for row in rows
    ]  # fmt: skip
