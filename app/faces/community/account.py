"""Doors of the hall: signing in and out, the household's code, the own password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField

from app import clock
from app.errors import DomainError, NotAllowed, Refused
from app.faces import halfway, limits, own_account, phone_proof, visitor
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import local_path, page
from app.faces.signing import PasswordForm, SignInForm, attempt, renew
from app.flow.collect import rules
from app.people import residents
from app.people.permissions import Permission
from tenants.database import db
from tenants.hosts import site_url

HOUSEHOLD = "household"


class JoinForm(FlaskForm):
    """Residents: name and household code."""

    name = StringField(_l("您的姓名"))
    title = RadioField(_l("称呼"), choices=list(rules.TITLES_OF_ADDRESS.items()), validate_choice=False, default="")
    code = StringField(_l("户码"))
    adult = BooleanField(_l("我已经满 18 岁"))
    next = HiddenField()


class PhoneJoinForm(phone_proof.PhoneFields, FlaskForm):
    """Residents: name, phone and one-time code."""

    name = StringField(_l("您的姓名"))
    title = RadioField(_l("称呼"), choices=list(rules.TITLES_OF_ADDRESS.items()), validate_choice=False, default="")
    adult = BooleanField(_l("我已经满 18 岁"))
    next = HiddenField()


def sign_in_page() -> Any:
    """The form for staff and council, with the reason why somebody was signed out."""
    me = visitor.visitor()
    if me is not None:
        return redirect(_after(me))
    form = SignInForm(formdata=None, next=local_path(request.args.get("next")))
    return page("hall/sign_in.html", form=form, why_out=visitor.why_out())


def sign_in_try() -> Any:
    """Sign in. A wrong try is counted and kept, so the page is answered and not raised: the door then commits."""
    form = SignInForm()
    account = attempt(form)
    if account is None:
        return page("hall/sign_in.html", form=form, why_out=""), 422
    if account.totp_since is not None:
        halfway.wait_for_code(account, local_path(form.next.data))
        return redirect(site_url("community.sign_in_code"), 303)
    visitor.enter(account)
    # The roles decide where the day begins, and they are read with the account on the next request.
    return redirect(local_path(form.next.data) or site_url("community.sign_in"), 303)


def sign_out() -> Any:
    """Leave this browser; its own matters stay known to it."""
    visitor.leave()
    flash(_("已经退出登录。"), "ok")
    return redirect(site_url("community.home"), 303)


def join() -> Any:
    """The form for a household's code."""
    return page("hall/join.html", form=JoinForm(formdata=None, next=local_path(request.args.get("next"))))


def join_try() -> Any:
    """Name and code make an account, or open it again."""
    form = JoinForm()
    fine = form.validate()
    if not limits.may_guess(HOUSEHOLD):
        form.code.errors = [_("输错的次数多了，请过十分钟再试，或者打电话给社区。")]
        return page("hall/join.html", form=form), 429
    try:
        if not fine:
            raise Refused("")
        account, is_new = residents.join(
            (form.code.data or "")[:100], (form.name.data or "")[:200], now=clock.now(), title=form.title.data or "",
            is_adult=form.adult.data,
        )  # fmt: skip
    except DomainError as error:
        if isinstance(error, residents.WrongCode):
            limits.wrong_guess(HOUSEHOLD)
        field = form.code if isinstance(error, residents.WrongCode) else form.name
        field.errors = [say(error.reason, error.values)] if error.reason else field.errors
        return page("hall/join.html", form=form), 422
    visitor.enter(account, keep=True)
    flash(_("%(name)s，账号开好了。", name=account.display_name) if is_new else _("欢迎回来。"), "ok")
    return redirect(local_path(form.next.data) or site_url("community.me"), 303)


def phone_join() -> Any:
    """The form for a phone, where there is no household code at hand."""
    return page("hall/join_phone.html", form=PhoneJoinForm(formdata=None, next=local_path(request.args.get("next"))))


def phone_join_try() -> Any:
    """Ask for a code, or sign in with it. A wrong code is counted, so the page is answered and not raised."""
    form, now = PhoneJoinForm(), clock.now()
    fine = form.validate()
    if phone_proof.asks_for_code():
        asked = fine and phone_proof.ask(form, now=now)
        return page("hall/join_phone.html", form=form), 200 if asked else 422
    # Everything else is looked at first: a code that is right is used up.
    mark = phone_proof.verified(form, now=now) if fine and _is_whole(form) else None
    if mark is None:
        return page("hall/join_phone.html", form=form), 422
    try:
        account, is_new = residents.join_by_phone(
            form.phone.data, mark, form.name.data, now=now, title=form.title.data or ""
        )
    except Refused as error:
        form.phone.errors = [say(error.reason, error.values)]
        return page("hall/join_phone.html", form=form), 422
    visitor.enter(account, keep=True)
    flash(_("%(name)s，账号开好了。", name=account.display_name) if is_new else _("欢迎回来。"), "ok")
    return redirect(local_path(form.next.data) or site_url("community.me"), 303)


def _is_whole(form: PhoneJoinForm) -> bool:
    try:
        residents.good_name(form.name.data or "")
    except Refused as error:
        form.name.errors = [say(error.reason, error.values)]
    if not form.adult.data:
        form.adult.errors = [_("账号是给满 18 岁的人用的。孩子有事，不用账号也能说。")]
    if form.title.data not in rules.TITLES_OF_ADDRESS:
        form.title.data = ""
    return not form.name.errors and not form.adult.errors


def password() -> str:
    """The form for an own new password."""
    return page("hall/password.html", form=PasswordForm(formdata=None), forced=_me().account.must_change)


def password_change() -> Any:
    """Change it; every other browser of this account is signed out."""
    form, me = PasswordForm(), _me()
    if not renew(form, me.account):
        return page("hall/password.html", form=form, forced=me.account.must_change), 422
    db.session.flush()
    visitor.enter(me.account)
    flash(_("密码改好了。"), "ok")
    return redirect(_after(me), 303)


def _after(me: visitor.Visitor) -> str:
    """Where the day begins: the desk, the council's page, or one's own matters."""
    endpoints = {"staff": "community.today", "council": "community.council"}
    try:
        return site_url(endpoints.get(me.kind, "community.me"))
    except LookupError:
        return site_url("community.me")


def _me() -> visitor.Visitor:
    found = visitor.visitor()
    if found is None or found.account.password_hash is None:
        raise NotAllowed(_("这个账号没有密码，凭户码登录。"))
    return found


def _home() -> str:
    me = visitor.visitor()
    return _after(me) if me is not None else site_url("community.home")


DOORS: list[Door] = [
    *own_account.doors(own_account.Frame("community", "hall.html", _home)),
    Door("GET", "/sign-in", sign_in_page, Permission.ANYONE_SIGN_IN, name="sign_in"),
    Door("POST", "/sign-in", sign_in_try, Permission.ANYONE_SIGN_IN, limit="30 per 10 minutes"),
    Door("POST", "/sign-out", sign_out, Permission.ANYONE_SIGN_IN),
    Door("GET", "/join", join, Permission.ANYONE_SIGN_IN),
    Door("POST", "/join", join_try, Permission.ANYONE_SIGN_IN, limit="30 per 10 minutes"),
    Door("GET", "/join/phone", phone_join, Permission.ANYONE_SIGN_IN),
    Door("POST", "/join/phone", phone_join_try, Permission.ANYONE_SIGN_IN, limit="30 per 10 minutes"),
    Door("GET", "/password", password, Permission.ACCOUNT_USE),
    Door("POST", "/password", password_change, Permission.ACCOUNT_USE, limit="20 per 10 minutes"),
]
