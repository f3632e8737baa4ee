"""The call list of a review: proposers and signers, who has been heard already and who could not be reached."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.flow.evaluate import rules
from app.flow.evaluate.raters import Contact, contact_rater, contacts_of
from app.flow.evaluate.rating import heard_of, must_review
from app.matter.actions import record
from app.matter.models import Matter, TimelineEntry
from app.people.actor import Actor
from tenants.database import db
from tenants.scope import current_community

MISSED = "call_missed"


class Call(NamedTuple):
    """Somebody to be called; ``rated`` by whatever way this round, ``missed`` how often nobody answered."""

    contact: Contact
    rated: bool
    missed: int


def calls_of(matter: Matter) -> list[Call]:
    """Everybody on record behind the matter, the proposers first; three statements."""
    contacts = contacts_of(matter)
    keys = {contact.person.id: contact_rater(matter, contact).keys for contact in contacts}
    heard = heard_of(matter, [key for found in keys.values() for key in found])
    missed = _missed(matter) if contacts else {}
    return [
        Call(one, bool(heard & set(keys[one.person.id])), missed.get(str(one.person.id), 0)) for one in contacts
    ]  # fmt: skip


def missed(matter: Matter, person_id: UUID, *, by: Actor, now: datetime) -> None:
    """Nobody answered; it is remembered inside, so that the next colleague knows."""
    must_review(matter)
    rules.may_visit(by.roles).or_refuse()
    data = {"person": str(person_id), "round": matter.round}
    record(matter, MISSED, by=by, now=now, words="打电话回访，没打通", public=False, data=data)


def _missed(matter: Matter) -> dict[str, int]:
    person = TimelineEntry.data["person"].as_string()
    rows = db.session.execute(
        select(person, func.count())
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter.id,
            TimelineEntry.verb == MISSED, TimelineEntry.data["round"].as_integer() == matter.round,
        )
        .group_by(person)
    ).all()  # fmt: skip
    return {str(row[0]): int(row[1]) for row in rows}
