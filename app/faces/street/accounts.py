"""Doors of the street: its own logins, and the log of what its desk changed.

A first password is shown once, on the answer to the POST that made it. Forms carry what they saw (``epoch``, ``once``),
so a second click says so instead of doing it twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.inputs import at_most, filled, last_page, once_id, one_of_choices, page_number, take_back, tell, tidy
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.people import desk as rooms
from app.people import street_desk, street_log
from app.people.models import StreetAccount
from app.people.permissions import Permission
from app.people.roles import ROLE_LABELS, Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_street

STALE = N_("这个账号刚才改过了，请看看现在的样子再办。")
ROLES = (Role.STREET_SUPERVISOR, Role.STREET_ADMIN)


class AccountForm(FlaskForm):
    """A new login of the street."""

    name = StringField(_l("姓名"), [filled, at_most(rooms.NAME)], [tidy])
    login = StringField(_l("登录名"), [filled, at_most(40)], [tidy])
    role = RadioField(
        _l("做什么"), [one_of_choices], choices=[(str(role), _l(ROLE_LABELS[role])) for role in ROLES],
        default=str(Role.STREET_SUPERVISOR), validate_choice=False,
    )  # fmt: skip


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
    return desk("street/accounts.html", "accounts", rows=rows, form=form, once=once or uuid7())


def account_add() -> Any:
    """Add a login and show its first password, once."""
    form, once = AccountForm(), once_id()
    if db.session.get(StreetAccount, (current_street(), once)):
        return redirect(site_url("street.account", account_id=once), 303)
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


def _password_page(account: StreetAccount, password: str, *, is_new: bool) -> str:
    return desk("street/account_password.html", "accounts", account=account, password=password, is_new=is_new)


def account(account_id: UUID) -> str:
    """One login and what can be done with it."""
    found, me = street_desk.find_account(account_id), visitor()
    return desk(
        "street/account.html", "accounts", account=found, role=ROLE_LABELS[Role(found.role)],
        is_me=bool(me and me.id == found.id), locked=_is_locked(found),
    )  # fmt: skip


def _is_locked(found: StreetAccount) -> bool:
    return found.locked_until is not None and found.locked_until > clock.now()


def account_closing(account_id: UUID) -> str:
    """Ask before a login is closed."""
    found = street_desk.find_account(account_id)
    return _confirm(
        found, site_url("street.account_close", account_id=account_id),
        _("停用%(name)s的账号？", name=found.display_name),
        _("停用以后马上退出登录，也进不来了。办过的事都留着名字。以后可以再启用。"), _("停用这个账号"),
    )  # fmt: skip


def password_asked(account_id: UUID) -> str:
    """Ask before a password is replaced."""
    found = street_desk.find_account(account_id)
    return _confirm(
        found, site_url("street.account_password", account_id=account_id),
        _("给%(name)s重设密码？", name=found.display_name),
        _("旧密码马上不能用，登录着的都会退出。新密码只显示一次，请当面交给本人；本人下次登录要改成自己的。"),
        _("重设密码"), epoch=found.epoch,
    )  # fmt: skip


def _confirm(found: StreetAccount, action: str, title: str, text: str, button: str, **fields: Any) -> str:
    return desk(
        "street/account_confirm.html", "accounts", account=found, action=action, title=title, text=text, button=button,
        fields=fields, back=site_url("street.account", account_id=found.id),
    )  # fmt: skip


def account_close(account_id: UUID) -> Any:
    """Close a login."""
    street_desk.disable_account(street_desk.find_account(account_id), by=actor(), now=clock.now())
    return _back(account_id, _("账号停用了。"))


def account_reopen(account_id: UUID) -> Any:
    """Open it again."""
    street_desk.enable_account(street_desk.find_account(account_id), by=actor(), now=clock.now())
    return _back(account_id, _("账号启用了，可以登录。"))


def account_unlock(account_id: UUID) -> Any:
    """Let somebody try the password again now."""
    street_desk.unlock_account(street_desk.find_account(account_id), by=actor(), now=clock.now())
    return _back(account_id, _("锁解开了，现在就能再试密码。"))


def account_password(account_id: UUID) -> Any:
    """Replace a password and show the new one, once."""
    found = street_desk.find_account(account_id)
    if request.form.get("epoch") != str(found.epoch):
        raise Refused(STALE)
    password = rooms.first_password(found.login)
    street_desk.reset_password(found, password, by=actor(), now=clock.now())
    return _password_page(found, password, is_new=False)


def _back(account_id: UUID, words: str) -> Any:
    flash(words, "ok")
    return redirect(site_url("street.account", account_id=account_id), 303)


def log() -> str:
    """What the street's desk changed, the newest first; the filter stays."""
    subject, page = request.args.get("subject", ""), page_number()
    rows, total = street_log.log_page(subject=subject, page=page)
    lines = [
        {
            "at": row.at, "by": row.by_label, "subject": _(street_log.SUBJECTS.get(row.subject, row.subject)),
            "what": _(street_log.WORDS.get((row.subject, row.what), row.what)), "before": row.before,
            "after": row.after,
        }
        for row in rows
    ]  # fmt: skip
    kept = {"subject": subject} if subject in street_log.SUBJECTS else {}
    return desk(
        "street/log.html", "log", rows=lines, total=total, page=page, last=last_page(total, street_log.PAGE),
        subject=subject, subjects=[("", _("全部")), *((key, _(label)) for key, label in street_log.SUBJECTS.items())],
        url_of=lambda number: site_url("street.log", page=number, **kept),
    )  # fmt: skip


W = Permission.STREET_ACCOUNT_WRITE
ONE = "/accounts/<uuid:account_id>"
DOORS: list[Door] = [
    Door("GET", "/accounts", accounts, W),
    Door("POST", "/accounts", account_add, W),
    Door("GET", ONE, account, W),
    Door("GET", f"{ONE}/closure", account_closing, W),
    Door("POST", f"{ONE}/closure", account_close, W),
    Door("POST", f"{ONE}/reopening", account_reopen, W),
    Door("POST", f"{ONE}/unlocking", account_unlock, W),
    Door("GET", f"{ONE}/password", password_asked, W),
    Door("POST", f"{ONE}/password", account_password, W),
    Door("GET", "/log", log, Permission.STREET_OVERVIEW_READ),
]
