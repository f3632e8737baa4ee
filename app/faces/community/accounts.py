"""Doors of the hall: the secretary's desk for accounts, roles and the council's seats.

A first password is shown once, on the answer to the POST that made it; it is nowhere else, so reloading cannot bring
it back. Forms carry what they saw (``epoch``, ``once``): a second click says so instead of doing it twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import StringField

from app import clock
from app.errors import Refused, no
from app.faces.choosing import SelectField
from app.faces.community import hall_council, hall_households
from app.faces.community.inputs import (
    at_most,
    filled,
    last_page,
    once_id,
    one_of_choices,
    page_number,
    take_back,
    tell,
    tidy,
    whole_number,
)  # fmt: skip
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk as desk_page
from app.faces.two_step_reset import ReasonForm, reset, reset_page
from app.faces.visitor import actor, enter, visitor
from app.people import accounts, desk
from app.people.models import Account, Membership
from app.people.permissions import Permission
from app.people.roles import ROLE_LABELS, Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

#: Roles that an account of the hall can hold; who lives here or works at the street never gets one of these.
GIVEN = (
    Role.SECRETARY, Role.COMMUNITY_WORKER, Role.GRID_LEADER, Role.GRID_WORKER, Role.AFFAIRS_SUPERVISOR,
    Role.BUILDING_STEWARD, Role.COUNCIL_MEMBER,
)  # fmt: skip
ROLE_CHOICES = [(str(role), _l(ROLE_LABELS[role])) for role in GIVEN]
BAD_SEAT = N_("席位号写数字，比如 3；不是议事会成员就空着。")
STALE = N_("这个账号刚才改过了，请看看现在的样子再办。")


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


def accounts_list() -> str:
    """Who has a login here, twenty a page."""
    kind = request.args.get("kind", "staff")
    chosen = {
        "kind": kind if kind in accounts.KINDS else "staff",
        "role": request.args.get("role", ""),
        "words": tidy(request.args.get("q"))[:40],
    }
    page = page_number()
    rows, total = accounts.accounts_page(page=page, **chosen)
    now = clock.now()
    for row in rows:
        row["locked"] = accounts.is_locked(row["account"], now)
    return desk_page(
        "desk/accounts.html", "people", rows=rows, total=total, chosen=chosen, role_choices=ROLE_CHOICES,
        role_labels=ROLE_LABELS, page=page, last=last_page(total, accounts.PAGE), url_of=_page_url(chosen),
    )  # fmt: skip


def _page_url(chosen: dict[str, str]) -> Any:
    kept = {"kind": chosen["kind"], "role": chosen["role"], "q": chosen["words"]}
    return lambda number: site_url("community.accounts", page=number, **{k: v for k, v in kept.items() if v})


def account_new() -> str:
    """The form of a new account."""
    return _new_page(AccountForm(formdata=None, role=str(Role.COMMUNITY_WORKER)))


def _new_page(form: AccountForm, once: UUID | None = None) -> str:
    return desk_page("desk/account_new.html", "people", form=form, once=once or uuid7())


def account_add() -> Any:
    """Add an account and show its first password, once."""
    form, once = AccountForm(), once_id()
    if db.session.get(Account, (current_community(), once)):
        return redirect(site_url("community.desk_account", account_id=once), 303)
    if not _sound(form, form.validate()):
        return _new_page(form, once), 422
    role, password = Role(form.role.data), desk.first_password(form.login.data.lower())
    try:
        account = desk.add_account(
            form.login.data, form.name.data, password, {role: form.title.data}, by=actor(), now=clock.now(),
            seat=whole_number(form.seat.data), must_change=True, id=once,
        )  # fmt: skip
        db.session.flush()
    except Refused as error:
        take_back(form, _field_of(error), error)
        return _new_page(form), 422
    except IntegrityError:
        take_back(form, "login", Refused(desk.TAKEN, login=form.login.data))
        return _new_page(form), 422
    return _password_page(account, password, is_new=True)


def _sound(form: Any, fine: bool) -> bool:
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


def _field_of(error: Refused) -> str:
    """The field that a refusal of the action is about."""
    if error.values.keys() & {"seat", "most"}:
        return "seat"
    return "login" if "login" in error.values else "role"


def _password_page(account: Account, password: str, *, is_new: bool) -> str:
    return desk_page("desk/account_password.html", "people", account=account, password=password, is_new=is_new)


def account_shown(account_id: UUID) -> str:
    """One account: who, which roles, what can be done."""
    account = desk.find_account(account_id)
    return _account_page(account)


def _account_page(account: Account, names: NameForm | None = None, role: RoleForm | None = None) -> str:
    me = visitor()
    return desk_page(
        "desk/account.html", "people", account=account, is_me=bool(me and me.id == account.id),
        held=accounts.memberships_of([account.id]).get(account.id, []), past=accounts.past_roles(account.id),
        locked=accounts.is_locked(account, clock.now()), role_labels=ROLE_LABELS,
        names=names or NameForm(formdata=None, name=account.display_name, login=account.login),
        role=role or RoleForm(formdata=None, prefix="new", role=str(Role.COUNCIL_MEMBER)),
    )  # fmt: skip


def account_names(account_id: UUID) -> Any:
    """Change name and login."""
    account, form = desk.find_account(account_id), NameForm()
    fine = form.validate()
    if not form.login.errors:
        fine = tell(form, "login", desk.good_identity(form.login.data.lower(), form.name.data or "x")) and fine
    if not fine:
        return _account_page(account, names=form), 422
    try:
        desk.change_account(account, login=form.login.data, name=form.name.data, by=actor(), now=clock.now())
        db.session.flush()
    except Refused as error:
        take_back(form, "login", error)
        return _account_page(account, names=form), 422
    except IntegrityError:
        take_back(form, "login", Refused(desk.TAKEN, login=form.login.data))
        return _account_page(account, names=form), 422
    flash(_("姓名和登录名存好了。"), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


def account_roles(account_id: UUID) -> Any:
    """Give one more role."""
    account, form = desk.find_account(account_id), RoleForm(prefix="new")
    if not _sound(form, form.validate()):
        return _account_page(account, role=form), 422
    try:
        role, seat = Role(form.role.data), whole_number(form.seat.data)
        desk.give_role(account, role, by=actor(), now=clock.now(), title=form.title.data, seat=seat)
        db.session.flush()
    except Refused as error:
        take_back(form, _field_of(error), error)
        return _account_page(account, role=form), 422
    except IntegrityError:
        take_back(form, "seat", Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat))
        return _account_page(account, role=form), 422
    _stay_in(account)
    flash(_("加上了：%(role)s。", role=say(ROLE_LABELS[role])), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


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
    if not _sound(form, form.validate()):
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
    flash(_("职务和席位存好了。"), "ok")
    return redirect(site_url("community.desk_account", account_id=held.account_id), 303)


def role_ending(membership_id: UUID) -> str:
    """Ask before a role is taken away."""
    held = desk.find_membership(membership_id)
    account = desk.find_account(held.account_id)
    label = say(ROLE_LABELS[Role(held.role)])
    return _confirm(
        account, site_url("community.role_end", membership_id=membership_id),
        _("撤掉%(name)s的「%(role)s」？", name=account.display_name, role=label),
        _("撤了以后，这个角色能办的事马上就办不了了。从前办过的事都留着名字。"), _("撤掉这个角色"),
    )  # fmt: skip


def role_end(membership_id: UUID) -> Any:
    """Take a role away."""
    held = desk.end_role(membership_id, by=actor(), now=clock.now())
    _stay_in(desk.find_account(held.account_id))
    flash(_("角色撤掉了。"), "ok")
    return redirect(site_url("community.desk_account", account_id=held.account_id), 303)


def _confirm(account: Account, action: str, title: str, text: str, button: str, **fields: Any) -> str:
    return desk_page(
        "desk/account_confirm.html", "people", account=account, action=action, title=title, text=text, button=button,
        fields=fields, back=site_url("community.desk_account", account_id=account.id),
    )  # fmt: skip


def account_closing(account_id: UUID) -> str:
    """Ask before an account is disabled."""
    account = desk.find_account(account_id)
    return _confirm(
        account, site_url("community.account_close", account_id=account_id),
        _("停用%(name)s的账号？", name=account.display_name),
        _("停用以后马上退出登录，也进不来了。办过的事、投过的票都留着。以后可以再启用。"), _("停用这个账号"),
    )  # fmt: skip


def account_close(account_id: UUID) -> Any:
    """Disable an account."""
    desk.disable_account(desk.find_account(account_id), by=actor(), now=clock.now())
    flash(_("账号停用了。"), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


def account_reopen(account_id: UUID) -> Any:
    """Enable an account again."""
    desk.enable_account(desk.find_account(account_id), by=actor(), now=clock.now())
    flash(_("账号启用了，可以登录。"), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


def account_unlock(account_id: UUID) -> Any:
    """Let somebody try the password again now."""
    desk.unlock_account(desk.find_account(account_id), by=actor(), now=clock.now())
    flash(_("锁解开了，现在就能再试密码。"), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


def password_asked(account_id: UUID) -> str:
    """Ask before a password is replaced."""
    account = desk.find_account(account_id)
    return _confirm(
        account, site_url("community.account_password", account_id=account_id),
        _("给%(name)s重设密码？", name=account.display_name),
        _("旧密码马上不能用，登录着的都会退出。新密码只显示一次，请当面交给本人；本人下次登录要改成自己的。"),
        _("重设密码"), epoch=account.epoch,
    )  # fmt: skip


def account_password(account_id: UUID) -> Any:
    """Replace a password and show the new one, once."""
    account = desk.find_account(account_id)
    if request.form.get("epoch") != str(account.epoch):
        raise Refused(STALE)
    password = desk.first_password(account.login)
    desk.reset_password(account, password, by=actor(), now=clock.now())
    return _password_page(account, password, is_new=False)


def two_step_asked(account_id: UUID) -> str:
    """Ask for the reason before somebody's second step is reset."""
    return _reset_page(desk.find_account(account_id), ReasonForm(formdata=None))


