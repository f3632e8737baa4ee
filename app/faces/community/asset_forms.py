"""The forms of what matters leave behind, and how they become a draft."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app.errors import Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid, tell
from app.faces.figures import count, day
from app.flow.collect.queries import buildings
from app.flow.implement import asset_rules as rules
from app.flow.implement.asset_rules import Draft
from app.flow.implement.models import Asset


class AssetForm(FlaskForm):
    """One thing left behind."""

    what = StringField(_l("是什么"))
    count = StringField(_l("一共几个"))
    unit = StringField(_l("单位"))
    building = SelectField(_l("在哪栋楼"), validate_choice=False)
    place = StringField(_l("具体在哪儿"))
    keeper_kind = SelectField(_l("谁来管"), validate_choice=False)
    keeper = StringField(_l("谁答应管"))
    upkeep = TextAreaField(_l("怎么管"))
    promised_on = StringField(_l("哪天答应的"))
    check_months = StringField(_l("隔几个月看一次"))


class CheckForm(FlaskForm):
    """What somebody saw."""

    fine = RadioField(_l("看到什么"), choices=[("yes", _l("好好的")), ("no", _l("有毛病"))], validate_choice=False)
    words = TextAreaField(_l("写一句"))


class RemovalForm(FlaskForm):
    """Why it goes."""

    reason = TextAreaField(_l("为什么撤"))


def asset_form(**values: Any) -> AssetForm:
    """The form with its choices."""
    form = AssetForm(**values)
    form.building.choices = [("", _("不在楼里")), *((str(b.id), f"{b.estate.name} {b.name}") for b in buildings())]
    form.keeper_kind.choices = [(key, _(label)) for key, label in rules.KEEPER_KINDS.items()]
    return form


def filled_with(asset: Asset) -> AssetForm:
    """The form as the thing stands now."""
    return asset_form(
        formdata=None, what=asset.what, count=str(asset.count), unit=asset.unit, place=asset.place,
        building=str(asset.building_id or ""), keeper_kind=asset.keeper_kind, keeper=asset.keeper, upkeep=asset.upkeep,
        promised_on=asset.promised_on.isoformat(), check_months=str(asset.check_months or ""),
    )  # fmt: skip


def draft_of(form: AssetForm, today: date) -> Draft | None:
    """What the form says, or None with the reasons at its fields."""
    numbers: dict[str, int | None] = {}
    for name in ("count", "check_months"):
        try:
            numbers[name] = count(form[name].data)
        except Refused:
            numbers[name] = 0
    try:
        promised = day(form.promised_on.data)
    except Refused:
        promised = None
    draft = Draft(
        form.what.data or "", numbers["count"], form.unit.data or "", form.keeper.data or "", form.upkeep.data or "",
        promised, form.place.data or "", as_uuid(form.building.data), form.keeper_kind.data or "",
        numbers["check_months"],
    )  # fmt: skip
    found = rules.problems(draft, today)
    for field, verdict in found.items():
        tell(form, field, verdict)
    return None if found or form.errors else draft
