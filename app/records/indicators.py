"""A street's and a hall's figures from counted rows: numerator and denominator of each, and what to look at. Pure.

Source: domain.md section 7, K1 to K17. A street figure is the sum of numerators over the sum of denominators,
never the mean of percentages; satisfaction under five answers is not shown; figures describe and never rank communities
by clicks, votes or attendance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.records.counts import HallCounts as HallCounts
from app.records.counts import median, ninetieth
from app.records.counts import sum_counts as sum_counts
from app.words import N_

#: Fewer answers than this say nothing (K5), so no percentage is shown.
FEWEST_RATINGS = 5
#: Below 70 % satisfied a second rectification is owed (domain.md section 2, F22).
SATISFIED_ENOUGH = 70
#: What is printed where there was nothing to divide by.
NOTHING = "—"
#: Which way a figure should go. What is not named describes and is no target (domain.md section 7, K7, K14).
BETTER: Mapping[str, str] = {
    **dict.fromkeys(
        ("K1", "K1b", "K1c", "K3", "K3c", "K4", "K4f", "K5", "K5s", "K5r", "K5b", "K6", "K6r", "K8b", "K10", "K10t",
         "K12q", "K15", "K16", "K16d", "K17"), "high",
    ),
    **dict.fromkeys(("K9", "K11", "K13", "K13p", "K15h", "K17s"), "low"),
}  # fmt: skip
#: Key, label, numerator, denominator, what the two mean.
Row: TypeAlias = tuple[str, str, int, int, str]
#: A request to the street that waits longer than this many days is pointed out.
PATIENT_DAYS = 3


@dataclass(frozen=True)
class Figure:
    """One KPI as numerator over denominator; ``hidden`` says why no percentage may be shown.

    ``value`` is shown instead of the share where the figure is none (a median in hours, times a head), in ``unit``.
    ``is_better`` is ``high`` or ``low``, and empty where the figure only describes.
    """

    key: str
    label: str
    numerator: int
    denominator: int
    means: str
    hidden: str = ""
    value: str = ""
    unit: str = "%"
    is_better: str = ""

    @property
    def is_share(self) -> bool:
        """Whether the figure is a percentage of its two numbers."""
        return self.unit == "%"

    @property
    def number(self) -> str:
        """What is printed, one decimal half up, without its unit: ``87.5``; ``—`` for nothing to count, or hidden."""
        if self.hidden:
            return NOTHING
        if not self.is_share:
            return self.value or NOTHING
        return ratio(100 * self.numerator, self.denominator) if self.denominator else NOTHING


@dataclass(frozen=True)
class Reason:
    """Why a community should be looked at: a message id with its values, and how much it weighs."""

    words: str
    weight: int
    values: Mapping[str, object] = field(default_factory=dict)


def hall_figures(counts: HallCounts) -> list[Figure]:
    """All figures K1 to K17 of one hall or of a sum of halls, each with what its two numbers mean."""
    few = N_("样本不足") if 0 < counts.rated < FEWEST_RATINGS else ""
    # A register with fewer grown-ups than homes does not know who lives here.
    unknown = N_("居民登记不全") if 0 < counts.adults < counts.homes else ""
    hidden = {"K5": few, "K5s": few, "K7": unknown, "K7h": unknown}
    return [
        Figure(key, label, n, of, means, hidden.get(key, ""), *_value(key, counts), is_better=BETTER.get(key, ""))
        for key, label, n, of, means in (*_of_matters(counts), *_of_results(counts), *_of_the_hall(counts))
    ]


def _value(key: str, c: HallCounts) -> tuple[str, str]:
    """What a figure shows that is no share: its value and its unit; a value of nothing is empty."""
    if key == "K7":
        return (ratio(c.attendances + c.ballots + c.proposals, c.adults) if c.adults else "", N_("次"))
    twice = {"K13": c.reply_hours, "K15h": c.answer_hours}
    if key in twice:
        found = median(twice[key])
        return ("" if found is None else ratio(found, 2), N_("小时"))
    if key == "K13p":
        last = ninetieth(c.reply_hours)
        return ("" if last is None else ratio(last, 1), N_("小时"))
    return ("", "%")


def _of_matters(c: HallCounts) -> tuple[Row, ...]:
    """K1 to K5: the hall is there, what came in, and what was done with it."""
    return (
        ("K1", N_("议事厅覆盖率"), c.covered, c.halls, N_("有议事点、议事会在任的社区 ÷ 全部社区")),
        ("K1b", N_("网格覆盖率"), c.grids_covered, c.grids, N_("有议事点的网格 ÷ 全部网格")),
        ("K1c", N_("活跃率"), c.active, c.halls, N_("开成过会、留有记录的社区 ÷ 全部社区")),
        ("K2", N_("受理率"), c.accepted, c.accepted + c.refused, N_("受理 ÷（受理＋不予受理）")),
        ("K3", N_("办结率"), c.closed, c.in_hand, N_("办结 ÷（期初在办＋受理－转办撤回并案终止）")),
        ("K3c", N_("受理的事办结了多少"), c.cohort_closed, c.accepted, N_("这段时间受理、到今天办结 ÷ 这段时间受理")),
        ("K4", N_("承诺按期"), c.kept, c.due, N_("按期办完 ÷ 到期的承诺")),
        ("K4f", N_("照最初的日子"), c.first_kept, c.first_due, N_("照最初答应的日子办完 ÷ 最初定在这段时间的承诺")),
        ("K5", N_("满意率"), c.satisfied, c.rated, N_("非常满意＋满意＋基本满意 ÷ 有效评价")),
        ("K5s", N_("严格满意率"), c.well_satisfied, c.rated, N_("非常满意＋满意 ÷ 有效评价")),
        ("K5r", N_("评价率"), c.visits_rated, c.visits_owed, N_("有人评价的 ÷ 办结后要回访的")),
        ("K5b", N_("差评跟进"), c.bad_followed, c.bad, N_("跟进过的 ÷ 不满意＋非常不满意")),
    )


def _of_results(c: HallCounts) -> tuple[Row, ...]:
    """K6 to K11: what came of it, who took part, and what is late."""
    took_part = c.attendances + c.ballots + c.proposals
    return (
        ("K6", N_("成果落实率"), c.verified, c.due, N_("核验通过 ÷ 到期的承诺")),
        ("K6r", N_("决议落实率"), c.resolutions_done, c.resolutions_due, N_("每一项都核验通过 ÷ 最后一项到期的决议")),
        ("K7", N_("人均参与"), took_part, c.adults, N_("到会＋有效票＋提案 ÷ 登记在册的成年居民")),
        ("K7h", N_("参与户覆盖率"), c.homes_took_part, c.homes, N_("参与过的户 ÷ 登记在册的户")),
        ("K7n", N_("新面孔率"), c.newcomers, c.people, N_("一年里头一回来的 ÷ 参与的人")),
        ("K8", N_("升级率"), c.escalated_first, c.accepted, N_("第一次请上级的 ÷ 受理")),
        ("K8b", N_("就地化解率"), c.closed_near, c.closed, N_("网格和社区办结 ÷ 办结")),
        ("K9", N_("返工率"), c.sent_back, c.entered_review, N_("核验、评议退回的 ÷ 进入评议的，一件事只算一次")),
        ("K10", N_("调解成功率"), c.disputes_agreed, c.disputes_ended, N_("达成协议 ÷ 调解结束的纠纷")),
        ("K10t", N_("协议履行率"), c.terms_kept, c.terms_due, N_("按期履行 ÷ 到期的协议事项")),
        ("K11", N_("红灯率"), c.red, c.green + c.yellow + c.red, N_("红灯 ÷ 在办（不算暂缓的）")),
    )


def _of_the_hall(c: HallCounts) -> tuple[Row, ...]:
    """K12 to K17: how the hall works."""
    answered = sum(c.answer_hours.values())
    return (
        ("K12", N_("议题成案率"), c.vote_passed, c.put_to_vote, N_("表决通过 ÷ 付诸表决的事")),
        ("K12q", N_("法定人数达成率"), c.sittings_quorate, c.sittings, N_("人数够的会 ÷ 开了的会")),
        (
            "K13",
            N_("首次答复时长"),
            c.replied,
            c.received,
            N_("从收到到第一次有人答复，一半的事不超过；答复了的 ÷ 收到的"),
        ),
        ("K13p", N_("九成首次答复时长"), c.replied, c.received, N_("从收到到第一次有人答复，九成的事不超过")),
        ("K14", N_("代录占比"), c.entries_offline, c.proposals, N_("代录、纸面和信箱来的 ÷ 全部提案")),
        ("K15", N_("专家响应率"), c.invited_accepted, c.invited, N_("接受的 ÷ 发出的邀请")),
        ("K15h", N_("专家答复时长"), answered, c.invited, N_("从发出到答复，一半的邀请不超过；答复了的 ÷ 发出的")),
        ("K16", N_("公开及时率"), c.posted_in_time, c.to_post, N_("按时贴出 ÷ 该贴出的决议")),
        ("K16d", N_("公示满 15 日"), c.postings_full, c.postings_ended, N_("贴满 15 天的 ÷ 撤下的公示")),
        ("K17", N_("督办办结率"), c.orders_kept, c.orders_due, N_("按期销号 ÷ 到期的督办单")),
        ("K17s", N_("二次督办率"), c.orders_second, c.orders_issued, N_("二次督办 ÷ 发出的督办单")),
    )


def ratio(numerator: int, denominator: int) -> str:
    """One decimal, half up, in whole numbers: ``ratio(1, 16)`` is ``0.1``."""
    tenths = (20 * numerator + denominator) // (2 * denominator)
    return f"{tenths // 10}.{tenths % 10}"


def reasons(counts: HallCounts) -> list[Reason]:
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
    if counts.orders_late:
        found.append(Reason(N_("%(n)s 张督办单过了期"), 40 * counts.orders_late, {"n": counts.orders_late}))
    if counts.rated >= FEWEST_RATINGS and 100 * counts.satisfied < SATISFIED_ENOUGH * counts.rated:
        found.append(Reason(N_("满意的不到七成"), 80))
    if counts.yellow:
        found.append(Reason(N_("%(n)s 件快到期"), 5 * counts.yellow, {"n": counts.yellow}))
    return sorted(found, key=lambda reason: -reason.weight)


def attention(counts: HallCounts) -> int:
    """How much a community needs looking at; 0 is calm."""
    return sum(reason.weight for reason in reasons(counts))


def heat(value: int, steps: tuple[int, int, int, int] = (1, 2, 3, 5)) -> int:
    """The shade of a cell, 0 to 4; the figure always stands in it."""
    return sum(value >= step for step in steps) if value < steps[3] else 4
