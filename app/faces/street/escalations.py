"""Doors of the street: requests from the halls, and the street's answer, a row of its own that the hall takes up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.unmask import people_line
from app.faces.visitor import actor
from app.matter import escalation, levels
from app.matter.models import Escalation, Matter
from app.matter.situation import LABELS, Stage
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.hosts import site_url
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up"
KINDS = {
    "taken": N_("街道接办，和社区一起办"),
    "answered": N_("给个答复，社区照着办"),
    "sent_back": N_("退回社区，写明还差什么"),
}


class ReplyForm(FlaskForm):
    """The street's answer."""

    kind = RadioField(_l("怎么答复"), choices=[], validate_choice=False)
    words = TextAreaField(_l("写给社区的话"))
    letter_no = StringField(_l("商请函编号"))


def escalations() -> Any:
    """What waits, what is in hand, and what was answered lately."""
    now = clock.now()
    waiting = street.requests(now)
    g.waiting = sum(found.state == "asked" for found in waiting)
    done = street.requests(now, ("answered", "sent_back"), limit=20)
    return desk("street/escalations.html", "escalations", waiting=waiting, done=done, patient=3)


def escalation_page(escalation_id: UUID) -> Any:
    """One request with its answers and the form for the next one."""
    asked, matter = _found(escalation_id)
    return _page(asked, matter, _form(asked, ReplyForm(formdata=None)))


def reply(escalation_id: UUID) -> Any:
    """Write the street's answer; the hall's worker takes it up after the commit."""
    asked, matter = _found(escalation_id)
    form = _form(asked, ReplyForm())
    form.validate()
    words, kind = (form.words.data or "").strip(), form.kind.data or ""
    if kind not in dict(form.kind.choices):
        form.kind.errors = [_("请选一样。")]
    if not words or len(words) > 1000:
        form.words.errors = [_("写几句话，让社区知道接下来怎么办，最多 1000 字。")]
    if len(form.letter_no.data or "") > 60:
        form.letter_no.errors = [_("编号最多 60 字。")]
    if form.errors:
        return _page(asked, matter, form), 422
    try:
        escalation.reply(
            asked, kind, words=words, by=actor(), now=clock.now(), letter_no=(form.letter_no.data or "").strip()
        )
    except Refused as error:
        form.kind.errors = [say(error.reason, error.values)]
        return _page(asked, matter, form), 409
    errand(Scope("community", street=asked.street_id, community=asked.community_id), TAKE_UP)
    flash(_("答复记下了，社区那边会接着办。"), "ok")
    return redirect(site_url("street.escalation", escalation_id=asked.id), 303)


def _found(escalation_id: UUID) -> tuple[Escalation, Matter]:
    found = escalation.find_for_street(escalation_id)
    if found is None:
        raise Missing(N_("没有这条请求。"))
    return found


def _form(asked: Escalation, form: ReplyForm) -> ReplyForm:
    given = escalation.replies_given(asked)
    stands = escalation.stands_at(asked.state, set(given))
    form.kind.choices = [
        (kind, _(label))
        for kind, label in KINDS.items()
        if levels.may_reply(
            stands, levels.Escalation(kind), actor().roles, to=levels.Level(asked.to_level), letter_no="x"
        )
    ]
    return form


def _page(asked: Escalation, matter: Matter, form: ReplyForm) -> Any:
    community = next((c for c in street.communities() if c.id == asked.community_id), None)
    if community is None:
        raise Missing(N_("没有这条请求。"))
    is_open = matter.visibility == "public"
    answers = [
        {"label": levels.ESCALATION_LABELS[levels.Escalation(a.kind)], "words": a.words, "who": a.by_label, "at": a.at,
         "letter_no": a.letter_no}
        for a in street.replies_to(asked.id)
    ]  # fmt: skip
    return desk(
        "street/escalation.html", "escalations", asked=asked, form=form, answers=answers, community=community,
        number=matter.number, title=matter.title if is_open else "", matter_id=matter.id,
        stage=LABELS[Stage(matter.stage)], said=escalation.describe(asked), can_answer=bool(form.kind.choices),
        people=people_line(matter), is_external=asked.to_level == "external", typed=request.method == "POST",
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/escalations", escalations, P.STREET_ESCALATION_WRITE),
    Door("GET", "/escalations/<uuid:escalation_id>", escalation_page, P.STREET_ESCALATION_WRITE, name="escalation"),
    Door("POST", "/escalations/<uuid:escalation_id>/replies", reply, P.STREET_ESCALATION_WRITE),
]
