"""Whose voice it is: the opaque keys a rater is known by, so that nobody is heard twice by whatever way they came.

A voice is one household's where the household is known (户码), else one phone's, one account's, one browser's. Every
key is a keyed fingerprint; none of them can be turned back.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.flow.collect.models import Proposal
from app.flow.collect.signing import Signature
from app.matter.models import Matter
from app.people.models import Account, Person
from app.people.secrets import blind
from tenants.database import db
from tenants.scope import current_community


class Rater(NamedTuple):
    """The keys of one voice, the one it is stored under first, and who that is (``proposer`` … or empty)."""

    keys: tuple[str, ...]
    who: str = ""


class Contact(NamedTuple):
    """Somebody to be asked: a proposer or signer whose person is on record; the phone is still sealed."""

    person: Person
    who: str
    account_id: UUID | None


def rater_key(kind: str, value: object) -> str:
    """The opaque key of one voice: of an account, a browser or a numbered slip. It cannot be turned back."""
    return blind("rater", f"{kind}:{value}")[:40]


def keys_of(person: Person | None, account_id: UUID | None = None) -> tuple[str, ...]:
    """Every key of a person: account, person, phone, household. The account comes first (``people.holdings``)."""
    found = [rater_key("account", account_id)] if account_id else []
    if person is not None:
        found.append(rater_key("person", person.id))
        if person.phone_index:
            found.append(rater_key("phone", person.phone_index))
        if person.household_id:
            found.append(rater_key("household", person.household_id))
    return tuple(found)


def household_rater(household_id: UUID, who: str = "neighbour") -> Rater:
    """A household that was asked at its door."""
    return Rater((rater_key("household", household_id),), who)


def phone_rater(phone_index: str, who: str = "neighbour") -> Rater:
    """A phone that was called; ``phone_index`` is the blind index of the number (``secrets.blind``)."""
    return Rater((rater_key("phone", phone_index),), who)


def slip_rater(matter: Matter, number: int) -> Rater:
    """A numbered paper: the numbers of a matter go on through its rounds, so each is one sheet for good."""
    return Rater((rater_key("slip", f"{matter.id}:{number}"),))


def account_rater(matter: Matter, account_id: UUID, person: Person | None, *, is_proposer: bool) -> Rater:
    """Somebody signed in, with the proposer's key where it is theirs; one statement where it is not."""
    keys = keys_of(person, account_id)
    if is_proposer:
        return Rater((*keys, rater_key("proposer", matter.id)), "proposer")
    return Rater(keys, "signer" if person is not None and _has_signed(matter, person) else "neighbour")


def proposer_rater(matter: Matter) -> Rater:
    """The proposer, known by the tracking code or the phone's own cookie; one statement."""
    person = db.session.scalar(
        select(Person)
        .join(Proposal, and_(Proposal.community_id == Person.community_id, Proposal.person_id == Person.id))
        .where(Person.community_id == current_community(), Proposal.matter_id == matter.id)
        .order_by(Proposal.said_at)
        .limit(1)
    )
    return Rater((rater_key("proposer", matter.id), *keys_of(person)), "proposer")


def signer_rater(matter: Matter, person_id: UUID) -> Rater | None:
    """Somebody whose browser signed this matter; None when the signature was taken back. One statement."""
    person = db.session.scalar(
        select(Person)
        .join(Signature, and_(Signature.community_id == Person.community_id, Signature.person_id == Person.id))
        .where(
            Person.community_id == current_community(), Person.id == person_id, Signature.matter_id == matter.id,
            Signature.withdrawn_at.is_(None),
        )
        .limit(1)
    )  # fmt: skip
    return Rater(keys_of(person), "signer") if person is not None else None


def contact_rater(matter: Matter, contact: Contact) -> Rater:
    """Somebody of the call list."""
    keys = keys_of(contact.person, contact.account_id)
    if contact.who == "proposer":
        keys = (*keys, rater_key("proposer", matter.id))
    return Rater(keys, contact.who)


def contacts_of(matter: Matter) -> list[Contact]:
    """Proposers, then signers, each once, as far as somebody wrote them down; one statement."""
    said = and_(Proposal.community_id == Person.community_id, Proposal.person_id == Person.id,
                Proposal.matter_id == matter.id)  # fmt: skip
    signed = and_(Signature.community_id == Person.community_id, Signature.person_id == Person.id,
                  Signature.matter_id == matter.id, Signature.withdrawn_at.is_(None))  # fmt: skip
    rows = db.session.execute(
        select(Person, Proposal.id, Account.id)
        .outerjoin(Proposal, said)
        .outerjoin(Signature, signed)
        .outerjoin(Account, and_(Account.community_id == Person.community_id, Account.person_id == Person.id))
        .where(
            Person.community_id == current_community(), or_(Proposal.id.is_not(None), Signature.id.is_not(None)),
            Person.id.in_(_people_behind(matter)),
        )
        .order_by(Proposal.said_at.nulls_last(), Signature.signed_at, Person.id)
    ).all()  # fmt: skip
    found: dict[UUID, Contact] = {}
    for person, proposal_id, account_id in rows:
        found.setdefault(person.id, Contact(person, "proposer" if proposal_id else "signer", account_id))
    return list(found.values())


def _people_behind(matter: Matter):  # type: ignore[no-untyped-def]
    here = current_community()
    return (
        select(Proposal.person_id)
        .where(Proposal.community_id == here, Proposal.matter_id == matter.id, Proposal.person_id.is_not(None))
        .union(
            select(Signature.person_id).where(
                Signature.community_id == here, Signature.matter_id == matter.id, Signature.person_id.is_not(None)
            )
        )
    )


def _has_signed(matter: Matter, person: Person) -> bool:
    wanted = select(Signature.id).where(
        Signature.community_id == current_community(), Signature.matter_id == matter.id,
        Signature.person_id == person.id, Signature.withdrawn_at.is_(None),
    )  # fmt: skip
    return db.session.scalar(wanted.limit(1)) is not None
