"""The street's figures from counted rows: numerator and denominator of each, and what needs looking at, in words. Pure.

Source: domain.md section 7 (K2, K3, K4, K5, K8, K11). A street figure is the sum of numerators over the sum of
denominators, never the mean of percentages; satisfaction under five answers is not shown; figures describe and never
rank communities by clicks, votes or attendance.
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
