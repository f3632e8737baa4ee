"""Doors of the hall: asking the street for help with one matter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.choosing import RadioField
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.inputs import as_uuid
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter import escalation, levels
from app.matter.escalation_queries import open_escalation
from app.matter.models import Matter
from app.people.permissions import Permission
from tenants.database import db, uuid7
from tenants.hosts import site_url

LIMIT = 1000


class AskForm(FlaskForm):
    """What was tried below, and what the next level should do."""

    once = HiddenField()
    to = RadioField(
        _l("请谁帮忙"), choices=[("street", _l("请街道")), ("external", _l("请街道发函，找外单位"))], default="street",
        validate_choice=False,
    )  # fmt: skip
    grid_attempt = TextAreaField(_l("网格办过什么，办到哪儿"))
    community_attempt = TextAreaField(_l("社区商量过什么，卡在哪儿"))
    reason = TextAreaField(_l("请上级帮什么忙"))


def escalation_new(matter_id: UUID) -> Any:
    """The form; an urgent matter need not have been tried below."""
    matter = readable(matter_id)
    below = open_escalation(matter.id)
    tried = below.grid_attempt if below is not None else ""
    return _page(matter, AskForm(formdata=None, once=str(uuid7()), grid_attempt=tried))


def escalation_add(matter_id: UUID) -> Any:
    """Ask; the street sees it at once."""
    matter, form = readable(matter_id), AskForm()
    form.validate()
    if form.to.data not in ("street", "external"):
        form.to.errors = [_("请选一样。")]
    for field in (form.grid_attempt, form.community_attempt, form.reason):
        if len(field.data or "") > LIMIT:
            field.errors = [_("写得太长了，最多 %(n)s 字。", n=LIMIT)]
    if form.errors:
        return _page(matter, form), 422
    try:
        escalation.ask(
            matter, to=form.to.data, reason=form.reason.data or "", by=actor(), now=clock.now(),
            once=as_uuid(form.once.data), grid_attempt=form.grid_attempt.data or "",
            community_attempt=form.community_attempt.data or "",
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        matter = readable(matter_id)
        tried = () if matter.triage == "urgent" else (form.grid_attempt, form.community_attempt)
        empty = [field for field in (*tried, form.reason) if not (field.data or "").strip()]
        for field in empty:
            field.errors = [_("要填一下。")]
        if not empty:
            form.reason.errors = [say(error.reason, error.values)]
        return _page(matter, form), 422
    flash(_("已经请街道帮忙，街道的答复会写在这件事里。"), "ok")
    return redirect(site_url("community.desk_matter", matter_id=matter_id, tab="help"), 303)


def _page(matter: Matter, form: AskForm) -> Any:
    return desk(
        "desk/escalation.html", "ledger", matter=matter, form=form, is_urgent=matter.triage == "urgent",
        attempts=[need.label for need in levels.ATTEMPTS],
        due=escalation.answer_due(matter, "street", clock.now()),
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/escalations/new", escalation_new, Permission.ESCALATION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/escalations", escalation_add, Permission.ESCALATION_WRITE),
]
