"""Doors of the hall: the proposer doubts a refusal and asks the street to look at it, once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.community.sight import follows, is_own
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import actor
from app.flow.triage import actions, review
from app.flow.triage.rules import REASON
from app.matter.actions import find_matter, situation_of
from app.matter.models import Matter
from app.matter.stages import may
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


class DoubtForm(FlaskForm):
    """Why the refusal is doubted."""

    reason = TextAreaField(_l("为什么觉得该受理"))


def review_request(matter_id: UUID) -> Any:
    """The refusal once more, and the form."""
    return _page(_own(matter_id), DoubtForm(formdata=None))


def review_ask(matter_id: UUID) -> Any:
    """Ask the street."""
    matter, form = _own(matter_id), DoubtForm()
    form.validate()
    words = (form.reason.data or "").strip()
    if not words or len(words) > REASON:
        form.reason.errors = [_("为什么觉得该受理，写几句，最多 %(n)s 字。", n=REASON)]
        return _page(matter, form), 422
    try:
        actions.ask_review(matter, words, by=actor().as_capacity(Role.PROPOSER), now=clock.now())
    except Refused as error:
        db.session.rollback()
        form.reason.errors = [say(error.reason, error.values)]
        return _page(_own(matter_id), form), 409
    flash(_("已经请街道看了，五个工作日里有回音，会告诉您。"), "ok")
    return redirect(site_url("community.public_matter", matter_id=matter_id), 303)


def _own(matter_id: UUID) -> Matter:
    """The proposer's own matter. The code on the slip is enough: who has no account asks at a counter with it."""
    matter = find_matter(matter_id)
    if matter is None or not (is_own(matter) or follows(matter.id)):
        raise Missing(N_("请在交这件事的那部手机上办，或者先用查询码查到它。"))
    return matter


def _page(matter: Matter, form: DoubtForm) -> str:
    verdict = may("ask_review", situation_of(matter), Role.PROPOSER)
    return page(
        "hall/review_request.html", matter=matter, form=form, refusal=review.refusal_of(matter.id),
        closed="" if verdict else say(verdict.reason, verdict.values),
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/matters/<uuid:matter_id>/review-request", review_request, Permission.ANYONE_TRACK),
    Door("POST", "/matters/<uuid:matter_id>/review-request", review_ask, Permission.ANYONE_TRACK,
         limit="20 per 10 minutes"),
]  # fmt: skip
