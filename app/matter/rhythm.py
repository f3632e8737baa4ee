"""What happens again and again: every Tuesday, every 5th of the month, as an RFC 5545 rule and a time of day. Pure.

Source: domain.md section 1 (例会 每月5日, 周二说事, 社情民意联系日). The working days are the street's, among them
weekends that are worked (调休); what becomes of a day off is the hall's own choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dateutil.rrule import rrule, rrulestr

from app.matter.workdays import SHANGHAI, Calendar
from app.words import N_

ANCHOR = datetime(2020, 1, 6)  # noqa: DTZ001  A Monday on the wall clock of the hall; a rule without a start counts from here.
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
#: The weekdays of RFC 5545 as people say them.
WEEKDAYS: Mapping[str, str] = {
    "MO": N_("周一"), "TU": N_("周二"), "WE": N_("周三"), "TH": N_("周四"), "FR": N_("周五"), "SA": N_("周六"),
    "SU": N_("周日"),
}  # fmt: skip


#: The longest run of days off that a moved day can cross; Spring Festival with its weekends stays well under it.
LONGEST_HOLIDAY = timedelta(days=31)


class OnHoliday(StrEnum):
    """What becomes of a day of the series that is a day off."""

    KEEP = "keep"
    SKIP = "skip"
    BEFORE = "before"
    AFTER = "after"


HOLIDAY_LABELS: Mapping[OnHoliday, str] = {
    OnHoliday.KEEP: N_("照开"),
    OnHoliday.SKIP: N_("停一次"),
    OnHoliday.BEFORE: N_("提前到前一个工作日"),
    OnHoliday.AFTER: N_("推后到后一个工作日"),
}
_SHIFTED: Mapping[OnHoliday, str] = {
    OnHoliday.KEEP: N_("%(month)s 月 %(day)s 日%(off)s，照开"),
    OnHoliday.SKIP: N_("%(month)s 月 %(day)s 日%(off)s，停一次"),
    OnHoliday.BEFORE: N_("%(month)s 月 %(day)s 日%(off)s，提前"),
    OnHoliday.AFTER: N_("%(month)s 月 %(day)s 日%(off)s，推后"),
}


@dataclass(frozen=True)
class Occurrence:
    """One day of a series: ``on`` as the rule says, ``at`` when people sit (None: not this time).

    ``shift`` is what was done about a day off, None where ``on`` needed nothing; ``off`` says which kind it was.
    """

    on: date
    at: datetime | None
    shift: OnHoliday | None = None
    off: str = ""

    @property
    def why(self) -> tuple[str, dict[str, object]]:
        """Why this day is not as the rule says, in words with their values; empty for an ordinary one."""
        if self.shift is None:
            return "", {}
        return _SHIFTED[self.shift], {"month": self.on.month, "day": self.on.day, "off": self.off}


def day_off(day: date, rule: str, calendar: Calendar) -> str:
    """Why nobody works on ``day`` (放假 or 逢周末), or empty.

    A weekend counts only where it is an accident: who settled on every Saturday meant Saturdays, a 5th only falls on
    one. A weekend that is worked (调休) is no day off, a weekday in the table of holidays is.
    """
    if day in calendar.holidays:
        return N_("放假")
    if "BYDAY=" in rule.upper() or calendar.is_working_day(day):
        return ""
    return N_("逢周末")


def occurrences(
    rule: str, starts: str, after: datetime, calendar: Calendar, on_holiday: str = OnHoliday.KEEP, *, n: int,
    until: datetime | None = None,
) -> list[Occurrence]:  # fmt: skip
    """The next days of a series until ``n`` of them are held; those that are skipped stand between with the reason.

    Strictly after ``after``, by the moment people sit down: a day moved forward past ``after`` still comes, one moved
    back before it is over. Two days moved onto the same one are one.
    """
    found: list[Occurrence] = []
    held: set[datetime] = set()
    for on in _days(rule, after - LONGEST_HOLIDAY):
        one = _held(on, rule, time_of_day(starts), calendar, OnHoliday(on_holiday))
        moment = one.at or datetime.combine(on, time_of_day(starts), tzinfo=SHANGHAI)
        if until is not None and datetime.combine(on, time.min, tzinfo=SHANGHAI) > until + LONGEST_HOLIDAY:
            break
        if moment <= after or (until is not None and moment > until) or one.at in held:
            continue
        found.append(one)
        held |= {one.at} if one.at else set()
        if len(held) == n or len(found) > 4 * n:
            break
    return found


def _days(rule: str, after: datetime) -> Iterator[date]:
    recurring = series_rule(rule)
    day: datetime | None = after.astimezone(SHANGHAI).replace(tzinfo=None)
    while day is not None and (day := recurring.after(day)):
        yield day.date()


def _held(on: date, rule: str, at: time, calendar: Calendar, on_holiday: OnHoliday) -> Occurrence:
    off, day = day_off(on, rule, calendar), on
    if off and on_holiday is OnHoliday.SKIP:
        return Occurrence(on, None, on_holiday, off)
    if off and on_holiday in (OnHoliday.BEFORE, OnHoliday.AFTER):
        step = timedelta(days=-1 if on_holiday is OnHoliday.BEFORE else 1)
        while not calendar.is_working_day(day):
            day += step
    moment = datetime.combine(day, at, tzinfo=SHANGHAI)
    # A hall that keeps its 5th sits on a Sunday as a matter of course; only a holiday deserves a word.
    quiet = not off or (on_holiday is OnHoliday.KEEP and on not in calendar.holidays)
    return Occurrence(on, moment) if quiet else Occurrence(on, moment, on_holiday, off)


def series_rule(text: str) -> rrule:
    """Read an RFC 5545 rule of at most daily rhythm; raises ValueError for anything else."""
    parts = dict(part.partition("=")[::2] for part in text.upper().split(";"))
    if parts.get("FREQ") not in FREQUENCIES or "\n" in text or "DTSTART" in text.upper():
        raise ValueError(text)
    found = rrulestr(text, dtstart=ANCHOR)
    if not isinstance(found, rrule):
        raise ValueError(text)
    return found


def time_of_day(text: str) -> time:
    """Read ``14:30``; raises ValueError."""
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  A time of day has no zone.


def dates(rule: str, starts: str, after: datetime, n: int) -> list[datetime]:
    """The next ``n`` moments (Asia/Shanghai) strictly after ``after``; a rule that ends gives fewer."""
    at, recurring = time_of_day(starts), series_rule(rule)
    found: list[datetime] = []
    day = after.astimezone(SHANGHAI).replace(tzinfo=None) - timedelta(days=1)
    while len(found) < n:
        following = recurring.after(day)
        if following is None:
            break
        day = following
        moment = datetime.combine(following.date(), at, tzinfo=SHANGHAI)
        if moment > after:
            found.append(moment)
    return found


def weekly(weekday: str) -> str:
    """The rule of every Monday (``MO``) and so on; raises ValueError for no weekday."""
    if weekday not in WEEKDAYS:
        raise ValueError(weekday)
    return f"FREQ=WEEKLY;BYDAY={weekday}"


def monthly(day: int) -> str:
    """The rule of a day of every month that every month has (1 to 28); raises ValueError."""
    if not 1 <= day <= 28:
        raise ValueError(day)
    return f"FREQ=MONTHLY;BYMONTHDAY={day}"


def in_words(rule: str) -> tuple[str, dict[str, object]]:
    """A rule of :func:`weekly` or :func:`monthly` as a sentence with its values; any other stands as it is."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    if parts.get("FREQ") == "WEEKLY" and parts.get("BYDAY") in WEEKDAYS:
        return N_("每%(weekday)s"), {"weekday": WEEKDAYS[parts["BYDAY"]]}
    if parts.get("FREQ") == "MONTHLY" and parts.get("BYMONTHDAY", "").isdigit():
        return N_("每月 %(day)s 日"), {"day": int(parts["BYMONTHDAY"])}
    return "%(rule)s", {"rule": rule}
