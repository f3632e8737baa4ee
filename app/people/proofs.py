"""Proof that a person lives here, any one of three: the household's code, a verified phone, the staff's word.

Source: domain.md section 5, row 实名 (三选一). No identity card is ever asked for, photographed or kept. A proof that
somebody of the staff took back does not come alive again by signing in; only the staff's word makes it valid anew.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, NotAllowed, Refused
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, Person
from app.people.privacy import ResidencyProof
from app.people.roles import COMMUNITY_STAFF
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

KINDS: dict[str, str] = {
    "household_code": N_("户码"),
    "phone": N_("手机验证码"),
    "vouched": N_("工作人员作证"),
}
NOTE = 200
ADULT = 18


def prove_by_household_code(person_id: UUID | None, household_id: UUID, *, now: datetime) -> None:
    """Keep that the person held a valid code of this household."""
    _keep(person_id, "household_code", now=now, household_id=household_id)


def prove_by_phone(person_id: UUID | None, *, now: datetime) -> None:
    """Keep that the person's phone answered with the right code."""
    _keep(person_id, "phone", now=now)


def vouch(person: Person, note: str, *, by: Actor, now: datetime) -> ResidencyProof:
    """Somebody of the community's staff says that this adult lives here; ``note`` says how they know.

    Raises ``NotAllowed`` for anybody else and ``Refused`` without a note or for a child.
    """
    may_vouch(by)
    note = note.strip()
    if not note:
        raise Refused(N_("怎么知道住在这儿，要写一句。"))
    if len(note) > NOTE:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=NOTE)
    if person.birth_year is not None and now.year - person.birth_year < ADULT:
        raise Refused(N_("账号是给满 18 岁的人用的。孩子有事，不用账号也能说。"))
    proof = _find(person.id, "vouched")
    if proof is not None and proof.revoked_at is None:
        return proof
    if proof is None:
        proof = ResidencyProof(id=uuid7(), person_id=person.id, kind="vouched")
        db.session.add(proof)
    proof.by_id, proof.by_label, proof.note, proof.at, proof.revoked_at = by.id, by.label, note, now, None
    db.session.flush()
    log_change("proof", "vouch", by=by, now=now, subject_id=_account_id(person.id), after=note)
    return proof


def revoke(proof_id: UUID, reason: str, *, by: Actor, now: datetime) -> ResidencyProof:
    """Take a proof back, with the reason; where none is left the account closes too, and every session of it ends.

    Raises ``Missing``, ``NotAllowed``, and ``Refused`` without a reason.
    """
    may_vouch(by)
    proof = db.session.scalar(
        select(ResidencyProof)
        .where(ResidencyProof.community_id == current_community(), ResidencyProof.id == proof_id)
        .with_for_update()
    )
    if proof is None:
        raise Missing(N_("没有这条证明。"))
    if proof.revoked_at is not None:
        return proof
    reason = reason.strip()
    if not reason or len(reason) > NOTE:
        raise Refused(N_("为什么收回，写一句，最多 %(limit)s 个字。"), limit=NOTE)
    proof.revoked_at = now
    db.session.flush()
    account = _account(proof.person_id)
    if account is not None and account.disabled_at is None and proof_of(proof.person_id) is None:
        account.disabled_at = now
        account.epoch += 1
        log_change("account", "disable", by=by, now=now, subject_id=account.id, after=reason)
    log_change(
        "proof", "revoke", by=by, now=now, subject_id=account.id if account else None, before=proof.kind, after=reason
    )  # fmt: skip
    return proof


def proof_of(person_id: UUID) -> ResidencyProof | None:
    """The oldest valid proof of this person, or None."""
    return next((proof for proof in proofs_of(person_id) if proof.revoked_at is None), None)


def proofs_of(person_id: UUID) -> list[ResidencyProof]:
    """Every proof of this person, also those taken back, in order of time; one statement."""
    return list(
        db.session.scalars(
            select(ResidencyProof)
            .where(ResidencyProof.community_id == current_community(), ResidencyProof.person_id == person_id)
            .order_by(ResidencyProof.at, ResidencyProof.kind)
        )
    )


def may_vouch(by: Actor) -> None:
    """Only the community's own staff says who lives here."""
    if not by.roles & COMMUNITY_STAFF or by.id is None:
        raise NotAllowed(N_("住没住在这儿，由社区和网格的工作人员来作证。"))


def _keep(person_id: UUID | None, kind: str, *, now: datetime, household_id: UUID | None = None) -> None:
    if person_id is None:
        return
    db.session.execute(
        insert(ResidencyProof)
        .values(
            community_id=current_community(), street_id=current_street(), id=uuid7(), person_id=person_id, kind=kind,
            household_id=household_id, by_label="", note="", at=now,
        )
        .on_conflict_do_nothing(index_elements=["community_id", "person_id", "kind"])
    )  # fmt: skip


def _find(person_id: UUID, kind: str) -> ResidencyProof | None:
    return db.session.scalar(
        select(ResidencyProof).where(
            ResidencyProof.community_id == current_community(), ResidencyProof.person_id == person_id,
            ResidencyProof.kind == kind,
        )
    )  # fmt: skip


def _account(person_id: UUID) -> Account | None:
    return db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.person_id == person_id).limit(1)
    )


def _account_id(person_id: UUID) -> UUID | None:
    account = _account(person_id)
    return account.id if account else None
