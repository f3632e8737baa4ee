"""The street's figures: sums of numerators over sums of denominators, and attention in words."""

from __future__ import annotations

from datetime import date

from app.records.charts import bars, ceiling, spark
from app.records.counts import HallCounts, sum_counts
from app.records.definitions import DEFINITIONS
from app.records.indicators import attention, hall_figures, heat, reasons
from app.records.street_strip import CHOICES, flow, key_of, month_keys, overdue, tiles


def test_the_streets_row_is_a_sum_and_not_a_mean() -> None:
    small, large = HallCounts(closed=1, in_hand=1), HallCounts(closed=10, in_hand=100)
    both = next(one for one in hall_figures(sum_counts([small, large])) if one.key == "K3")
    assert (both.numerator, both.denominator, both.number) == (11, 101, "10.9")
    assert sum_counts([HallCounts(longest_wait=2), HallCounts(longest_wait=9)]).longest_wait == 9


def test_each_figure_says_what_it_is_good_for() -> None:
    assert {one.key for one in hall_figures(HallCounts())} == set(DEFINITIONS)


def test_the_strip_compares_what_can_be_compared() -> None:
    day = date(2026, 2, 10)
    keys = month_keys(day)
    assert (keys[0], keys[-1], [key_of(one, day) for one in CHOICES]) == (
        "2025-03",
        "2026-02",
        ["2026-02", "2026Q1", "2026"],
    )
    months = {
        key: HallCounts(received=n, due=10, kept=n, lit=1, red=n, reply_hours={n: 2}) for n, key in enumerate(keys)
    }
    told = {
        one.label: (one.value, one.note, dict(one.values), one.arrow)
        for one in tiles(months[keys[-1]], day, "month", months)
    }
    assert told["收到的事"][0:2] == ("11", "%(before)s %(n)s 件")
    assert told["按时办结"][1:] == ("比%(before)s高 %(n)s", {"before": "上月", "n": "10.0"}, "up")
    assert told["首次答复"][1:] == ("比%(before)s慢 %(n)s 小时", {"before": "上月", "n": "1.0"}, "up")
    assert told["红灯"] == ("11", "比上月底多 %(n)s", {"n": 1}, "up")
    assert told["参与户"][1] == "", "no homes are known, so no share of them is told"
    # A register that does not know who lives here gives no share, and says so.
    unknown = HallCounts(homes=2000, adults=3, homes_took_part=1)
    assert {one.label: one.note for one in tiles(unknown, day, "month", months)}["参与户"] == "居民登记不全"
    # A quarter is compared with the three months of the one before, and lights that nobody saw are not guessed.
    told = {one.label: one for one in tiles(months[keys[-1]], day, "quarter", months)}
    assert told["收到的事"].values["n"] == 7 + 8 + 9
    dark = {**months, keys[-2]: HallCounts(received=5)}
    assert overdue(day, dark)[-2:] == [(keys[-2], None), (keys[-1], 11)]
    assert flow(day, {keys[0]: HallCounts(received=3, closed=2)})[:2] == [(keys[0], 3, 2), (keys[1], None, None)]


def test_charts_stand_within_their_drawing() -> None:
    assert spark([None, 3, None]) is None
    line = spark([0, None, 10])
    assert line is not None
    assert (line.path, line.x, line.y) == ("M4 24L92 4", 92.0, 4.0)
    drawn = bars([("9月", 6), ("10月", None), ("11月", 18)])
    assert [bar.height for bar in drawn.bars] == [40.0, 0.0, 120.0]
    assert [bar.known for bar in drawn.bars] == [True, False, True]
    assert drawn.lines == ((144.0, 0), (104.0, 6), (64.0, 12), (24.0, 18))
    assert [ceiling(n) for n in (0, 3, 4, 301, 5000)] == [3, 3, 6, 600, 9600]


def test_what_needs_looking_at_comes_first() -> None:
    calm, soon = HallCounts(green=9), HallCounts(yellow=3)
    late, asking = HallCounts(red=1, overdue_days=2), HallCounts(asking=1, longest_wait=5)
    unhappy = HallCounts(rated=20, satisfied=13)
    order = sorted([calm, soon, late, asking, unhappy], key=attention, reverse=True)
    assert order == [asking, late, unhappy, soon, calm]
    assert reasons(calm) == []
    assert [r.values for r in reasons(late)] == [{"n": 1, "days": 2}]
    assert reasons(HallCounts(rated=20, satisfied=14)) == []
    assert reasons(HallCounts(rated=4, satisfied=0)) == []


def test_the_shade_of_a_cell() -> None:
    assert [heat(n) for n in (0, 1, 2, 3, 4, 5, 9)] == [0, 1, 2, 3, 3, 4, 4]


def test_a_hall_shows_each_figure_as_two_numbers() -> None:
    counts = HallCounts(
        accepted=8, refused=2, in_hand=10, closed=5, rated=4, satisfied=3, well_satisfied=2, due=6, kept=4, verified=3,
        sent_back=1, entered_review=5, green=4, yellow=2, red=2, grey=9, to_post=3, posted_in_time=2, orders_due=2,
        orders_kept=1, orders_issued=4, orders_second=1,
    )  # fmt: skip
    shown = {one.key: (one.numerator, one.denominator, one.hidden) for one in hall_figures(counts)}
    assert shown["K2"] == (8, 10, "")
    assert shown["K3"] == (5, 10, "")
    assert (shown["K4"], shown["K6"]) == ((4, 6, ""), (3, 6, ""))
    # Under five answers no percentage is shown; what is paused is no part of the lights.
    assert (shown["K5"], shown["K5s"]) == ((3, 4, "样本不足"), (2, 4, "样本不足"))
    assert (shown["K9"], shown["K11"]) == ((1, 5, ""), (2, 8, ""))
    assert (shown["K16"], shown["K17"], shown["K17s"]) == ((2, 3, ""), (1, 2, ""), (1, 4, ""))
    assert {"K2", "K3", "K4", "K5", "K6", "K8", "K9", "K11", "K16", "K17"} <= set(shown)
