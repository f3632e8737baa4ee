"""What was found out, on the real database."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.flow.research import actions, queries
from app.flow.research.evidence import evidence_of
from app.flow.research.models import Canvass
from app.flow.triage import actions as triage
from tenants.database import db, uuid7
from tests.conftest import later
from tests.rooms.people import account, person, said

pytestmark = pytest.mark.usefixtures("hall")


@pytest.fixture
def topic(hall, now):
    """装晾衣架, made a topic by the secretary."""
    matter = said(now)
    triage.accept(
        matter, by=person("zhao", now), now=now, triage="hard", level="community", owner_id=account("xiaoli").id,
        power="council", category="addition",
    )  # fmt: skip
    return triage.confirm_topic(matter, "3 号楼前装不装晾衣架", False, by=person("shuji", now), now=now)


def option(matter, now, **more):
    values = {"words": "外墙装 4 盏壁灯", "cost_fen": 320_000, "payer": "社区 2,000，商店 1,200"} | more
    return actions.add_option(matter, by=person("xiaoli", now), now=now, **values)


def test_the_survey_waits_for_the_list_of_those_it_touches(topic, now):
    zhao = person("zhao", now)
    with pytest.raises(Refused) as refused:
        actions.start_survey(topic, by=zhao, now=now)
    assert "名单" in refused.value.values["missing"]
    actions.name_stakeholders(topic, [("3 号楼", 36), ("商店", 2), ("3 号楼", 1), ("", None)], by=zhao, now=now)
    actions.start_survey(topic, by=zhao, now=now)
    assert topic.stage == "surveying"
    found = queries.findings_of(topic.id)
    assert [(who["words"], who["households"]) for who in found.stakeholders] == [("3 号楼", 36), ("商店", 2)]
    assert found.households == 38


def test_each_finding_is_its_own_piece_of_evidence(topic, now):
    xiaoli = person("xiaoli", now)
    assert evidence_of(topic) == frozenset()
    actions.note_site(topic, "夜里走了一遍", by=xiaoli, now=now)
    assert evidence_of(topic) == {"site_note"}
    option(topic, now)
    assert evidence_of(topic) == {"site_note"}
    second = option(topic, now, words="太阳能灯 6 盏", cost_fen=468_000, payer="为民服务资金", cost_approx=True)
    assert evidence_of(topic) == {"site_note", "two_options"}
    actions.drop_option(second, topic, by=xiaoli, now=now)
    assert evidence_of(topic) == {"site_note"}
    actions.record_canvass(
        topic, question="装不装", target=36, reached=30, in_favour=25, against=2, tries=3, by=xiaoli, now=now
    )
    assert evidence_of(topic) == {"site_note", "canvass"}
    count = queries.findings_of(topic.id).canvasses[0]["count"]
    assert (count.no_opinion, count.not_reached) == (3, 6)


def test_a_dropped_letter_is_not_given_again(topic, now):
    first = option(topic, now)
    actions.drop_option(first, topic, by=person("xiaoli", now), now=now)
    assert option(topic, now, words="别的办法").label == "B"


@pytest.mark.parametrize("more", [{"words": " "}, {"payer": ""}, {"cost_fen": -1}, {"words": "长" * 201}])
def test_an_option_says_what_and_who_pays(topic, now, more):
    with pytest.raises(Refused):
        option(topic, now, **more)


@pytest.mark.parametrize(
    "figures",
    [
        {"target": 0, "reached": 0, "in_favour": 0, "against": 0, "tries": 1},
        {"target": 10, "reached": 11, "in_favour": 1, "against": 0, "tries": 3},
        {"target": 10, "reached": 10, "in_favour": 8, "against": 3, "tries": 1},
        {"target": 10, "reached": 9, "in_favour": 8, "against": 1, "tries": 2},
        {"target": 10, "reached": 10, "in_favour": -1, "against": 1, "tries": 1},
    ],
)
def test_figures_that_do_not_add_up_are_refused(topic, now, figures):
    with pytest.raises(Refused):
        actions.record_canvass(topic, question="装不装", by=person("xiaoli", now), now=now, **figures)


def test_the_database_knows_the_three_tries(topic, now):
    db.session.add(
        Canvass(
            matter_id=topic.id,
            question="装不装",
            target=9,
            reached=3,
            in_favour=1,
            against=1,
            tries=2,
            by_label="小李",
            at=now,
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_same_form_twice_makes_one_row(topic, now):
    once = uuid7()
    first = option(topic, now, option_id=once)
    db.session.flush()
    assert option(topic, now, option_id=once).id == first.id
    assert len(queries.findings_of(topic.id).options) == 1


def test_a_council_member_writes_no_findings(topic, now):
    with pytest.raises(Refused):
        actions.note_site(topic, "我看过了", by=person("yishi1", now), now=now)


def test_nothing_is_found_out_before_the_matter_is_taken_on(hall, now):
    with pytest.raises(Refused):
        option(said(now), now)


def test_findings_are_read_in_one_statement(topic, now, count_queries):
    actions.note_site(topic, "看过了", by=person("xiaoli", now), now=later(hours=1))
    option(topic, now)
    db.session.flush()
    with count_queries() as seen:
        found = queries.findings_of(topic.id)
        evidence_of(topic)
    assert len(seen) == 2
    assert len(found.notes) == 1
    assert found.options[0]["cost_fen"] == 320_000
