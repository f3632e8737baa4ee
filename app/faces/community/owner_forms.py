"""Forms of the owners' register, and the fields that the lists of seats and representatives share with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.widgets import DateInput

from app.faces.choosing import SelectField
from app.faces.community.inputs import at_most, filled, one_of_choices, tidy
from app.faces.look import say
from app.people.import_cells import BadCell, day
from app.people.owner_actions import Who
from app.people.owner_rules import KINDS, LABEL, MARK, NAME, SOURCES, area_in, good_area
from app.people.phones import phone_problem, tidy_phone

REASON = 200


def one_blank(text: str | None) -> str:
    """One line with single blanks inside."""
    return re.sub(r"\s+", " ", tidy(text))


def is_area(form: FlaskForm, field: Field) -> None:
    """The field holds square metres with at most two decimals."""
    verdict = good_area(field.data or "")
    if not verdict:
        raise ValidationError(say(verdict.reason, verdict.values))


def is_day(form: FlaskForm, field: Field) -> None:
    """The field holds a day as people write it."""
    if not field.data:
        raise ValidationError(_("这一格要填。"))
    try:
        day(field.data)
    except BadCell as error:
        raise ValidationError(say(error.reason, error.values)) from None


def is_phone(form: FlaskForm, field: Field) -> None:
    """The field is empty or holds a telephone number."""
    problem = phone_problem(field.data or "")
    if problem is not None:
        raise ValidationError(say(problem.reason, problem.values))


def day_of(field: Any) -> date:
    """The day of a field that :func:`is_day` passed."""
    return day(field.data)


def day_field(label: Any, check: Callable[[FlaskForm, Field], None] = is_day) -> StringField:
    """A day that can be typed and, where the browser has one, picked."""
    return StringField(label, [check], [tidy], widget=DateInput())


class WhoForm(FlaskForm):
    """Who owns."""

    name = StringField(_l("业主姓名或单位名"), [filled, at_most(NAME)], [one_blank])
    mark = StringField(_l("怎么区分"), [at_most(MARK)], [one_blank])
    kind = SelectField(
        _l("性质"), [one_of_choices], choices=[(k, _l(v)) for k, v in KINDS.items()], validate_choice=False,
        default="person",
    )  # fmt: skip
    phone = StringField(_l("电话"), [at_most(30), is_phone], [tidy])

    def who(self) -> Who:
        """As the action wants it."""
        return Who(self.name.data, self.mark.data, self.kind.data, tidy_phone(self.phone.data or ""))


class UnitForm(WhoForm):
    """One unit with its owner."""

    label = StringField(_l("房号"), [filled, at_most(LABEL)], [one_blank])
    area = StringField(_l("建筑面积（平方米）"), [filled, is_area], [tidy])
    source = SelectField(
        _l("面积哪儿来的"), [one_of_choices], choices=[(k, _l(v)) for k, v in SOURCES.items()],
        validate_choice=False, default="register",
    )  # fmt: skip
    since = day_field(_l("从哪天起是这位业主的"))

    def values(self) -> dict[str, Any]:
        """The unit as the action wants it."""
        return {
            "label": self.label.data, "area_dm2": area_in(self.area.data), "area_source": self.source.data,
            "since": day_of(self.since),
        }  # fmt: skip


class SaleForm(WhoForm):
    """The next owner of a unit."""

    since = day_field(_l("过户那天"))


class ReasonForm(FlaskForm):
    """A reason that stays in the change log."""

    reason = TextAreaField(_l("为什么"), [filled, at_most(REASON)], [tidy])
