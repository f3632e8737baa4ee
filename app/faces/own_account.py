"""One's own account, as hall and street share it: the second step of signing in, codes for a lost phone, signing out
everywhere.

The faces hand over how a page of theirs is made (``Frame``) and where the day begins; the pages are the same. Codes for
a lost phone and the secret are shown once, on the answer to the POST that made them or while it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import flash, g, make_response, redirect, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from app import clock
from app.errors import DomainError, Missing, Refused
from app.faces import halfway, visitor
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, local_path
from app.faces.signing import note
from app.people import queries, two_step
from app.people.actions import WrongOldPassword
from app.people.permissions import Permission
from app.people.settings import is_two_step_required
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

LONGEST = 40


class CodeForm(FlaskForm):
    """The phone's code, or one of the ten for a lost phone."""

    code = StringField(_l("验证码"))


class BothForm(CodeForm):
    """What is asked again before the second step is changed."""

    password = PasswordField(_l("现在的密码"))


@dataclass(frozen=True)
class Frame:
    """A face: its name, the layout of its pages, and where somebody who signed in begins the day."""

    face: str
    layout: str
    home: Callable[[], str]

    def page(self, template: str, **values: Any) -> Any:
        """A page of this face that no cache brings up again."""
        values["layout"] = self.layout
        values["door"] = lambda name: site_url(f"{self.face}.{name}")
        made = desk(template, "own_account", **values) if self.face == "street" else render_template(template, **values)
        answer = make_response(made)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def to(self, name: str) -> Any:
        """To another page of the account."""
        return redirect(site_url(f"{self.face}.{name}"), 303)


def _moment() -> datetime:
    # The phone shows the code of this half minute in the real world, also while a demo lives weeks ahead.
    return datetime.now(UTC)


def _me() -> visitor.Visitor:
    found = visitor.visitor()
    if found is None or found.account.password_hash is None:
        raise Missing(N_("这个账号没有密码，凭户码登录。"))
    return found


def _code_of(form: CodeForm) -> str:
    return (form.code.data or "")[:LONGEST]


def _refused(form: CodeForm, error: DomainError) -> None:
    field = form["password"] if isinstance(error, WrongOldPassword) else form.code
    field.errors = [say(error.reason, error.values)]
    # Whoever stands before the refusal types the next code: six digits of before are worth nothing and only in the way.
    # A code from paper stays, to be compared letter by letter.
    if (form.code.data or "").replace(" ", "").isdigit():
        form.code.data = ""


def doors(frame: Frame) -> list[Door]:
    """The doors of one's own account in this face."""
    use, anyone, slow = Permission.ACCOUNT_USE, Permission.ANYONE_SIGN_IN, "30 per 10 minutes"
    own = _Own(frame)
    return [
        Door("GET", "/sign-in/code", own.code, anyone, name="sign_in_code"),
        Door("POST", "/sign-in/code", own.code_try, anyone, name="sign_in_code_try", limit=slow),
        Door("GET", "/account", own.account, use, name="own_account"),
        Door("POST", "/account/sign-outs", own.sign_out_everywhere, use, name="sign_out_everywhere"),
        Door("POST", "/account/two-step", own.begin, use, name="two_step_begin", limit=slow),
        Door("GET", "/account/two-step", own.set_up, use, name="two_step"),
        Door("POST", "/account/two-step/confirmation", own.confirm, use, name="two_step_confirm", limit=slow),
        Door("GET", "/account/two-step/removal", own.removal, use, name="two_step_removal"),
        Door("POST", "/account/two-step/removal", own.remove, use, name="two_step_remove", limit=slow),
        Door("GET", "/account/recovery-codes", own.recovery, use, name="recovery_codes"),
        Door("POST", "/account/recovery-codes", own.renew, use, name="recovery_codes_new", limit=slow),
    ]


