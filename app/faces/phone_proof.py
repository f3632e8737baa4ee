"""The piece of a public form that shows whose phone a number is: number, 「要验证码」, code.

A form that asks for it takes :class:`PhoneFields` in, its page includes ``hall/_phone_proof.html``, and its view asks
:func:`asks_for_code` first (the other button of the same form) and :func:`verified` before it acts. Neither rolls back:
a wrong try must be counted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.errors import DomainError
from app.faces import limits
from app.faces.look import say
from app.people import phone_codes

#: Name and value of the button that asks for a code.
STEP, ASK = "step", "ask_code"


class PhoneFields:
    """A mixin for a ``FlaskForm``; ``told`` is the honest sentence after a code was asked for."""

    phone = StringField(_l("手机号"))
    phone_code = StringField(_l("验证码"))
    told = ""


def asks_for_code() -> bool:
    """Whether the button 「要验证码」 was pressed, and not the form's own."""
    return request.form.get(STEP) == ASK


def ask(form: Any, *, now: datetime) -> bool:
    """Make a code for the number in the form; what happened, or why not, stands in the form. Answer with the page
    (200 when True, 422 when False): nothing else of the form is acted on."""
    if wait := limits.wait_for_code():
        form.phone.errors = [_("刚才从这儿要的验证码太多，请等 %(n)s 分钟，或者打社区电话。", n=-(-wait // 60))]
        return False
    try:
        code = phone_codes.ask_code((form.phone.data or "")[:40], now=now)
    except DomainError as error:
        form.phone.errors = [say(error.reason, error.values)]
        return False
    form.told = _(phone_codes.told_how(code))
    form.phone_code.data = ""
    return True


def verified(form: Any, *, now: datetime) -> str | None:
    """The phone's mark (equal to ``Person.phone_index``) when the code is right, else None with the reason at its
    field; answer then with the page and 422. The wrong try is counted for the code, the address and the hall."""
    if not limits.may_guess(phone_codes.GUESS):
        form.phone_code.errors = [_("输错的次数多了，请过十分钟再试，或者打电话给社区。")]
        return None
    try:
        return phone_codes.verify_code((form.phone.data or "")[:40], (form.phone_code.data or "")[:40], now=now)
    except DomainError as error:
        if isinstance(error, phone_codes.WrongPhoneCode):
            limits.wrong_guess(phone_codes.GUESS)
        form.phone_code.errors = [say(error.reason, error.values)]
        return None
