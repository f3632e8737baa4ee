"""From door to door on the real database: M19 and M02, two phones at one door, and what is owed before closing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.research import actions, canvass, site_notes, survey
from app.flow.research import canvass_queries as reading
from app.flow.research.canvass import Knock
from app.flow.research.evidence import evidence_of
from app.flow.research.models import CanvassDoor, CanvassTry
from app.flow.research.queries import findings_of
from app.flow.triage import actions as triage
from app.matter.models import TimelineEntry
from app.matter.workdays import local_day
from app.people.places import Building, Household
from tenants.database import db, uuid7
from tests.cast import NEXT
from tests.conftest import inside, later
from tests.rooms.people import account, person, said

pytestmark = pytest.mark.usefixtures("hall")
LIFT = "3 号楼 3 单元加装电梯，您家赞成吗？"


@pytest.fixture
def topic(hall, now):
    """加装电梯, made a topic; twelve doors behind the stairwell."""
    matter = said(now)
    triage.accept(
        matter, by=person("zhao", now), now=now, triage="hard", level="community", owner_id=account("xiaoli").id,
        power="residents", category="addition",
    )  # fmt: skip
    building = db.session.scalars(select(Building)).one()
    for number in range(1, 12):
        db.session.add(Household(building_id=building.id, unit=3, room=f"{number // 2 + 3}0{number % 2 + 2}"))
    triage.confirm_topic(matter, LIFT, False, by=person("shuji", now), now=now)
    db.session.flush()
    return matter


def opened(topic, now, **more):
    building = db.session.scalars(select(Building)).one()
    wanted = {"units": [(building.id, 3)], "labels": []} | more
    return canvass.open_canvass(topic, LIFT, by=person("xiaoli", now), now=now, **wanted)


def doors(asked):
    return reading.round_of(asked).doors


def tell(asked, topic, door, answer, now, who="xiaoli", **more):
    said_so = Knock(answer, more.pop("seen", door.version), **{k: more[k] for k in ("words", "channel") if k in more})
    return canvass.knock(asked, topic, door.id, said_so, by=person(who, now), now=now, try_id=more.get("try_id"))


def answered(asked, topic, now, answers):
    for door, answer in zip(doors(asked), answers, strict=True):
        tell(asked, topic, door, answer, now)


@pytest.mark.parametrize(
    ("answers", "figures"),
    [
        (["for"] * 9 + ["against"] * 2 + ["no_opinion"], (12, 12, 9, 2)),
        (["for"] * 12, (12, 12, 12, 0)),
    ],
    ids=["M19", "M02"],
)
def test_the_round_of_twelve_households(topic, now, answers, figures):
    asked = opened(topic, now)
    answered(asked, topic, now, answers)
    live = reading.round_of(asked).count
    assert (live.target, live.reached, live.in_favour, live.against) == figures
    assert "canvass" not in evidence_of(topic)
    canvass.close_canvass(asked, topic, by=person("zhao", now), now=later(hours=1))
    db.session.flush()
    assert (asked.target, asked.reached, asked.in_favour, asked.against) == figures
    assert "canvass" in evidence_of(topic)
    # It informs: the matter stands where it stood.
    assert topic.stage == "topic_confirmed"
    line = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "canvass")).one()
    assert "不算表决" in line.words
    assert f"赞成 {figures[2]} 户" in line.words


def test_nobody_there_is_not_reached_before_three_tries_at_different_hours(topic, now):
    asked = opened(topic, now)
    first, *rest = doors(asked)
    for door in rest:
        tell(asked, topic, door, "for", now)
    for moment in (now, later(hours=0.2), later(hours=0.4)):
        first = doors(asked)[0]
        tell(asked, topic, first, "", moment)
    with pytest.raises(Refused) as refused:
        canvass.close_canvass(asked, topic, by=person("zhao", now), now=later(hours=1))
    assert refused.value.values == {"n": 1}
    tell(asked, topic, doors(asked)[0], "", later(hours=5))
    tell(asked, topic, doors(asked)[0], "", later(hours=10), channel="phone")
    canvass.close_canvass(asked, topic, by=person("zhao", now), now=later(hours=11))
    assert (asked.reached, asked.tries, asked.state) == (11, 5, "closed")


def test_two_phones_do_not_overwrite_each_other(topic, now):
    asked = opened(topic, now)
    door = doors(asked)[0]
    tell(asked, topic, door, "against", now, words="怕挡光")
    with pytest.raises(Refused) as refused:
        tell(asked, topic, door, "for", now, who="zhao")
    assert "别人" in refused.value.reason
    assert [(d.answer, d.words, d.tries) for d in doors(asked)[:1]] == [("against", "怕挡光", 1)]
    again = doors(asked)[0]
    tell(asked, topic, again, "for", later(hours=1), who="zhao", words="想通了")
    assert (doors(asked)[0].answer, doors(asked)[0].tries) == ("for", 2)
    assert len(db.session.scalars(select(CanvassTry)).all()) == 2


def test_a_second_click_is_no_second_knock(topic, now):
    asked, once = opened(topic, now), uuid7()
    door = doors(asked)[0]
    tell(asked, topic, door, "", now, try_id=once)
    tell(asked, topic, door, "", now, try_id=once)
    assert doors(asked)[0].tries == 1


def test_nobody_there_does_not_wipe_out_an_answer(topic, now):
    asked = opened(topic, now)
    tell(asked, topic, doors(asked)[0], "for", now)
    with pytest.raises(Refused):
        tell(asked, topic, doors(asked)[0], "", now)
    assert doors(asked)[0].answer == "for"


def test_a_slip_of_the_finger_is_taken_back(topic, now):
    asked, xiaoli = opened(topic, now), person("xiaoli", now)
    tell(asked, topic, doors(asked)[0], "", now)
    tell(asked, topic, doors(asked)[0], "no_opinion", now, words="随大流")
    tell(asked, topic, doors(asked)[0], "against", later(hours=1))
    canvass.take_back(asked, topic, doors(asked)[0].id, doors(asked)[0].version, by=xiaoli, now=later(hours=1))
    door = doors(asked)[0]
    assert (door.answer, door.words, door.tries) == ("no_opinion", "随大流", 2)
    canvass.take_back(asked, topic, door.id, door.version, by=xiaoli, now=later(hours=1))
    door = doors(asked)[0]
    assert (door.answer, door.tries, len(door.vain), door.answered_at) == ("", 1, 1, None)
    canvass.take_back(asked, topic, door.id, door.version, by=xiaoli, now=later(hours=1))
    with pytest.raises(Refused):
        canvass.take_back(asked, topic, door.id, doors(asked)[0].version, by=xiaoli, now=later(hours=1))


def test_doors_by_name_stand_beside_households_and_none_twice(topic, now):
    asked = opened(topic, now, labels=["百货商店", "百货商店", " ", "曹家巷小区 3 号楼 3 单元 301"])
    lines = doors(asked)
    assert len(lines) == 13
    assert lines[0].room == "301"
    assert lines[-1].label == "百货商店"
    assert [(block, unit) for block, unit, _ in reading.round_of(asked).stairs] == [
        ("曹家巷小区 3 号楼", 3),
        ("", None),
    ]
    assert [unit[2:] for unit in reading.stairwells()] == [(3, 12)]


@pytest.mark.parametrize("more", [{"units": [], "labels": [" "]}, {"units": [], "labels": ["户" * 41]}])
def test_a_round_needs_doors(topic, now, more):
    with pytest.raises(Refused):
        opened(topic, now, **more)


def test_one_round_at_a_time_and_a_wrong_one_is_dropped_with_its_reason(topic, now):
    asked, zhao = opened(topic, now), person("zhao", now)
    with pytest.raises(Refused):
        opened(topic, now)
    with pytest.raises(Refused):
        canvass.drop_canvass(asked, topic, " ", by=zhao, now=now)
    canvass.drop_canvass(asked, topic, "单元选错了", by=zhao, now=now)
    db.session.flush()
    assert findings_of(topic.id).canvasses == []
    with pytest.raises(Refused):
        tell(asked, topic, doors(asked)[0], "for", now)
    assert opened(topic, later(hours=1)).state == "open"
    assert findings_of(topic.id).open_canvass["target"] == 12


def test_a_closed_round_is_closed(topic, now):
    asked = opened(topic, now, units=[], labels=["东头商店"])
    answered(asked, topic, now, ["for"])
    canvass.close_canvass(asked, topic, by=person("zhao", now), now=now)
    with pytest.raises(Refused):
        tell(asked, topic, doors(asked)[0], "against", now)
    line = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "canvass")).one()
    assert "1" not in line.words


def test_only_the_community_asks_and_only_at_its_own_doors(app, topic, now):
    asked = opened(topic, now)
    with pytest.raises(Refused):
        tell(asked, topic, doors(asked)[0], "for", now, who="yishi1")
    with pytest.raises(Missing):
        canvass.knock(asked, topic, uuid7(), Knock("for", 1), by=person("xiaoli", now), now=now)
    canvass_id = asked.id
    db.session.commit()
    with inside(app, NEXT):
        assert reading.find_canvass(canvass_id) is None
        assert db.session.scalars(select(CanvassDoor)).all() == []


def test_a_round_of_any_size_is_read_in_two_statements(topic, now, count_queries):
    asked = opened(topic, now)
    tell(asked, topic, doors(asked)[0], "", now)
    with count_queries() as seen:
        assert len(reading.round_of(asked).doors) == 12
    assert len(seen) == 2


def test_the_list_of_those_it_touches_is_put_right(topic, now):
    zhao = person("zhao", now)
    first, second = actions.name_stakeholders(topic, [("3 号楼", 36), ("商店", 2)], by=zhao, now=now)
    actions.change_stakeholder(second, topic, name="百货商店", households=1, by=zhao, now=now)
    with pytest.raises(Refused):
        actions.change_stakeholder(second, topic, name="3 号楼", households=1, by=zhao, now=now)
    actions.remove_stakeholder(first, topic, by=zhao, now=now)
    db.session.flush()
    assert [(who["words"], who["households"]) for who in findings_of(topic.id).stakeholders] == [("百货商店", 1)]
    with pytest.raises(Refused):
        actions.remove_stakeholder(second, topic, by=zhao, now=now)
    actions.name_stakeholders(topic, [("3 号楼", 40)], by=zhao, now=now)
    db.session.flush()
    assert findings_of(topic.id).households == 41
    assert "stakeholders" in evidence_of(topic)


def test_a_dropped_option_comes_back(topic, now):
    xiaoli = person("xiaoli", now)
    option = actions.add_option(topic, words="外挂电梯", cost_fen=500_000_00, payer="住户分摊", by=xiaoli, now=now)
    actions.drop_option(option, topic, by=xiaoli, now=now)
    actions.restore_option(option, topic, by=xiaoli, now=now)
    db.session.flush()
    assert [(o["label"], o["dropped"]) for o in findings_of(topic.id).options] == [("A", False)]


def test_a_wrong_site_note_is_hidden_with_its_reason_and_no_evidence(topic, now):
    xiaoli, zhao = person("xiaoli", now), person("zhao", now)
    note = actions.note_site(topic, "量了宽度 1.2 米", by=xiaoli, now=now)
    db.session.flush()
    site_notes.change_note(note, topic, "量了宽度 1.5 米", by=xiaoli, now=later(hours=3))
    with pytest.raises(Refused):
        site_notes.change_note(note, topic, "别的", by=zhao, now=later(hours=3))
    with pytest.raises(Refused):
        site_notes.hide_note(note, topic, "", by=zhao, now=now)
    site_notes.hide_note(note, topic, "量错楼了", by=zhao, now=now)
    db.session.flush()
    assert "site_note" not in evidence_of(topic)
    assert findings_of(topic.id).notes == []
    assert findings_of(topic.id, with_hidden=True).notes[0]["hidden_reason"] == "量错楼了"
    site_notes.show_note(note, topic, by=zhao, now=now)
    db.session.flush()
    assert findings_of(topic.id).notes[0]["words"] == "量了宽度 1.5 米"


def test_the_survey_is_prolonged_once_by_the_secretary(topic, now):
    zhao, shuji = person("zhao", now), person("shuji", now)
    actions.name_stakeholders(topic, [("3 号楼", 36)], by=zhao, now=now)
    survey.record_party_study(topic, on=local_day(now), who="社区党委", note="同意提请", by=zhao, now=now)
    actions.start_survey(topic, by=zhao, now=now)
    db.session.flush()
    first = topic.due_at
    for by, reason in ((zhao, "在等管线图"), (shuji, " ")):
        with pytest.raises(Refused):
            survey.extend_survey(topic, reason, by=by, now=now)
    survey.extend_survey(topic, "在等管线图", by=shuji, now=later(days=9))
    # Ten working days from Monday 15 June, over 端午节 on the 19th.
    assert (local_day(first).isoformat(), local_day(topic.due_at).isoformat()) == ("2026-06-15", "2026-06-30")
    db.session.flush()
    with pytest.raises(Refused):
        survey.extend_survey(topic, "还在等", by=shuji, now=later(days=9))
    assert [line["reason"] for line in findings_of(topic.id).extensions] == ["在等管线图"]


def test_the_party_s_discussion_is_a_dated_record(topic, now):
    zhao = person("zhao", now)
    actions.name_stakeholders(topic, [("3 号楼", 36)], by=zhao, now=now)
    with pytest.raises(Refused) as refused:
        actions.start_survey(topic, by=zhao, now=now)
    assert "党组织" in refused.value.values["missing"]
    day = local_day(now)
    with pytest.raises(Refused):
        survey.record_party_study(topic, on=day, who="社区党委", note="同意", by=person("xiaoli", now), now=now)
    survey.record_party_study(topic, on=day, who="社区党委", note="同意提请", by=zhao, now=now)
    db.session.flush()
    kept = findings_of(topic.id).party_studies[0]
    assert (kept["by_label"], kept["data"]["on"], kept["data"]["note"]) == ("赵师傅", "2026-06-01", "同意提请")
    actions.start_survey(topic, by=zhao, now=now)
    assert topic.stage == "surveying"
