"""The forms of the register of able residents: one person, one training, letting go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField, widgets

from app.errors import Verdict
from app.faces.choosing import RadioField, SelectField, SelectMultipleField
from app.faces.community.inputs import tell, tidy, whole_number
from app.faces.figures import day_or_none
from app.flow.collect.rules import TITLES_OF_ADDRESS
from app.people.core_models import CoreResident
from app.people.core_rules import CONSENT_HOW, FOUND_BY, ROLES, Draft, Training, roles_of
from app.people.secrets import unseal


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class AbleForm(FlaskForm):
    """What an able resident writes down about themselves; ``consent`` is theirs."""

    once = HiddenField()
    name = StringField(_l("姓名"))
    title = RadioField(_l("称呼"), choices=list(TITLES_OF_ADDRESS.items()), validate_choice=False, default="")
    phone = StringField(_l("电话"))
    roles = Boxes(_l("常做的事"), choices=[(role, role) for role in ROLES], validate_choice=False)
    skills = TextAreaField(_l("会什么、愿意帮什么"))
    hours = StringField(_l("什么时候有空"))
    name_public = BooleanField(_l("愿意公开姓名"))
    consent = BooleanField(_l("同意社区把这些记在能人名册上，只给本社区工作人员看，随时可以收回"))


class CoreForm(AbleForm):
    """The same, written by the staff."""

    own_role = StringField(_l("还有别的"))
    building = SelectField(_l("住哪栋"), validate_choice=False)
    found_by = SelectField(_l("怎么找到的"), choices=list(FOUND_BY.items()), validate_choice=False, default="visit")
    consent_how = RadioField(_l("本人怎么同意的"), choices=list(CONSENT_HOW.items())[:2], validate_choice=False)


class LeavingForm(FlaskForm):
    """Why somebody is taken off."""

    reason = TextAreaField(_l("为什么"))


class TrainingForm(FlaskForm):
    """One training; ``came`` are ids."""

    once = HiddenField()
    day = StringField(_l("哪天"))
    topic = StringField(_l("讲的什么"))
    teacher = StringField(_l("谁讲的"))
    place = StringField(_l("在哪儿"))
    minutes = StringField(_l("多少分钟"), default="60")
    came = Boxes(_l("谁来了"), validate_choice=False)


def draft_of(form: AbleForm, *, found_by: str = "", consent_how: str = "") -> Draft:
    """What the form says; ``found_by`` and ``consent_how`` where the form does not ask."""
    own = tidy(form.own_role.data) if isinstance(form, CoreForm) else ""
    title = form.title.data if form.title.data in TITLES_OF_ADDRESS else ""
    return Draft(
        name=tidy(form.name.data), title=title or "", phone=tidy(form.phone.data)[:40],
        skills=(form.skills.data or "").strip(), hours=tidy(form.hours.data),
        roles=roles_of(form.roles.data or [], own), found_by=found_by or _picked(form, "found_by"),
        consent_how=consent_how or _picked(form, "consent_how"), name_public=bool(form.name_public.data),
    )  # fmt: skip


def _picked(form: FlaskForm, name: str) -> str:
    return str(form[name].data or "") if name in form else ""


def filled_with(row: CoreResident) -> CoreForm:
    """The staff's form as the entry stands."""
    known = [role for role in row.roles if role in ROLES]
    return CoreForm(formdata=None, data={
        "name": row.name, "title": row.title, "phone": unseal(row.phone_sealed) if row.phone_sealed else "",
        "roles": known, "own_role": "、".join(role for role in row.roles if role not in known), "skills": row.skills,
        "hours": row.hours, "name_public": row.name_public, "building": str(row.building_id or ""),
        "found_by": row.found_by, "consent_how": row.consent_how, "consent": True,
    })  # fmt: skip


def show(form: FlaskForm, found: Mapping[str, Verdict]) -> bool:
    """Put each reason to its field; whether there was none."""
    for name, verdict in found.items():
        tell(form, name if name in form else "name", verdict)
    return not found


def training_of(form: TrainingForm) -> tuple[Training, date | None]:
    """What the form says, and the day where it is one."""
    training = Training(
        topic=tidy(form.topic.data), minutes=whole_number(form.minutes.data) or 0, teacher=tidy(form.teacher.data),
        place=tidy(form.place.data), came=form.came.data or [],
    )  # fmt: skip
    held = day_or_none(tidy(form.day.data))
    if held is None:
        form.day.errors = [_("写上哪天办的。")]
    return training, held


def choices_of(rows: Any) -> list[tuple[str, str]]:
    """Pairs of id and name as a form takes them."""
    return [(str(one), name) for one, name in rows]
