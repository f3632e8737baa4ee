"""Doors of the hall: a grid hands a matter up to the community, and the community answers its grids."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import page_number
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.inputs import as_uuid
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter import escalation, levels
from app.matter import escalation_queries as queries
from app.matter.bounds import climbs
from app.matter.hallrules import street_bounds
from app.matter.house import house
from app.matter.ledger import is_child_s, may_read
from app.matter.models import Escalation, Matter
from app.matter.situation import Level
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

LIMIT = 1000
TABS = {"waiting": N_("等社区答的"), "taken": N_("社区在办的"), "done": N_("答过和升上去的")}
KINDS = {
    "taken": N_("社区接办，和网格一起办"),
    "answered": N_("给个答复，网格照着办"),
    "sent_back": N_("退回网格，写明还差什么"),
}
GONE = N_("没有这一条。")


class HandUpForm(FlaskForm):
    """What the grid tried, and what the community should do."""

    once = HiddenField()
    grid_attempt = TextAreaField(_l("网格办过什么，办到哪儿"))
    reason = TextAreaField(_l("请社区帮什么忙"))


class AnswerForm(FlaskForm):
    """The community's answer to its grid."""

    kind = RadioField(_l("怎么答复"), choices=[], validate_choice=False)
    words = TextAreaField(_l("写给网格的话"))


def asks() -> str:
    """What the grids handed up: waiting by its clock, in hand, answered."""
    now, tab, number = clock.now(), request.args.get("tab", "waiting"), page_number()
    tab = tab if tab in TABS else "waiting"
    found, total = queries.asks_page(tab, now=now, page=number)
    tally = queries.asks_tally(now)
    tabs = [
        (f"{_(label)} {tally.get(key, '')}".strip(), site_url("community.asks", tab=key), key == tab)
        for key, label in TABS.items()
    ]
    return desk(
        "desk/asks.html", "asks", rows=[_row(one) for one in found], tab=tab, tabs=tabs, total=total, number=number,
        last=max(1, -(-total // queries.PAGE)), late=tally["late"], climbs=_climbs(),
        url_of=lambda n: site_url("community.asks", tab=tab, page=n),
    )  # fmt: skip


def ask(escalation_id: UUID) -> Any:
    """One request of a grid with its answers and the form for the next one."""
    asked, matter = _found(escalation_id)
    return _page(asked, matter, _form(asked, AnswerForm(formdata=None)))


def ask_reply(escalation_id: UUID) -> Any:
    """The community answers; level and timeline follow at once."""
    asked, matter = _found(escalation_id)
    form = _form(asked, AnswerForm())
    form.validate()
    kind, words = form.kind.data or "", (form.words.data or "").strip()
    if not form.kind.offers(kind):
        form.kind.errors = [_("请选一样。")]
    if not words or len(words) > LIMIT:
        form.words.errors = [_("写几句话，让网格知道接下来怎么办，最多 %(n)s 字。", n=LIMIT)]
    if form.errors:
        return _page(asked, matter, form), 422
    try:
        with db.session.begin_nested():
            escalation.answer(asked, matter, kind, words=words, by=actor(), now=clock.now())
    except Refused as error:
        form.kind.errors = [say(error.reason, error.values)]
        return _page(asked, matter, form), 409
    flash(_("答复记下了，报上来的人会知道。"), "ok")
    return redirect(site_url("community.ask", escalation_id=escalation_id), 303)


def ask_new(matter_id: UUID) -> Any:
    """The form; an urgent matter need not have been tried first."""
    return _new_page(readable(matter_id), HandUpForm(formdata=None, once=str(uuid7())))


def ask_add(matter_id: UUID) -> Any:
    """Hand it up; the secretary hears of it."""
    matter, form = readable(matter_id), HandUpForm()
    form.validate()
    for field in (form.grid_attempt, form.reason):
        if len(field.data or "") > LIMIT:
            field.errors = [_("写得太长了，最多 %(n)s 字。", n=LIMIT)]
    if form.errors:
        return _new_page(matter, form), 422
    try:
        with db.session.begin_nested():
            escalation.ask(
                matter, to=str(Level.COMMUNITY), reason=form.reason.data or "", by=actor(), now=clock.now(),
                grid_attempt=form.grid_attempt.data or "", once=as_uuid(form.once.data),
            )  # fmt: skip
    except Refused as error:
        field = form.grid_attempt if "missing" in error.values else form.reason
        field.errors = [say(error.reason, error.values)]
        return _new_page(matter, form), 422
    flash(_("报到社区了，社区的答复会写在这件事里。"), "ok")
    return redirect(site_url("community.desk_matter", matter_id=matter_id, tab="help"), 303)


def _found(escalation_id: UUID) -> tuple[Escalation, Matter]:
    found = queries.find_ask(escalation_id)
    if found is None:
        raise Missing(GONE)
    return found[0], readable(found[1].id)


def _form(asked: Escalation, form: AnswerForm) -> AnswerForm:
    stands = levels.Escalation(asked.state)
    form.kind.choices = [
        (kind, _(label))
        for kind, label in KINDS.items()
        if levels.may_reply(stands, levels.Escalation(kind), actor().roles, to=Level.COMMUNITY)
    ]
    return form


def _page(asked: Escalation, matter: Matter, form: AnswerForm) -> str:
    answers = next((said for one, said in queries.history(matter.id) if one.id == asked.id), [])
    return desk(
        "desk/ask.html", "asks", asked=asked, matter=matter, form=form, said=queries.describe(asked),
        light=queries.light_of(asked, clock.now()), can_answer=bool(form.kind.choices), climbs=_climbs(),
        answers=[
            {"label": levels.COMMUNITY_LABELS[levels.Escalation(one.kind)], "words": one.words, "who": one.by_label,
             "at": one.at}
            for one in answers
        ],
    )  # fmt: skip


def _new_page(matter: Matter, form: HandUpForm) -> str:
    due = escalation.answer_due(matter, str(Level.COMMUNITY), clock.now())
    return desk(
        "desk/ask_new.html", "ledger", matter=matter, form=form, is_urgent=matter.triage == "urgent", due=due,
        climbs=_climbs(),
    )  # fmt: skip


def _row(one: queries.Ask) -> dict[str, Any]:
    seen = may_read(one.matter, reader())
    return {
        "id": one.escalation.id, "number": one.matter.number, "asked": one.escalation, "light": one.light,
        "title": one.matter.title if seen else hidden_title(is_child_s(one.matter)),
        "reason": one.escalation.reason if seen else "", "tried": one.escalation.grid_attempt if seen else "",
        "state": queries.describe(one.escalation)["state_label"],
        "said": [answer.words for answer in one.answers][-1:] if seen else [],
        "url": site_url("community.ask", escalation_id=one.escalation.id) if seen else "",
    }  # fmt: skip


def _climbs() -> bool:
    return climbs(house().settings, street_bounds())


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/asks", asks, P.MATTER_READ),
    Door("GET", "/desk/asks/<uuid:escalation_id>", ask, P.MATTER_READ),
    Door("POST", "/desk/asks/<uuid:escalation_id>/replies", ask_reply, P.SCREENING_WRITE),
    Door("GET", "/desk/matters/<uuid:matter_id>/asks/new", ask_new, P.ASK_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/asks", ask_add, P.ASK_WRITE),
]
