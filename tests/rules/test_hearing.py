"""Rhythms of listening: which days come, which are off, what a log must say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.flow.collect import hearing
from app.matter import rhythm
from app.matter.workdays import SHANGHAI, Calendar

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
HOLIDAYS = Calendar(frozenset({date(2026, 6, 19)}), frozenset())


def days(rule, until=35, starts="09:00"):
    found = hearing.coming(rule, starts, NOW, HOLIDAYS, until=NOW + timedelta(days=until))
    return [(one.at.astimezone(SHANGHAI).date().isoformat(), one.is_off) for one in found]


def test_every_tuesday():
    assert days(rhythm.weekly("TU"), 15) == [("2026-06-02", False), ("2026-06-09", False), ("2026-06-16", False)]


def test_a_day_off_is_said_not_left_out():
    assert days(rhythm.weekly("FR"), 20) == [("2026-06-05", False), ("2026-06-12", False), ("2026-06-19", True)]
    found = hearing.coming(rhythm.weekly("FR"), "09:00", NOW, HOLIDAYS, until=NOW + timedelta(days=20))
    assert "放假" in found[-1].note


def test_every_fifth_and_the_same_day_before_the_hour():
    assert days(rhythm.monthly(5)) == [("2026-06-05", False), ("2026-07-05", False)]
    assert days(rhythm.monthly(1), 5, "14:30") == [("2026-06-01", False)]
    assert days(rhythm.monthly(1), 5, "08:30") == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [("FREQ=WEEKLY;BYDAY=TU", "每%(weekday)s"), ("FREQ=MONTHLY;BYMONTHDAY=5", "每月 %(day)s 日"),
     ("FREQ=DAILY", "%(rule)s")],
)  # fmt: skip
def test_a_rule_is_said_in_words(rule, words):
    assert rhythm.in_words(rule)[0] == words


@pytest.mark.parametrize("bad", ["XX", "TUE", "tu"])
def test_there_are_seven_weekdays(bad):
    with pytest.raises(ValueError, match=bad):
        rhythm.weekly(bad)


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_every_month_has_the_day(day):
    with pytest.raises(ValueError, match=str(day)):
        rhythm.monthly(day)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"name": " "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"rule": "every tuesday"}, "rhythm"),
        ({"rule": ""}, "rhythm"),
        ({"ends": "09:00"}, "ends"),
        ({"starts": ""}, "starts"),
        ({"place": ""}, "place"),
        ({"host": ""}, "host"),
    ],
)
def test_a_rhythm_says_when_where_and_who(change, field):
    good = {"name": "周二说事", "rule": "FREQ=WEEKLY;BYDAY=TU", "starts": "09:00", "ends": "11:00",
            "place": "议事屋", "host": "张书记"}  # fmt: skip
    assert list(hearing.good_series(**{**good, **change})) == ([field] if field else [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"held_at": NOW + timedelta(days=1)}, "day"),
        ({"held_at": NOW + timedelta(hours=6)}, None),
        ({"held_at": NOW - timedelta(days=400)}, "day"),
        ({"kind": "party"}, "kind"),
        ({"place": ""}, "place"),
        ({"host": ""}, "host"),
        ({"visitors": None}, "visitors"),
        ({"visitors": -1}, "visitors"),
        ({"visitors": 5001}, "visitors"),
        ({"words": "字" * 5001}, "words"),
    ],
)
def test_a_log_is_of_a_day_that_has_come(change, field):
    good = {"kind": "home_visit", "held_at": NOW, "now": NOW, "place": "3 号楼", "host": "小李", "visitors": 2,
            "words": ""}  # fmt: skip
    found = {**good, **change}
    kind, held_at, now = found.pop("kind"), found.pop("held_at"), found.pop("now")
    assert list(hearing.good_log(kind, held_at, now, **found)) == ([field] if field else [])


@pytest.mark.parametrize(
    ("text", "first", "following"),
    [
        ("2026-06", date(2026, 6, 1), date(2026, 7, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("nonsense", date(2026, 3, 1), date(2026, 4, 1)),
        ("0001-01", date(2026, 3, 1), date(2026, 4, 1)),
        ("", date(2026, 3, 1), date(2026, 4, 1)),
    ],
)
def test_a_month_is_read_or_is_this_one(text, first, following):
    assert hearing.month_of(text, date(2026, 3, 31)) == (first, following)


@pytest.mark.parametrize(("state", "fine"), [("open", True), ("done", False), ("called_off", False)])
def test_only_an_open_log_is_written(state, fine):
    assert bool(hearing.may_change(state)) is fine
