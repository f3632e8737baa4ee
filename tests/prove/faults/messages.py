"""Who in the hall wants messages, and what became of each: once at most, and none lost in silence."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from app import clock
from app.notices import preferences
from app.notices.delivery import CUT_SHORT
from app.notices.delivery_making import SPACE
from app.notices.preferences import Wish
from app.people import proofs
from app.people.actor import Actor
from app.people.models import Account, Person
from app.people.secrets import blind, seal
from tenants.database import db
from tests.prove.faults.counting import Books
from tests.prove.faults.post import Office
from tests.prove.town import Resident, Town

ENDED = {"sent", "unsure", "failed"}


def subscribe(town: Town, residents: list[Resident]) -> set[UUID]:
    """By turns mail and text messages for residents who have proven their phone, at once and at any hour; returns their
    accounts."""
    with town.program.inside(town.slug):
        wanted = [one.account for one in residents]
        found = {one.id: one for one in db.session.scalars(select(Account).where(Account.id.in_(wanted)))}
        for number, account_id in enumerate(wanted):
            account, phone = found[account_id], f"139{number:08d}"
            person = db.session.scalars(select(Person).where(Person.id == account.person_id)).one()
            person.phone_sealed, person.phone_index = seal(phone), blind("phone", phone)
            proofs.prove_by_phone(person.id, now=clock.now())
            db.session.flush()
            _wish(account, *(("sms", phone) if number % 2 else ("mail", f"r{number}@example.org")))
        db.session.commit()
        return set(wanted)


def _wish(account: Account, way: str, contact: str) -> None:
    wish = Wish(way, contact, digest_only=False, quiet_from=0, quiet_to=0, agrees=True)
    by = Actor("staff", account.display_name, account.id)
    preferences.prefer(wish, account, by=by, now=clock.now())


def account_for(books: Books, office: Office, wishers: set[UUID], patience: float) -> str:
    """Every message that was owed has its row (none is lost in silence), every row its end, and none went out twice.

    What is said to be sent was taken, what failed was not; between the two stands what nobody can know.
    """
    office.calm = True
    _until_all_have_ended(books, wishers, patience)
    rows = {str(key): (state, why) for key, state, why in books.rows("select id, state, problem from delivery")}
    states = Counter(state for state, _why in rows.values())
    assert states.keys() <= ENDED, states
    assert [key for key, times in office.taken.items() if times > 1] == [], "sent twice"
    assert office.taken.keys() <= rows.keys(), "nobody knows of what was sent"
    assert {key for key, (state, _why) in rows.items() if state == "sent"} <= office.taken.keys()
    assert not [key for key in office.taken if rows[key][0] == "failed"], "said to have failed, and was sent"
    cut = sum(why == CUT_SHORT for _state, why in rows.values())
    assert cut > 0, "no kill met a message on its way"
    return (
        f"{len(rows)} messages by mail and text: {states['sent']} sent, {states['unsure']} unsure ({cut} cut short by "
        f"kills, {office.cut_off} by the other side), {states['failed']} failed, 0 twice, 0 lost; "
        f"{office.turned_away} turned away and tried again"
    )


def _until_all_have_ended(books: Books, wishers: set[UUID], patience: float) -> None:
    """Retries come minutes later, doubts after ten: the clock goes on until nothing is owed or on its way."""
    deadline = time.monotonic() + patience
    while still := [*_on_the_way(books), *_owed(books, wishers)]:
        assert time.monotonic() < deadline, f"still on the way or owed: {still[:20]}"
        books.town.program.advance("11m")
        quiet = time.monotonic() + 12
        while (_on_the_way(books) or _owed(books, wishers)) and time.monotonic() < quiet:
            time.sleep(0.5)


def _on_the_way(books: Books) -> list[Any]:
    return books.rows("select state, count(*) from delivery where state in ('queued', 'sending') group by 1")


def _owed(books: Books, wishers: set[UUID]) -> list[Any]:
    """Messages to these people, by account or as those who brought the matter, that no delivery was made of."""
    made = {row[0] for row in books.rows("select source_id from delivery where community_id = :hall")}
    told = books.rows(
        "select o.id from outbox o join preference f on f.community_id = o.community_id and f.account_id = o.to_id "
        "where o.community_id = :hall and o.created_at > f.changed_at and o.to_id = any(:who)",
        who=[*wishers],
    )
    brought = books.rows(
        "select o.id, a.id from outbox o join proposal p on p.community_id = o.community_id and p.matter_id = "
        "o.matter_id join account a on a.community_id = p.community_id and a.person_id = p.person_id "
        "where o.community_id = :hall and o.to_kind = 'proposer' and o.read_at is null and a.id = any(:who)",
        who=[*wishers],
    )
    assert len(brought) > 20, "hardly anybody who wants messages brought anything"
    return [one for (one,) in told if one not in made] + [
        one for one, who in brought if uuid5(SPACE, f"{one}:{who}") not in made
    ]
