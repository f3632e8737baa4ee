"""Reading the desk's answers: why a matter was met so, who is behind it after a merger, into what it could go."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.flow.collect.models import Proposal
from app.flow.triage.models import Screening
from app.matter.models import Matter
from app.matter.stages import BEFORE_DECIDED
from app.people.models import Person
from tenants.database import db
from tenants.scope import current_community

SHOWN = 20


def screenings_of(matter_id: UUID) -> list[Screening]:
    """All answers of the desk to one matter, newest first."""
    return list(
        db.session.scalars(
            select(Screening)
            .where(Screening.community_id == current_community(), Screening.matter_id == matter_id)
            .order_by(Screening.at.desc(), Screening.id.desc())
        )
    )


def last_screening(matter_id: UUID, outcome: str) -> Screening | None:
    """The newest answer of this kind, or None."""
    return db.session.scalar(
        select(Screening)
        .where(
            Screening.community_id == current_community(), Screening.matter_id == matter_id,
            Screening.outcome == outcome,
        )
        .order_by(Screening.at.desc(), Screening.id.desc())
        .limit(1)
    )  # fmt: skip


def family_of(matter_id: UUID):  # type: ignore[no-untyped-def]
    """The matter's own id and those of all that were merged into it, at any depth, as a subquery of ids."""
    here = current_community()
    tree = select(Matter.id).where(Matter.community_id == here, Matter.id == matter_id).cte("family", recursive=True)
    # UNION instead of UNION ALL ends the walk even where two rows should ever point at each other.
    tree = tree.union(
        select(Matter.id).join(tree, Matter.merged_into_id == tree.c.id).where(Matter.community_id == here)
    )
    return select(tree.c.id)


def proposals_of(matter_id: UUID) -> list[tuple[Proposal, Person | None, str]]:
    """Every proposal behind a matter, merged ones included, with the speaker and the number it came in under."""
    rows = db.session.execute(
        select(Proposal, Person, Matter.number)
        .join(Matter, (Matter.community_id == Proposal.community_id) & (Matter.id == Proposal.matter_id))
        .outerjoin(Person, (Person.community_id == Proposal.community_id) & (Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id.in_(family_of(matter_id)))
        .order_by(Proposal.said_at)
    ).all()
    return [(proposal, person, number) for proposal, person, number in rows]


def could_take(matter: Matter, words: str = "") -> list[Matter]:
    """Open matters of the bound hall this one could be merged into, newest first; ``words`` searches number and title."""
    wanted = select(Matter).where(
        Matter.community_id == current_community(), Matter.id != matter.id,
        Matter.stage.in_([str(stage) for stage in BEFORE_DECIDED]), Matter.visibility == matter.visibility,
    )  # fmt: skip
    if words.strip():
        wanted = wanted.where(or_(like(Matter.title, words), like(Matter.number, words)))
    return list(db.session.scalars(wanted.order_by(Matter.collected_at.desc()).limit(SHOWN)))


def like(column, words: str):  # type: ignore[no-untyped-def]
    """A case-blind LIKE in which what people type has no special letters."""
    tidy = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{tidy}%", escape="\\")
