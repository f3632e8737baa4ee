"""Reports of the street: which kinds there are, over which days, in which order they are told. Pure.

Source: domain.md section 4 (月报/季报, 工作推进汇报 in the order of its source) and section 7 (a finished report keeps
its figures).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.errors import Verdict, no, yes
from app.people.roles import STREET_STAFF, Role, Roles, as_roles
from app.words import N_

KIND_LABELS: dict[str, str] = {
    "progress": N_("工作推进汇报"),
    "monthly": N_("月报"),
    "quarterly": N_("季报"),
}
STATE_LABELS: dict[str, str] = {"draft": N_("草稿"), "finished": N_("定稿"), "void": N_("作废")}
MOST_WORDS = 4000
MOST_CASES = 6
#: How many examples a draft begins with.
FIRST_CASES = 2
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_YEAR = re.compile(r"(\d{4})")


@dataclass(frozen=True)
class Section:
    """One part: ``level`` 0 is the opening without a heading, 1 一、, 2 （一）; ``is_table`` shows the figures."""

    key: str
    title: str
    level: int = 1
    is_table: bool = False
    is_cases: bool = False
    has_text: bool = True


#: 建、走、议 are the source's own words for building halls, going out to people, and deliberating.
PROGRESS: tuple[Section, ...] = (
    Section("opening", "导语", 0),
    Section("base", "基本情况"),
    Section("work", "工作举措", has_text=False),
    Section("build", "场地、流程、人员，让议事厅“建”起来", 2),
    Section("walk", "上门、坐班、开箱，让干部“走”进来", 2),
    Section("talk", "有事好商量，让居民“议”起来", 2),
    Section("bright", "特色亮点", has_text=False),
    Section("brands", "一个社区一个品牌", 2),
    Section("places", "把议事点开到楼栋和家门口", 2),
    Section("joint", "多方坐到一张桌子边", 2),
    Section("cases", "典型事例", is_cases=True),
    Section("next", "下一步打算"),
)
PERIODIC: tuple[Section, ...] = (
    Section("opening", "导语", 0),
    Section("base", "基本情况"),
    Section("kpis", "主要指标", is_table=True),
    Section("cases", "典型事例", is_cases=True),
    Section("problems", "存在的问题"),
    Section("next", "下一步打算"),
)
OUTLINES: dict[str, tuple[Section, ...]] = {"progress": PROGRESS, "monthly": PERIODIC, "quarterly": PERIODIC}


def days_of(kind: str, period: str, today: date) -> tuple[date, date] | None:
    """First and last day of ``2026-06`` (monthly), ``2026Q2`` (quarterly), ``2026`` (progress); None for nonsense."""
    if kind == "monthly" and (found := _MONTH.fullmatch(period)):
        return _months(int(found[1]), int(found[2]), 1)
    if kind == "quarterly" and (found := _QUARTER.fullmatch(period)):
        return _months(int(found[1]), 3 * int(found[2]) - 2, 3)
    if kind == "progress" and (found := _YEAR.fullmatch(period)):
        whole = _months(int(found[1]), 1, 12)
        # This year is told up to yesterday: a day that is not over has no figures to keep.
        return (whole[0], min(whole[1], today - timedelta(days=1))) if whole else None
    return None


def _months(year: int, month: int, n: int) -> tuple[date, date] | None:
    if not (2000 <= year <= 2099 and 1 <= month <= 12):
        return None
    end = month + n
    after = date(year + (end > 12), end - 12 if end > 12 else end, 1)
    return date(year, month, 1), after - timedelta(days=1)


def period_words(kind: str, period: str, last: date) -> str:
    """How a period reads: 2026年6月, 2026年第二季度, 2026年, 2026年1月至11月."""
    if kind == "monthly":
        year, month = period.split("-")
        return f"{year}年{int(month)}月"
    if kind == "quarterly":
        return f"{period[:4]}年第{'一二三四'[int(period[5]) - 1]}季度"
    return f"{period}年" if last.month == 12 else f"{period}年1月至{last.month}月"


def report_number(short: str, kind: str, period: str, edition: int) -> str:
    """``中街议月报2026-06``, ``中街议季报2026Q2`` (a second one after a void one says so), ``中街议汇报2026-1``."""
    if kind == "progress":
        return f"{short}议汇报{period}-{edition}"
    name = {"monthly": "月报", "quarterly": "季报"}[kind]
    return f"{short}议{name}{period}" + (f"（第{edition}稿）" if edition > 1 else "")


def choices(kind: str, today: date) -> list[str]:
    """Periods one may report on today, the newest first: what has begun, and not before the last two years."""
    if kind == "progress":
        return [str(today.year), str(today.year - 1)]
    found, year, month = [], today.year, today.month
    for _ in range(24):
        found.append(f"{year}-{month:02d}" if kind == "monthly" else f"{year}Q{(month + 2) // 3}")
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return list(dict.fromkeys(found))


def may_make(kind: str, period: str, today: date, roles: Roles) -> Verdict:
    """A report is made by the street's staff over days that have begun."""
    if not as_roles(roles) & STREET_STAFF:
        return no(N_("汇报由街道来写。"))
    days = days_of(kind, period, today) if kind in KIND_LABELS else None
    if days is None:
        return no(N_("选一种汇报，再选哪个月、哪个季度或者哪一年。"))
    if days[0] > min(today, days[1]):
        return no(N_("这段日子还没开始，写不了汇报。"))
    return yes()


def may_change(state: str) -> Verdict:
    """Only a draft may be changed; a finished report keeps text and figures for good."""
    if state == "finished":
        return no(N_("已经定稿，文字和数字都不能再改。写错了可以作废，重写一份。"))
    return yes() if state == "draft" else no(N_("这一份已经作废。"))


def may_finish(state: str, *, counted: bool, missing: list[str], last: date, today: date) -> Verdict:
    """Finishing freezes the figures: the days must be over (a progress report may end today), no part may be empty."""
    if not (held := may_change(state)):
        return held
    if not counted:
        return no(N_("数字还没数好，等一等再定稿。"))
    if missing:
        return no(N_("还有没写的：%(parts)s。"), parts="、".join(missing))
    if last >= today:
        return no(N_("这段日子还没过完，%(day)s 以后才能定稿。"), day=last.isoformat())
    return yes()


def may_void(state: str, roles: Roles) -> Verdict:
    """A draft may be thrown away by anybody of the street, a finished report made void by its administrator."""
    if state == "void":
        return no(N_("这一份已经作废。"))
    if state == "finished" and Role.STREET_ADMIN not in as_roles(roles):
        return no(N_("定了稿的要由街道管理员作废。"))
    return yes()


def missing_parts(kind: str, words: dict[str, str]) -> list[str]:
    """Titles of the parts that have nothing written; cases may be left out."""
    return [
        section.title for section in OUTLINES[kind]
        if section.has_text and not section.is_table and not section.is_cases and not words.get(section.key, "").strip()
    ]  # fmt: skip
