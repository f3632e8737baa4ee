"""Opening a letterbox: two people, one number a letter, nothing forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.flow.collect import letters
from app.people.roles import Role

ONE, TWO = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "roles", "others", "fine"),
    [
        (ONE, TWO, {Role.COMMUNITY_WORKER}, {Role.GRID_WORKER}, True),
        (ONE, TWO, {Role.BUILDING_STEWARD}, {Role.AFFAIRS_SUPERVISOR}, True),
        (ONE, ONE, {Role.SECRETARY}, {Role.SECRETARY}, False),
        (ONE, None, {Role.SECRETARY}, set(), False),
        (ONE, TWO, {Role.SECRETARY}, {Role.COUNCIL_MEMBER}, False),
        (ONE, TWO, {Role.RESIDENT}, {Role.SECRETARY}, False),
    ],
)
def test_two_different_people_of_the_hall_open_a_box(first, second, roles, others, fine):
    assert bool(letters.may_open(first, second, roles, others)) is fine


@pytest.mark.parametrize(("days", "fine"), [(0, True), (-30, True), (-31, False), (0.1, False)])
def test_an_opening_is_written_down_soon_after(days, fine):
    assert bool(letters.good_moment(NOW + timedelta(days=days), NOW)) is fine


@pytest.mark.parametrize(
    ("found", "blank", "fine"),
    [(0, 0, True), (500, 500, True), (3, 1, True), (3, 4, False), (501, 0, False), (-1, 0, False), (None, 0, False),
     (3, None, False), (3, -1, False)],
)  # fmt: skip
def test_letters_are_counted(found, blank, fine):
    assert bool(letters.good_count(found, blank)) is fine


@pytest.mark.parametrize(
    ("found", "used", "after", "following"),
    [(3, set(), 0, 1), (3, {1}, 1, 2), (3, {1, 3}, 3, 2), (3, {2}, 2, 3), (3, {1, 2, 3}, 3, None), (0, set(), 0, None)],
)
def test_the_next_letter_is_behind_this_one_or_the_first_left(found, used, after, following):
    assert letters.next_letter(found, used, after) == following


def test_an_opening_ends_when_every_letter_has_a_number():
    assert letters.may_finish(0, set())
    assert letters.may_finish(2, {1, 2})
    left = letters.may_finish(5, {1, 4})
    assert not left
    assert left.values == {"n": 3}


@pytest.mark.parametrize(("found", "fine"), [(4, True), (6, True), (3, False), (501, False), (None, False)])
def test_a_count_put_right_keeps_the_numbers_given(found, fine):
    assert bool(letters.good_recount(found, {1, 4})) is fine


@pytest.mark.parametrize(("no", "fine"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_letter_lies_within_the_opening(no, fine):
    assert bool(letters.good_letter(no, 3)) is fine
