"""The forms for an account of the hall and its roles, and how a rule's answer finds its field."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app.errors import Refused, no
from app.faces.choosing import SelectField
from app.faces.community.inputs import at_most, filled, one_of_choices, tell, tidy, whole_number
from app.people import desk
from app.people.roles import ROLE_LABELS, Role
from app.words import N_

#: Roles that an account of the hall can hold; who lives here or works at the street never gets one of these.
GIVEN = (
    Role.SECRETARY, Role.COMMUNITY_WORKER, Role.GRID_LEADER, Role.GRID_WORKER, Role.AFFAIRS_SUPERVISOR,
    Role.BUILDING_STEWARD, Role.COUNCIL_MEMBER,
)  # fmt: skip
ROLE_CHOICES = [(str(role), _l(ROLE_LABELS[role])) for role in GIVEN]
BAD_SEAT = N_("席位号写数字，比如 3；不是议事会成员就空着。")


class NameForm(FlaskForm):
    """Name and login."""

    name = StringField(_l("姓名"), [filled, at_most(desk.NAME)], [tidy])
    login = StringField(_l("登录名"), [filled, at_most(40)], [tidy])


class RoleForm(FlaskForm):
    """One role with what it is called here."""

    role = SelectField(_l("角色"), [one_of_choices], choices=ROLE_CHOICES, validate_choice=False)
    title = StringField(_l("职务"), [at_most(desk.TITLE)], [tidy])
    seat = StringField(_l("席位号"), [], [tidy])


class AccountForm(NameForm, RoleForm):
    """A new account with its first role."""


class StandingForm(FlaskForm):
    """Title and seat of a role that is held."""

    title = StringField(_l("职务"), [at_most(desk.TITLE)], [tidy])
    seat = StringField(_l("席位号"), [], [tidy])


def sound(form: Any, fine: bool) -> bool:
    """The seat is the one field that wants a number and may be empty."""
    seat = whole_number(form.seat.data)
    if form.seat.data and seat is None:
        tell(form, "seat", no(BAD_SEAT))
        return False
    role = Role(form.role.data) if "role" in form._fields and form.role.data in dict(ROLE_CHOICES) else None
    if role is not None and seat is not None:
        fine = tell(form, "seat", desk.good_standing(role, "", seat)) and fine
    if "login" in form._fields and not form.login.errors:
        fine = tell(form, "login", desk.good_identity(form.login.data.lower(), form.name.data or "x")) and fine
    return fine


def field_of(error: Refused) -> str:
    """The field that a refusal of the action is about."""
    if error.values.keys() & {"seat", "most"}:
        return "seat"
    return "login" if "login" in error.values else "role"
