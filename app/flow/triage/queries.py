"""Reading the desk's answers: why a matter was met so, who is behind it after a merger, into what it could go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.flow.collect.models import Proposal
from app.flow.triage.models import Screening
from app.matter.models import Matter, TimelineEntry
from app.matter.stages import BEFORE_DECIDED
from app.people.models import Account, Membership, Person
from app.people.places import Building, Estate
from app.people.roles import COMMUNITY_STAFF, Role
from app.people.secrets import unseal
from tenants.database import db
from tenants.scope import current_community

SHOWN = 20
UNANSWERED = ("collected", "submitted")


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


def could_take(matter: Matter, words: str = "", only: UUID | None = None) -> list[Matter]:
    """Open matters this one could be merged into, newest first; ``words`` searches number and title, ``only`` asks
    for one of them."""
    wanted = select(Matter).where(
        Matter.community_id == current_community(), Matter.id != matter.id,
        Matter.stage.in_([str(stage) for stage in BEFORE_DECIDED]), Matter.visibility == matter.visibility,
    )  # fmt: skip
    if matter.has_minor:
        wanted = wanted.where(Matter.has_minor)
    if only is not None:
        wanted = wanted.where(Matter.id == only)
    if words.strip():
        wanted = wanted.where(or_(like(Matter.title, words), like(Matter.number, words)))
    return list(db.session.scalars(wanted.order_by(Matter.collected_at.desc()).limit(SHOWN)))


def like(column, words: str):  # type: ignore[no-untyped-def]
    """A case-blind LIKE in which what people type has no special letters."""
    tidy = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{tidy}%", escape="\\")


@dataclass(frozen=True)
class Dossier:
    """A matter as its page needs it; ``proposals`` are plain data, ``entered`` is when each stage began."""

    matter: Matter
    owner: str
    place: str
    target: str
    proposals: list[dict[str, Any]]
    entered: dict[str, datetime]


def dossier_of(matter_id: UUID) -> Dossier | None:
    """The bound hall's matter with place, owner, all its proposals and the days of its stages, in one statement."""
    here = current_community()
    target = aliased(Matter)
    row = db.session.execute(
        select(
            Matter, Account.display_name.label("owner"), Building.name.label("building"), Estate.name.label("estate"),
            target.number.label("target"), _proposals(matter_id).label("proposals"), _days(matter_id).label("entered"),
        )
        .outerjoin(Account, and_(Account.community_id == here, Account.id == Matter.owner_id))
        .outerjoin(Building, and_(Building.community_id == here, Building.id == Matter.building_id))
        .outerjoin(Estate, and_(Estate.community_id == here, Estate.id == Building.estate_id))
        .outerjoin(target, and_(target.community_id == here, target.id == Matter.merged_into_id))
        .where(Matter.community_id == here, Matter.id == matter_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    found: Matter = row.Matter
    unit = f"{found.unit} 单元" if found.unit and row.building else ""
    built = " ".join(part for part in (row.estate, row.building, unit) if part)
    place = " · ".join(part for part in (built, found.place) if part)
    proposals = sorted(row.proposals or [], key=lambda said: said["said_at"])
    entered = {stage: datetime.fromisoformat(at) for stage, at in (row.entered or {}).items()}
    return Dossier(found, row.owner or "", place, row.target or "", proposals, entered)


def _proposals(matter_id: UUID) -> Any:
    came_in = aliased(Matter)
    pairs = {
        "words": Proposal.words, "wish": Proposal.wish, "kind": Proposal.kind, "signers": Proposal.signers,
        "organisation": Proposal.organisation, "organisation_kind": Proposal.organisation_kind,
        "organisation_role": Proposal.organisation_role, "entered_label": Proposal.entered_label,
        "said_at": Proposal.said_at,
        "name": Person.name, "person": Person.id, "has_phone": Person.phone_sealed.is_not(None),
        "number": came_in.number,
    }  # fmt: skip
    flat = [part for key, column in pairs.items() for part in (literal_column(f"'{key}'"), column)]
    return (
        select(func.json_agg(func.json_build_object(*flat)))
        .join(came_in, and_(came_in.community_id == Proposal.community_id, came_in.id == Proposal.matter_id))
        .outerjoin(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id.in_(family_of(matter_id)))
        .scalar_subquery()
    )


def _days(matter_id: UUID) -> Any:
    first = (
        select(TimelineEntry.new_stage, func.min(TimelineEntry.at).label("at"))
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter_id,
            TimelineEntry.new_stage.is_not(None),
        )
        .group_by(TimelineEntry.new_stage)
        .subquery()
    )  # fmt: skip
    return select(func.json_object_agg(first.c.new_stage, first.c.at)).scalar_subquery()


def carriers(today: date) -> list[tuple[UUID, str]]:
    """Who may carry a matter today, by name: staff, grid and building stewards."""
    roles = [str(role) for role in (*COMMUNITY_STAFF, Role.BUILDING_STEWARD)]
    rows = db.session.execute(
        select(Account.id, Account.display_name)
        .join(Membership, and_(Membership.community_id == Account.community_id, Membership.account_id == Account.id))
        .where(
            Account.community_id == current_community(), Account.disabled_at.is_(None), Membership.role.in_(roles),
            Membership.since <= today, or_(Membership.until.is_(None), Membership.until >= today),
        )
        .group_by(Account.id, Account.display_name, Account.name_key)
        .order_by(Account.name_key)
    ).all()  # fmt: skip
    return [(row.id, row.display_name) for row in rows]


def phones_of(matter_id: UUID) -> list[tuple[str, str]]:
    """Name and phone of everybody behind a matter, unsealed; the caller has checked the right and writes the log."""
    rows = db.session.execute(
        select(Person.name, Person.phone_sealed)
        .join(Proposal, and_(Proposal.community_id == Person.community_id, Proposal.person_id == Person.id))
        .where(Person.community_id == current_community(), Proposal.matter_id.in_(family_of(matter_id)))
        .order_by(Proposal.said_at)
    ).all()
    return [(row.name, unseal(row.phone_sealed)) for row in rows if row.phone_sealed]
