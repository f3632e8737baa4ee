"""Doors of the hall: the calendar of sittings for everybody, for the desk, and as a feed for people's own calendars."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import visitor
from app.flow.collect import hearing
from app.flow.collect.listening import all_series
from app.flow.collect.queries import is_told
from app.flow.deliberate import queries
from app.flow.deliberate import series as regular
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.rules import KIND_LABELS, STATE_LABELS, SittingKind, SittingState
from app.matter.house import house
from app.matter.models import Matter
from app.people.permissions import Permission
from app.people.roles import Role
from app.records import ical
from tenants.hosts import site_url

#: The feed looks this far back and ahead; a series shows this many of its coming days.
BACK, AHEAD, EACH = timedelta(days=92), timedelta(days=366), 12
#: A day of a month has at most so many regular sittings that matter: daily rules are cut off here.
MOST = 40


def public_calendar() -> str:
    """One month, day by day: sittings with a notice, regular ones to come, and when somebody sits and listens."""
    first, following = _month()
    found = _sittings(first, following, planned=False)
    days = _by_day([*found, *_series(first, following, planned=False), *_listening(first, following)])
    return page("hall/calendar.html", days=days, feed=_feed_urls(), **_months(first, following, "public_calendar"))


def calendar() -> str:
    """The same for the desk, with what is planned and not announced yet."""
    first, following = _month()
    me = visitor()
    found = _sittings(first, following, planned=True)
    days = _by_day([*found, *_series(first, following, planned=True)])
    return desk(
        "desk/calendar.html", "calendar", days=days, feed=_feed_urls(),
        supervises=me is not None and Role.AFFAIRS_SUPERVISOR in me.roles,
        may_plan=me is not None and me.can(Permission.SITTING_WRITE), **_months(first, following, "calendar"),
    )  # fmt: skip


def calendar_feed() -> Response:
    """RFC 5545, for phones and computers that ask again by themselves; nothing in it that is not public."""
    now = clock.now()
    begin, end = now - BACK, now + AHEAD
    rows = queries.sittings_between(begin, end, planned=True)
    public = [row for row in rows if _is_public(row["sitting"])]
    events = [_event(row["sitting"], row["matters"]) for row in public]
    for found in regular.running(now, EACH):
        events += [
            _tentative(found, one.day)
            for one in found.days
            if one.day.at is not None and one.day.at < end and one.day.on not in found.told
        ]
    name = _("%(hall)s 会议", hall=g.site.hall or g.site.name)
    answer = Response(ical.calendar(name, events), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer.headers["Cache-Control"] = "public, max-age=900"
    answer.add_etag()
    return answer.make_conditional(request)


def _is_public(sitting: Sitting) -> bool:
    return sitting.noticed_at is not None or sitting.opened_at is not None


def _event(sitting: Sitting, matters: list[Matter]) -> ical.Event:
    """One sitting. A day of a series keeps the series' own mark, so that its tentative entry turns into this one."""
    told = [matter.title for matter in matters if is_told(matter) and matter.visibility == "public"]
    off = sitting.state == SittingState.CALLED_OFF
    lines = [say(KIND_LABELS[SittingKind(sitting.kind)])]
    lines += [_changed(sitting)] if sitting.changes else []
    lines += [_("议："), *(f"· {title}" for title in told)] if told else []
    uid = _uid_of_series(sitting.series_id, sitting.series_on) if sitting.series_on else f"sitting-{sitting.id}"
    return ical.Event(
        uid=uid, starts=sitting.starts_at, summary=sitting.title, location=sitting.place,
        description="\n".join(lines), url=site_url("community.public_sitting", sitting_id=sitting.id, external=True),
        stamp=sitting.changed_at or sitting.noticed_at or sitting.opened_at or sitting.created_at,
        # The tentative entry of a series is number 0; what stands in its place must be newer.
        sequence=sitting.changes + (1 if sitting.series_on else 0),
        status=ical.Status.CANCELLED if off else ical.Status.CONFIRMED,
    )  # fmt: skip


def _changed(sitting: Sitting) -> str:
    if not sitting.changes:
        return ""
    if sitting.state == SittingState.CALLED_OFF:
        return str(_("取消：%(why)s", why=sitting.change_words))
    return str(_("改过期：%(why)s", why=sitting.change_words))


