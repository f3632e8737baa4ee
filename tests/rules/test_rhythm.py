"""The days of a series around days off, and the rules of what happens before a sitting: tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.flow.deliberate import rules
from app.flow.deliberate.rules import Quorum, Replies, SittingKind, SittingState
from app.matter.rhythm import OnHoliday, occurrences
from app.matter.situation import Stage, Track, Triage
from app.matter.workdays import Calendar

#: The first week of October off, two weekend days worked for it (调休).
STREET = Calendar(
    frozenset({date(2026, 6, 19), *(date(2026, 10, day) for day in range(1, 8))}),
    frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)
FIFTH, SATURDAY, FRIDAY = "FREQ=MONTHLY;BYMONTHDAY=5", "FREQ=WEEKLY;BYDAY=SA", "FREQ=WEEKLY;BYDAY=FR"
TENTH, TWENTIETH = "FREQ=MONTHLY;BYMONTHDAY=10", "FREQ=MONTHLY;BYMONTHDAY=20"


@pytest.mark.parametrize(
    ("rule", "way", "after", "held"),
    [
        # The 5th of September is a Saturday, the 5th of October a holiday.
        (FIFTH, "keep", date(2026, 9, 1), ["9-5", "10-5", "11-5"]),
        (FIFTH, "skip", date(2026, 9, 1), ["", "", "11-5", "", "1-5", "2-5"]),
        (FIFTH, "before", date(2026, 9, 1), ["9-4", "9-30", "11-5"]),
        # Seven days off, then the 8th is a Thursday.
        (FIFTH, "after", date(2026, 9, 1), ["9-7", "10-8", "11-5"]),
        # A weekend that is worked is no day off, whichever way was chosen.
        (TENTH, "after", date(2026, 10, 1), ["10-10", "11-10", "12-10"]),
        (TENTH, "skip", date(2026, 10, 1), ["10-10", "11-10", "12-10"]),
        # Sunday 20 September is worked for the holiday and stays.
        (TWENTIETH, "before", date(2026, 9, 1), ["9-20", "10-20", "11-20"]),
        # Who settled on Saturdays meant them; only a holiday is a day off then.
        (SATURDAY, "before", date(2026, 9, 25), ["9-26", "9-30", "10-10"]),
        (FRIDAY, "skip", date(2026, 6, 11), ["6-12", "", "6-26", "7-3"]),
        (FRIDAY, "after", date(2026, 6, 11), ["6-12", "6-22", "6-26"]),
        # A day moved past "now" still comes, one moved back before it is over.
        (FIFTH, "after", date(2026, 10, 6), ["10-8", "11-5", "12-7"]),
        (FIFTH, "before", date(2026, 10, 1), ["11-5", "12-4", "1-5"]),
    ],
)
def test_days_off_move_the_days_of_a_series(rule, way, after, held):
    since = datetime(after.year, after.month, after.day, tzinfo=UTC)
    found = occurrences(rule, "14:30", since, STREET, way, n=3)
    assert [f"{one.at.month}-{one.at.day}" if one.at else "" for one in found] == held
    assert all(one.at is None or (one.at.hour, one.at.minute) == (14, 30) for one in found)


def test_a_moved_day_says_why_and_two_days_moved_together_are_one():
    found = occurrences(FIFTH, "14:30", datetime(2026, 9, 1, tzinfo=UTC), STREET, OnHoliday.BEFORE, n=3)
    told = [one.why[0] % one.why[1] if one.shift else "" for one in found]
    assert told == ["9 月 5 日逢周末，提前", "10 月 5 日放假，提前", ""]
    daily = occurrences("FREQ=DAILY", "9:00", datetime(2026, 10, 8, 12, tzinfo=UTC), STREET, OnHoliday.AFTER, n=3)
    assert [one.at.day for one in daily] == [9, 10, 12]
    until = datetime(2026, 11, 1, tzinfo=UTC)
    assert len(occurrences(FIFTH, "9:00", datetime(2026, 9, 1, tzinfo=UTC), STREET, n=50, until=until)) == 2


K, S, T = SittingKind, Stage, Triage


@pytest.mark.parametrize(
    ("kind", "triages", "own", "days"),
    [
        (K.COUNCIL, [T.MINOR], None, 3), (K.COUNCIL, [T.MINOR], 5, 5), (K.COUNCIL, [T.URGENT], 5, 0),
        (K.HEARING, [T.URGENT, T.HARD], None, 3), (K.BENCH, [T.MINOR], 5, 0), (K.JOINT, [T.HARD], None, 0),
        # What a law says is neither the hall's to change nor dropped for what is urgent (F1 §26, F4 §14).
        (K.RESIDENTS, [T.URGENT], 3, 10), (K.REPS, [T.MAJOR], 3, 10), (K.OWNERS, [T.URGENT], 1, 15),
    ],
)  # fmt: skip
def test_how_many_days_ahead(kind, triages, own, days):
    assert rules.notice_days(kind, triages, own) == days


@pytest.mark.parametrize(
    ("kind", "own", "asked", "fixed", "allowed"),
    [
        (K.COUNCIL, "half", None, "half", True), (K.COUNCIL, "half", "two_thirds", "two_thirds", True),
        (K.COUNCIL, "two_thirds", None, "two_thirds", True), (K.COUNCIL, "two_thirds", "half", "half", False),
        (K.REPS, "half", "half", "two_thirds", True), (K.RESIDENTS, "two_thirds", None, "half", True),
        (K.OWNERS, "half", None, "two_thirds", True),
    ],
)  # fmt: skip
def test_the_quorum_of_each_kind(kind, own, asked, fixed, allowed):
    wanted = Quorum(asked) if asked else None
    assert rules.quorum_of(kind, Quorum(own), wanted) == fixed
    assert bool(rules.may_ask_quorum(kind, Quorum(own), wanted)) is allowed


def test_the_quorum_of_fifty_representatives_is_thirty_four_and_four_fifths_are_representatives():
    assert rules.quorum_needed(50, Quorum.TWO_THIRDS) == 34
    assert not rules.is_quorate(50, 33, Quorum.TWO_THIRDS)
    assert rules.enough_reps(40, 50)
    assert not rules.enough_reps(39, 50)


@pytest.mark.parametrize(
    ("kind", "stage", "triage", "track", "allowed"),
    [
        (K.COUNCIL, S.TOPIC_CONFIRMED, T.MAJOR, Track.ORDINARY, True),
        (K.COUNCIL, S.RATIFYING, T.MAJOR, Track.ORDINARY, False),
        *((kind, S.RATIFYING, T.MAJOR, Track.ORDINARY, True) for kind in (K.REPS, K.RESIDENTS, K.OWNERS)),
        (K.BENCH, S.ACCEPTED, T.MINOR, Track.ORDINARY, True), (K.BENCH, S.ACCEPTED, T.HARD, Track.ORDINARY, False),
        (K.BENCH, S.ACCEPTED, T.HARD, Track.MEDIATION, True), (K.COUNCIL, S.ACCEPTED, T.URGENT, Track.ORDINARY, False),
        (K.REPS, S.ACCEPTED, T.URGENT, Track.ORDINARY, False), (K.TALK, S.DECIDED, T.MINOR, Track.ORDINARY, False),
    ],
)  # fmt: skip
def test_what_may_lie_on_which_table(kind, stage, triage, track, allowed):
    assert rules.may_be_tabled(kind, stage, triage, track) is allowed


@pytest.mark.parametrize(
    ("coming", "not_coming", "silent", "danger", "words"),
    [
        (12, 3, 2, "", "说来的已经够 9 人了"),
        (8, 3, 6, "thin", "说来的还差 1 人才够 9 人，再问问没回话的"),
        (5, 9, 3, "lost", "没回话的都来也不够 9 人，最多到 8 人"),
    ],
)
def test_whether_the_quorum_is_in_danger(coming, not_coming, silent, danger, words):
    found = Replies(coming, not_coming, silent, rules.quorum_needed(coming + not_coming + silent))
    assert found.danger == danger
    assert found.outlook.reason % found.outlook.values == words


def test_who_may_still_be_asked_and_may_answer():
    def asked(state, kind, counts):
        return bool(rules.may_invite(state, kind, counts=counts))

    assert asked(SittingState.PLANNED, K.TALK, True)
    assert not asked(SittingState.NOTICED, K.TALK, True)
    assert asked(SittingState.NOTICED, K.TALK, False)
    assert asked(SittingState.OPEN, K.RESIDENTS, True)
    assert not asked(SittingState.CLOSED, K.RESIDENTS, False)
    states = [state for state in SittingState if rules.may_reply(state)]
    assert states == [SittingState.NOTICED]


NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begun", "ended", "accepted", "allowed"),
    [
        (-3, -2, -5, True), (-3, -2, -3, True), (-3, -2, -2.5, False), (-3, -2, None, False), (-1, 1, -5, False),
        (-2, -3, -5, False), (-10, -1, -20, False), (-31 * 24, -31 * 24 + 1, -40 * 24, False),
    ],
)  # fmt: skip
def test_when_a_bench_sitting_may_be_written_down(begun, ended, accepted, allowed):
    taken_up = None if accepted is None else NOON + timedelta(hours=accepted)
    found = rules.may_tell_afterwards(NOON + timedelta(hours=begun), NOON + timedelta(hours=ended), NOON, taken_up)
    assert bool(found) is allowed
