"""What is done with somebody else's account, as the hall's desk and the street's share it.

A face hands over its own room of acts and where its pages lead (``Keeper``). A first password is shown once, on the
answer to the POST that made it; it is nowhere else, so reloading cannot bring it back. Forms carry the ``epoch`` they
saw: a second click says so instead of doing it twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.inputs import tidy
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people import two_step
from app.people.desk import first_password
from app.people.models import Account, StreetAccount
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

STALE = N_("这个账号刚才改过了，请看看现在的样子再办。")


class ReasonForm(FlaskForm):
    """Why the second step of somebody else is reset."""

    reason = TextAreaField(_l("为什么重设"), [], [tidy])


def insist_on_epoch(account: Account | StreetAccount) -> None:
    """Refuse a form that saw another state of the account."""
    if request.form.get("epoch") != str(account.epoch):
        raise Refused(STALE)


@dataclass(frozen=True)
class Keeper:
    """A face that keeps accounts: ``room`` has the acts, ``one`` is the endpoint of an account's page, ``at`` its URL.

    ``listing`` is what its list of accounts is called, ``stays`` what it tells about closing one, ``show_password`` its
    page with a first password.
    """

    face: str
    layout: str
    menu: str
    at: str
    one: str
    permission: Permission
    room: Any
    listing: Any
    stays: Any
    show_password: Callable[..., str]

    def doors(self) -> list[Door]:
        """Closing and opening an account, its lock, its password, its second step."""
        may = self.permission
        return [
            Door("GET", f"{self.at}/closure", self.closing, may, name="account_closing"),
            Door("POST", f"{self.at}/closure", self.close, may, name="account_close"),
            Door("POST", f"{self.at}/reopening", self.reopen, may, name="account_reopen"),
            Door("POST", f"{self.at}/unlocking", self.unlock, may, name="account_unlock"),
            Door("GET", f"{self.at}/password", self.password_asked, may, name="password_asked"),
            Door("POST", f"{self.at}/password", self.password, may, name="account_password"),
            Door("GET", f"{self.at}/two-step", self.two_step_asked, may, name="two_step_asked"),
            Door("POST", f"{self.at}/two-step", self.two_step_reset, may, name="account_two_step"),
        ]

    def url(self, name: str, account_id: UUID) -> str:
        """The address of one of these doors."""
        return site_url(f"{self.face}.{name}", account_id=account_id)

    def page_url(self, account_id: UUID) -> str:
        """The account's own page."""
        return site_url(self.one, account_id=account_id)

    def back_to(self, account_id: UUID, words: str) -> Any:
        """To the account's own page, which says what was done."""
        flash(words, "ok")
        return redirect(self.page_url(account_id), 303)

    def page(self, template: str, account: Account | StreetAccount, **values: Any) -> str:
        """A page about one account, with the way back to it and to the list."""
        return desk(
            template, self.menu, layout=self.layout, account=account, list_label=self.listing,
            list_url=site_url(f"{self.face}.accounts"), back=self.page_url(account.id), **values,
        )  # fmt: skip

    def confirm(
        self, account: Account | StreetAccount, action: str, title: str, text: str, button: str, **fields: Any
    ) -> str:
        """Ask before something is done to an account."""
        return self.page(
            "account/confirm.html", account, action=action, title=title, text=text, button=button, fields=fields
        )

    def closing(self, account_id: UUID) -> str:
        """Ask before an account is closed."""
        account = self.room.find_account(account_id)
        return self.confirm(
            account, self.url("account_close", account_id), _("停用%(name)s的账号？", name=account.display_name),
            str(self.stays), _("停用这个账号"),
        )  # fmt: skip

    def close(self, account_id: UUID) -> Any:
        """Close it."""
        self.room.disable_account(self.room.find_account(account_id), by=actor(), now=clock.now())
        return self.back_to(account_id, _("账号停用了。"))

    def reopen(self, account_id: UUID) -> Any:
        """Open it again."""
        self.room.enable_account(self.room.find_account(account_id), by=actor(), now=clock.now())
        return self.back_to(account_id, _("账号启用了，可以登录。"))

    def unlock(self, account_id: UUID) -> Any:
        """Let somebody try the password again now."""
        self.room.unlock_account(self.room.find_account(account_id), by=actor(), now=clock.now())
        return self.back_to(account_id, _("锁解开了，现在就能再试密码。"))

    def password_asked(self, account_id: UUID) -> str:
        """Ask before a password is replaced."""
        account = self.room.find_account(account_id)
        return self.confirm(
            account, self.url("account_password", account_id), _("给%(name)s重设密码？", name=account.display_name),
            _("旧密码马上不能用，登录着的都会退出。新密码只显示一次，请当面交给本人；本人下次登录要改成自己的。"),
            _("重设密码"), epoch=account.epoch,
        )  # fmt: skip

    def password(self, account_id: UUID) -> Any:
        """Replace a password and show the new one, once."""
        account = self.room.find_account(account_id)
        insist_on_epoch(account)
        password = first_password(account.login)
        self.room.reset_password(account, password, by=actor(), now=clock.now())
        return self.show_password(account, password, is_new=False)

    def two_step_asked(self, account_id: UUID) -> str:
        """Ask for the reason before somebody's second step is reset."""
        return self._reason_page(self.room.find_account(account_id), ReasonForm(formdata=None))

    def _reason_page(self, account: Account | StreetAccount, form: ReasonForm) -> str:
        action = self.url("account_two_step", account.id)
        return self.page("account/reset.html", account, form=form, action=action)

    def two_step_reset(self, account_id: UUID) -> Any:
        """Reset it; the reason stays in the log."""
        account, form = self.room.find_account(account_id), ReasonForm()
        form.validate()
        insist_on_epoch(account)
        try:
            two_step.reset(account, (form.reason.data or "")[:2000], by=actor(), now=clock.now())
        except Refused as error:
            form.reason.errors = [say(error.reason, error.values)]
            return self._reason_page(account, form), 422
        return self.back_to(account_id, _("两步登录重设了。请本人凭密码进来，马上再开一遍。"))
