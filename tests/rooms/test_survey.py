"""The survey of a finished matter: who is heard, each unhappy voice followed up, mistakes taken back, new wishes."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.collect.rules import Saying
from app.flow.deliberate.models import Sitting
from app.flow.evaluate import actions, effects, queries, raters, review_lists, rules
from app.flow.evaluate.models import Rating
from app.flow.evaluate.rules import Voice
from app.matter.models import Matter, TimelineEntry
from app.people.models import Person
from app.people.places import Building, Household
from app.people.roles import Role
from tenants.database import db, uuid7
from tests.conftest import later
from tests.rooms.carrying_out import reviewing
from tests.rooms.stage_setting import staff
from tests.rooms.test_evaluate import NEIGHBOUR, grid


def a_household() -> Household:
    """A door of the register."""
    building = db.session.scalars(select(Building)).first()
    home = Household(id=uuid7(), building_id=building.id, unit=1, room=str(uuid4())[:6])
    db.session.add(home)
    db.session.flush()
    return home


def by_web(matter, keys, grade=5, **more):
    """One voice from the web."""
    return actions.rate(matter, grade=grade, rater=keys[0], marks=keys, by=NEIGHBOUR, now=later(11), **more)


def test_one_voice_by_whatever_way(hall, now):
    """Account, phone and paper of one household are one voice; slips are numbers that go in once."""
    matter, home = reviewing(now), a_household()
    person = Person(id=uuid7(), name="王", household_id=home.id, phone_index="p" * 64, created_at=now)
    keys = raters.keys_of(person, uuid4())
    assert by_web(matter, keys, sheet=Voice(5, result=4, speed=3, attitude=5, knows=True), who="signer")
    assert not by_web(matter, raters.phone_rater("p" * 64).keys)
    assert not by_web(matter, raters.household_rater(home.id).keys)
    batch = uuid7()
    paper = Voice(4, slip=7, marks=raters.household_rater(home.id).keys)
    with pytest.raises(Refused, match="已经评过了"):
        actions.enter_papers(matter, [Voice(5, slip=6), paper], by=grid(), now=later(11), batch=batch)
    for n in (2, 0):
        papers = [Voice(5, slip=6), Voice(2, "太高", slip=8)]
        assert actions.enter_papers(matter, papers, by=grid(), now=later(11), batch=batch) == n
    with pytest.raises(Refused, match="已经录过"):
        actions.enter_papers(matter, [Voice(5, slip=8)], by=grid(), now=later(11), batch=uuid7())
    with pytest.raises(Refused, match="写了两回"):
        actions.enter_papers(matter, [Voice(5, slip=9), Voice(5, slip=9)], by=grid(), now=later(11), batch=uuid7())
    assert (matter.rating_satisfied, matter.rating_count) == (2, 3)
    own = queries.own_rating(matter, keys)
    assert (own.who, own.result, own.speed, own.attitude, own.knows) == ("signer", 4, 3, 5, True)
    with pytest.raises(Refused, match="社区工作人员"):
        actions.rate(matter, grade=5, rater="x", source="phone", by=NEIGHBOUR, now=later(11))


def test_a_wrong_batch_is_struck_and_may_be_entered_again(hall, now):
    matter, batch = reviewing(now), uuid7()
    papers = [Voice(2, "太高", slip=1), Voice(5, slip=2)]
    actions.enter_papers(matter, papers, by=grid(), now=later(11), batch=batch)
    with pytest.raises(Refused, match="为什么"):
        actions.strike_batch(matter, batch, " ", by=grid(), now=later(11))
    with pytest.raises(Refused, match="换一位"):
        actions.strike_batch(matter, batch, "录错了", by=grid(), now=later(13))
    with pytest.raises(Missing):
        actions.strike_batch(matter, uuid7(), "录错了", by=grid(), now=later(11))
    assert actions.strike_batch(matter, batch, "录错了", by=staff(), now=later(13)) == 2
    assert actions.strike_batch(matter, batch, "录错了", by=staff(), now=later(13)) == 0
    assert (matter.rating_satisfied, matter.rating_count, queries.satisfaction_of(matter).unheard) == (0, 0, 0)
    actions.enter_papers(matter, papers, by=grid(), now=later(13), batch=uuid7())
    assert matter.rating_count == 2
    assert [(one.count, bool(one.struck_at)) for one in queries.batches_of(matter)] == [(2, False), (2, True)]


def test_each_unhappy_voice_is_followed_up_on_its_own(hall, now):
    """Two unhappy ones: a visit to three others clears nobody; one is named by a visit, one answered in public."""
    matter = reviewing(now)
    actions.enter_ratings(matter, [(5,)] * 8 + [(2, "太高"), (1, "没人来")], source="visit", by=grid(), now=later(11))
    actions.evaluate(matter, "方便了大家。", effect="reached", by=staff(), now=later(11))
    assert review_lists.counts() == {"visit": 1, "ready": 0, "closed": 0, "low": 2}
    actions.visit(matter, "问了三户，都说好", reached=3, by=grid(), now=later(12))
    first, second = queries.low_open(matter)
    with pytest.raises(Refused, match="先回访"):
        actions.close(matter, "办好了。", by=staff(), now=later(12))
    with pytest.raises(Refused, match="不能比这个少"):
        actions.visit(matter, "问了", reached=1, follows=[first.id, second.id], by=grid(), now=later(12))
    actions.visit(matter, "放低了", reached=1, how="phone", follows=[first.id], by=grid(), now=later(12))
    actions.follow_up(matter, second.id, "以后每月去一次。", how="public", by=grid(), now=later(12, 1))
    with pytest.raises(Refused, match="已经回访过"):
        actions.follow_up(matter, second.id, "再说一次", how="phone", by=grid(), now=later(12, 1))
    assert (first.followed_how, first.followed_label, second.followed_how) == ("phone", "小李", "public")
    assert [said.words for said in effects.public_result(matter).answers] == ["以后每月去一次。"]
    assert [line.matter.id for line in review_lists.lines("ready")] == [matter.id]
    assert review_lists.lows() == []
    actions.close(matter, "办好了。", by=staff(), now=later(12, 2))
    assert review_lists.counts() == {"visit": 0, "ready": 0, "closed": 1, "low": 0}


def test_a_round_that_was_reworked_still_owes_its_answers(hall, now):
    matter = reviewing(now)
    actions.enter_ratings(matter, [(5,)] + [(2, "又堆上了")] * 2, source="visit", by=grid(), now=later(11))
    actions.rework(matter, "又堆上了", by=staff(), now=later(12))
    with pytest.raises(Refused):
        actions.rework(matter, "又堆上了", by=staff(), now=later(12))
    assert (matter.reworks, matter.round, queries.satisfaction_of(matter).unheard) == (1, 2, 2)
    for low in queries.low_open(matter):
        actions.follow_up(matter, low.id, "返工了，再去看过", how="door", by=grid(), now=later(13))
    assert queries.satisfaction_of(matter).unheard == 0


def test_judged_in_a_sitting_beside_what_was_promised(hall, now):
    matter = reviewing(now)
    sitting = Sitting(
        id=uuid7(), number="NYD-1", kind="council", title="第 24 次板凳会", starts_at=later(12), place="亭子", base=17,
        state="closed", created_at=now,
    )  # fmt: skip
    db.session.add(sitting)
    db.session.flush()
    with pytest.raises(Refused, match="还没开"):
        actions.evaluate(matter, "好。", sitting_id=sitting.id, by=staff(), now=later(11))
    with pytest.raises(Missing):
        actions.evaluate(matter, "好。", sitting_id=uuid7(), by=staff(), now=later(13))
    actions.evaluate(matter, "五组都在用。", effect="reached", sitting_id=sitting.id, by=staff(), now=later(13))
    words = db.session.scalar(select(TimelineEntry.words).where(TimelineEntry.verb == "evaluate"))
    assert words == "「第 24 次板凳会」上评估（达到了）：五组都在用。"
    effect = effects.effect_of(matter)
    (line,) = effect.lines
    assert (line.is_done, line.days_late, effect.planned_fen, effect.actual_fen) == (True, 0, 480_000, 470_000)


def test_a_wish_becomes_a_matter_of_its_own_linked_both_ways(hall, now):
    matter = reviewing(now, place="3 号楼前")
    wish = Saying(words="再添一组晾衣架", channel="visit", entered_by=staff().id, read_back=True)
    actions.enter_papers(matter, [Voice(5, slip=1, wish="再添一组")], by=grid(), now=later(11), batch=uuid7())
    rating = queries.ratings_of(matter)[0]
    grown = actions.take_wish(matter, wish, rating_id=rating.id, by=grid(), now=later(11), matter_id=uuid7())
    assert (grown.matter.stage, grown.matter.follows_id, grown.matter.place) == ("collected", matter.id, "3 号楼前")
    assert len(grown.code) == 12
    with pytest.raises(Refused, match="已经另立"):
        actions.take_wish(matter, wish, rating_id=rating.id, by=grid(), now=later(11))
    with pytest.raises(Refused, match="不能整批"):
        actions.strike_batch(matter, rating.batch_id, "录错了", by=grid(), now=later(11))
    assert [one.number for one in effects.kin_of(matter).grown] == [grown.matter.number]
    assert effects.kin_of(grown.matter).origin.id == matter.id
    assert db.session.scalar(select(Rating.wish_matter_id)) == grown.matter.id
    with pytest.raises(Refused, match="办完、回访"):
        actions.take_wish(grown.matter, wish, by=grid(), now=later(12))
    assert db.session.scalar(select(Matter.follows_id).where(Matter.id == matter.id)) is None


@pytest.mark.parametrize(
    ("reason", "same_person", "same_day", "ok"),
    [("错", True, True, True), ("错", True, False, False), ("错", False, False, True), ("", False, True, False)],
)
def test_who_may_take_a_batch_back(reason, same_person, same_day, ok):
    one, other = uuid4(), uuid4()
    day = date(2026, 6, 1)
    today = day if same_day else date(2026, 6, 2)
    assert bool(rules.may_strike(reason, one, one if same_person else other, day, today)) is ok


def test_only_staff_follow_up(hall, now):
    matter = reviewing(now)
    actions.enter_ratings(matter, [(1, "没人来")], source="paper", by=grid(), now=later(11))
    (low,) = queries.low_open(matter)
    with pytest.raises(Refused, match="社区工作人员"):
        actions.follow_up(matter, low.id, "问过了", how="phone", by=staff("yishi1", Role.COUNCIL_MEMBER), now=later(12))
    with pytest.raises(Refused, match="怎么回访"):
        actions.follow_up(matter, low.id, "问过了", how="pigeon", by=grid(), now=later(12))
