"""Doors of the street: days off and weekends that are worked, which every deadline of every hall counts by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from app import clock
from app.errors import Refused
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.inputs import DayField
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter import calendar
from app.matter.deadlines import working_days
from app.matter.house import street_calendar
from app.matter.workdays import due, local_day
from app.notices.bell import errand
from app.people.permissions import Permission
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

#: What the page shows as the table's effect: something that came in today, with the default time for triage.
EXAMPLE = working_days(3)
#: What the worker does after the table has changed: the lights of every hall are reckoned by it anew.
NEW_CALENDAR = "app.faces.jobs.work:new_calendar"


class DayForm(FlaskForm):
    """One special day."""

    day = DayField(_l("哪一天"), validators=[DataRequired(_l("写成 2026-10-01 这样。"))])
    name = StringField(_l("什么日子"), validators=[DataRequired(_l("写上是什么日子。"))])
    kind = RadioField(
        _l("放假还是上班"), choices=[("off", _l("放假")), ("on", _l("周末上班（调休）"))], default="off",
        validate_choice=False,
    )  # fmt: skip


def holidays() -> Any:
    """The table of one year, and what it does to a deadline that starts today."""
    return _page(DayForm(formdata=None))


def add() -> Any:
    """Enter a day."""
    form = DayForm()
    if not form.validate() or form.day.data is None:
        return _page(form), 422
    try:
        calendar.add_holiday(
            form.day.data, form.name.data or "", is_working=form.kind.data == "on", now=clock.now(),
            by=actor(),
        )  # fmt: skip
    except Refused as error:
        form.day.errors = [say(error.reason, error.values)]
        return _page(form), 422
    errand(Scope("street", street=current_street()), NEW_CALENDAR)
    flash(_("记下了，往后的期限都按它算。"), "ok")
    return redirect(site_url("street.holidays", year=form.day.data.year), 303)


def remove(holiday_id: UUID) -> Any:
    """Take a day out again."""
    gone = calendar.remove_holiday(holiday_id, now=clock.now(), by=actor())
    errand(Scope("street", street=current_street()), NEW_CALENDAR)
    flash(_("删掉了，往后的期限不再绕开这一天。"), "ok")
    return redirect(site_url("street.holidays", year=gone.day.year), 303)


def _page(form: DayForm) -> Any:
    today = local_day(clock.now())
    year = request.args.get("year", today.year, type=int)
    year = year if 2000 <= year <= 2100 else today.year
    ends = local_day(due(clock.now(), EXAMPLE, street_calendar()))
    return desk(
        "street/holidays.html", "holidays", form=form, days=calendar.holidays(year), year=year, today=today, ends=ends,
        example=EXAMPLE.amount,
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/holidays", holidays, P.STREET_OVERVIEW_READ),
    Door("POST", "/holidays", add, P.STREET_HOLIDAY_WRITE, name="holiday_add"),
    Door("POST", "/holidays/<uuid:holiday_id>/removal", remove, P.STREET_HOLIDAY_WRITE, name="holiday_removal"),
]
