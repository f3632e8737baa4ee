"""Doors of the hall: regular sittings, how their days move around holidays, and the next one in one click."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.planning_forms import SeriesForm
from app.faces.community.sitting_plan import places_to_sit
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.deliberate import actions
from app.flow.deliberate import series as rooms
from app.flow.deliberate.models import SittingSeries
from app.flow.deliberate.rules import KIND_LABELS, SittingKind
from app.matter import rhythm
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def told(found: rooms.Running) -> dict[str, Any]:
    """A series as its page and the list show it: rhythm in words, days with the reason where one is moved."""
    words, values = rhythm.in_words(found.series.rrule)
    said = {key: say(value) if isinstance(value, str) else value for key, value in values.items()}
    return {
        "series": found.series, "place": found.place, "kind": say(KIND_LABELS[SittingKind(found.series.kind)]),
        "rhythm": say(words, said), "days": [_day(one) for one in found.days], "next": found.next_free,
        "on_holiday": say(rhythm.HOLIDAY_LABELS[rhythm.OnHoliday(found.series.on_holiday)]),
    }  # fmt: skip


def _day(one: rooms.Coming) -> dict[str, Any]:
    words, values = one.day.why
    why = say(words, {**values, "off": say(one.day.off)}) if words else ""
    return {"at": one.day.at, "on": one.day.on, "planned": one.planned, "why": why, "shift": one.day.shift}


def series_new() -> Any:
    """The form of a regular sitting."""
    return _page(SeriesForm(formdata=None, month_day=5, kind="council", on_holiday="keep"), None)


def add_series() -> Any:
    """Settle it."""
    form = _filled(SeriesForm())
    refused = _attempt(form, None, lambda: actions.add_series(*_values(form), **_how(form)))
    return refused or _done(_("例会定下来了。"))


def series_one(series_id: UUID) -> Any:
    """One regular sitting: its next days, and the form to settle it otherwise."""
    found = _running(series_id)
    return _page(_of(found.series), found)


def series_change(series_id: UUID) -> Any:
    """Settle it otherwise."""
    found, form = _running(series_id), _filled(SeriesForm())

    def act() -> SittingSeries:
        return actions.change_series(found.series, *_values(form), **_how(form))

    return _attempt(form, series_id, act) or _done(_("例会改好了，已经定好的会不变。"))


def series_end(series_id: UUID) -> Any:
    """Let it end."""
    series = actions.end_series(_running(series_id).series, by=actor(), now=clock.now())
    return _done(_("「%(name)s」不再往后排了，开过的会都还在。", name=series.name))


def series_next(series_id: UUID) -> Any:
    """Plan the next one as it is settled; where its place is not, the form asks for it."""
    found, now = _running(series_id), clock.now()
    one = found.next_free
    if one is None or one.day.at is None:
        raise Refused(N_("往后几次都排好了。"))
    if found.series.venue_id is None or found.series.kind not in ("council", "reps"):
        return redirect(site_url("community.plan_sitting", series=series_id), 303)
    sitting = actions.plan_sitting(
        kind=found.series.kind, title=rooms.title_of(found.series, one.day.at), starts_at=one.day.at,
        series=found.series, series_on=one.day.on, venue_id=found.series.venue_id, by=actor(), now=now,
    )  # fmt: skip
    flash(_("下一次排好了，名单也列好了。放上要议的事，再发公告。"), "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting.id), 303)


def _running(series_id: UUID) -> rooms.Running:
    return rooms.find_running(series_id, clock.now())


def _filled(form: SeriesForm) -> SeriesForm:
    form.venue.choices = []
    return form


def _of(series: SittingSeries) -> SeriesForm:
    parts = dict(part.partition("=")[::2] for part in series.rrule.split(";"))
    return SeriesForm(
        formdata=None, name=series.name, kind=series.kind, venue=str(series.venue_id or ""),
        rhythm="weekly" if parts.get("FREQ") == "WEEKLY" else "monthly", weekday=parts.get("BYDAY", "MO"),
        month_day=int(parts.get("BYMONTHDAY", 5)), time=rhythm.time_of_day(series.starts),
        on_holiday=series.on_holiday,
    )  # fmt: skip


def _values(form: SeriesForm) -> tuple[Any, ...]:
    venue_id = forms.as_uuid(form.venue.data)
    if venue_id is not None and all(venue.id != venue_id for venue in places_to_sit()):
        raise Missing(N_("没有这个议事点。"))
    return form.name.data, form.rrule, f"{form.time.data:%H:%M}", venue_id, form.kind.data


def _how(form: SeriesForm) -> dict[str, Any]:
    return {"on_holiday": form.on_holiday.data, "by": actor(), "now": clock.now()}


def _attempt(form: SeriesForm, series_id: UUID | None, act: Any) -> Any:
    if form.validate():
        try:
            act()
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            return None
    db.session.rollback()
    return _page(form, _running(series_id) if series_id else None), 422


def _done(words: str) -> Any:
    flash(words, "ok")
    return redirect(site_url("community.sittings") + "#series", 303)


def _page(form: SeriesForm, found: rooms.Running | None) -> str:
    form.venue.choices = [("", _("以后再定")), *((str(v.id), v.name) for v in places_to_sit())]
    return desk("desk/sittings_series.html", "council", form=form, found=told(found) if found else None)


W = Permission.SITTING_WRITE
ONE = "/desk/sitting-series/<uuid:series_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/sitting-series/new", series_new, W, name="sitting_series_new"),
    Door("POST", "/desk/sitting-series", add_series, W),
    Door("GET", ONE, series_one, W, name="sitting_series"),
    Door("POST", ONE, series_change, W, name="sitting_series_save"),
    Door("POST", ONE + "/end", series_end, W, name="sitting_series_end"),
    Door("POST", ONE + "/sittings", series_next, W, name="sitting_series_next"),
]
