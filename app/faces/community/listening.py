"""Doors of the hall's desk: days of listening, their coming dates, their logs, and what was heard on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused, Verdict
from app.faces.community.behalf import BehalfForm, behalf_form, take_down
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import as_uuid, tell
from app.faces.community.listening_forms import DayForm, SeriesForm
from app.faces.community.listening_month import DOORS as MONTH
from app.faces.doors import Door
from app.faces.figures import moment_or_none
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.collect import hearing
from app.flow.collect import listening as rooms
from app.flow.collect.channels import ListeningDay, ListeningSeries
from app.flow.collect.rules import CHANNELS, Source
from app.matter import rhythm
from app.matter.ledger import is_child_s, may_read
from app.people.permissions import Permission
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community


def listening() -> str:
    """The coming days, the rhythms behind them, and the form of a new one."""
    form = SeriesForm(formdata=None, once=str(uuid4()), kind="open_hour", rhythm="weekly", weekday="TU")
    return _list(form.fill())


def series_in() -> Any:
    """Settle a rhythm."""
    form = SeriesForm().fill()
    once = as_uuid(form.once.data) or uuid4()
    if db.session.get(ListeningSeries, (current_community(), once)):
        return redirect(site_url("community.listening"), 303)
    form.validate()
    values = form.values()
    wrong = hearing.good_series(*(values[key] for key in ("name", "rrule", "starts", "ends", "place", "host")))
    if not form.tell({name: verdict for name, verdict in wrong.items() if not form[name].errors}):
        return _list(form), 422
    try:
        rooms.add_series(values, id=once, by=actor(), now=clock.now())
    except Refused as error:
        db.session.rollback()
        tell(form, "name", Verdict(False, error.reason, error.values))
        return _list(form.fill()), 422
    flash(_("定好了，居民在「去哪儿说」里看得到。"), "success")
    return redirect(site_url("community.listening"), 303)


def series_end(series_id: UUID) -> Any:
    """Let a rhythm end."""
    series = rooms.end_series(rooms.find_series(series_id), by=actor(), now=clock.now())
    flash(_("「%(name)s」不再往后排了，以前的记录都还在。", name=series.name), "success")
    return redirect(site_url("community.listening"), 303)


def cancellation(series_id: UUID) -> Any:
    """Nobody sits there on one coming day."""
    series = rooms.find_series(series_id)
    at = moment_or_none(request.form.get("at"))
    if at is None:
        raise Refused(_("这一天本来就不坐班。"))
    rooms.call_off(series, at, request.form.get("reason", ""), by=actor(), now=clock.now())
    flash(_("这一次停了，居民的页面上写着原因。"), "success")
    return redirect(site_url("community.listening"), 303)


def day_new() -> str:
    """The form of a log: of a day of a rhythm (``?series=``), or of a home visit or an event (``?kind=``)."""
    now = clock.local(clock.now())
    series = _series(request.args.get("series"))
    at = _moment(request.args.get("at"), now)
    kind = request.args.get("kind", "")
    me = visitor()
    form = DayForm(
        formdata=None, once=str(uuid4()), series=str(series.id) if series else "", day=at.date(),
        time=at.time().replace(second=0, microsecond=0), kind=kind if kind in hearing.SINGLE else "home_visit",
        place=series.place if series else "", host=series.host if series else (me.name if me else ""), visitors=0,
    )  # fmt: skip
    return _form_page(form.fill(), series)


def day_in() -> Any:
    """Begin a log."""
    form = DayForm().fill()
    once = as_uuid(form.once.data) or uuid4()
    if db.session.get(ListeningDay, (current_community(), once)):
        return redirect(site_url("community.listening_day", day_id=once), 303)
    series = _series(form.series.data)
    if not _well_filled(form, series.kind if series else form.kind.data or ""):
        return _form_page(form, series), 422
    values = {**form.values(), "held_at": form.held_at}
    day = rooms.open_log(values, series=series, id=once, by=actor(), now=clock.now())
    flash(_("开好了。听到一件记一件，散了再收好。"), "success")
    return redirect(site_url("community.listening_day", day_id=day.id), 303)


def listening_day(day_id: UUID) -> str:
    """One log: what was heard, and the way to write down the next thing."""
    found = rooms.find_day(day_id)
    return _day_page(found, _filled(found.log))


def day_change(day_id: UUID) -> Any:
    """Put a log right while it is open."""
    found, form = rooms.find_day(day_id, hold=True), DayForm().fill()
    hearing.may_change(found.log.state).or_refuse()
    local = clock.local(found.log.held_at)
    form.day.data, form.time.data = local.date(), local.time()
    if not _well_filled(form, found.log.kind):
        return _day_page(found, form), 422
    rooms.change_log(found.log, form.values(), by=actor(), now=clock.now())
    flash(_("存好了。"), "success")
    return redirect(site_url("community.listening_day", day_id=day_id), 303)


def day_closure(day_id: UUID) -> Any:
    """Finish a log."""
    rooms.close_log(rooms.find_day(day_id, hold=True).log, by=actor(), now=clock.now())
    flash(_("收好了。"), "success")
    return redirect(site_url("community.listening_day", day_id=day_id), 303)


def heard(day_id: UUID) -> str:
    """The form of one thing that was heard that day."""
    found = rooms.find_day(day_id)
    hearing.may_change(found.log.state).or_refuse()
    building = str(found.log.building_id) if found.log.building_id else ""
    form = behalf_form(
        formdata=None, once=str(uuid4()), channel=hearing.CHANNEL_OF[found.log.kind], kind="individual",
        become="lead", building=building, place=found.log.place if not building else "",
    )  # fmt: skip
    return _heard_page(found, form)


def heard_in(day_id: UUID) -> Any:
    """Keep it with the day as its source, and print the slip."""
    found = rooms.find_day(day_id)
    hearing.may_change(found.log.state).or_refuse()
    name = say(found.name)
    return take_down(
        _only_here(behalf_form()), lambda form: _heard_page(found, form), source=Source(listening_id=found.log.id),
        point=hearing.point_of(name, clock.local(found.log.held_at).date()),
        back=site_url("community.heard", day_id=day_id),
    )  # fmt: skip


def _list(form: SeriesForm) -> str:
    series = rooms.all_series()
    told = [(one, _in_words(one.rrule)) for one in series]
    return desk(
        "desk/listening.html", "listening", form=form, series=told, occasions=rooms.occasions(clock.now(), series),
        today=clock.today(), kinds={key: say(label) for key, label in hearing.KIND_LABELS.items()},
    )  # fmt: skip


def _in_words(rule: str) -> str:
    words, values = rhythm.in_words(rule)
    return say(words, {key: say(value) if isinstance(value, str) else value for key, value in values.items()})


def _form_page(form: DayForm, series: ListeningSeries | None) -> str:
    return desk("desk/listening_new.html", "listening", form=form, series=series, people=form.people)


def _day_page(found: rooms.Day, form: DayForm) -> str:
    who = reader()
    lines = [
        {"matter": matter, "title": matter.title if may_read(matter, who) else hidden_title(is_child_s(matter))}
        for matter in rooms.heard_at(found.log.id)
    ]
    return desk(
        "desk/listening_day.html", "listening", day=found.log, name=say(found.name), building=found.building,
        lines=lines, form=form, people=form.people, kind=say(hearing.KIND_LABELS[found.log.kind]),
    )  # fmt: skip


def _heard_page(found: rooms.Day, form: BehalfForm) -> str:
    form = _only_here(form)
    return desk("desk/listening_heard.html", "listening", form=form, day=found.log, name=say(found.name))


def _only_here(form: BehalfForm) -> BehalfForm:
    """On a day of listening only the ways by which one is heard there are asked for."""
    form.channel.choices = [(key, _(CHANNELS[key])) for key in hearing.CHANNELS]
    return form


def _filled(day: ListeningDay) -> DayForm:
    at = clock.local(day.held_at)
    return DayForm(
        formdata=None, day=at.date(), time=at.time(), kind=day.kind, place=day.place, host=day.host_label,
        building=str(day.building_id or ""), visitors=day.visitors, words=day.words,
    ).fill()  # fmt: skip


def _well_filled(form: DayForm, kind: str) -> bool:
    form.validate()
    if form.day.errors or form.time.errors:
        return False
    values = form.values()
    wrong = hearing.good_log(
        kind, form.held_at, clock.now(), place=values["place"], host=values["host"], visitors=values["visitors"],
        words=values["words"],
    )  # fmt: skip
    for name, verdict in wrong.items():
        if not form[name].errors:
            tell(form, name, verdict)
    return not any(field.errors for field in form)


def _series(text: str | None) -> ListeningSeries | None:
    found = as_uuid(text)
    return rooms.find_series(found) if found else None


def _moment(text: str | None, otherwise: datetime) -> datetime:
    at = moment_or_none(text)
    return clock.local(at) if at else otherwise


R, W, S = Permission.MATTER_READ, Permission.LEAD_WRITE, Permission.RESEARCH_WRITE
ONE = "/desk/listening/days/<uuid:day_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/listening", listening, R),
    Door("POST", "/desk/listening/series", series_in, S),
    Door("POST", "/desk/listening/series/<uuid:series_id>/end", series_end, S),
    Door("POST", "/desk/listening/series/<uuid:series_id>/cancellation", cancellation, S),
    Door("GET", "/desk/listening/days/new", day_new, W),
    Door("POST", "/desk/listening/days", day_in, W),
    Door("GET", ONE, listening_day, R),
    Door("POST", ONE, day_change, W),
    Door("POST", f"{ONE}/closure", day_closure, W),
    Door("GET", f"{ONE}/voice", heard, W),
    Door("POST", f"{ONE}/voice", heard_in, W),
    *MONTH,
]
