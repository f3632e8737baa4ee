"""The light of a matter or a task: green, yellow, red or grey, each with its reason in words.

Source: domain.md section 7, K11. Green while more than 20 % of the span and more than 3 working days remain; yellow
within that and not late; red past due; grey while paused or waiting for another unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from app.matter.workdays import Calendar, local_day, start_of
from app.words import N_


class Colour(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


COLOUR_LABELS: dict[Colour, str] = {
    Colour.GREEN: N_("按时"),
    Colour.YELLOW: N_("快到期"),
    Colour.RED: N_("超期"),
    Colour.GREY: N_("暂停计时"),
}
WARN_WORKING_DAYS = 3


@dataclass(frozen=True)
class Light:
    """``reason`` is a message id with ``values``; ``overdue`` counts working days past due (0 unless late)."""

    colour: Colour
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    overdue: int = 0


def light(
    start: datetime,
    due: datetime | None,
    now: datetime,
    calendar: Calendar,
    *,
    suspended: bool = False,
    waiting_for: str = "",
    soft: bool = False,
) -> Light:
    """Return the light at ``now`` for something begun at ``start`` and due at ``due`` (None: no clock runs).

    ``waiting_for`` names the other unit whose turn it is. ``soft`` is for a late receipt of a referral, which turns
    yellow and never red, because the delay is not the hall's (domain.md section 2).
    """
    if suspended:
        return Light(Colour.GREY, N_("暂缓，不计时"))
    if waiting_for:
        return Light(Colour.GREY, N_("等%(unit)s回话，不计时"), {"unit": waiting_for})
    if due is None:
        return Light(Colour.GREEN, N_("这一步没有期限"))
    if now > due:
        return _late(due, now, calendar, soft)
    return _in_time(start, due, now, calendar)


def warn_at(start: datetime, due: datetime | None, calendar: Calendar) -> datetime | None:
    """Return the moment (UTC) from which :func:`light` is not green any more, or None while no clock runs.

    It is the start of a day in Asia/Shanghai and may lie before ``start``: a short span is yellow at once. With it
    a colour needs no calendar, so SQL can tell lights apart: red after ``due``, yellow from this moment, else green.
    """
    return None if due is None else start_of(warn_day(local_day(start), local_day(due), calendar))


@lru_cache(maxsize=20_000)
def warn_day(start: date, last_day: date, calendar: Calendar) -> date:
    """Return the first day on which no more than a fifth of the working days, or three, remain up to ``last_day``."""
    enough = max(WARN_WORKING_DAYS, calendar.working_days_between(start, last_day) // 5)
    day, left = last_day, 0
    while left + calendar.is_working_day(day) <= enough:
        left += calendar.is_working_day(day)
        day -= timedelta(days=1)
    return day


def _late(due: datetime, now: datetime, calendar: Calendar, soft: bool) -> Light:
    colour = Colour.YELLOW if soft else Colour.RED
    overdue = calendar.working_days_between(local_day(due), local_day(now))
    if overdue == 0:
        return Light(colour, N_("超期不到 1 个工作日"))
    return Light(colour, N_("超期 %(n)s 个工作日"), {"n": overdue}, overdue)


def _in_time(start: datetime, due: datetime, now: datetime, calendar: Calendar) -> Light:
    last_day, today = local_day(due), local_day(now)
    remaining = calendar.working_days_between(today, last_day)
    span = calendar.working_days_between(local_day(start), last_day)
    # 20 % of the span, in integers: remaining > span / 5. :func:`warn_at` turns the same rule round.
    ample = remaining > WARN_WORKING_DAYS and 5 * remaining > span
    colour = Colour.GREEN if ample else Colour.YELLOW
    if last_day == today:
        return Light(colour, N_("今天到期"))
    return Light(colour, N_("剩 %(n)s 天"), {"n": (last_day - today).days})
