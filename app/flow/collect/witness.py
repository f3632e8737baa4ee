"""What the street may learn of those behind a matter: masked at a glance, plain only for a reason it leaves behind.

Source: domain.md section 2, row "names, phones, household" (Personal Information Protection Law sections 20, 21, 25).
The street holds no grant on these tables. Its witness is bound to one matter and one person, and in that transaction
the reason is written before the value is read; the block's end commits both together, so no page can show what no
row remembers (docs/decisions/0006-the-street-looks-through-a-witness.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from app.errors import Missing
from app.flow.collect.models import Proposal
from app.flow.collect.rules import gender_of
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.looks import good_reason
from app.people.models import Person
from app.people.naming import surname_of
from app.people.phones import masked_phone
from app.people.privacy import Look
from app.people.secrets import unseal
from app.words import N_
from tenants.binding import witnessing
from tenants.database import uuid7
from tenants.scope import current_street

#: A page of the street shows the first speakers; who else signed stays with the hall.
SHOWN = 3


@dataclass(frozen=True)
class Glimpse:
    """One speaker, masked: the surname alone, ``female``, ``male`` or ``""``, and a phone of which seven digits show.

    Of a child not even the surname is shown.
    """

    person_id: UUID
    surname: str
    gender: str
    phone: str
    is_child: bool


@dataclass(frozen=True)
class Plain:
    """One speaker as the hall knows them; empty where they gave nothing."""

    name: str
    title: str
    phone: str


@dataclass(frozen=True)
class Spoken:
    """The words of one proposal, without its speaker."""

    words: str
    wish: str
    said_at: datetime


def people_behind(matter: Matter) -> list[Glimpse]:
    """The first speakers of a matter of the bound street, masked."""
    with witnessing(matter.community_id, case=matter.id) as conn:
        wanted = (
            select(Proposal.person_id)
            .where(_of(matter), Proposal.person_id.is_not(None))
            .order_by(Proposal.said_at)
            .limit(SHOWN)
        )
        ids = list(dict.fromkeys(conn.execute(wanted).scalars()))
    return [_glimpse(matter, person_id) for person_id in ids]


def unmask(matter: Matter, person_id: UUID, *, reason: str, by: Actor, now: datetime) -> Plain:
    """Write down why, and return name and phone of one speaker. ``Refused`` for a reason that says nothing,
    ``Missing`` for somebody who did not speak in this matter; then nothing is read."""
    good_reason(reason).or_refuse()
    with witnessing(matter.community_id, case=matter.id, person=person_id) as conn:
        spoke = select(Proposal.id).where(_of(matter), Proposal.person_id == person_id).limit(1)
        if conn.execute(spoke).scalar() is None:
            raise Missing(N_("这件事里没有这个人。"))
        _log(conn, matter, "identity", reason, by, now, person_id)
        row = conn.execute(
            select(Person.name, Person.title, Person.phone_sealed).where(
                Person.community_id == matter.community_id, Person.id == person_id
            )
        ).one()
    return Plain(row.name, row.title, unseal(row.phone_sealed) if row.phone_sealed else "")


def read_words(matter: Matter, *, reason: str, by: Actor, now: datetime) -> list[Spoken]:
    """Write down why, and return what was said in a matter that is not open to the street."""
    good_reason(reason).or_refuse()
    with witnessing(matter.community_id, case=matter.id) as conn:
        _log(conn, matter, "minor" if matter.has_minor else "content", reason, by, now)
        rows = conn.execute(
            select(Proposal.words, Proposal.wish, Proposal.said_at).where(_of(matter)).order_by(Proposal.said_at)
        ).all()
    return [Spoken(row.words, row.wish, row.said_at) for row in rows]


def _of(matter: Matter):  # type: ignore[no-untyped-def]
    return (Proposal.community_id == matter.community_id) & (Proposal.matter_id == matter.id)


def _glimpse(matter: Matter, person_id: UUID) -> Glimpse:
    if matter.has_minor:
        return Glimpse(person_id, "", "", "", is_child=True)
    with witnessing(matter.community_id, case=matter.id, person=person_id) as conn:
        row = conn.execute(
            select(Person.name, Person.title, Person.phone_sealed).where(
                Person.community_id == matter.community_id, Person.id == person_id
            )
        ).one()
    phone = masked_phone(unseal(row.phone_sealed)) if row.phone_sealed else ""
    return Glimpse(person_id, surname_of(row.name), gender_of(row.title), phone, is_child=False)


def _log(
    conn: Connection, matter: Matter, subject: str, reason: str, by: Actor, now: datetime,
    person_id: UUID | None = None,
) -> None:  # fmt: skip
    conn.execute(
        insert(Look).values(
            community_id=matter.community_id, street_id=current_street(), id=uuid7(), matter_id=matter.id,
            person_id=person_id, subject=subject, reason=reason.strip(), viewer_kind="street", viewer_id=by.id,
            viewer_label=by.label, at=now,
        )
    )  # fmt: skip
