"""Doors of the hall: a report-back sitting (报告会), from the open promises to the paper everybody may read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import SelectField
from app.faces.community import sitting_forms as forms
from app.faces.community.planning_forms import MUCH, SIXTY, people_from
from app.faces.community.sitting_forms import NEEDED, WhenForm
from app.faces.community.sitting_page import attempt
from app.faces.community.sitting_plan import places_to_sit
from app.faces.doors import Door
from app.faces.figures import day_or_none
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.collect.queries import is_told
from app.flow.deliberate import queries, series
from app.flow.deliberate import reporting as table
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.rules import TELLING
from app.flow.implement import reporting
from app.flow.implement.reporting import Reported
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

GONE = N_("没有这个会。")


class ReportForm(WhenForm):
    """A report-back sitting on paper; which promises are chosen stands beside it as plain boxes."""

    title = StringField(_l("会的名字"), [NEEDED, SIXTY])
    venue = SelectField(_l("在哪儿开"), validate_choice=False)
    place = StringField(_l("别的地方"), [SIXTY])
    expected = TextAreaField(_l("还请谁来"), [MUCH])
    series = HiddenField()
    series_on = HiddenField()


class LineForm(FlaskForm):
    """What was said of one promise, and what was asked."""

    heard = TextAreaField(_l("怎么说的"))
    asked = TextAreaField(_l("居民问了什么，怎么答的"))
    read_at = HiddenField()


def report_plan() -> str:
    """The form: every open promise is chosen to begin with; ``?series=`` fills in the day of a regular one."""
    today = clock.today()
    form = ReportForm(formdata=None, once=str(uuid7()), title=_("%(month)s月报告会", month=today.month))
    found = forms.as_uuid(request.args.get("series"))
    if found:
        _from_series(form, series.find_running(found, clock.now()))
    return _plan_page(form, None)


def report_save() -> Any:
    """Put it on paper."""
    form = _filled(ReportForm())
    chosen = [one for text in request.form.getlist("promise") if (one := forms.as_uuid(text))]
    if form.validate():
        try:
            sitting = _plan(form, chosen)
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("报告会定好了，议程和名单都列好了。看一遍，再发公告。"), "ok")
            return redirect(site_url("community.sitting", sitting_id=sitting.id), 303)
    db.session.rollback()
    return _plan_page(form, chosen), 422


def report_line(sitting_id: UUID, line_id: UUID) -> Any:
    """Write down what was said of one promise."""
    sitting, form = _found(sitting_id), LineForm()
    form.line_id = line_id
    line = table.find_line(sitting_id, line_id)

    def act() -> None:
        standing = next(
            (one.stands for one in reporting.reported(sitting, clock.today()) if one.line.id == line_id), ""
        )
        table.write_line(
            line, sitting, heard=form.heard.data or "", asked=form.asked.data or "", stands=standing or line.stands,
            read_at=form.read_at.data or "", by=actor(), now=clock.now(),
        )  # fmt: skip

    refused = attempt(sitting_id, "line", form, act)
    if refused is not None:
        return refused
    flash(_("记下了。散会以后写进这件事的经过，大家看得到。"), "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting_id, _anchor=f"line-{line_id}"), 303)


def report_paper(sitting_id: UUID) -> str:
    """The report on A4: by matter, what was promised and how it stands, with room to write on before the sitting."""
    sitting = _found(sitting_id)
    if sitting.noticed_at is None and sitting.opened_at is None:
        raise Missing(GONE)
    return page(
        "hall/report_paper.html", sitting=sitting, groups=told_groups(sitting), is_over=sitting.state == "closed",
    )  # fmt: skip


def told_groups(sitting: Sitting) -> list[tuple[Matter, list[Reported]]]:
    """The lines by matter, for everybody: what has become nobody else's affair since is left out."""
    lines = reporting.reported(sitting, clock.today())
    return _grouped(one for one in lines if is_told(one.matter) and one.matter.visibility == "public")


def _grouped(lines: Iterable[Reported]) -> list[tuple[Matter, list[Reported]]]:
    found: dict[UUID, tuple[Matter, list[Reported]]] = {}
    for one in lines:
        found.setdefault(one.matter.id, (one.matter, []))[1].append(one)
    return list(found.values())


def _plan(form: ReportForm, chosen: list[UUID]) -> Sitting:
    regular, venue = forms.as_uuid(form.series.data), forms.as_uuid(form.venue.data)
    if venue is not None and all(one.id != venue for one in places_to_sit()):
        raise Missing(N_("没有这个议事点。"))
    return reporting.plan_report(
        title=form.title.data, starts_at=forms.moment(form), commitments=chosen, place=form.place.data or "",
        venue_id=venue, series=queries.find_series(regular) if regular else None,
        series_on=day_or_none(form.series_on.data), guests=people_from(form.expected.data), by=actor(), now=clock.now(),
        id=form.once_id,
    )  # fmt: skip


def _from_series(form: ReportForm, found: series.Running) -> None:
    one = found.next_free
    form.series.data, form.venue.data = str(found.series.id), str(found.series.venue_id or "")
    if one is not None and one.day.at is not None:
        form.day.data, form.time.data = one.day.at.date(), one.day.at.time()
        form.series_on.data, form.title.data = one.day.on.isoformat(), series.title_of(found.series, one.day.at)


def _filled(form: ReportForm) -> ReportForm:
    form.venue.choices = [("", _("别的地方，写在下面")), *((str(one.id), one.name) for one in places_to_sit())]
    return form


def _plan_page(form: ReportForm, chosen: list[UUID] | None) -> str:
    pairs = reporting.open_promises()
    told = reporting.stand_today(pairs, clock.today())
    notes = reporting.newest_notes([task.id for task, _matter in pairs])
    found: dict[UUID, tuple[Matter, list[dict[str, Any]]]] = {}
    for task, matter in pairs:
        is_chosen = chosen is None or task.id in chosen
        row = {"task": task, "stands": told[task.id], "note": notes.get(task.id, ""), "chosen": is_chosen}
        found.setdefault(matter.id, (matter, []))[1].append(row)
    return desk(
        "desk/report_plan.html", "council", form=_filled(form), groups=list(found.values()), most=reporting.MOST
    )


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None or found.kind not in TELLING:
        raise Missing(GONE)
    return found


W = Permission.SITTING_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/report-sittings/new", report_plan, W),
    Door("POST", "/desk/report-sittings", report_save, W),
    Door("POST", "/desk/sittings/<uuid:sitting_id>/report-lines/<uuid:line_id>", report_line, W),
    Door("GET", "/sittings/<uuid:sitting_id>/report", report_paper, Permission.ANYONE_ENTER),
]
