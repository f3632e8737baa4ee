"""A matter's account: who writes it, what an entry may hold, and how it is summed so that each fen counts once.

Source: domain.md section 2 (implementing: budget against actual; W1, W6, W7) and section 7. Money is integer fen.
Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.resolve.rules import FEN_MOST, NAME_MOST, REASON_MOST, first_no, fits
from app.matter.situation import Stage
from app.people.roles import OFFICE_STAFF, Roles, as_roles
from app.words import N_

Side = Literal["budget", "in", "out"]
SIDES: dict[str, str] = {"budget": N_("打算"), "in": N_("收"), "out": N_("支")}
SOURCES: dict[str, str] = {
    "party_fund": N_("党群服务资金"),
    "street": N_("街道"),
    "department": N_("职能部门"),
    "title_holder": N_("产权单位"),
    "partner": N_("共建单位"),
    "property": N_("物业"),
    "residents": N_("居民分摊"),
    "maintenance_fund": N_("维修资金"),
    "other": N_("别的来源"),
}
VOUCHER_MOST = 40
WORDS_MOST = 200
#: A voucher from before, or a plan for after, is a year typed wrongly.
FIRST_YEAR, YEARS_AHEAD = 2000, 10
#: Money is entered once a matter was taken on, and until it lies in the archive.
SHUT = frozenset({Stage.ARCHIVED, Stage.MERGED, Stage.WITHDRAWN})


@dataclass(frozen=True)
class Line:
    """One living entry as the sums need it; ``is_refund`` marks what a household got back."""

    side: str
    source: str
    amount_fen: int
    source_name: str = ""
    commitment_id: UUID | None = None
    is_refund: bool = False
    approx: bool = False


@dataclass(frozen=True)
class Promise:
    """A task with the figures it carries itself; ``actual_fen`` None: not reported yet. A dropped one plans nothing."""

    id: UUID
    what: str
    planned_fen: int
    actual_fen: int | None
    is_dropped: bool = False


@dataclass(frozen=True)
class SourceRow:
    """Budget against actual of one source; refunds are taken off what came in."""

    source: str
    source_name: str
    planned: int
    came: int
    spent: int
    approx: bool


@dataclass(frozen=True)
class TaskRow:
    """One task: its own figures, and what the entries that name it add up to (None: none does)."""

    id: UUID
    what: str
    planned_fen: int
    actual_fen: int | None
    entered_plan: int | None
    entered_actual: int | None
    #: It reported a cost that is in no sum, and the bills nobody tied to a task are too small to be the same money.
    left_out: bool = False

    @property
    def plans_differ(self) -> bool:
        """The account plans something else for it than the task says."""
        return self.entered_plan is not None and self.planned_fen not in (0, self.entered_plan)

    @property
    def actuals_differ(self) -> bool:
        """The account shows another cost than was reported."""
        return None not in (self.entered_actual, self.actual_fen) and self.entered_actual != self.actual_fen


@dataclass(frozen=True)
class Totals:
    """The account of a matter in fen. ``approx``: the plan holds a sum nobody counted; ``left`` may be negative, where
    a source paid directly and nothing came in; pages show ``rest``."""

    planned: int
    came: int
    spent: int
    refunded: int
    approx: bool
    sources: tuple[SourceRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()

    @property
    def left(self) -> int:
        """What came in and was neither spent nor given back."""
        return self.came - self.spent - self.refunded

    @property
    def rest(self) -> int | None:
        """What is left of the money that came in, for a page; None where nothing came in or a source paid part of the
        bill itself, because no sum in hand can be told then."""
        return self.left if self.came and self.left >= 0 else None

    @property
    def over(self) -> int:
        """By how much more was spent than planned; 0 where nothing was planned."""
        return max(0, self.spent - self.planned) if self.planned else 0

    @property
    def is_empty(self) -> bool:
        """Nothing was planned, came in or was spent."""
        return not (self.planned or self.came or self.spent or self.refunded)


def reckon(lines: Sequence[Line], promises: Sequence[Promise]) -> Totals:
    """Sum an account so that each fen counts once.

    An entry always counts. A task's own figure counts only while no entry can mean the same money: no entry of that
    side names the task, and no entry of that side names no task at all. So a budget by sources is not added to the
    tasks it will pay for, and a bill nobody tied to a task is not added to what the tasks reported.
    """
    plan = [line for line in lines if line.side == "budget"]
    out = [line for line in lines if line.side == "out" and not line.is_refund]
    refunded = sum(line.amount_fen for line in lines if line.side == "out" and line.is_refund)
    planned = _once(plan, [(one.id, 0 if one.is_dropped else one.planned_fen) for one in promises])
    spent = _once(out, [(one.id, one.actual_fen or 0) for one in promises])
    return Totals(
        planned=planned, came=sum(line.amount_fen for line in lines if line.side == "in"), spent=spent,
        refunded=refunded, approx=any(line.approx for line in plan), sources=_by_source(lines),
        tasks=tuple(
            _of_task(one, plan, out, short=_short(promises, out))
            for one in promises if not one.is_dropped or one.actual_fen
        ),
    )  # fmt: skip


def _once(lines: Sequence[Line], own: Iterable[tuple[UUID, int]]) -> int:
    entered = sum(line.amount_fen for line in lines)
    named = {line.commitment_id for line in lines}
    if None in named:
        return entered
    return entered + sum(amount for key, amount in own if key not in named)


def _by_source(lines: Sequence[Line]) -> tuple[SourceRow, ...]:
    kinds = list(SOURCES)
    keys = sorted({(line.source, line.source_name) for line in lines}, key=lambda key: (kinds.index(key[0]), key[1]))

    def add(key: tuple[str, str], side: str, *, refunds: bool) -> int:
        return sum(
            line.amount_fen for line in lines
            if (line.source, line.source_name) == key and line.side == side and line.is_refund is refunds
        )  # fmt: skip

    return tuple(
        SourceRow(
            *key, add(key, "budget", refunds=False), add(key, "in", refunds=False) - add(key, "out", refunds=True),
            add(key, "out", refunds=False),
            any(line.approx for line in lines if (line.source, line.source_name) == key and line.side == "budget"),
        )
        for key in keys
    )  # fmt: skip


def _of_task(one: Promise, plan: Sequence[Line], out: Sequence[Line], *, short: bool) -> TaskRow:
    def entered(lines: Sequence[Line]) -> int | None:
        mine = [line.amount_fen for line in lines if line.commitment_id == one.id]
        return sum(mine) if mine else None

    cost = entered(out)
    return TaskRow(
        one.id, one.what, one.planned_fen, one.actual_fen, entered(plan), cost,
        left_out=short and bool(one.actual_fen) and cost is None,
    )  # fmt: skip


def _short(promises: Sequence[Promise], out: Sequence[Line]) -> bool:
    """Whether the bills without a task are fewer fen than the tasks without a bill report to have cost."""
    loose, named = [line.amount_fen for line in out if line.commitment_id is None], {line.commitment_id for line in out}
    return bool(loose) and sum(loose) < sum(one.actual_fen or 0 for one in promises if one.id not in named)


def may_write(roles: Roles) -> Verdict:
    """The office keeps the account; who works in the field hands in the vouchers."""
    if as_roles(roles) & OFFICE_STAFF:
        return yes()
    return no(N_("收支由社区书记和社区工作者来记。"))


def may_enter(stage: Stage, *, taken_on: bool) -> Verdict:
    """An account begins when the matter is taken on and is shut when it lies in the archive."""
    if not taken_on or stage in SHUT:
        return no(N_("这件事还没受理或者已经归档，不能记账。"))
    return yes()


def good_entry(
    *, side: str, source: str, source_name: str, amount_fen: int, words: str, on: date, voucher: str, approx: bool,
    today: date,
) -> Verdict:  # fmt: skip
    """What one line of the account must hold. Only a plan may be an upper bound, and only a plan lies ahead."""
    if side not in SIDES or source not in SOURCES:
        return no(N_("选清楚是打算、收还是支，钱从哪儿来。"))
    if not 0 < amount_fen <= FEN_MOST:
        return no(N_("金额要比 0 大，最多一亿元。"))
    if approx and side != "budget":
        return no(N_("收的和支的要写到分，只有打算的钱可以写「不超过」。"))
    if side != "budget" and on > today:
        return no(N_("收支的日子不能是以后的日子。"))
    if not FIRST_YEAR <= on.year <= today.year + YEARS_AHEAD:
        return no(N_("年份写得不对，再看看日子。"))
    return first_no(
        fits(N_("做什么用"), words, WORDS_MOST),
        fits(N_("哪一家出的"), source_name, NAME_MOST, required=source == "other"),
        fits(N_("票据号"), voucher, VOUCHER_MOST, required=False),
    )


def good_booking(
    *, side: str, source: str, names_task: bool, collection: str, posted: bool, collects: bool = False
) -> Verdict:
    """What comes in belongs to the whole matter; a collection's money is only spent here, and not once it is final.

    ``collection`` is the state of the collection the line is paid from, or empty; ``collects`` says that the matter has
    one whose account does not hang yet: a bill beside it would be given back to the homes as if it were left over.
    """
    if names_task and side == "in":
        return no(N_("收进来的钱记在整件事上，不记在任务上。"))
    if not collection:
        if collects and source == "residents" and side != "budget":
            return no(N_("这件事正在挨家收费：收钱到各户那里记，花出去的来源选「挨家收的」那一笔。"))
        return yes()
    if side != "out" or source != "residents":
        return no(N_("从挨家收的钱里出的，记成「支」，来源是居民分摊。"))
    if collection not in ("open", "closed"):
        return no(N_("这笔收费没有开始或者已经作废，不能从里头支。"))
    return yes() if not posted else no(N_("这笔收费的账已经贴出来了，不能再从里头支。"))


def may_strike(*, struck: bool, of_a_share: bool, posted: bool = False, reason: str) -> Verdict:
    """An entry is never changed: it is struck out, with a reason, and written anew. A household's money is undone at
    its door, where the receipt is."""
    if struck:
        return no(N_("这一笔已经划掉了。"))
    if of_a_share:
        return no(N_("这是挨家户收的钱，请到那笔收费里撤。"))
    if posted:
        return no(N_("这笔收费的账已经贴出来了，里头的不能再划。"))
    return fits(N_("划掉的原因"), reason, REASON_MOST)
