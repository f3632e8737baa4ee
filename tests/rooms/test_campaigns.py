"""Calls for ideas and codes of places, on the real database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.flow.collect import campaigns, ideas
from app.flow.collect.campaign_rules import Call
from app.flow.collect.channels import Campaign
from app.flow.collect.minors import open_matter
from app.flow.collect.models import Proposal
from app.flow.collect.points import find_point
from app.flow.collect.rules import Source
from app.flow.triage.actions import merge
from app.matter.actions import move
from app.people import venues
from app.people.models import ChangeLog
from app.people.short_codes import look_alike
from tenants.database import db, uuid7
from tests.cast import NEXT
from tests.conftest import inside, later
from tests.rooms.people import person, said

TODAY = date(2026, 6, 1)
CALL = Call("金点子征集", "空地拿来做什么", "", TODAY, TODAY + timedelta(days=9))


@pytest.fixture
def worker(hall: Any, now: Any) -> Any:
    return person("zhao", now)


def begin(by: Any, now: Any, **changed: Any) -> Campaign:
    return campaigns.start_campaign(Call(**{**CALL.__dict__, **changed}), id=uuid7(), by=by, now=now)


def idea(call: Campaign, now: Any, **more: Any) -> Any:
    return said(now, source=Source(campaign_id=call.id), **more)


def accept(matter: Any, by: Any, now: Any) -> Any:
    everything = frozenset({"words", "place", "wish", "channel", "kind", "category", "power_check", "handler"})
    return move(matter, "accept", by=by, now=now, evidence=everything, triage="minor")


def test_a_call_is_found_by_its_code_as_people_type_it(app: Any, worker: Any, now: Any) -> None:
    made = begin(worker, now)
    assert campaigns.find_campaign(f" {made.code.lower()[:2]}-{made.code[2:]}").id == made.id
    assert campaigns.find_campaign("") is None
    assert campaigns.find_campaign("2345") is None
    code, own = made.code, made.id
    db.session.commit()
    with inside(app, NEXT):
        assert campaigns.find_campaign(code) is None
        with pytest.raises(Missing):
            campaigns.campaign_by_id(own)


def test_a_call_runs_from_its_first_to_its_last_day(worker: Any, now: Any) -> None:
    made = begin(worker, now)
    days = [TODAY - timedelta(days=1), TODAY, made.ends, made.ends + timedelta(days=1)]
    assert [campaigns.is_open(made, day) for day in days] == [False, True, True, False]


def test_a_call_is_changed_while_it_runs_and_keeps_its_code(worker: Any, now: Any) -> None:
    made = begin(worker, now)
    code = made.code
    campaigns.change_campaign(made, Call("金点子", "种什么", "细说", TODAY, TODAY), by=worker, now=now)
    assert (made.title, made.ends, made.code) == ("金点子", TODAY, code)
    with pytest.raises(Refused):
        campaigns.change_campaign(made, CALL, by=worker, now=later(days=1))
    with pytest.raises(Refused):
        begin(worker, later(days=30))
    assert made.ends == TODAY


def test_a_call_ends_once_and_with_an_answer(worker: Any, now: Any) -> None:
    made = begin(worker, now)
    with pytest.raises(Refused):
        campaigns.end_campaign(made, " ", by=worker, now=now)
    campaigns.end_campaign(made, "收到三条，先装长椅。", by=worker, now=now)
    assert made.ended_at == now
    assert not campaigns.is_open(made, TODAY)
    with pytest.raises(Refused):
        campaigns.end_campaign(made, "再结束一次", by=worker, now=now)
    campaigns.reword_result(made, "收到三条，长椅装好了。", by=worker, now=later(days=3))
    log = db.session.scalars(select(ChangeLog.what).where(ChangeLog.subject_id == made.id)).all()
    assert sorted(log) == ["add", "end", "result"]
    assert made.result == "收到三条，长椅装好了。"


def test_ideas_are_counted_listed_and_told_in_public_when_taken_up(worker: Any, now: Any) -> None:
    call, other = begin(worker, now), begin(worker, now, title="别的")
    taken = accept(idea(call, now, title="摆两条长椅"), worker, now)
    waiting = idea(call, later(hours=1), title="等着看的")
    quarrel = accept(idea(call, now, title="邻里纠纷", track="mediation"), worker, now)
    idea(other, now, title="别处的")
    assert ideas.count_ideas(call) == 3
    assert [row.title for row in ideas.outcomes(call)] == ["摆两条长椅"]
    counts = ideas.state_counts(call)
    assert (counts[""], counts["waiting"], counts["talking"], counts["done"]) == (3, 1, 2, 0)
    rows, total = ideas.ideas_page(call, state="", words="", page=1)
    assert total == 3
    assert rows[0].matter_id == waiting.id
    hidden = next(row for row in rows if row.matter_id == quarrel.id)
    assert (hidden.title, hidden.words, hidden.is_restricted) == ("", "", True)
    found, _n = ideas.ideas_page(call, state="talking", words="长椅", page=1)
    assert [row.matter_id for row in found] == [taken.id]
    assert ideas.ideas_page(call, state="", words="%", page=1)[1] == 0
    assert {row.matter_id for row in ideas.every_idea(call, state="waiting", words="")} == {waiting.id}


def test_a_merged_idea_keeps_its_line_and_leads_to_where_it_went(hall: Any, now: Any) -> None:
    secretary = person("shuji", now)
    call = begin(secretary, now)
    first = accept(idea(call, now, title="摆长椅"), secretary, now)
    second = accept(idea(call, now, title="也想要长椅"), secretary, now)
    merge(second, first, "说的是同一处", by=secretary, now=later(hours=1))
    db.session.flush()
    told = {row.title: row for row in ideas.outcomes(call)}
    assert told["也想要长椅"].matter_id == first.id
    assert told["也想要长椅"].merged_number == first.number
    assert ideas.count_ideas(call) == 2


def test_the_front_page_shows_the_call_that_ends_first(worker: Any, now: Any) -> None:
    assert ideas.venues_and_call(TODAY, venues=6)[1] is None
    begin(worker, now, title="长的", ends=TODAY + timedelta(days=30))
    soon = begin(worker, now, title="短的")
    begin(worker, now, title="还没开始", starts=TODAY + timedelta(days=1))
    idea(soon, now)
    places, running = ideas.venues_and_call(TODAY, venues=1)
    assert [venue.name for venue in places] == ["小板凳议事屋"]
    assert (running.campaign.title, running.n) == ("短的", 1)
    for venue in venues.venues():
        venues.close_venue(venue, by=worker, now=now)
    db.session.flush()
    assert ideas.venues_and_call(TODAY, venues=6)[1].campaign.id == soon.id
    assert ideas.venues_and_call(TODAY + timedelta(days=40), venues=6) == ([], None)


def test_what_is_said_belongs_to_its_call(worker: Any, now: Any) -> None:
    call = begin(worker, now)
    matter = idea(call, now)
    kept = db.session.scalar(select(Proposal.campaign_id).where(Proposal.matter_id == matter.id))
    assert kept == call.id


# --- codes of places


def test_a_new_place_has_a_code_and_an_old_one_gets_one_for_good(app: Any, worker: Any, now: Any) -> None:
    values = {"kind": "tree", "name": "大槐树下", "place": "槐树下", "hours": "", "note": ""}
    made = venues.add_venue(values, id=uuid7(), by=worker, now=now)
    old = next(venue for venue in venues.venues() if venue.code is None)
    assert find_point(made.code.lower()).id == made.id
    code = venues.give_code(old, by=worker, now=now).code
    assert venues.give_code(old, by=worker, now=now).code == code
    assert venues.give_codes(by=worker, now=now) == 1
    assert venues.give_codes(by=worker, now=now) == 0
    codes = [venue.code for venue in venues.venues()]
    assert len({look_alike(one) for one in codes}) == len(codes) == 3
    venues.close_venue(made, by=worker, now=now)
    assert find_point(made.code).closed_at is not None
    db.session.commit()
    with inside(app, NEXT):
        assert find_point(code) is None


def test_a_code_given_meanwhile_is_kept(worker: Any, now: Any) -> None:
    stale = next(venue for venue in venues.venues() if venue.code is None)
    db.session.expunge(stale)
    fresh = venues.find_venue(stale.id)
    first = venues.give_code(fresh, by=worker, now=now).code
    db.session.flush()
    db.session.expunge(fresh)
    db.session.add(stale)
    assert stale.code is None
    assert venues.give_code(stale, by=worker, now=now).code == first


def test_the_clock_of_a_call_is_the_hall_s_own(worker: Any) -> None:
    """One in the morning of 11 June in Shijiazhuang is still 10 June in UTC, and the call's last day is over."""
    made = begin(worker, clock.at(TODAY, 9))
    late = clock.at(TODAY + timedelta(days=10), 1)
    with pytest.raises(Refused):
        campaigns.change_campaign(made, CALL, by=worker, now=late)


def test_a_child_s_idea_is_counted_but_told_only_when_it_was_opened(hall: Any, now: Any) -> None:
    secretary = person("shuji", now)
    call = begin(secretary, now)
    child = idea(call, now, title="小明想要沙坑", birth_year=2011, own_consent=True)
    child = accept(child, secretary, now)
    row = ideas.ideas_page(call, state="", words="", page=1)[0][0]
    assert (row.title, row.words, row.is_restricted) == ("", "", True)
    assert ideas.outcomes(call) == []
    assert ideas.ideas_page(call, state="", words="沙坑", page=1)[1] == 0
    open_matter(
        child, title="院里添个沙坑", question="沙坑添不添", place="空地", reason="大家都用得上", names_nobody=True,
        by=secretary, now=later(hours=1),
    )  # fmt: skip
    db.session.flush()
    assert [told.title for told in ideas.outcomes(call)] == ["院里添个沙坑"]
    row = ideas.ideas_page(call, state="", words="", page=1)[0][0]
    assert (row.title, row.words, row.wish) == ("院里添个沙坑", "", "")
    assert ideas.ideas_page(call, state="", words="绳子", page=1)[1] == 0
