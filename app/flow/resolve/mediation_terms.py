"""The terms of an agreement kept in step with the promises of its matter: done there is done here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, select, update

from app.errors import Refused
from app.flow.resolve.mediation_models import Agreement, AgreementTerm
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.matter.situation import Track
from app.people.actor import Actor
from tenants.database import db
from tenants.scope import current_community


def term_to_check(mediation_id: UUID, term_id: UUID) -> tuple[AgreementTerm, Agreement, Commitment] | None:
    """A term in force of this mediation with its paper and its promise, locked."""
    row = db.session.execute(
        select(AgreementTerm, Agreement, Commitment)
        .join(
            Agreement,
            and_(Agreement.community_id == AgreementTerm.community_id, Agreement.id == AgreementTerm.agreement_id),
        )
        .join(
            Commitment,
            and_(Commitment.community_id == AgreementTerm.community_id, Commitment.id == AgreementTerm.commitment_id),
        )
        .where(
            AgreementTerm.community_id == current_community(), AgreementTerm.id == term_id,
            AgreementTerm.replaced_at.is_(None), Agreement.mediation_id == mediation_id,
            Agreement.sealed_on.is_not(None),
        )
        .with_for_update(of=AgreementTerm)
    ).one_or_none()  # fmt: skip
    return (row[0], row[1], row[2]) if row else None


def must_not_be_a_term(commitment: Commitment, matter: Matter, reason: str) -> None:
    """Refuse what the parties' agreement alone may say otherwise."""
    if matter.track != Track.MEDIATION:
        return
    wanted = select(AgreementTerm.id).where(
        AgreementTerm.community_id == current_community(), AgreementTerm.commitment_id == commitment.id
    )
    if db.session.scalar(wanted) is not None:
        raise Refused(reason)


def mark_done(commitment_id: UUID, words: str, *, by: Actor, now: datetime, day: date) -> bool:
    """The promise behind a term was reported done: the term says so too. False where there is no such term."""
    changed = db.session.execute(
        update(AgreementTerm)
        .where(
            AgreementTerm.community_id == current_community(), AgreementTerm.commitment_id == commitment_id,
            AgreementTerm.done_on.is_(None),
        )
        .values(done_on=day, done_words=words.strip(), checked_at=now, checked_label=by.label)
    )  # fmt: skip
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def open_again(commitment_ids: Sequence[UUID]) -> None:
    """The promises behind these terms are owed again: the look found them not performed."""
    db.session.execute(
        update(AgreementTerm)
        .where(AgreementTerm.community_id == current_community(), AgreementTerm.commitment_id.in_(list(commitment_ids)))
        .values(done_on=None, done_words="", checked_at=None, checked_label="")
    )
