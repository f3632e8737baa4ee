"""The second person at a deed for two: chosen by name, shown to be there by the own password."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.look import say
from app.people.actions import WrongPassword, sign_in
from app.people.models import Account
from app.words import N_

FIRST_PASSWORD = N_("%(name)s 还没换过第一次的密码，请本人先登录换好，再来一起办。")


def shown_to_be(form: Any, second: Account) -> bool:
    """Whether the second person typed the own password into ``form.password``; the reason stands at its field.

    A wrong one counts at the account, so nothing is raised: what was counted is committed with the page.
    """
    if second.must_change:
        form.second.errors = [*form.second.errors, say(FIRST_PASSWORD, {"name": second.display_name})]
        return False
    try:
        sign_in(second.login or "", (form.password.data or "")[:200], now=clock.now())
    except WrongPassword:
        form.password.errors = [*form.password.errors, _("密码不对，请这一位自己再输一遍。连续输错 5 次要等 15 分钟。")]
        return False
    except Refused as error:
        form.password.errors = [*form.password.errors, say(error.reason, error.values)]
        return False
    return True
