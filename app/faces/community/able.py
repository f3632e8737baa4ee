"""Doors of the hall: somebody says by themselves what they are good at, and waits to be met."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.faces.community import core_forms as forms
from app.faces.community.inputs import once_id
from app.faces.doors import Door
from app.faces.pages import page
from app.people import core
from app.people.core_rules import problems
from app.people.permissions import Permission
from tenants.database import uuid7
from tenants.hosts import site_url


def able() -> str:
    """Anybody may say what they are good at."""
    return page("hall/able.html", form=forms.AbleForm(formdata=None, once=str(uuid7())))


def able_send() -> Any:
    """It waits for somebody of the hall to ring. The answer is the same for a phone that is listed already."""
    form, once = forms.AbleForm(), once_id()
    form.validate()
    draft, agreed = forms.draft_of(form, found_by="self", consent_how="online"), bool(form.consent.data)
    fine = forms.show(form, problems(draft, agreed=agreed))
    if not agreed:
        # The rule speaks to staff who enter somebody else; here the person answers in person.
        form.consent.errors = [_("您同意了，社区才能记下来。")]
    if fine and not draft.phone:
        form.phone.errors = [_("写上电话，社区才找得到您。")]
        fine = False
    if not fine:
        return page("hall/able.html", form=form), 422
    if core.find_resident(once) is None:
        core.put_oneself_down(draft, agreed=agreed, now=clock.now(), id=once)
    flash(_("收到了，谢谢您。社区会打电话或上门找您，见过面才算列上。"), "ok")
    return redirect(site_url("community.home"), 303)


DOORS: list[Door] = [
    Door("GET", "/able", able, Permission.ANYONE_SUBMIT),
    Door("POST", "/able", able_send, Permission.ANYONE_SUBMIT, limit="6 per 10 minutes"),
]
