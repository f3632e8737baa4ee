"""A year on one page: what a plan must hold, who may draw it up, and how its tasks stand. Pure.

Source: domain.md section 2, row S0 林景 (annual plan = one resolution with monthly tasks), case W4. A plan adds no
task: its tasks are the matter's promises, and later ones come only by the rules of the resolution that made them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.flow.resolve.rules import REASON_MOST, TITLE_MOST, first_no, fits
from app.people.roles import OFFICE_STAFF, Roles, as_roles
from app.words import N_

THEME_MOST = 30
#: A plan of a theme may run over several years, but it must still fit one page.
MONTHS_MOST = 24
#: Whatever lies outside is a year typed wrongly.
YEARS = range(2000, 2100)
KINDS: dict[str, str] = {"annual": N_("年度计划"), "thematic": N_("专题计划")}
#: From its resolution on a matter has promises that can stand on a calendar.
PLANNED_FROM = (
    "decided", "ratifying", "publicized", "implementing", "suspended", "verifying", "reviewing", "closed", "archived",
)  # fmt: skip


class Standing(StrEnum):
    """How one task of a plan stands."""

    DONE = "done"
    LATE = "late"
    DOING = "doing"
    TO_COME = "to_come"


STANDING_LABELS: dict[Standing, str] = {
    Standing.DONE: N_("做完了"),
    Standing.LATE: N_("晚了"),
    Standing.DOING: N_("正在办"),
    Standing.TO_COME: N_("还没到"),
}


@dataclass(frozen=True)
class Draft:
    """What is asked of a plan: its kind, its name, its theme, its first and last day."""

    kind: str
    title: str
    theme: str
    starts: date
    ends: date


def may_plan(roles: Roles) -> Verdict:
    """Plans hang on the wall in the hall's name, so the office draws them up."""
    return yes() if as_roles(roles) & OFFICE_STAFF else no(N_("计划由社区书记和社区工作者来排。"))


def good_plan(draft: Draft, stage: str, dues: Sequence[date]) -> Verdict:
    """Whether this makes a plan: a name, a year or a theme with its span, and tasks that lie in it."""
    if draft.kind not in KINDS:
        return no(N_("选一种：年度计划，还是专题计划。"))
    return first_no(
        fits(N_("计划叫什么"), draft.title, TITLE_MOST),
        fits(N_("主题"), draft.theme, THEME_MOST, required=draft.kind == "thematic"),
        _good_span(draft),
        _has_tasks(draft, stage, dues),
    )


def _good_span(draft: Draft) -> Verdict:
    if not (draft.starts.year in YEARS and draft.ends.year in YEARS):
        return no(N_("年份写得不对，再看看日子。"))
    if draft.ends <= draft.starts:
        return no(N_("最后一天要在第一天后面。"))
    if draft.kind == "annual" and draft.ends != year_after(draft.starts):
        return no(N_("年度计划正好十二个月，从某个月的 1 号起。"))
    if len(months(draft.starts, draft.ends)) > MONTHS_MOST:
        return no(N_("专题计划最长 %(months)s 个月，一页纸才排得下。"), months=MONTHS_MOST)
    return yes()


def _has_tasks(draft: Draft, stage: str, dues: Sequence[date]) -> Verdict:
    if stage not in PLANNED_FROM or not dues:
        return no(N_("先有决议和任务，才有计划：这件事还没有定下哪天办什么。"))
    outside = sum(not draft.starts <= due <= draft.ends for due in dues)
    if outside:
        return no(N_("有 %(n)s 项任务的日子不在这段时间里，把计划的头尾放宽一点。"), n=outside)
    return yes()


def may_withdraw(roles: Roles, reason: str, already: bool) -> Verdict:
    """Taken off the wall with a reason; the promises stay."""
    if already:
        return no(N_("这份计划已经收下来了。"))
    return first_no(may_plan(roles), fits(N_("为什么收下来"), reason, REASON_MOST))


def year_after(starts: date) -> date:
    """The last day of the twelve months that begin with ``starts``; itself where there is no such day."""
    if starts.day != 1 or starts.year >= MAXYEAR:
        return starts
    return date(starts.year + 1, starts.month, 1) - timedelta(days=1)


def months(starts: date, ends: date) -> list[date]:
    """The first day of every month that a span touches."""
    first, last = starts.year * 12 + starts.month - 1, ends.year * 12 + ends.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(first, last + 1)]


def standing(state: str, due: date, done_count: int, today: date) -> Standing:
    """Done once it is reported done; late past its day; in hand from its month on, or once a part of it is done."""
    if state in ("done", "verified"):
        return Standing.DONE
    if due < today:
        return Standing.LATE
    begun = (due.year, due.month) <= (today.year, today.month) or done_count > 0
    return Standing.DOING if begun else Standing.TO_COME


def may_be_read(public: bool, told: bool, has_resolution: bool, posted_from: date | None, today: date) -> Verdict:
    """Public only where the matter is, and where a resolution is behind it not before its posting hangs."""
    if not public or not told:
        return no(N_("这份计划不对外。"))
    if has_resolution and (posted_from is None or posted_from > today):
        return no(N_("决议贴出来公示以后，计划才对外。"))
    return yes()
