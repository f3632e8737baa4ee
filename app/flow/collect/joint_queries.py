"""Reading a sheet: by the code in its link, by its matter; who signed, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from app.flow.collect.models import Proposal
from app.flow.collect.queries import SIGNED_PAPER
from app.flow.collect.signing import Signature, SigningSheet
from app.matter.models import Attachment, Matter
from app.people.models import Person
from app.people.places import Building
from app.people.secrets import tidy_code
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Signing:
    """A sheet with its matter and the proposal as it was spoken."""

    sheet: SigningSheet
    matter: Matter
    proposal: Proposal


@dataclass(frozen=True)
class Signed:
    """One line of the list; ``name`` is empty where nobody wrote one down."""

    signature: Signature
    name: str
    gender: str


def find_signing(code: str) -> Signing | None:
    """The bound hall's sheet behind the code of a link; one statement."""
    return _one(SigningSheet.code == tidy_code(code)[:20])


def signing_of(matter_id: UUID) -> Signing | None:
    """The sheet of a matter; one statement."""
    return _one(SigningSheet.matter_id == matter_id)


def signatures_of(matter_id: UUID) -> list[Signed]:
    """Every signature, the proposer's first, then in order of time; withdrawn ones too. One statement."""
    rows = db.session.execute(
        select(Signature, Person.name, Person.title)
        .outerjoin(Person, and_(Person.community_id == Signature.community_id, Person.id == Signature.person_id))
        .where(Signature.community_id == current_community(), Signature.matter_id == matter_id)
        .order_by(Signature.is_proposer.desc(), Signature.signed_at, Signature.id)
    )
    genders = {"先生": "male", "女士": "female"}
    return [Signed(row[0], row[1] or "", genders.get(row[2] or "", "")) for row in rows]


def papers_of(matter_id: UUID) -> list[Attachment]:
    """The photos of the sheets that were signed by hand, the oldest first; one statement."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == matter_id,
                Attachment.about == SIGNED_PAPER, Attachment.hidden_at.is_(None),
            )
            .order_by(Attachment.created_at, Attachment.id)
        )
    )  # fmt: skip


def _one(which) -> Signing | None:  # type: ignore[no-untyped-def]
    row = db.session.execute(
        select(SigningSheet, Matter, Proposal)
        .join(Matter, and_(Matter.community_id == SigningSheet.community_id, Matter.id == SigningSheet.matter_id))
        .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id))
        .options(joinedload(Matter.building).joinedload(Building.estate))
        .where(SigningSheet.community_id == current_community(), which)
        .order_by(Proposal.said_at)
        .limit(1)
    ).one_or_none()
    return Signing(*row) if row else None
