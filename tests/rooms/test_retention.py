"""What a hall need not keep is cleared when its time is over, and nothing else; what it holds of people is listed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.flow.collect.models import Proposal
from app.flow.decide.models import Poll, RollEntry
from app.matter import retention
from app.matter.models import Matter
from app.people import holdings
from app.people.actor import SYSTEM
from app.people.models import Account, ChangeLog, Person
from app.people.privacy import PhoneCode, PrivacyRequest
from app.people.residents import join
from app.people.seats import Representative
from app.people.secrets import seal
from tenants.database import db
from tests import cast
from tests.conftest import inside, later
from tests.rooms.people import said
from tests.rooms.stage_setting import matter_at

YEAR = 366


def person_of(matter: Matter) -> Person:
    found = db.session.scalar(
        select(Person).join(Proposal, Proposal.person_id == Person.id).where(Proposal.matter_id == matter.id)
    )
    assert found is not None
    return found


def rest(matter: Matter, now: Any, stage: str = "closed") -> None:
    closed = {"closed_at": now} if stage == "closed" else {}
    db.session.execute(update(Matter).where(Matter.id == matter.id).values(stage=stage, stage_since=now, **closed))


def has_phone(person: Person) -> bool:
    db.session.refresh(person)
    assert (person.phone_sealed is None) == (person.phone_index is None)
    return person.phone_sealed is not None


def test_a_phone_is_cleared_a_year_after_its_matter_closed(hall, now):
    matter = said(now)
    person = person_of(matter)
    rest(matter, later(days=10))
    assert retention.clear_expired(now=later(days=YEAR)) == {}
    assert has_phone(person)
    [rule] = [one for one in retention.rules_now(later(days=YEAR)) if one.key == "phones"]
    assert (rule.now, rule.soon) == (0, 1)
    assert retention.clear_expired(now=later(days=YEAR + 10)) == {"phones": 1}
    assert not has_phone(person)
    assert person.name == "王桂兰"
    assert retention.clear_expired(now=later(days=YEAR + 10)) == {}
    line = db.session.scalars(select(ChangeLog).where(ChangeLog.subject == "retention")).one()
    assert (line.what, line.after, line.by_id) == ("phones", "1", None)


@pytest.mark.parametrize("why", ["another matter runs", "an account", "a request"])
def test_a_phone_somebody_still_needs_stays(hall, now, why):
    matter = said(now)
    person = person_of(matter)
    rest(matter, now)
    if why == "another matter runs":
        running = said(now, title="另一件", person_id=person.id, name="", phone="")
        assert running.stage == "submitted"
    elif why == "an account":
        account, _new = join(cast.HOUSEHOLD_CODE, "王桂兰", now=now)
        account.person_id = person.id
    else:
        db.session.add(
            PrivacyRequest(number="隐1", kind="see", person_id=person.id, asked_at=now, due_at=later(days=15))
        )
    db.session.flush()
    retention.clear_expired(now=later(days=2 * YEAR))
    assert has_phone(person)


@pytest.mark.parametrize("stage", ["withdrawn", "not_accepted", "answered"])
def test_other_ends_count_like_closing(hall, now, stage):
    matter = said(now)
    person = person_of(matter)
    rest(matter, now, stage)
    assert retention.clear_expired(now=later(days=YEAR)) == {"phones": 1}
    assert not has_phone(person)


def test_a_guardian_goes_with_the_phone_and_codes_with_the_day(hall, now):
    matter = said(now)
    db.session.execute(update(Proposal).where(Proposal.matter_id == matter.id).values(guardian_sealed=seal("陈大山")))
    rest(matter, now)
    db.session.add(PhoneCode(phone_index="x", phone_sealed="x", code_hmac="x", asked_at=now, expires_at=later(hours=1)))
    db.session.flush()
    assert retention.clear_expired(now=later(hours=20)) == {}
    assert retention.clear_expired(now=later(days=2)) == {"codes": 1}
    assert retention.clear_expired(now=later(days=YEAR)) == {"phones": 2}
    assert db.session.scalar(select(Proposal.guardian_sealed).where(Proposal.matter_id == matter.id)) is None


def test_the_hall_s_own_months_hold(hall, now):
    matter = said(now)
    rest(matter, now)
    retention.set_months({"phones": 2}, by=SYSTEM, now=now)
    assert retention.clear_expired(now=later(days=50)) == {}
    assert retention.clear_expired(now=later(days=61)) == {"phones": 1}


def test_the_neighbour_s_phones_are_not_ours_to_clear(app, now):
    with inside(app, cast.NEXT):
        matter = said(now)
        rest(matter, now)
        db.session.commit()
    with inside(app, cast.HOME):
        assert retention.clear_expired(now=later(days=2 * YEAR)) == {}


@pytest.mark.usefixtures("app")
def test_every_table_that_names_a_person_is_listed():
    """A new table with a person's id is handed over and erased too, or this fails."""
    listed = {holding.table for holding in holdings.HOLDINGS}
    naming = {table.name for table in db.metadata.tables.values() if "person_id" in table.c}
    assert naming <= listed, "add the table to app/people/holdings.py"
    for holding in holdings.HOLDINGS:
        table = db.metadata.tables[holding.table]
        assert {*holding.shows, *holding.finds, *holding.erased} <= set(table.c.keys())
        assert holding.on_erasure != holdings.KEEP or holding.why


def test_taking_out_touches_nobody_else(hall, now):
    account, _new = join(cast.HOUSEHOLD_CODE, "李建国", now=now)
    other, _new = join(cast.HOUSEHOLD_CODE, "王桂兰", now=now)
    db.session.flush()
    person_id: UUID = other.person_id
    matter, who = matter_at("ratifying", now=now), db.session.get(Person, (account.community_id, account.person_id))
    poll = Poll(
        matter_id=matter.id, title="选楼长", body="residents", mode="secret", created_at=now, created_by=None,
    )  # fmt: skip
    rep = Representative(
        name="李建国", account_id=account.id, person_id=who.id, phone_sealed=seal("1"), since=now.date()
    )
    db.session.add_all([poll, rep])
    db.session.flush()
    line = RollEntry(poll_id=poll.id, person_id=who.id, name="李建国", place="3 号楼 101", channel="online")
    hers = RollEntry(poll_id=poll.id, person_id=person_id, name="王桂兰")
    db.session.add_all([line, hers])
    assert {"representative", "ballot_roll"} <= {section.key for section in holdings.sections_of(who)}
    holdings.take_out(who, now=now)
    assert (line.name, line.place, line.person_id, line.channel) == ("（已注销）", "", None, "online")
    assert (rep.name, rep.phone_sealed, rep.person_id, hers.name) == ("李建国", None, None, "王桂兰")
    kept = db.session.get(Account, (other.community_id, other.id))
    assert (kept.display_name, kept.person_id, kept.disabled_at) == ("王桂兰", person_id, None)
    assert db.session.get(Person, (other.community_id, person_id)).name == "王桂兰"
