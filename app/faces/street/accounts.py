"""Doors of the street: its own logins.

A first password is shown once, on the answer to the POST that made it. Forms carry what they saw (``epoch``, ``once``),
so a second click says so instead of doing it twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g, redirect
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Refused
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.inputs import at_most, filled, once_id, one_of_choices, take_back, tell, tidy
from app.faces.kept_accounts import Keeper
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import headed, listed
from app.faces.visitor import actor, visitor
from app.people import desk as rooms
from app.people import duties, settings, street_desk
from app.people.models import StreetAccount
from app.people.permissions import Permission
from app.people.roles import ROLE_LABELS, Role
from tenants.database import db, uuid7
from tenants.scope import current_street

#: Every role a login of the street can have, in the order in which they are offered.
ROLES = tuple(duties.TOLD)


class AccountForm(FlaskForm):
    """A new login of the street."""

    name = StringField(_l("姓名"), [filled, at_most(rooms.NAME)], [tidy])
    login = StringField(_l("登录名"), [filled, at_most(40)], [tidy])
    role = RadioField(
        _l("做什么"), [one_of_choices], choices=[], default=str(Role.STREET_SUPERVISOR), validate_choice=False
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.role.choices = _role_choices()


class RoleForm(FlaskForm):
    """Another role for a login of the street."""

    role = RadioField(_l("做什么"), [one_of_choices], choices=[], validate_choice=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.role.choices = _role_choices()


def _role_choices() -> list[tuple[str, str]]:
    return [(str(role), headed(say(ROLE_LABELS[role]), say(duties.TOLD[role]))) for role in ROLES]


def accounts() -> str:
    """Who has a login at the street, and the form for one more."""
    return _page(AccountForm(formdata=None))


def _page(form: AccountForm, once: UUID | None = None) -> str:
    me = visitor()
    rows = [
        {
            "account": account, "role": ROLE_LABELS[Role(account.role)], "is_me": bool(me and me.id == account.id),
            "locked": _is_locked(account),
        }
        for account in street_desk.accounts()
    ]  # fmt: skip
    held = {Role(row["account"].role) for row in rows if row["account"].disabled_at is None}
    return desk(
        "street/accounts.html", "accounts", rows=rows, form=form, once=once or uuid7(),
        missing=listed(say(ROLE_LABELS[duty]) for duty in duties.CARRIES if duty not in held),
        two_step=settings.is_two_step_required(g.site.settings),
    )  # fmt: skip


def account_add() -> Any:
    """Add a login and show its first password, once."""
    form, once = AccountForm(), once_id()
    if db.session.get(StreetAccount, (current_street(), once)):
        return redirect(KEEPER.page_url(once), 303)
    fine = form.validate()
    if not form.login.errors:
        fine = tell(form, "login", rooms.good_identity(form.login.data.lower(), form.name.data or "x")) and fine
    if not fine:
        return _page(form, once), 422
    password = rooms.first_password(form.login.data.lower())
    try:
        account = street_desk.add_account(
            form.login.data, form.name.data, Role(form.role.data), password, by=actor(), now=clock.now(), id=once
        )
    except Refused as error:
        take_back(form, "login", error)
        return _page(form), 422
    return _password_page(account, password, is_new=True)


def hands_over(role: Role) -> bool:
    """Whether giving somebody this role takes the accounts away from whoever gives it."""
    me = visitor()
    return role is Role.SECURITY_ADMIN and me is not None and Role.SECURITY_ADMIN not in me.roles


def _password_page(account: StreetAccount, password: str, *, is_new: bool) -> str:
    still = not (is_new and hands_over(Role(account.role)))
    return desk(
        "street/account_password.html", "accounts", account=account, password=password, is_new=is_new, still=still
    )


def account(account_id: UUID) -> str:
    """One login and what can be done with it."""
    found = street_desk.find_account(account_id)
    return one_page(found, RoleForm(formdata=None, role=found.role))


def one_page(found: StreetAccount, form: RoleForm) -> str:
    me = visitor()
    return desk(
        "street/account.html", "accounts", account=found, role=ROLE_LABELS[Role(found.role)],
        is_me=bool(me and me.id == found.id), locked=_is_locked(found), form=form,
    )  # fmt: skip


def _is_locked(found: StreetAccount) -> bool:
    return found.locked_until is not None and found.locked_until > clock.now()


W = Permission.STREET_ACCOUNT_WRITE
ONE = "/accounts/<uuid:account_id>"
KEEPER = Keeper(
    face="street", layout="street.html", menu="accounts", at=ONE, one="street.account", permission=W, room=street_desk,
    listing=_l("街道账号"), show_password=_password_page,
    stays=_l("停用以后马上退出登录，也进不来了。办过的事都留着名字。以后可以再启用。"),
)  # fmt: skip
DOORS: list[Door] = [
    Door("GET", "/accounts", accounts, W),
    Door("POST", "/accounts", account_add, W),
    Door("GET", ONE, account, W),
    *KEEPER.doors(),
]
