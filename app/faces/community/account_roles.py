"""Doors of the hall: which roles an account holds, with the title and the seat that go with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community.account_forms import RoleForm, StandingForm, field_of, sound
from app.faces.community.accounts import KEEPER, ONE, W, account_page
from app.faces.community.inputs import take_back, whole_number
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor, enter, visitor
from app.people import desk
from app.people.models import Account, Membership
from app.people.roles import ROLE_LABELS, Role
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def account_roles(account_id: UUID) -> Any:
    """Give one more role."""
    account, form = desk.find_account(account_id), RoleForm(prefix="new")
    if not sound(form, form.validate()):
        return account_page(account, role=form), 422
    try:
        role, seat = Role(form.role.data), whole_number(form.seat.data)
        desk.give_role(account, role, by=actor(), now=clock.now(), title=form.title.data, seat=seat)
        db.session.flush()
    except Refused as error:
        take_back(form, field_of(error), error)
        return account_page(account, role=form), 422
    except IntegrityError:
        take_back(form, "seat", Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat))
        return account_page(account, role=form), 422
    _stay_in(account)
    return KEEPER.back_to(account_id, _("加上了：%(role)s。", role=say(ROLE_LABELS[role])))


def _stay_in(account: Account) -> None:
    """Whose own roles change goes on with a fresh session; everybody else signs in anew."""
    me = visitor()
    if me is not None and me.id == account.id:
        enter(account)


def role_shown(membership_id: UUID) -> str:
    """Title and seat of one role."""
    held = desk.find_membership(membership_id)
    return _role_page(held, StandingForm(formdata=None, title=held.title, seat=str(held.seat or "")))


def _role_page(held: Membership, form: StandingForm) -> str:
    return desk_page(
        "desk/account_role.html", "people", held=held, form=form, account=desk.find_account(held.account_id),
        label=ROLE_LABELS[Role(held.role)], has_seat=held.role == Role.COUNCIL_MEMBER,
    )  # fmt: skip


def role_change(membership_id: UUID) -> Any:
    """Change title or seat."""
    held, form = desk.find_membership(membership_id), StandingForm()
    if not sound(form, form.validate()):
        return _role_page(held, form), 422
    try:
        seat = whole_number(form.seat.data)
        desk.change_role(held, title=form.title.data, seat=seat, by=actor(), now=clock.now())
        db.session.flush()
    except Refused as error:
        take_back(form, "seat", error)
        return _role_page(desk.find_membership(membership_id), form), 422
    except IntegrityError:
        take_back(form, "seat", Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat))
        return _role_page(desk.find_membership(membership_id), form), 422
    return KEEPER.back_to(held.account_id, _("职务和席位存好了。"))


def role_ending(membership_id: UUID) -> str:
    """Ask before a role is taken away."""
    held = desk.find_membership(membership_id)
    account = desk.find_account(held.account_id)
    label = say(ROLE_LABELS[Role(held.role)])
    return KEEPER.confirm(
        account, site_url("community.role_end", membership_id=membership_id),
        _("撤掉%(name)s的「%(role)s」？", name=account.display_name, role=label),
        _("撤了以后，这个角色能办的事马上就办不了了。从前办过的事都留着名字。"), _("撤掉这个角色"),
    )  # fmt: skip


def role_end(membership_id: UUID) -> Any:
    """Take a role away."""
    held = desk.end_role(membership_id, by=actor(), now=clock.now())
    _stay_in(desk.find_account(held.account_id))
    return KEEPER.back_to(held.account_id, _("角色撤掉了。"))


HELD = "/desk/roles/<uuid:membership_id>"
DOORS: list[Door] = [
    Door("POST", f"{ONE}/roles", account_roles, W),
    Door("GET", HELD, role_shown, W, name="desk_role"),
    Door("POST", HELD, role_change, W),
    Door("GET", f"{HELD}/ending", role_ending, W),
    Door("POST", f"{HELD}/ending", role_end, W),
]
