"""When a call for ideas runs, and what may be said and changed about it. Pure.

Source: domain.md section 2, row S1 (宣传发动 comes before ``collected``): a call has a theme, a period and, at its end,
an answer to those who spoke.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.errors import Verdict, no
from app.words import N_

TITLE, THEME, WORDS, RESULT = 40, 60, 2000, 2000
#: A call that runs longer than this is no call any more but the hall's standing business.
LONGEST = timedelta(days=366)


class Phase(StrEnum):
    """Where a call stands on a given day."""

    COMING = "coming"
    OPEN = "open"
    ENDED = "ended"


PHASES: dict[Phase, str] = {
    Phase.COMING: N_("还没开始"), Phase.OPEN: N_("正在征集"), Phase.ENDED: N_("已经结束"),
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """What a desk writes about a call. ``starts`` and ``ends`` are days in Asia/Shanghai, both included."""

    title: str
    theme: str
    words: str
    starts: date | None
    ends: date | None


def phase(starts: date, ends: date, is_ended: bool, today: date) -> Phase:
    """``is_ended`` says that somebody ended it by hand, which holds whatever the calendar says."""
    if is_ended or today > ends:
        return Phase.ENDED
    return Phase.COMING if today < starts else Phase.OPEN


def days_left(ends: date, today: date) -> int:
    """Days still open, today included: 1 on the last day, never below 0."""
    return max(0, (ends - today).days + 1)


def problems(call: Call) -> dict[str, Verdict]:
    """What is wrong, one answer per field; empty when the call can stand."""
    found: dict[str, Verdict] = {}
    for name, text, limit, empty in (
        ("title", call.title, TITLE, N_("请给这次征集起个名字。")),
        ("theme", call.theme, THEME, N_("请写一句话：想听大家说什么。")),
        ("words", call.words, WORDS, ""),
    ):
        if empty and not text.strip():
            found[name] = no(empty)
        elif len(text.strip()) > limit:
            found[name] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    return found | _of_days(call.starts, call.ends)


def _of_days(starts: date | None, ends: date | None) -> dict[str, Verdict]:
    found = {}
    if starts is None:
        found["starts"] = no(N_("请选从哪天开始。"))
    if ends is None:
        found["ends"] = no(N_("请选到哪天为止。"))
    if starts and ends and ends < starts:
        found["ends"] = no(N_("截止那天不能早于开始那天。"))
    elif starts and ends and ends - starts > LONGEST:
        found["ends"] = no(N_("一次征集最多一年，长了大家就忘了。"))
    return found


def closing_problem(result: str) -> Verdict | None:
    """What is wrong with the hall's closing words, or None. A call never ends without an answer to those who spoke."""
    if len(result.strip()) < 2:
        return no(N_("请写几句结束语：收到多少，接下来怎么办。提点子的人要看的。"))
    if len(result.strip()) > RESULT:
        return no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=RESULT)
    return None
