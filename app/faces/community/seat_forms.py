"""Forms of the council's terms and seats, of the representatives and of the convener list."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField, ValidationError

from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import at_most, filled, one_of_choices, tidy
from app.faces.community.owner_forms import day_field, day_of, is_phone, one_blank
from app.faces.look import say
from app.people import conveners, representatives
from app.people import seat_rules as rules
from app.people.import_cells import number_in
from app.people.phones import tidy_phone


def _sectors(form: FlaskForm, field: Field) -> None:
    _found, verdict = rules.read_sectors(field.data or "")
    if not verdict:
        raise ValidationError(say(verdict.reason, verdict.values))


def _households(form: FlaskForm, field: Field) -> None:
    found = number_in(field.data) if field.data else 0
    if found is None or not 0 <= found <= representatives.MOST_BEHIND:
        raise ValidationError(_("请写 %(least)s 到 %(most)s 的数字。", least=0, most=representatives.MOST_BEHIND))


def _number(form: FlaskForm, field: Field) -> None:
    found = number_in(field.data or "")
    if found is None or not 1 <= found <= rules.SEATS:
        raise ValidationError(_("请写 %(least)s 到 %(most)s 的数字。", least=1, most=rules.SEATS))


class TermForm(FlaskForm):
    """One term with its sectors."""

    name = StringField(_l("哪一届"), [filled, at_most(rules.TERM)], [one_blank])
    starts = day_field(_l("从哪天开始"))
    ends = day_field(_l("到哪天届满"))
    sectors = TextAreaField(_l("界别和席数"), [at_most(600), _sectors])

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        return {
            "name": self.name.data, "starts": day_of(self.starts), "ends": day_of(self.ends),
            "sectors": rules.read_sectors(self.sectors.data)[0],
        }  # fmt: skip


class CandidateForm(FlaskForm):
    """Somebody who is put forward."""

    sector = SelectField(_l("哪个界别"), [one_of_choices], validate_choice=False)
    name = StringField(_l("姓名"), [filled, at_most(rules.NAME)], [one_blank])
    unit = StringField(_l("单位或身份"), [at_most(rules.UNIT)], [one_blank])
    recommended_by = StringField(_l("谁推荐的"), [filled, at_most(rules.UNIT)], [one_blank])
    recommended_on = day_field(_l("哪天推荐的"))
    why = TextAreaField(_l("为什么推荐"), [at_most(rules.WHY)], [tidy])

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        kept = {name: self[name].data or "" for name in ("sector", "name", "unit", "recommended_by", "why")}
        return kept | {"recommended_on": day_of(self.recommended_on)}


class ConsentForm(FlaskForm):
    """That the person agreed themselves."""

    how = RadioField(
        _l("怎么同意的"), [one_of_choices], choices=[(k, _l(v)) for k, v in rules.HOW.items()], validate_choice=False
    )
    on = day_field(_l("哪天同意的"))


class TakingForm(FlaskForm):
    """The seat's number and the login of whoever takes it."""

    number = StringField(_l("席位号"), [_number], [tidy])
    login = StringField(_l("登录名"), [filled, at_most(40)], [tidy])


class RepForm(FlaskForm):
    """A representative or a member of the committee."""

    kind = SelectField(
        _l("是什么身份"), [one_of_choices], choices=[(k, _l(v)) for k, v in rules.REP_KINDS.items()],
        validate_choice=False, default="rep",
    )  # fmt: skip
    name = StringField(_l("姓名"), [filled, at_most(representatives.NAME)], [one_blank])
    area = StringField(_l("代表哪一片"), [at_most(representatives.AREA)], [one_blank])
    households = StringField(_l("代表多少户"), [_households], [tidy])
    phone = StringField(_l("电话"), [at_most(30), is_phone], [tidy])
    since = day_field(_l("从哪天起"))

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        kept = {name: self[name].data or "" for name in ("kind", "name", "area")}
        households = number_in(self.households.data) if self.households.data else 0
        return kept | {
            "households": households, "phone": tidy_phone(self.phone.data or ""), "since": day_of(self.since)
        }  # fmt: skip


class ConvenerForm(FlaskForm):
    """Somebody who may call a sitting."""

    standing = SelectField(
        _l("是什么身份"), [one_of_choices], choices=[(k, _l(v)) for k, v in rules.STANDINGS.items()],
        validate_choice=False, default="unit_steward",
    )  # fmt: skip
    name = StringField(_l("姓名"), [filled, at_most(conveners.NAME)], [one_blank])
    area = StringField(_l("管哪一片"), [at_most(conveners.AREA)], [one_blank])
    since = day_field(_l("从哪天起"))

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        return {name: self[name].data or "" for name in ("standing", "name", "area")} | {"since": day_of(self.since)}