class _Own:
    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def code(self) -> Any:
        """The second of two steps; whoever gave no password here is sent to the first."""
        if visitor.visitor() is not None:
            return redirect(self.frame.home())
        if halfway.waiting() is None:
            return redirect(site_url(f"{self.frame.face}.sign_in"))
        return self._code_page(CodeForm(formdata=None))

    def _code_page(self, form: CodeForm) -> Any:
        layout = "letter.html" if self.frame.face == "street" else self.frame.layout
        return render_template(
            "account/code.html", layout=layout, form=form, action=site_url(f"{self.frame.face}.sign_in_code_try"),
            back=site_url(f"{self.frame.face}.sign_in"),
        )  # fmt: skip

    def code_try(self) -> Any:
        """Sign in. A wrong code is counted and kept, so the page is answered and not raised: the door then commits."""
        found = halfway.waiting()
        if found is None:
            flash(_("输密码以后过了 5 分钟，请从头再登录一次。"), "soon")
            return redirect(site_url(f"{self.frame.face}.sign_in"), 303)
        (account, target), form = found, CodeForm()
        form.validate()
        by = queries.actor_of(account, frozenset())
        try:
            left = two_step.check(account, _code_of(form), by=by, now=clock.now(), moment=_moment())
        except DomainError as error:
            note("wrong code", account)
            _refused(form, error)
            return self._code_page(form), 422
        note("in", account)
        visitor.enter(account)
        if left is not None:
            flash(_("用掉了一个备用码，还剩 %(n)s 个。快用完的时候，到「登录和安全」换一套。", n=left), "soon")
        # Roles decide where the day begins, and they are read with the account on the next request.
        return redirect(local_path(target) or site_url(f"{self.frame.face}.sign_in"), 303)

    def account(self) -> Any:
        """What holds now, and what can be done with it."""
        me = _me()
        return self.frame.page(
            "account/own.html", visitor=me, since=me.account.totp_since, left=self._left(me),
            required=me.is_staff and is_two_step_required(g.site.settings),
        )  # fmt: skip

    def _left(self, me: visitor.Visitor) -> int:
        return two_step.left_codes(me.account) if me.account.totp_since else 0

    def sign_out_everywhere(self) -> Any:
        """End every session of this account, this one too."""
        visitor.leave_everywhere()
        flash(_("所有电脑和手机上都退出了。"), "ok")
        return redirect(site_url(f"{self.frame.face}.sign_in"), 303)

    def begin(self) -> Any:
        """Make a secret and show it."""
        two_step.begin(_me().account)
        return self.frame.to("two_step")

    def set_up(self) -> Any:
        """The QR code while it waits for its first code."""
        if not two_step.secret_of(_me().account):
            return redirect(site_url(f"{self.frame.face}.own_account"))
        return self._set_up_page(CodeForm(formdata=None))

    def _set_up_page(self, form: CodeForm) -> Any:
        account = _me().account
        secret = two_step.secret_of(account)
        # Not every phone reads Chinese from a QR code, so the issuer is the address people know the hall by.
        issuer = g.site.slug or g.site.host
        return self.frame.page(
            "account/set_up.html", form=form, secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            qr=qr_svg(two_step.address_of(account, issuer), label=_("给手机扫的码")), issuer=issuer,
        )  # fmt: skip

    def confirm(self) -> Any:
        """Switch it on with the phone's first code, and show the ten codes for a lost phone."""
        me, form = _me(), CodeForm()
        form.validate()
        try:
            codes = two_step.confirm(me.account, _code_of(form), by=me.actor, now=clock.now(), moment=_moment())
        except Refused as error:
            if not two_step.secret_of(me.account):
                raise
            _refused(form, error)
            return self._set_up_page(form), 422
        except two_step.WrongCode as error:
            _refused(form, error)
            return self._set_up_page(form), 422
        return self._sheet(me, codes)

    def _sheet(self, me: visitor.Visitor, codes: list[str]) -> Any:
        db.session.flush()
        shown = me.account
        visitor.enter(shown)
        halves = [f"{code[:5]}-{code[5:]}" for code in codes]
        return self.frame.page("account/recovery.html", codes=halves, account=shown, day_made=clock.today())

    def removal(self) -> Any:
        """Ask for password and code before the second step is switched off."""
        return self._asking(BothForm(formdata=None), "account/removal.html")

    def remove(self) -> Any:
        """Switch it off; every other browser is signed out."""
        me, form = _me(), BothForm()
        if not self._both(two_step.remove, me, form):
            return self._asking(form, "account/removal.html"), 422
        db.session.flush()
        visitor.enter(me.account)
        flash(_("两步登录关掉了。"), "ok")
        return self.frame.to("own_account")

    def recovery(self) -> Any:
        """Ask for password and code before the ten codes are made anew."""
        return self._asking(BothForm(formdata=None), "account/recovery_new.html")

    def renew(self) -> Any:
        """Ten new codes, shown once; the old ones are worth nothing any more."""
        me, form = _me(), BothForm()
        codes = self._both(two_step.renew_recovery, me, form)
        return self._sheet(me, codes) if codes else (self._asking(form, "account/recovery_new.html"), 422)

    def _both(self, act: Callable[..., Any], me: visitor.Visitor, form: BothForm) -> Any:
        """What the act returns, True where it returns nothing, or None with the reason at its field."""
        form.validate()
        typed = (form.password.data or "")[:200], _code_of(form)
        try:
            return act(me.account, *typed, by=me.actor, now=clock.now(), moment=_moment()) or True
        except DomainError as error:
            _refused(form, error)
            return None

    def _asking(self, form: BothForm, template: str) -> Any:
        if _me().account.totp_since is None:
            return redirect(site_url(f"{self.frame.face}.own_account"))
        return self.frame.page(template, form=form)