def _reset_page(account: Account, form: ReasonForm) -> str:
    return reset_page(
        account, form, menu="people", layout="desk.html", list_label=_("账号和议事员"), of="community",
        back="community.desk_account",
    )  # fmt: skip


def two_step_reset(account_id: UUID) -> Any:
    """Reset it, with the reason."""
    account, form = desk.find_account(account_id), ReasonForm()
    if not reset(form, account):
        return _reset_page(account, form), 422
    flash(_("两步登录重设了。请本人凭密码进来，马上再开一遍。"), "ok")
    return redirect(site_url("community.desk_account", account_id=account_id), 303)


W = Permission.HALL_ACCOUNT_WRITE
ONE = "/desk/accounts/<uuid:account_id>"
HELD = "/desk/roles/<uuid:membership_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/accounts", accounts_list, W, name="accounts"),
    Door("POST", "/desk/accounts", account_add, W),
    Door("GET", "/desk/accounts/new", account_new, W),
    Door("GET", ONE, account_shown, W, name="desk_account"),
    Door("POST", f"{ONE}/names", account_names, W),
    Door("POST", f"{ONE}/roles", account_roles, W),
    Door("GET", HELD, role_shown, W, name="desk_role"),
    Door("POST", HELD, role_change, W),
    Door("GET", f"{HELD}/ending", role_ending, W),
    Door("POST", f"{HELD}/ending", role_end, W),
    Door("GET", f"{ONE}/closure", account_closing, W),
    Door("POST", f"{ONE}/closure", account_close, W),
    Door("POST", f"{ONE}/reopening", account_reopen, W),
    Door("POST", f"{ONE}/unlocking", account_unlock, W),
    Door("GET", f"{ONE}/password", password_asked, W),
    Door("POST", f"{ONE}/password", account_password, W),
    Door("GET", f"{ONE}/two-step", two_step_asked, W),
    Door("POST", f"{ONE}/two-step", two_step_reset, W, name="account_two_step"),
    *hall_council.DOORS,
    *hall_households.DOORS,
]
