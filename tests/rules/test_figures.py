"""Figures as they are printed: rounding, nothing to divide by, too few answers, medians over merged histograms."""

from __future__ import annotations

import json
from datetime import date

import pytest

from app.records import kpis
from app.records.counts import NAMES, HallCounts, median, ninetieth, sum_counts
from app.records.indicators import attention, hall_figures, ratio, reasons
from app.records.periods import Period, periods


def shown(counts: HallCounts) -> dict[str, str]:
    return {figure.key: kpis.shown(figure) for figure in hall_figures(counts)}


@pytest.mark.parametrize(
    ("numerator", "denominator", "said"),
    [(100, 3, "33.3"), (200, 3, "66.7"), (1, 16, "0.1"), (1, 20, "0.1"), (1, 21, "0.0"), (14875, 100, "148.8"),
     (100, 1, "100.0"), (0, 7, "0.0"), (8745, 100, "87.5"), (8744, 100, "87.4")],
)  # fmt: skip
def test_one_decimal_half_up_in_whole_numbers(numerator: int, denominator: int, said: str) -> None:
    assert ratio(numerator, denominator) == said


def test_nothing_to_count_is_a_dash_and_never_a_nought() -> None:
    assert set(shown(HallCounts()).values()) == {"—"}
    full = shown(HallCounts(**{name: 8 for name in NAMES if name not in ("grades", "reply_hours", "answer_hours",
                                                                         "themes")}))  # fmt: skip
    # Twice red, green and yellow; twice received; three times what took part.
    assert {full[key] for key in ("K1", "K1b", "K3", "K4f", "K6r", "K8b", "K9", "K10t", "K12q", "K15", "K17s")} == {
        "100.0%"
    }
    assert (full["K2"], full["K7"], full["K11"], full["K13"]) == ("50.0%", "3.0 次", "33.3%", "—")


def test_under_five_answers_say_nothing() -> None:
    few, enough = HallCounts(rated=4, satisfied=4, well_satisfied=1), HallCounts(rated=5, satisfied=4, well_satisfied=1)
    assert (shown(few)["K5"], shown(few)["K5s"]) == ("样本不足", "样本不足")
    assert (shown(enough)["K5"], shown(enough)["K5s"]) == ("80.0%", "20.0%")
    # Two halls with four each have eight together.
    assert shown(few + few)["K5"] == "100.0%"
    # A register with fewer grown-ups than homes knows too little to say how often each of them came.
    assert shown(HallCounts(adults=3, homes=4, attendances=9))["K7"] == "居民登记不全"
    assert shown(HallCounts(adults=4, homes=4, attendances=9))["K7"] == "2.3 次"


@pytest.mark.parametrize(
    ("hours", "half", "tenth"),
    [([], None, None), ([3], 6, 3), ([1, 2], 3, 2), ([1, 2, 9], 4, 9), ([0] * 9 + [50], 0, 0),
     ([0] * 8 + [5, 50], 0, 5), (list(range(1, 11)), 11, 9), (list(range(1, 12)), 12, 10)],
)  # fmt: skip
def test_the_median_of_merged_histograms_is_exact(hours: list[int], half: int | None, tenth: int | None) -> None:
    # Every hour in a hall of its own: the street's median is that of all answers and no mean of medians.
    street = sum_counts(HallCounts(reply_hours={hour: 1}, received=1) for hour in hours)
    assert (median(street.reply_hours), ninetieth(street.reply_hours)) == (half, tenth)
    assert street.replied == street.received == len(hours)
    assert shown(street)["K13"] == ("—" if half is None else f"{ratio(half, 2)} 小时")


def test_sums_merge_and_rows_come_back_whole() -> None:
    one = HallCounts(closed=1, in_hand=1, grades={5: 2}, themes={"parking": 3}, longest_wait=2, answer_hours={100: 1})
    other = HallCounts(closed=10, in_hand=100, grades={5: 1, 1: 4}, themes={"pets": 1}, longest_wait=9)
    both = sum_counts([one, other])
    assert shown(both)["K3"] == "10.9%"
    assert (both.grades, both.themes, both.longest_wait) == ({5: 3, 1: 4}, {"parking": 3, "pets": 1}, 9)
    assert HallCounts.from_dict(json.loads(json.dumps(both.as_dict()))) == both
    # A row written before a figure was known, or by a newer program, is still read.
    assert HallCounts.from_dict({"closed": 3, "unheard_of": 1}) == HallCounts(closed=3)
    # What stood at a moment is no part of a period counted afterwards.
    later = HallCounts(lit=1, red=7, asking=2, closed=5)
    assert later.without_lights() == HallCounts(closed=5)
    assert later.without_lights(HallCounts(lit=1, red=3, closed=1)) == HallCounts(lit=1, red=3, closed=5)


def test_late_orders_and_waiting_requests_weigh() -> None:
    calm, order = HallCounts(green=9, orders_open=3), HallCounts(orders_late=2)
    late, asking = HallCounts(red=1, overdue_days=2), HallCounts(asking=1, longest_wait=5)
    assert sorted([calm, order, late, asking], key=attention, reverse=True) == [asking, late, order, calm]
    assert [(r.words % r.values) for r in reasons(order)] == ["2 张督办单过了期"]
    assert reasons(calm) == []


def test_the_periods_around_a_day() -> None:
    found = periods(date(2027, 1, 31))
    assert found[0] == Period("2027-01", date(2027, 1, 1), date(2027, 1, 31))
    assert found[1] == Period("2027Q1", date(2027, 1, 1), date(2027, 3, 31))
    assert found[2] == Period("2027", date(2027, 1, 1), date(2027, 12, 31))
    assert [one.key for one in found[3:]] == [f"2026-{month:02d}" for month in range(12, 1, -1)]
    assert periods(date(2028, 2, 29))[0].last == date(2028, 2, 29)
    assert periods(date(2026, 10, 1))[1].key == "2026Q4"
