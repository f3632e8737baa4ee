"""The street's figures: sums of numerators over sums of denominators, and attention in words."""

from __future__ import annotations

from app.records.indicators import (
    Counts,
    HallCounts,
    attention,
    figures,
    hall_figures,
    heat,
    reasons,
    satisfaction,
    solved_near,
    total,
)


def figure(key: str, counts: Counts) -> tuple[int, int]:
    found = next(f for f in figures(counts) if f.key == key)
    return found.numerator, found.denominator


def test_the_streets_row_is_a_sum_and_not_a_mean() -> None:
    small, large = Counts(closed=1, open_at_start=1, accepted=0), Counts(closed=10, open_at_start=20, accepted=80)
    both = total([small, large])
    assert figure("K3", both) == (11, 101)
    assert total([Counts(longest_wait=2), Counts(longest_wait=9)]).longest_wait == 9


def test_each_figure_has_its_two_numbers() -> None:
    counts = Counts(accepted=8, refused=2, closed=5, open_at_start=4, left=2, due=4, kept=3, rated=20, satisfied=18,
                    escalated_first=1, red=2, yellow=1, green=4, grey=3, closed_near=4)  # fmt: skip
    assert [figure(k, counts) for k in ("K2", "K3", "K4", "K5", "K8", "K11")] == [
        (8, 10), (5, 10), (3, 4), (18, 20), (1, 8), (2, 7),
    ]  # fmt: skip
    assert (solved_near(counts).numerator, solved_near(counts).denominator) == (4, 5)
    assert counts.open == 10


def test_satisfaction_is_hidden_under_five_answers() -> None:
    assert satisfaction(Counts(rated=4, satisfied=4)).hidden == "样本不足"
    assert satisfaction(Counts(rated=5, satisfied=4)).hidden == ""
    assert satisfaction(Counts()).hidden == ""


def test_what_needs_looking_at_comes_first() -> None:
    calm, soon = Counts(green=9), Counts(yellow=3)
    late, asking = Counts(red=1, overdue_days=2), Counts(asking=1, longest_wait=5)
    unhappy = Counts(rated=20, satisfied=13)
    order = sorted([calm, soon, late, asking, unhappy], key=attention, reverse=True)
    assert order == [asking, late, unhappy, soon, calm]
    assert reasons(calm) == []
    assert [r.values for r in reasons(late)] == [{"n": 1, "days": 2}]
    assert reasons(Counts(rated=20, satisfied=14)) == []
    assert reasons(Counts(rated=4, satisfied=0)) == []


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
