"""Reading one mediation with everything on its page, and what it has on record. Lists: ``mediation_lists``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation, MediationPerson, MediationRecord
from app.matter.models import Matter
from app.matter.situation import END_STAGES, Stage
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Paper:
    """An agreement with its terms in order."""

    agreement: Agreement
    terms: list[AgreementTerm]

    @property
    def in_force_on(self) -> date | None:
        """Since when it binds: sealed for a written one, agreed to for a spoken one (sections 29 and 30)."""
        found = self.agreement
        return found.signed_on if found.form == "oral" and found.sealed_on else found.sealed_on

    @property
    def standing_terms(self) -> list[AgreementTerm]:
        """The terms no supplement took the place of."""
        return [term for term in self.terms if term.replaced_at is None]


@dataclass(frozen=True)
class Whole:
    """One mediation with everything: people by side, talks in order, papers in order (replaced drafts left out)."""

    mediation: Mediation
    matter: Matter
    people: list[MediationPerson]
    records: list[MediationRecord]
    papers: list[Paper] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Where it stands; a dispute whose matter its proposer took back has been withdrawn with it."""
        gone = Stage(self.matter.stage) in END_STAGES
        return "withdrawn" if self.mediation.state == "open" and gone else self.mediation.state

    @property
    def here(self) -> list[MediationPerson]:
        """Who is still at the table."""
        return [person for person in self.people if person.left_at is None]

    @property
    def seats(self) -> list[rules.Seat]:
        """The same as the rules look at them."""
        return [rules.Seat(one.id, one.side, one.name, one.household_id) for one in self.here]

    @property
    def sealed(self) -> list[Paper]:
        """Agreements in force."""
        return [paper for paper in self.papers if paper.agreement.sealed_on is not None]

    @property
    def draft(self) -> Paper | None:
        """The paper that is not in force yet."""
        return next((paper for paper in self.papers if paper.agreement.sealed_on is None), None)

    @property
    def owed(self) -> list[AgreementTerm]:
        """Every term in force."""
        return [term for paper in self.sealed for term in paper.standing_terms]

    def standing(self, today: date) -> str:
        """Where it stands in the list."""
        dues = [(term.due, term.done_on) for term in self.owed]
        return rules.standing(self.state, bool(self.sealed), dues, today)


def find(mediation_id: UUID) -> Whole | None:
    """The bound hall's mediation with everything on its page; four statements."""
    return _whole(Mediation.id == mediation_id)


def of_matter(matter: Matter) -> Whole | None:
    """The same for a matter."""
    return _whole(Mediation.matter_id == matter.id)


def settled_of(matter: Matter) -> tuple[Mediation | None, list[tuple[Agreement, AgreementTerm, str]]]:
    """The mediation and, term by term with whose side owes it, what is in force; one statement."""
    rows = db.session.execute(
        select(Mediation, Agreement, AgreementTerm, MediationPerson.side)
        .outerjoin(
            Agreement,
            and_(
                Agreement.community_id == Mediation.community_id,
                Agreement.mediation_id == Mediation.id,
                Agreement.sealed_on.is_not(None),
            ),
        )
        .outerjoin(
            AgreementTerm,
            and_(
                AgreementTerm.community_id == Agreement.community_id,
                AgreementTerm.agreement_id == Agreement.id,
                AgreementTerm.replaced_at.is_(None),
            ),
        )
        .outerjoin(
            MediationPerson,
            and_(
                MediationPerson.community_id == AgreementTerm.community_id,
                MediationPerson.id == AgreementTerm.person_id,
            ),
        )
        .where(Mediation.community_id == current_community(), Mediation.matter_id == matter.id)
        .order_by(Agreement.made_at, AgreementTerm.position)
    ).all()
    return (rows[0][0] if rows else None), [(row[1], row[2], row[3]) for row in rows if row[2] is not None]


def id_of(matter: Matter) -> UUID | None:
    """The id of the matter's mediation."""
    return db.session.scalar(
        select(Mediation.id).where(Mediation.community_id == current_community(), Mediation.matter_id == matter.id)
    )


def mine(model: Any, mediation: Mediation, row_id: UUID) -> Any:
    """A row of this mediation, locked for a change; None where it is another's."""
    return db.session.scalar(
        select(model)
        .where(model.community_id == current_community(), model.mediation_id == mediation.id, model.id == row_id)
        .with_for_update()
    )


def _whole(which: ColumnElement[bool]) -> Whole | None:
    here = current_community()
    row = db.session.execute(
        select(Mediation, Matter)
        .join(Matter, and_(Matter.community_id == Mediation.community_id, Matter.id == Mediation.matter_id))
        .where(Mediation.community_id == here, which)
    ).one_or_none()
    if row is None:
        return None
    mediation, matter = row
    people = db.session.scalars(_rows(MediationPerson, mediation).order_by(*_BY_SIDE)).all()
    records = db.session.scalars(
        _rows(MediationRecord, mediation).order_by(MediationRecord.held_at, MediationRecord.entered_at)
    ).all()
    return Whole(mediation, matter, list(people), list(records), _papers(mediation))


_BY_SIDE = (MediationPerson.side, MediationPerson.added_at, MediationPerson.id)


def _rows(model: Any, mediation: Mediation) -> Any:
    return select(model).where(model.community_id == current_community(), model.mediation_id == mediation.id)


def _papers(mediation: Mediation) -> list[Paper]:
    rows = db.session.execute(
        select(Agreement, AgreementTerm)
        .outerjoin(
            AgreementTerm,
            and_(AgreementTerm.community_id == Agreement.community_id, AgreementTerm.agreement_id == Agreement.id),
        )
        .where(
            Agreement.community_id == current_community(), Agreement.mediation_id == mediation.id,
            Agreement.replaced_at.is_(None),
        )
        .order_by(Agreement.made_at, AgreementTerm.position)
    ).all()  # fmt: skip
    found: dict[UUID, Paper] = {}
    for agreement, term in rows:
        paper = found.setdefault(agreement.id, Paper(agreement, []))
        if term is not None:
            paper.terms.append(term)
    return list(found.values())


def evidence_of(matter: Matter) -> frozenset[str]:
    """The keys of ``app.matter.needs`` that this matter's mediation has on record; one statement."""
    return frozenset() if matter.track != "mediation" else _evidence(matter)


def _evidence(matter: Matter) -> frozenset[str]:
    talked = select(func.count()).where(
        MediationRecord.community_id == Mediation.community_id, MediationRecord.mediation_id == Mediation.id
    )
    row = db.session.execute(
        select(talked.correlate(Mediation).scalar_subquery(), func.count(Agreement.id), func.count(Agreement.signed_on))
        .select_from(Mediation)
        .outerjoin(
            Agreement,
            and_(
                Agreement.community_id == Mediation.community_id, Agreement.mediation_id == Mediation.id,
                Agreement.replaced_at.is_(None),
            ),
        )
        .where(Mediation.community_id == current_community(), Mediation.matter_id == matter.id)
        .group_by(Mediation.community_id, Mediation.id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return frozenset()
    found = {"mediation"} | ({"attendance", "minutes"} if row[0] else set())
    found |= {"options_as_put", "resolution_number", "resolution_text", "tasks"} if row[1] else set()
    # Nobody is voted down here: what a party does not agree to is not in the agreement.
    return frozenset(found | ({"agreement", "dissent_answered"} if row[2] else set()))
