"""What a matter leaves behind: how it is registered, when it is looked at again, when it goes.

Source: domain.md section 2 (implementing: what was built is looked after by whoever promised it). Pure: no database,
no clock.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.errors import Verdict, no, yes
from app.matter.situation import Stage
from app.words import N_

WHAT_MOST, UNIT_MOST, PLACE_MOST, KEEPER_MOST, UPKEEP_MOST, WORDS_MOST = 40, 8, 60, 40, 200, 1000
COUNT_MOST = 100_000
MONTHS_MOST = 60
#: Nobody keeps a promise from before.
FIRST_YEAR = 1950
#: A check is shown as coming this many days ahead, so that it fits into a walk that is made anyway.
SOON = timedelta(days=7)
KEEPER_KINDS: Mapping[str, str] = {
    "person": N_("个人"), "property": N_("物业"), "partner": N_("共建单位"), "external": N_("外单位"),
}  # fmt: skip
STATES: Mapping[str, str] = {"in_use": N_("在用"), "broken": N_("坏了"), "removed": N_("撤了")}
#: Things are left behind from the moment work has begun, and found again long after the matter is closed.
LEAVING = frozenset(
    {Stage.IMPLEMENTING, Stage.SUSPENDED, Stage.VERIFYING, Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED}
)


@dataclass(frozen=True)
class Draft:
    """One thing left behind as somebody writes it down; ``check_months`` None: nobody looks at it by the calendar."""

    what: str
    count: int | None
    unit: str
    keeper: str
    upkeep: str
    promised_on: date | None
    place: str = ""
    building_id: UUID | None = None
    keeper_kind: str = "person"
    check_months: int | None = None


def problems(draft: Draft, today: date) -> dict[str, Verdict]:
    """What is wrong, by field; empty when all of it may be kept."""
    found: dict[str, Verdict] = {}
    for field, label, text, most, required in (
        ("what", N_("是什么"), draft.what, WHAT_MOST, True),
        ("unit", N_("单位"), draft.unit, UNIT_MOST, True),
        ("place", N_("具体在哪儿"), draft.place, PLACE_MOST, False),
        ("keeper", N_("谁答应管"), draft.keeper, KEEPER_MOST, True),
        ("upkeep", N_("怎么管"), draft.upkeep, UPKEEP_MOST, True),
    ):
        found[field] = _fits(label, text, most, required)
    found["count"] = _good_count(draft.count)
    if draft.keeper_kind not in KEEPER_KINDS:
        found["keeper_kind"] = no(N_("请选一样。"))
    if draft.promised_on is None or draft.promised_on > today or draft.promised_on.year < FIRST_YEAR:
        found["promised_on"] = no(N_("写上哪天答应的，不能是以后的日子。"))
    if draft.check_months is not None and not 1 <= draft.check_months <= MONTHS_MOST:
        found["check_months"] = no(N_("隔 1 到 %(most)s 个月看一次，不定期看就空着。"), most=MONTHS_MOST)
    return {field: verdict for field, verdict in found.items() if not verdict}


def may_register(stage: Stage) -> Verdict:
    """Nothing is left behind before work has begun."""
    return yes() if stage in LEAVING else no(N_("事情还没开始办，没有东西可登记。"))


def may_check(state: str, *, fine: bool, words: str) -> Verdict:
    """What was taken away is not looked at any more; a fault says what it is."""
    if state == "removed":
        return no(N_("这样东西已经撤了。"))
    if not fine and not words.strip():
        return no(N_("写一句坏在哪儿。"))
    return _fits(N_("看到什么"), words, WORDS_MOST, required=False)


def may_remove(state: str, reason: str) -> Verdict:
    """What people paid for together does not vanish without a word."""
    if state == "removed":
        return no(N_("这样东西已经撤了。"))
    return _fits(N_("为什么撤"), reason, WORDS_MOST, required=True)


def next_check(last: date, months: int | None) -> date | None:
    """The same day so many months later, or the last day of a shorter month."""
    if months is None:
        return None
    year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    return date(year, month + 1, min(last.day, calendar.monthrange(year, month + 1)[1]))


def urgency(state: str, due: date | None, today: date) -> str:
    """``late``, ``soon``, ``fine`` or ``none``: when somebody has to look again."""
    if state == "removed" or due is None:
        return "none"
    if due < today:
        return "late"
    return "soon" if due <= today + SOON else "fine"


def _good_count(count: int | None) -> Verdict:
    if count is None or not 1 <= count <= COUNT_MOST:
        return no(N_("写上一共几个，1 到 %(most)s。"), most=COUNT_MOST)
    return yes()


def _fits(label: str, text: str, most: int, required: bool) -> Verdict:
    if required and not text.strip():
        return no(N_("「%(label)s」要填。"), label=label)
    if len(text.strip()) > most:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"), label=label, most=most, n=len(text.strip()))
    return yes()
