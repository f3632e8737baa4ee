"""Doors of the street: one look at a refusal that a proposer doubts. What is written here the hall takes up by itself.

No person is shown: the page has the refusal, the proposer's reason and the matter's number, and its title where the
matter is open to everybody.
"""

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
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage import review
from app.flow.triage.effective import lists
from app.flow.triage.review import Case
from app.matter.house import street_calendar
from app.matter.lights import light
from app.matter.situation import LABELS, Stage
from app.notices.bell import errand
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up"
LIMIT = 1000


class OpinionForm(FlaskForm):
    """What the street found."""

    upheld = RadioField(
        _l("结论"), choices=[("yes", _l("应当受理，请社区重新审")), ("no", _l("维持不予受理"))], validate_choice=False
    )
    words = TextAreaField(_l("为什么"))


def reviews() -> Any:
    """What waits, the earliest due first, and what was answered lately."""
    now, calendar, known = clock.now(), street_calendar(), lists()

    def row(case: Case) -> dict[str, Any]:
        lamp = light(case.request.asked_at, case.request.due_at, now, calendar)
        return {"case": case, "light": lamp, "title": _title(case), "item": _item(case, known)}

    waiting = [row(case) for case in review.cases(waiting=True)]
    done = [row(case) for case in review.cases(waiting=False, limit=20)]
    return desk("street/reviews.html", "reviews", waiting=waiting, done=done)


def review_page(request_id: UUID) -> Any:
    """One refusal and the form for the street's opinion."""
    return _page(_found(request_id), OpinionForm(formdata=None))


def review_opinion(request_id: UUID) -> Any:
    """Write the opinion; the hall's worker takes it up after the commit."""
    case, form = _found(request_id), OpinionForm()
    form.validate()
    words = (form.words.data or "").strip()
    if form.upheld.data not in ("yes", "no"):
        form.upheld.errors = [_("请选一样。")]
    if not words or len(words) > LIMIT:
        form.words.errors = [_("为什么这么认为，写几句，最多 %(n)s 字。", n=LIMIT)]
    if form.errors:
        return _page(case, form), 422
    try:
        review.give_opinion(case, form.upheld.data == "yes", words, by=actor(), now=clock.now())
    except Refused as error:
        db.session.rollback()
        form.words.errors = [say(error.reason, error.values)]
        return _page(_found(request_id), form), 409
    errand(Scope("community", street=case.request.street_id, community=case.request.community_id), TAKE_UP)
    flash(_("复核意见记下了，社区那边马上就看得到。"), "ok")
    return redirect(site_url("street.review", request_id=request_id), 303)


def _found(request_id: UUID) -> Case:
    case = review.find_case(request_id)
    if case is None:
        raise Missing(N_("没有这条复核请求。"))
    return case


def _title(case: Case) -> str:
    is_open = case.matter.visibility == "public" and case.matter.track == "ordinary" and not case.matter.has_minor
    return case.matter.title if is_open else ""


def _item(case: Case, known: Any) -> str:
    found = known.negative.get(case.refusal.code)
    return f"{case.refusal.code} {_(found.label)}" if found else case.refusal.code


def _page(case: Case, form: OpinionForm) -> Any:
    lamp = light(case.request.asked_at, case.request.due_at, clock.now(), street_calendar())
    return desk(
        "street/review.html", "reviews", case=case, form=form, title=_title(case), item=_item(case, lists()),
        light=lamp, stage=LABELS[Stage(case.matter.stage)],
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/reviews", reviews, P.STREET_REVIEW_WRITE),
    Door("GET", "/reviews/<uuid:request_id>", review_page, P.STREET_REVIEW_WRITE, name="review"),
    Door("POST", "/reviews/<uuid:request_id>/opinion", review_opinion, P.STREET_REVIEW_WRITE),
]
