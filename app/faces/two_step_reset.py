"""Resetting somebody else's second step, as hall and street share it: the reason is typed, and it stays in the log."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Refused
from app.faces.inputs import tidy
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people import two_step
from app.people.models import Account, StreetAccount
from app.words import N_
from tenants.hosts import site_url

STALE = N_("这个账号刚才改过了，请看看现在的样子再办。")


class ReasonForm(FlaskForm):
    """Why the second step of somebody else is reset."""

    reason = TextAreaField(_l("为什么重设"), [], [tidy])


def reset_page(
    account: Account | StreetAccount, form: ReasonForm, *, menu: str, layout: str, list_label: str, of: str, back: str
) -> str:
    """The page that asks for the reason, on the desk of the face ``of``."""
    return desk(
        "account/reset.html", menu, layout=layout, account=account, form=form, list_label=list_label,
        list_url=site_url(f"{of}.accounts"), back=site_url(back, account_id=account.id),
        action=site_url(f"{of}.account_two_step", account_id=account.id),
    )  # fmt: skip


def reset(form: Any, account: Account | StreetAccount) -> bool:
    """Reset it; False with the reason at the field. A form that saw another state of the account is refused."""
    form.validate()
    if request.form.get("epoch") != str(account.epoch):
        raise Refused(STALE)
    try:
        two_step.reset(account, (form.reason.data or "")[:2000], by=actor(), now=clock.now())
    except Refused as error:
        form.reason.errors = [say(error.reason, error.values)]
        return False
    return True
