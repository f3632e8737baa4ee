"""Working days, deadlines and lights, over a National Day week with worked weekends around it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matter.deadlines import NOTICE, Deadline, days, hours, working_days
from app.matter.lights import Colour, Light, light, warn_at
from app.matter.situation import Power
from app.matter.workdays import SHANGHAI, Calendar, due, end_of, local_day, notice_is_long_enough

#: National Day from Thursday 1 to Wednesday 7 October 2026, for which Sunday 20 September and Saturday 10 October are
#: worked.
AUTUMN = Calendar(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    working_weekends=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)


def moment(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 9, 19), False),
        (date(2026, 9, 20), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 5), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
    ],
)
def test_which_days_are_worked(day: date, worked: bool) -> None:
    assert AUTUMN.is_working_day(day) is worked


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 9, 14), 1, date(2026, 9, 15)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 18), 3, date(2026, 9, 22)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        (date(2026, 10, 3), 2, date(2026, 10, 9)),
        (date(2026, 10, 3), 0, date(2026, 10, 8)),
        (date(2026, 9, 14), 0, date(2026, 9, 14)),
    ],
)
def test_working_days_skip_the_start_and_the_holidays(start: date, n: int, end: date) -> None:
    assert AUTUMN.add_working_days(start, n) == end


def test_working_days_run_forward_only() -> None:
    with pytest.raises(ValueError, match="forward"):
        AUTUMN.add_working_days(date(2026, 9, 14), -1)
    with pytest.raises(ValueError, match="past"):
        working_days(-1)


@pytest.mark.parametrize(
    ("start", "deadline", "last"),
    [
        (moment(9, 30), working_days(3), moment(10, 10, 23, 59)),
        (moment(9, 24), days(7), moment(10, 8, 23, 59)),
        (moment(9, 14), days(7), moment(9, 21, 23, 59)),
        (moment(9, 13), days(7), moment(9, 20, 23, 59)),
        (moment(9, 12), days(7), moment(9, 20, 23, 59)),
        (moment(9, 14, 0, 5), working_days(1), moment(9, 15, 23, 59)),
    ],
)
def test_a_deadline_ends_with_its_last_day(start: datetime, deadline: Deadline, last: datetime) -> None:
    assert due(start, deadline, AUTUMN) == last.replace(second=59)


def test_hours_are_exact_and_do_not_wait_for_a_holiday() -> None:
    assert due(moment(9, 30, 20, 30), hours(24), AUTUMN) == moment(10, 1, 20, 30)


def test_the_day_is_the_one_in_shanghai() -> None:
    late_evening_utc = datetime(2026, 9, 14, 16, 30, tzinfo=UTC)
    assert local_day(late_evening_utc) == date(2026, 9, 15)
    assert due(late_evening_utc, working_days(1), AUTUMN) == moment(9, 16, 23, 59).replace(second=59)
    with pytest.raises(ValueError, match="timezone"):
        due(datetime(2026, 9, 14, 9), working_days(1), AUTUMN)


@pytest.mark.parametrize(
    ("start", "end", "n"),
    [
        (date(2026, 9, 14), date(2026, 9, 14), 0),
        (date(2026, 9, 18), date(2026, 9, 20), 1),
        (date(2026, 9, 30), date(2026, 10, 7), 0),
        (date(2026, 9, 30), date(2026, 10, 10), 3),
        (date(2026, 10, 10), date(2026, 9, 30), 0),
    ],
)
def test_working_days_between(start: date, end: date, n: int) -> None:
    assert AUTUMN.working_days_between(start, end) == n


@given(st.dates(date(2026, 8, 1), date(2026, 11, 30)), st.integers(1, 60))
def test_counting_back_finds_what_was_added(start: date, n: int) -> None:
    end = AUTUMN.add_working_days(start, n)
    assert AUTUMN.is_working_day(end)
    assert AUTUMN.working_days_between(start, end) == n


def test_a_notice_period_is_a_least_time_and_does_not_roll() -> None:
    sunday = moment(7, 5, 14)
    assert notice_is_long_enough(moment(7, 2, 17), sunday, NOTICE[Power.COUNCIL])
    assert not notice_is_long_enough(moment(7, 3, 0), sunday, NOTICE[Power.COUNCIL])
    assert not notice_is_long_enough(moment(7, 2), sunday, NOTICE[Power.RESIDENTS])
    assert notice_is_long_enough(moment(6, 20), sunday, NOTICE[Power.OWNERS])


# K11.

START = moment(9, 1)
TEN = working_days(10)


def shown(now: datetime, deadline: Deadline = TEN, start: datetime = START, **more: object) -> Light:
    return light(start, due(start, deadline, AUTUMN), now, AUTUMN, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "colour", "words"),
    [
        (moment(9, 1), Colour.GREEN, "剩 14 天"),
        (moment(9, 9), Colour.GREEN, "剩 6 天"),
        (moment(9, 10), Colour.YELLOW, "剩 5 天"),
        (moment(9, 14), Colour.YELLOW, "剩 1 天"),
        (moment(9, 15, 23, 59), Colour.YELLOW, "今天到期"),
        (moment(9, 16, 0, 0), Colour.RED, "超期 1 个工作日"),
        (moment(9, 18), Colour.RED, "超期 3 个工作日"),
        (moment(9, 19), Colour.RED, "超期 3 个工作日"),
        (moment(9, 20), Colour.RED, "超期 4 个工作日"),
    ],
)
def test_lights_of_a_ten_day_deadline(now: datetime, colour: Colour, words: str) -> None:
    found = shown(now)
    assert (found.colour, found.reason % found.values) == (colour, words)


def test_a_long_span_warns_in_its_last_fifth() -> None:
    # Forty working days from 1 September end on 30 October; a fifth of them is eight.
    last = due(START, working_days(40), AUTUMN)
    assert local_day(last) == date(2026, 10, 30)
    nine_left, eight_left = moment(10, 19), moment(10, 20)
    assert AUTUMN.working_days_between(nine_left.date(), local_day(last)) == 9
    assert shown(nine_left, working_days(40)).colour is Colour.GREEN
    assert shown(eight_left, working_days(40)).colour is Colour.YELLOW


def test_late_over_a_weekend_is_red_with_no_working_day_lost() -> None:
    start = moment(9, 10)
    found = shown(moment(9, 12), working_days(1), start)
    assert (found.colour, found.overdue) == (Colour.RED, 0)
    assert found.reason == "超期不到 1 个工作日"


def test_the_last_second_is_still_in_time() -> None:
    last = due(START, TEN, AUTUMN)
    assert shown(last).colour is Colour.YELLOW
    assert shown(last + timedelta(seconds=1)).colour is Colour.RED


def test_grey_whatever_the_date() -> None:
    much_later = moment(11, 30)
    assert shown(much_later, suspended=True).colour is Colour.GREY
    waiting = shown(much_later, waiting_for="铁路部门")
    assert (waiting.colour, waiting.reason % waiting.values) == (Colour.GREY, "等铁路部门回话，不计时")


def test_a_late_receipt_turns_yellow_and_never_red() -> None:
    assert shown(moment(9, 30), soft=True).colour is Colour.YELLOW


def test_no_clock_no_warning() -> None:
    assert light(START, None, moment(12, 1), AUTUMN).colour is Colour.GREEN


@given(st.integers(0, 200), st.integers(1, 60))
def test_time_only_ever_makes_a_light_worse(hours_in: int, length: int) -> None:
    order = [Colour.GREEN, Colour.YELLOW, Colour.RED]
    earlier = shown(START + timedelta(hours=hours_in), working_days(length))
    later = shown(START + timedelta(hours=hours_in + 24), working_days(length))
    assert order.index(later.colour) >= order.index(earlier.colour)


SOME_DAY = st.dates(date(2026, 8, 20), date(2026, 10, 31))
CALENDARS = st.builds(Calendar, st.frozensets(SOME_DAY, max_size=25), st.frozensets(SOME_DAY, max_size=12))
MOMENTS = st.datetimes(datetime(2026, 8, 20), datetime(2026, 10, 31), timezones=st.just(SHANGHAI))


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS, st.booleans(), st.integers(-1, 1))
def test_a_colour_follows_from_two_moments_alone(
    calendar: Calendar, start: datetime, ends: datetime, now: datetime, by_the_day: bool, beside: int
) -> None:
    """What SQL makes of ``due_at`` and ``warn_at`` is the light at any moment, at the very turns too."""
    last = end_of(local_day(ends)) if by_the_day else ends
    warns = warn_at(start, last, calendar)
    assert warns is not None
    for moment_of in (now, warns + timedelta(seconds=beside), last + timedelta(seconds=beside)):
        colour = Colour.RED if moment_of > last else Colour.YELLOW if moment_of >= warns else Colour.GREEN
        assert light(start, last, moment_of, calendar).colour is colour


def test_no_clock_warns_of_nothing() -> None:
    assert warn_at(START, None, AUTUMN) is None
    assert warn_at(START, due(START, TEN, AUTUMN), AUTUMN) == moment(9, 10, 0)