def _tentative(found: regular.Running, day: Any) -> ical.Event:
    return ical.Event(
        uid=_uid_of_series(found.series.id, day.on), starts=day.at, summary=found.series.name, location=found.place,
        description=_("定期开的会，公告以后才算定下来。"), url="",
        stamp=datetime.combine(day.on, datetime.min.time(), tzinfo=clock.SHANGHAI) - AHEAD, sequence=0,
        status=ical.Status.TENTATIVE,
    )  # fmt: skip


def _uid_of_series(series_id: Any, on: date | None) -> str:
    return f"series-{series_id}-{on:%Y%m%d}"


def _month() -> tuple[date, date]:
    return hearing.month_of(request.args.get("month", ""), clock.today())


def _months(first: date, following: date, name: str) -> dict[str, Any]:
    before = (first - timedelta(days=1)).strftime("%Y-%m")
    return {
        "first": first, "today": clock.today(), "before_url": site_url(f"community.{name}", month=before),
        "after_url": site_url(f"community.{name}", month=following.strftime("%Y-%m")),
    }  # fmt: skip


def _sittings(first: date, following: date, *, planned: bool) -> list[dict[str, Any]]:
    rows = queries.sittings_between(clock.at(first, 0), clock.at(following, 0), planned=planned)
    return [_row(row["sitting"], row["matters"], whole=planned) for row in rows]


def _row(sitting: Sitting, matters: list[Matter], *, whole: bool) -> dict[str, Any]:
    told = [matter.title for matter in matters if is_told(matter) and matter.visibility == "public"]
    return {
        "at": sitting.starts_at, "title": sitting.title, "place": sitting.place, "sitting": sitting,
        "kind": say(KIND_LABELS[SittingKind(sitting.kind)]), "state": say(STATE_LABELS[SittingState(sitting.state)]),
        "matters": told, "others": len(matters) - len(told), "is_off": sitting.state == SittingState.CALLED_OFF,
        "why": _changed(sitting), "whole": whole, "what": "sitting",
        "is_open": sitting.state in (SittingState.PLANNED, SittingState.NOTICED, SittingState.OPEN),
    }  # fmt: skip


def _series(first: date, following: date, *, planned: bool) -> list[dict[str, Any]]:
    """Regular days of this month that are still to come and for which no sitting stands, in this month or another."""
    now, end = clock.now(), clock.at(following, 0)
    begin = max(clock.at(first, 0) - timedelta(seconds=1), now)
    if begin >= end:
        return []
    rows = []
    for one in regular.running(now, 0):
        for day in regular.coming_days(one.series, begin, MOST, end - timedelta(seconds=1)):
            if day.on not in (one.planned if planned else one.told):
                rows.append(_regular(one, day))
    return rows


def _regular(found: regular.Running, day: Any) -> dict[str, Any]:
    words, values = day.why
    at = day.at or datetime.combine(day.on, datetime.min.time(), tzinfo=clock.SHANGHAI)
    return {
        "at": at, "title": found.series.name, "place": found.place,
        "kind": say(KIND_LABELS[SittingKind(found.series.kind)]),
        "why": say(words, {**values, "off": say(day.off)}) if words else "", "is_off": day.at is None, "what": "series",
        "series_id": found.series.id, "matters": [], "others": 0,
    }  # fmt: skip


def _listening(first: date, following: date) -> list[dict[str, Any]]:
    """When somebody sits and listens; a single day called off is told on the page of places, with its reason."""
    now, end = clock.now(), clock.at(following, 0)
    begin = max(clock.at(first, 0) - timedelta(seconds=1), now)
    if begin >= end:
        return []
    return [
        {
            "at": one.at, "title": series.name, "place": series.place, "kind": say(hearing.KIND_LABELS[series.kind]),
            "why": say(one.note) if one.is_off else "", "is_off": one.is_off, "what": "listening", "matters": [],
            "others": 0, "ends": series.ends,
        }
        for series in all_series()
        for one in hearing.coming(series.rrule, series.starts, begin, house().calendar, until=end)[:MOST]
    ]  # fmt: skip


def _by_day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    days: dict[date, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda one: one["at"]):
        days.setdefault(clock.local(row["at"]).date(), []).append(row)
    return [{"day": day, "rows": found} for day, found in sorted(days.items())]


def _feed_urls() -> dict[str, str]:
    address = site_url("community.calendar_feed", external=True)
    return {"address": address, "subscribe": "webcal" + address[address.index(":") :]}


DOORS: list[Door] = [
    Door("GET", "/calendar", public_calendar, Permission.ANYONE_ENTER),
    Door("GET", "/calendar.ics", calendar_feed, Permission.ANYONE_ENTER),
    Door("GET", "/desk/calendar", calendar, Permission.MATTER_READ),
]
