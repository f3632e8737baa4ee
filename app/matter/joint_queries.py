"""Reading matters that cross communities, as their lead in the street and as one hall that was asked.

The street reads the halls' parts, each a row of that hall; a hall reads its own invitation, its own part and the lead's
row once that is shared. No hall reads another one's rows: how the others stand it learns from the lead's public page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from app.matter.joint_gather_rules import Part
from app.matter.joint_models import JointInvite, JointMatter, JointNote, JointPart, JointTask
from app.matter.models import Matter
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
TABS: dict[str, tuple[str, ...]] = {
    "open": ("drafting", "inviting", "deliberating", "suspended"),
    "doing": ("decided", "not_passed", "implementing"),
    "done": ("closed", "terminated"),
}
#: Beside each invitation, the row that took it back. The table itself: an alias of the class would need every model.
BACK_ROW = JointInvite.__table__.alias("taken_back")
BACK = BACK_ROW.c


@dataclass(frozen=True)
class Hall:
    """One invited hall: the street's invitation, the hall's own part, and its own matter where the public reads it."""

    community_id: int
    name: str
    slug: str
    phone: str
    invite: JointInvite
    part: JointPart | None
    is_withdrawn: bool
    matter: Matter | None

    @property
    def state(self) -> str:
        """silent, joined, declined, voted or withdrawn."""
        if self.is_withdrawn:
            return "withdrawn"
        return self.part.state if self.part else "silent"

    def as_part(self, due: date | None) -> Part:
        """The hall as the rules see it; ``due`` is the lead's last day for results."""
        part = self.part
        waited = self.invite.answer_due if self.state == "silent" else due or self.invite.answer_due
        if part is None or self.state != "voted":
            return Part(self.name, self.state, waited)
        return Part(
            self.name, self.state, waited, part.eligible or 0, part.present or 0, part.yes or 0, part.no or 0,
            part.abstain or 0, part.spoiled or 0, bool(part.quorate), bool(part.passed),
        )  # fmt: skip


def find_joint(joint_id: UUID) -> JointMatter | None:
    """A lead matter of the bound street; a hall finds it once it is shared."""
    return db.session.scalar(
        select(JointMatter).where(JointMatter.street_id == current_street(), JointMatter.id == joint_id)
    )


def find_shared(number: str) -> JointMatter | None:
    """The lead matter with this number, if it was opened to the public."""
    wanted = select(JointMatter).where(
        JointMatter.street_id == current_street(), JointMatter.number == number, JointMatter.shared
    )
    return db.session.scalar(wanted)


