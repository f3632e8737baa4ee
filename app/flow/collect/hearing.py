"""Days of listening: what kinds there are, which days come next, what a log must say. Pure.

Source: domain.md section 1 (社情民意联系日 / 周二说事 / 书记居民面对面), section 6 (代录 carries its source).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.errors import Verdict, no, yes
from app.matter.rhythm import dates, series_rule, time_of_day
from app.matter.workdays import SHANGHAI, Calendar, local_day
from app.words import N_

KIND_LABELS: dict[str, str] = {
    "contact_day": N_("社情民意联系日"),
    "open_hour": N_("坐班听意见"),
    "home_visit": N_("入户走访"),
    "event": N_("活动现场"),
}
#: What can be settled to happen again and again.
REPEATED = ("contact_day", "open_hour")
#: What a worker logs when it has happened.
SINGLE = ("home_visit", "event")
#: By which channel a voice of such a day came in (keys of ``rules.CHANNELS``); the worker may choose another one.
CHANNEL_OF: dict[str, str] = {"contact_day": "event", "open_hour": "event", "home_visit": "door", "event": "event"}
CHANNELS = ("event", "visit", "door")
NAME, PLACE, HOST, WORDS, REASON = 40, 80, 80, 5000, 200
VISITORS = 5000
#: How far ahead the calendar of coming days looks, and how long after a day its log may still be begun.
AHEAD = timedelta(days=35)
LATE = timedelta(days=366)
HOLIDAY = N_("这天放假，停一次")


@dataclass(frozen=True)
class Coming:
    """One day on which somebody will sit there, or why nobody will (``note`` and ``is_off``)."""

    at: datetime
    is_off: bool = False
    note: str = ""


def coming(rule: str, starts: str, after: datetime, calendar: Calendar, *, until: datetime) -> list[Coming]:
    """The days of a rhythm after ``after`` and up to ``until``. A day off stays in the list and says that it is off."""
    found = []
    for at in _moments(rule, starts, after, until):
        off = local_day(at) in calendar.holidays
        found.append(Coming(at, off, HOLIDAY if off else ""))
    return found


def _moments(rule: str, starts: str, after: datetime, until: datetime) -> Iterator[datetime]:
    at = after
    while following := dates(rule, starts, at, 1):
        at = following[0]
        if at > until:
            return
        yield at


def ends_at(at: datetime, ends: str) -> datetime:
    """When the day that begins at ``at`` is over, on the wall clock of the hall."""
    return datetime.combine(local_day(at), time_of_day(ends), tzinfo=SHANGHAI)


def good_series(name: str, rule: str, starts: str, ends: str, place: str, host: str) -> dict[str, Verdict]:
    """What is wrong with a rhythm, by field; empty when all is well."""
    found: dict[str, Verdict] = {}
    for field, text, limit in (("name", name, NAME), ("place", place, PLACE), ("host", host, HOST)):
        if not text.strip():
            found[field] = no(N_("这一格要填。"))
        elif len(text.strip()) > limit:
            found[field] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    try:
        series_rule(rule)
    except ValueError:
        found["rhythm"] = no(N_("哪天听意见写得不对，比如每周二，或者每月 5 日。"))
    try:
        if time_of_day(ends) <= time_of_day(starts):
            found["ends"] = no(N_("散的时间要在开始以后。"))
    except ValueError:
        found["starts"] = no(N_("写上几点到几点，比如 9:00 到 11:00。"))
    return found


def good_log(
    kind: str, held_at: datetime, now: datetime, *, place: str, host: str, visitors: int | None, words: str
) -> dict[str, Verdict]:
    """What is wrong with the log of a day, by field. A day that has not come yet has no log."""
    found: dict[str, Verdict] = {}
    if kind not in KIND_LABELS:
        found["kind"] = no(N_("是哪一种，请选一样。"))
    if local_day(held_at) > local_day(now):
        found["day"] = no(N_("还没到那一天，到了再来记。"))
    elif now - held_at > LATE:
        found["day"] = no(N_("一年以前的就不补了，请再看看日子。"))
    for field, text, limit in (("place", place, PLACE), ("host", host, HOST)):
        if not text.strip():
            found[field] = no(N_("这一格要填。"))
        elif len(text.strip()) > limit:
            found[field] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    if visitors is None or not 0 <= visitors <= VISITORS:
        found["visitors"] = no(N_("来了几位写几位，没人来写 0。"))
    if len(words.strip()) > WORDS:
        found["words"] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=WORDS)
    return found


def may_change(state: str) -> Verdict:
    """A log is written while it is open; what was finished or called off stays as it is."""
    if state == "done":
        return no(N_("这次的记录已经收好了，不能再改。"))
    return yes() if state == "open" else no(N_("这次没有办，不用记。"))


def month_of(text: str, today: date) -> tuple[date, date]:
    """First day of the month ``2026-06`` and of the next one; nonsense is the present month."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  A month has no zone.
    except ValueError:
        first = today.replace(day=1)
    if not 2000 <= first.year <= 2100:
        first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def point_of(name: str, at: date) -> str:
    """How a voice came, in a few words that stay on the matter: ``周二说事 2026-06-02``."""
    return f"{name} {at.isoformat()}"
