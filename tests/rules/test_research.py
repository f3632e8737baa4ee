"""Pure rules of finding out: what counts as different hours, what may stand in public, what must be said."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from app.flow.research import rules


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute)


@pytest.mark.parametrize(
    ("tries", "enough"),
    [
        ([], False),
        ([at(1, 9), at(1, 14)], False),
        ([at(1, 9), at(1, 14), at(1, 19)], True),
        ([at(1, 9), at(2, 9), at(3, 9)], True),
        ([at(1, 9), at(1, 11), at(1, 13)], True),
        # Two hours lie between them, but all in one afternoon and evening.
        ([at(1, 14), at(1, 16), at(1, 18)], False),
        ([at(1, 7), at(1, 9), at(1, 11)], False),
        # Knocking three times in a row is one try.
        ([at(1, 9), at(1, 9, 5), at(1, 9, 10)], False),
        ([at(1, 9), at(1, 9, 5), at(2, 19)], False),
        ([at(1, 9), at(1, 10, 59), at(1, 13)], False),
        ([at(1, 9), at(1, 11), at(1, 12, 59)], False),
        ([at(1, 7, 59), at(1, 9, 59), at(1, 11, 59), at(1, 12, 30)], True),
        ([at(2, 19), at(1, 14), at(1, 9)], True),
    ],
)
def test_three_tries_at_different_hours(tries: list[datetime], enough: bool) -> None:
    assert rules.tried_enough(tries) is enough
    assert bool(rules.owed(tries)) is enough


def test_a_door_says_what_is_still_owed() -> None:
    assert rules.owed([at(1, 9)]).values == {"n": 1, "more": 2}
    assert "太近" in rules.owed([at(1, 9), at(1, 9, 5), at(1, 9, 10)]).reason


@pytest.mark.parametrize(("reached", "told"), [(0, False), (4, False), (5, True), (12, True)])
def test_a_handful_is_not_told(reached: int, told: bool) -> None:
    assert rules.may_be_told(reached) is told


@pytest.mark.parametrize(
    ("answer", "channel", "ok"),
    [
        ("for", "door", True), ("", "door", True), ("", "phone", True), ("against", "chain", True),
        ("", "chain", False), ("maybe", "door", False), ("for", "letter", False),
    ],
)  # fmt: skip
def test_an_answer_is_one_of_four(answer: str, channel: str, ok: bool) -> None:
    assert bool(rules.good_answer(answer, channel)) is ok


@pytest.mark.parametrize(
    ("on", "who", "note", "ok"),
    [
        (date(2026, 6, 1), "社区党委", "同意提请", True),
        (date(2026, 6, 2), "社区党委", "同意提请", False),
        (date(2026, 6, 1), " ", "同意提请", False),
        (date(2026, 6, 1), "社区党委", "", False),
        (date(2026, 6, 1), "党" * 41, "同意", False),
        (date(2026, 6, 1), "社区党委", "长" * 1001, False),
    ],
)
def test_the_party_s_discussion_has_a_day_a_name_and_an_outcome(on: date, who: str, note: str, ok: bool) -> None:
    assert bool(rules.good_party_study(on, date(2026, 6, 1), who, note)) is ok


def test_words_are_put_right_within_a_day_by_whoever_wrote_them() -> None:
    assert rules.may_correct(at(1, 9), True, at(2, 9))
    assert not rules.may_correct(at(1, 9), True, at(2, 9, 1))
    assert not rules.may_correct(at(1, 9), False, at(1, 10))


def test_a_round_closes_when_no_door_is_owed() -> None:
    assert rules.may_close(0)
    assert rules.may_close(2).values == {"n": 2}
