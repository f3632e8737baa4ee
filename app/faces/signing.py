"""Signing in and the own password, as hall and street share them: the forms, and what a refusal says at which field."""

from __future__ import annotations

import structlog
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField

from app import clock
from app.errors import Refused
from app.faces.look import say
from app.people.actions import WrongOldPassword, WrongPassword, change_password, sign_in
from app.people.models import Account, StreetAccount

log = structlog.get_logger()


def note(outcome: str, account: Account | StreetAccount | None = None) -> None:
    """A line of the program's log about who came in or did not; an id and no name (OWASP ASVS 7.1.3, 7.2.1)."""
    log.info("sign in", outcome=outcome, account=str(account.id) if account else None)


class SignInForm(FlaskForm):
    """Whoever has a password: staff, council, the street."""

    login = StringField(_l("登录名"))
    password = PasswordField(_l("密码"))
    next = HiddenField()


class PasswordForm(FlaskForm):
    """An own new password."""

    old = PasswordField(_l("现在的密码"))
    new = PasswordField(_l("新密码"))
    again = PasswordField(_l("新密码再输一遍"))


def attempt(form: SignInForm) -> Account | StreetAccount | None:
    """The account, or None with the reason at the login. A wrong try counts, so the page is answered, not raised."""
    form.validate()
    try:
        account = sign_in((form.login.data or "")[:80], (form.password.data or "")[:200], now=clock.now())
    except (WrongPassword, Refused) as error:
        note("wrong password" if isinstance(error, WrongPassword) else "resting")
        form.login.errors = [say(error.reason, error.values)]
        return None
    note("password" if account.totp_since is not None else "in", account)
    return account


def renew(form: PasswordForm, account: Account | StreetAccount) -> bool:
    """Set the new password; False with the reason at its field."""
    form.validate()
    if (form.new.data or "") != (form.again.data or ""):
        form.again.errors = [_("两次输的新密码不一样。")]
        return False
    try:
        change_password(account, (form.old.data or "")[:200], (form.new.data or "")[:200])
    except Refused as error:
        field = form.old if isinstance(error, WrongOldPassword) else form.new
        field.errors = [say(error.reason, error.values)]
        return False
    return True
