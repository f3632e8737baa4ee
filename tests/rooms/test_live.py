"""Hands, the floor and its timer as rules, and what they do to a sitting that is held."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import NotAllowed, Refused
from app.flow.decide import actions as deciding
from app.flow.deliberate import actions, floor_rules
from app.flow.deliberate.floor_rules import Hand, View
from app.flow.deliberate.live import floor_of, item_now, next_item
from app.flow.deliberate.queries import agenda_of, register_of
from app.flow.deliberate.rules import Seat, SittingState
from tests.conftest import later
from tests.rooms.people import person
from tests.rooms.sitting_table import announced, come, opened, topic

S = SittingState


@pytest.mark.parametrize(("gone", "left"), [(-5, 180), (0, 180), (78, 102), (179, 1), (180, 0), (9_000, 0)])
def test_three_minutes_are_counted_from_the_beginning(now, gone, left):
    assert floor_rules.remaining(now, now + timedelta(seconds=gone)) == left


@pytest.mark.parametrize(
    ("turns", "reason", "may"), [(0, "", True), (1, "", True), (2, "", False), (2, " ", False), (2, "回答问题", True)]
)
def test_twice_a_topic_and_a_third_time_for_a_reason(turns, reason, may):
    assert bool(floor_rules.may_have_floor(turns, reason)) is may


@pytest.mark.parametrize(
    ("views", "last", "whose"),
    [([], View.FOR, None), (["for", "against"], View.FOR, 1), (["for", "for"], View.FOR, 0),
     (["", "for"], View.AGAINST, 1), (["", "for"], View.NONE, 0)],
)  # fmt: skip
def test_opposite_views_alternate(views, last, whose):
    hands = [Hand(n, View(view)) for n, view in enumerate(views)]
    assert floor_rules.whose_turn(hands, last) == whose


@pytest.mark.parametrize(
    ("state", "seat", "is_up", "may"),
    [(S.OPEN, Seat.PRESENT, False, True), (S.OPEN, Seat.LEFT, False, False), (S.NOTICED, Seat.PRESENT, False, False),
     (S.OPEN, Seat.PRESENT, True, False)],
)  # fmt: skip
def test_who_may_raise_a_hand(state, seat, is_up, may):
    assert bool(floor_rules.may_raise(state, seat, is_up)) is may


@pytest.mark.parametrize(
    ("state", "seat", "days", "may"),
    [(S.NOTICED, Seat.EXPECTED, 0, True), (S.OPEN, Seat.LEFT, 0, True), (S.OPEN, Seat.PRESENT, 0, False),
     (S.NOTICED, Seat.EXPECTED, 1, False), (S.CLOSED, Seat.EXPECTED, 0, False), (S.PLANNED, Seat.EXPECTED, 0, False)],
)  # fmt: skip
def test_who_may_say_at_the_door_that_they_came(now, state, seat, days, may):
    assert bool(floor_rules.may_check_in(state, seat, now, now + timedelta(days=days))) is may


def test_the_floor_passes_from_hand_to_hand_and_a_new_topic_clears_it(hall, now):
    first, second = topic(now), topic(now, title="修 3 号楼的灯", question="修灯，同意吗？")
    sitting = announced(now, first, second)
    moment = later(4)
    come(sitting, 12, moment)
    chair = person("shuji", moment)
    actions.open_sitting(sitting, chair=chair.id, recorder=person("zhao", moment).id, by=chair, now=moment)
    one, two, three = [line for line in register_of(sitting.id) if line.state == "present"][:3]

    with pytest.raises(NotAllowed):
        actions.raise_hand(sitting, one.id, by=person("yishi12", moment), now=moment)
    for n, (line, view) in enumerate([(one, "for"), (two, "for"), (three, "against")]):
        hand = actions.raise_hand(sitting, line.id, view, by=chair, now=moment + timedelta(seconds=n))
        assert actions.raise_hand(sitting, line.id, by=chair, now=moment) is hand
    actions.give_floor(sitting, one.id, by=chair, now=moment + timedelta(minutes=1))
    floor = floor_of(sitting.id)
    assert [who for who, _ in floor.hands] == [two.id, three.id]
    assert (floor.turn.speaker, floor.hint) == (one.name, three.id)
    assert floor.turn.ends_at == moment + timedelta(minutes=4)
    actions.give_floor(sitting, three.id, by=chair, now=moment + timedelta(minutes=2))
    floor = floor_of(sitting.id)
    assert (floor.turn.speaker, floor.turns_of(one.id, first.id)) == (three.name, 1)

    items = agenda_of(sitting.id)
    assert item_now(sitting, items)[1].id == first.id
    assert next_item(sitting, items).id == second.id
    actions.set_current(sitting, second.id, by=chair, now=moment + timedelta(minutes=3))
    floor = floor_of(sitting.id)
    assert (floor.turn, floor.hands) == (None, [])
    assert item_now(sitting, items)[1].id == second.id
    assert next_item(sitting, items).id == first.id
    actions.give_floor(sitting, one.id, by=chair, now=moment + timedelta(minutes=3))
    assert floor_of(sitting.id).turns_of(one.id, second.id) == 1, "another topic counts anew"
    with pytest.raises(NotAllowed):
        actions.give_floor(sitting, two.id, by=person("yishi12", moment), now=moment)
    actions.raise_hand(sitting, two.id, by=chair, now=moment + timedelta(minutes=4))
    actions.speak(sitting, second.id, "祝阿姨", "早该修了。", by=person("zhao", moment), now=moment)
    actions.put_options(sitting, second, by=chair, now=moment)
    words = "修 3 号楼的灯，同意吗？"
    deciding.call_vote(sitting, second, question=words, mode="hands", by=chair, now=moment + timedelta(minutes=4))
    floor = floor_of(sitting.id)
    assert floor.turn is None, "nobody speaks into a vote"
    assert [who for who, _ in floor.hands] == [two.id], "who waits goes on waiting"


def test_late_and_early_are_written_with_their_time(hall, now):
    sitting, moment = opened(topic(now), 12, now)
    by = person("zhao", moment)
    late, early = register_of(sitting.id)[12], register_of(sitting.id)[0]
    hour = timedelta(hours=1)
    actions.come_or_go(sitting, late.id, "present", moment + hour, by=by, now=moment + 2 * hour)
    actions.come_or_go(sitting, early.id, "left", moment + hour, by=by, now=moment + 2 * hour)
    assert (late.state, late.arrived_at, late.how) == ("present", moment + hour, "name")
    assert (early.state, early.left_at) == ("left", moment + hour)
    for at in (moment + 3 * hour, moment - hour, moment + timedelta(days=1)):
        with pytest.raises(Refused):
            actions.come_or_go(sitting, late.id, "left", at, by=by, now=moment + 2 * hour)
    for neither in ("0", "absent"):
        with pytest.raises(Refused, match="选一样"):
            actions.come_or_go(sitting, late.id, neither, moment + hour, by=by, now=moment + 2 * hour)
    sheet = register_of(sitting.id)[13]
    actions.register_many(sitting, {sheet.id: "present"}, how="paper", by=by, now=moment)
    assert sheet.how == "paper"
