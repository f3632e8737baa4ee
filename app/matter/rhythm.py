"""What happens again and again: every Tuesday, every 5th of the month, as an RFC 5545 rule and a time of day. Pure.

Source: domain.md section 1 (例会 每月5日, 周二说事, 社情民意联系日).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from dateutil.rrule import rrule, rrulestr

from app.matter.workdays import SHANGHAI
from app.words import N_

ANCHOR = datetime(2020, 1, 6)  # noqa: DTZ001  A Monday on the wall clock of the hall; a rule without a start counts from here.
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
#: The weekdays of RFC 5545 as people say them.
WEEKDAYS: Mapping[str, str] = {
    "MO": N_("周一"), "TU": N_("周二"), "WE": N_("周三"), "TH": N_("周四"), "FR": N_("周五"), "SA": N_("周六"),
    "SU": N_("周日"),
}  # fmt: skip


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
