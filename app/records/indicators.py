"""A street's and a hall's figures from counted rows: numerator and denominator of each, and what to look at. Pure.

Source: domain.md section 7 (K2, K3, K4, K5, K8, K11; of one hall over a period K6, K9, K16 and K17 besides). A street
figure is the sum of numerators over the sum of denominators, never the mean of percentages; satisfaction under five
answers is not shown; figures describe and never rank communities by clicks, votes or attendance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from app.words import N_

#: Fewer answers than this say nothing (K5), so no percentage is shown.
FEWEST_RATINGS = 5
#: Below 70 % satisfied a second rectification is owed (domain.md section 2, F22).
SATISFIED_ENOUGH = 70
#: A request to the street that waits longer than this many days is pointed out.
PATIENT_DAYS = 3


@dataclass(frozen=True)
class Counts:
    """What was counted for one community; sums of these make the street's row."""

    received: int = 0
    accepted: int = 0
    refused: int = 0
    closed: int = 0
    open_at_start: int = 0
    left: int = 0
    closed_near: int = 0
    rated: int = 0
    satisfied: int = 0
    escalated_first: int = 0
    due: int = 0
    kept: int = 0
    sittings: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    overdue_days: int = 0
    asking: int = 0
    with_street: int = 0
    longest_wait: int = 0

    @property
    def open(self) -> int:
        """Matters in hand now, paused ones included."""
        return self.green + self.yellow + self.red + self.grey

    def __add__(self, other: Counts) -> Counts:
        pairs = ((f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Counts(**{name: max(a, b) if name == "longest_wait" else a + b for name, a, b in pairs})


@dataclass(frozen=True)
class Figure:
    """One KPI as numerator over denominator; ``hidden`` says why no percentage may be shown."""

    key: str
    label: str
    numerator: int
    denominator: int
    means: str
    hidden: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a community should be looked at: a message id with its values, and how much it weighs."""

    words: str
    weight: int
    values: Mapping[str, object] = field(default_factory=dict)


def total(rows: Iterable[Counts]) -> Counts:
    """The street's own row."""
    found = Counts()
    for row in rows:
        found = found + row
    return found


def figures(counts: Counts) -> list[Figure]:
    """The strip of figures, each with what its two numbers mean."""
    return [
        Figure("K2", N_("受理率"), counts.accepted, counts.accepted + counts.refused, N_("受理 ÷（受理＋不予受理）")),
        Figure("K3", N_("办结率"), counts.closed, counts.open_at_start + counts.accepted - counts.left,
               N_("办结 ÷（期初在办＋受理－转办撤回并案终止）")),
        Figure("K4", N_("承诺按期"), counts.kept, counts.due, N_("按期办完 ÷ 到期的承诺")),
        satisfaction(counts),
        Figure("K8", N_("升级率"), counts.escalated_first, counts.accepted, N_("第一次请上级的 ÷ 受理")),
        Figure("K11", N_("红灯率"), counts.red, counts.open - counts.grey, N_("红灯 ÷ 在办（不算暂缓的）")),
    ]  # fmt: skip


def solved_near(counts: Counts) -> Figure:
    """小事不出小区、大事不出社区: closed at grid or community over all closed (K8)."""
    return Figure("K8b", N_("就地化解率"), counts.closed_near, counts.closed, N_("网格和社区办结 ÷ 办结"))


def satisfaction(counts: Counts) -> Figure:
    """K5, hidden under five answers."""
    hidden = N_("样本不足") if 0 < counts.rated < FEWEST_RATINGS else ""
    means = N_("非常满意＋满意＋基本满意 ÷ 有效评价")
    return Figure("K5", N_("满意率"), counts.satisfied, counts.rated, means, hidden)


@dataclass(frozen=True)
class HallCounts:
    """What was counted in one hall over a period; what was merged counts with its target, what was withdrawn never.

    ``in_hand`` is what stood open at the start or was accepted since, without what was referred or ended otherwise;
    ``cohort_closed`` are those accepted in the period and closed by now. ``bad`` ratings have grade 1 or 2. ``due``
    and ``kept`` are promises of the period by their day, ``first_due`` and ``first_kept`` by the day first promised.
    """

    received: int = 0
    individual: int = 0
    joint: int = 0
    organisation: int = 0
    accepted: int = 0
    refused: int = 0
    in_hand: int = 0
    closed: int = 0
    cohort_closed: int = 0
    closed_near: int = 0
    visits_owed: int = 0
    visits_rated: int = 0
    rated: int = 0
    satisfied: int = 0
    well_satisfied: int = 0
    bad: int = 0
    bad_followed: int = 0
    due: int = 0
    kept: int = 0
    verified: int = 0
    first_due: int = 0
    first_kept: int = 0
    resolutions_due: int = 0
    resolutions_done: int = 0
    escalated_first: int = 0
    sent_back: int = 0
    entered_review: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    overdue_days: int = 0
    to_post: int = 0
    posted_in_time: int = 0
    postings_ended: int = 0
    postings_full: int = 0
    orders_due: int = 0
    orders_kept: int = 0
    orders_issued: int = 0
    orders_second: int = 0


def hall_figures(counts: HallCounts) -> list[Figure]:
    """The figures of one hall, each as numerator over denominator with what the two numbers mean."""
    c, few = counts, N_("样本不足") if 0 < counts.rated < FEWEST_RATINGS else ""
    rows = (
        ("K2", N_("受理率"), c.accepted, c.accepted + c.refused, N_("受理 ÷（受理＋不予受理）")),
        ("K3", N_("办结率"), c.closed, c.in_hand, N_("办结 ÷（期初在办＋受理－转办撤回并案终止）")),
        ("K3c", N_("受理的事办结了多少"), c.cohort_closed, c.accepted, N_("这段时间受理、到今天办结 ÷ 这段时间受理")),
        ("K4", N_("承诺按期"), c.kept, c.due, N_("按期办完 ÷ 到期的承诺")),
        ("K4f", N_("照最初的日子"), c.first_kept, c.first_due, N_("照最初答应的日子办完 ÷ 最初定在这段时间的承诺")),
        ("K5", N_("满意率"), c.satisfied, c.rated, N_("非常满意＋满意＋基本满意 ÷ 有效评价")),
        ("K5s", N_("严格满意率"), c.well_satisfied, c.rated, N_("非常满意＋满意 ÷ 有效评价")),
        ("K5r", N_("评价率"), c.visits_rated, c.visits_owed, N_("有人评价的 ÷ 办结后要回访的")),
        ("K5b", N_("差评跟进"), c.bad_followed, c.bad, N_("跟进过的 ÷ 不满意＋非常不满意")),
        ("K6", N_("成果落实率"), c.verified, c.due, N_("核验通过 ÷ 到期的承诺")),
        ("K6r", N_("决议落实率"), c.resolutions_done, c.resolutions_due, N_("每一项都核验通过 ÷ 最后一项到期的决议")),
        ("K8", N_("升级率"), c.escalated_first, c.accepted, N_("第一次请上级的 ÷ 受理")),
        ("K8b", N_("就地化解率"), c.closed_near, c.closed, N_("网格和社区办结 ÷ 办结")),
        ("K9", N_("返工率"), c.sent_back, c.entered_review, N_("核验、评议退回的 ÷ 进入评议的，一件事只算一次")),
        ("K11", N_("红灯率"), c.red, c.green + c.yellow + c.red, N_("红灯 ÷ 在办（不算暂缓的）")),
        ("K16", N_("公开及时率"), c.posted_in_time, c.to_post, N_("按时贴出 ÷ 该贴出的决议")),
        ("K16d", N_("公示满 15 日"), c.postings_full, c.postings_ended, N_("贴满 15 天的 ÷ 撤下的公示")),
        ("K17", N_("督办办结率"), c.orders_kept, c.orders_due, N_("按期销号 ÷ 到期的督办单")),
        ("K17s", N_("二次督办率"), c.orders_second, c.orders_issued, N_("二次督办 ÷ 发出的督办单")),
    )
    hidden = {"K5": few, "K5s": few}
    return [Figure(key, label, n, of, means, hidden.get(key, "")) for key, label, n, of, means in rows]


def reasons(counts: Counts) -> list[Reason]:
    """Why to look, the weightiest first; empty when all is calm."""
    found = []
    if counts.red:
        words = N_("%(n)s 件超期，共 %(days)s 个工作日") if counts.overdue_days else N_("%(n)s 件刚超期")
        weight = 100 * counts.red + counts.overdue_days
        found.append(Reason(words, weight, {"n": counts.red, "days": counts.overdue_days}))
    if counts.asking:
        late = counts.longest_wait > PATIENT_DAYS
        words = N_("%(n)s 件等街道接，最长等了 %(days)s 天") if late else N_("%(n)s 件请街道帮忙")
        weight = (150 if late else 60) * counts.asking
        found.append(Reason(words, weight, {"n": counts.asking, "days": counts.longest_wait}))
    if counts.rated >= FEWEST_RATINGS and 100 * counts.satisfied < SATISFIED_ENOUGH * counts.rated:
        found.append(Reason(N_("满意的不到七成"), 80))
    if counts.yellow:
        found.append(Reason(N_("%(n)s 件快到期"), 5 * counts.yellow, {"n": counts.yellow}))
    return sorted(found, key=lambda reason: -reason.weight)


def attention(counts: Counts) -> int:
    """How much a community needs looking at; 0 is calm."""
    return sum(reason.weight for reason in reasons(counts))


def heat(value: int, steps: tuple[int, int, int, int] = (1, 2, 3, 5)) -> int:
    """The shade of a cell, 0 to 4; the figure always stands in it."""
    return sum(value >= step for step in steps) if value < steps[3] else 4
