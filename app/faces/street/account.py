"""Doors of the street: signing in and out, the own password, large print, language, and the street's mark."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, g, redirect, request
from flask_babel import gettext as _

from app.errors import Missing
from app.faces import halfway, own_account, visitor
from app.faces.doors import Door
from app.faces.edge import ELDER_COOKIE, LANGUAGE_COOKIE
from app.faces.pages import desk, local_path, page
from app.faces.signing import PasswordForm, SignInForm, attempt, renew
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.brand import Brand
from tenants.hosts import site_url

YEAR = 365 * 24 * 3600


def sign_in_page() -> Any:
    """The form, with the reason why somebody was signed out."""
    if visitor.visitor() is not None:
        return redirect(_home())
    form = SignInForm(formdata=None, next=local_path(request.args.get("next")))
    return page("street/sign_in.html", form=form, why_out=visitor.why_out())


def sign_in_try() -> Any:
    """Sign in. A wrong try is counted and kept, so the page is answered and not raised: the door then commits."""
    form = SignInForm()
    account = attempt(form)
    if account is None:
        return page("street/sign_in.html", form=form, why_out=""), 422
    if account.totp_since is not None:
        halfway.wait_for_code(account, local_path(form.next.data))
        return redirect(site_url("street.sign_in_code"), 303)
    visitor.enter(account)
    if account.must_change:
        flash(_("这是头一次用的密码，请先换成自己的。"), "soon")
        return redirect(site_url("street.password"), 303)
    return redirect(local_path(form.next.data) or _first_page(Role(account.role)), 303)


#: Where the day begins for whoever has nothing to do with matters.
FIRST = {Role.SECURITY_ADMIN: "street.accounts", Role.AUDIT_ADMIN: "street.log"}


def _first_page(role: Role) -> str:
    return site_url(FIRST.get(role, "street.overview"))


def _home() -> str:
    me = visitor.visitor()
    return _first_page(Role(me.account.role)) if me is not None else site_url("street.home")


def sign_out() -> Any:
    """Leave this browser."""
    visitor.leave()
    flash(_("已经退出登录。"), "ok")
    return redirect(site_url("street.home"), 303)


def password_page() -> Any:
    """The form for an own new password."""
    return desk("street/password.html", "", form=PasswordForm(formdata=None))


def password_change() -> Any:
    """Set an own new password; every other session ends."""
    form = PasswordForm()
    me = visitor.visitor()
    if me is None:
        raise Missing(N_("没有这个账号。"))
    if not renew(form, me.account):
        return desk("street/password.html", "", form=form), 422
    visitor.enter(me.account)
    flash(_("密码换好了。"), "ok")
    return redirect(_first_page(Role(me.account.role)), 303)


def elder() -> Any:
    """关怀版 on or off."""
    return _keep(ELDER_COOKIE, "on" if request.form.get("elder") == "on" else "off")


def language() -> Any:
    """One of the languages the program speaks; anything else changes nothing."""
    wanted = request.form.get("language", "")
    if wanted not in current_app.config["LANGUAGES"]:
        return redirect(local_path(request.form.get("next")) or site_url("street.home"), 303)
    return _keep(LANGUAGE_COOKIE, wanted)


def mark() -> Any:
    """The street's own mark, for browser tabs."""
    if not g.site.brand:
        raise Missing(N_("没有找到这个文件。"))
    return Response(Brand.from_dict(g.site.brand).mark_file, mimetype="image/svg+xml")


def _keep(cookie: str, value: str) -> Any:
    answer = redirect(local_path(request.form.get("next")) or site_url("street.home"), 303)
    answer.set_cookie(
        cookie, value, max_age=YEAR, path="/", samesite="Lax", httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return answer


P = Permission
DOORS: list[Door] = [
    *own_account.doors(own_account.Frame("street", "street.html", _home)),
    Door("GET", "/sign-in", sign_in_page, P.ANYONE_SIGN_IN, name="sign_in"),
    Door("POST", "/sign-in", sign_in_try, P.ANYONE_SIGN_IN, name="sign_in_try", limit="30 per minute"),
    Door("POST", "/sign-out", sign_out, P.ANYONE_SIGN_IN, name="sign_out"),
    Door("GET", "/password", password_page, P.ACCOUNT_USE, name="password"),
    Door("POST", "/password", password_change, P.ACCOUNT_USE, name="password_change", limit="20 per minute"),
    Door("POST", "/preferences/elder", elder, P.ANYONE_ENTER, of_browser=True),
    Door("POST", "/preferences/language", language, P.ANYONE_ENTER, of_browser=True),
    Door("GET", "/mark.svg", mark, P.ANYONE_ENTER),
]
