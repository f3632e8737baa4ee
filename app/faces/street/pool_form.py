"""The form of one expert, and what it says to the room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.errors import Refused
from app.faces.choosing import SelectMultipleField
from app.faces.inputs import CountField, DayField
from app.faces.look import WEEKDAYS
from app.talent import pool as experts
from app.talent.models import Expert
from app.words import N_
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

TEXTS = tuple(experts.FIELDS)


def _boxes(label: Any, choices: Iterable[tuple[str, Any]] = ()) -> SelectMultipleField:
    return SelectMultipleField(
        label, choices=list(choices), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )  # fmt: skip


class ExpertForm(FlaskForm):
    """One expert."""

    code = StringField(_l("编号"))
    name = StringField(_l("姓名"))
    profession = StringField(_l("行当"))
    skill = StringField(_l("专长"))
    specialties = StringField(_l("对口的词"))
    level = StringField(_l("职称或级别"))
    languages = StringField(_l("会说的话"))
    organisation = StringField(_l("单位"))
    weekdays = _boxes(_l("哪几天方便"), [(str(n), _l(day)) for n, day in enumerate(WEEKDAYS, start=1)])
    hours = StringField(_l("什么时候方便"))
    fee = StringField(_l("酬劳"))
    most_open = CountField(_l("同时最多看几件"), default=3, validators=[Optional()])
    phone = StringField(_l("电话"))
    conflicts = TextAreaField(_l("要回避的"))
    barred_in = _boxes(_l("在哪些社区要回避"))
    valid_until = DayField(_l("聘到哪天"), validators=[Optional()])
    shared = BooleanField(_l("各社区都能请"), default=True)
    once = HiddenField()


def empty_form(**values: Any) -> ExpertForm:
    """The form for somebody new."""
    form = ExpertForm(formdata=None, weekdays=list("1234567"), **values)
    form.barred_in.choices = _halls()
    return form


def form_of(expert: Expert) -> ExpertForm:
    """The form with an expert's data."""
    names = (*TEXTS, "code", "valid_until", "shared", "most_open")
    form = ExpertForm(
        formdata=None, specialties="、".join(expert.specialties), weekdays=list(expert.weekdays),
        barred_in=[str(one) for one in expert.barred_in], **{name: getattr(expert, name) for name in names},
    )  # fmt: skip
    form.barred_in.choices = _halls()
    return form


def sent_form() -> ExpertForm:
    """The form as it was sent; a number or a day that cannot be read is an error of its field."""
    form = ExpertForm()
    form.validate()
    form.barred_in.choices = _halls()
    return form


def fields(form: ExpertForm) -> dict[str, Any]:
    """What the room takes; raises ``Refused`` for a day or a number that cannot be read."""
    if form.valid_until.errors:
        raise Refused(N_("聘期写成 2027-12-31 这样，也可以空着。"))
    if form.most_open.errors:
        raise Refused(N_("同时最多看几件，写 1 到 %(most)s。"), most=experts.MOST_OPEN)
    given: dict[str, Any] = {name: form[name].data or "" for name in TEXTS}
    return given | {
        "specialties": form.specialties.data or "",
        # No day ticked means any day: most people know their hours better than their weekdays.
        "weekdays": "".join(form.weekdays.data or []) or "1234567",
        "most_open": 3 if form.most_open.data is None else form.most_open.data,
        "barred_in": [int(one) for one in form.barred_in.data or [] if form.barred_in.offers(one)],
    }


def once_of(text: str | None) -> UUID | None:
    """The id made with the page."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _halls() -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Community.id, Community.name)
        .where(Community.street_id == current_street(), Community.closed_at.is_(None))
        .order_by(Community.id)
    )
    return [(str(row[0]), row[1]) for row in rows]