def joints_page(tab: str, page: int = 1) -> tuple[list[Any], int]:
    """One page of ``(JointMatter, asked, joined, voted)`` for the desk, the newest move first, and how many in all."""
    mine = (JointInvite.street_id == JointMatter.street_id, JointInvite.joint_id == JointMatter.id)
    taken = (JointPart.street_id == JointMatter.street_id, JointPart.joint_id == JointMatter.id)
    asked = select(func.count()).where(*mine, JointInvite.kind == "invited", ~taken_back_of(JointInvite))
    parts = select(func.count()).where(*taken)
    rows = db.session.execute(
        select(
            JointMatter, asked.correlate(JointMatter).scalar_subquery().label("asked"),
            parts.where(JointPart.state != "declined").correlate(JointMatter).scalar_subquery().label("joined"),
            parts.where(JointPart.state == "voted").correlate(JointMatter).scalar_subquery().label("voted"),
            func.count().over().label("total"),
        )
        .where(JointMatter.street_id == current_street(), JointMatter.stage.in_(TABS[tab]))
        .order_by(JointMatter.stage_since.desc(), JointMatter.number.desc())
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()  # fmt: skip
    return list(rows), int(rows[0].total) if rows else 0


@dataclass(frozen=True)
class Card:
    """A lead matter as a card for everybody; plain, so that a page may keep it for a few seconds."""

    number: str
    title: str
    question: str
    outcome_words: str
    stage: str
    rule: str
    ballot_rule: str


def shared_joints(limit: int = 6, page: int = 1) -> tuple[list[Card], int]:
    """Lead matters opened to the public, the newest move first, and how many there are in all."""
    lead = JointMatter
    rows = db.session.execute(
        select(
            lead.number, lead.title, lead.question, lead.outcome_words, lead.stage, lead.rule, lead.ballot_rule,
            func.count().over(),
        )
        .where(lead.street_id == current_street(), lead.shared)
        .order_by(lead.stage_since.desc(), lead.number.desc())
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    ).all()  # fmt: skip
    return [Card(*row[:7]) for row in rows], int(rows[0][7]) if rows else 0


def halls_of(joint_id: UUID) -> list[Hall]:
    """Every hall that was invited, in the order of the invitations; one statement."""
    rows = db.session.execute(
        select(JointInvite, JointPart, Matter, Community, BACK.id.label("withdrawn"))
        .join(Community, and_(Community.street_id == JointInvite.street_id, Community.id == JointInvite.community_id))
        .outerjoin(JointPart, beside(JointPart))
        .outerjoin(BACK_ROW, and_(beside(BACK), BACK.kind == "withdrawn"))
        .outerjoin(Matter, and_(Matter.community_id == JointPart.community_id, Matter.id == JointPart.matter_id))
        .where(
            JointInvite.street_id == current_street(), JointInvite.joint_id == joint_id, JointInvite.kind == "invited"
        )
        .order_by(JointInvite.at, Community.name)
    ).all()
    return [
        Hall(
            row.Community.id, row.Community.name, row.Community.slug, row.Community.phone, row.JointInvite,
            row.JointPart, row.withdrawn is not None, row.Matter if is_open_to_all(row.Matter) else None,
        )
        for row in rows
    ]  # fmt: skip


def is_open_to_all(matter: Matter | None) -> bool:
    """Whether the hall's own page shows this matter to everybody."""
    return (
        matter is not None and matter.visibility == "public" and matter.accepted_at is not None
        and matter.hidden_at is None
    )  # fmt: skip


def notes_of(joint_id: UUID, *, public_only: bool) -> list[JointNote]:
    """The lead's own lines, the newest first."""
    wanted = select(JointNote).where(JointNote.street_id == current_street(), JointNote.joint_id == joint_id)
    if public_only:
        wanted = wanted.where(JointNote.public)
    return list(db.session.scalars(wanted.order_by(JointNote.at.desc(), JointNote.id.desc()).limit(100)))


def tasks_of(joint_id: UUID) -> list[JointTask]:
    """What the lead promised, in order."""
    return list(
        db.session.scalars(
            select(JointTask)
            .where(JointTask.street_id == current_street(), JointTask.joint_id == joint_id)
            .order_by(JointTask.position)
        )
    )


def vote_begun(joint_id: UUID) -> bool:
    """Whether a hall that takes part has put a question to the vote since it joined."""
    # The spine stands below the rooms, so the ballots are known here by the name of their table.
    ballot = db.metadata.tables["ballot"].c
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    JointPart.street_id == current_street(), JointPart.joint_id == joint_id,
                    or_(
                        JointPart.state == "voted",
                        exists().where(
                            ballot.community_id == JointPart.community_id, ballot.matter_id == JointPart.matter_id,
                            ballot.state.in_(("open", "closed")), ballot.called_at >= JointPart.answered_at,
                        ),
                    ),
                )
            )
        )
    )  # fmt: skip


def beside(table: Any) -> Any:
    """Joins a hall's own row to its invitation."""
    return and_(table.community_id == JointInvite.community_id, table.joint_id == JointInvite.joint_id)


def taken_back_of(invite: Any) -> Any:
    """Whether this invitation was taken back."""
    return exists().select_from(BACK_ROW).where(
        BACK.community_id == invite.community_id, BACK.joint_id == invite.joint_id,
        BACK.kind == "withdrawn",
    )  # fmt: skip
