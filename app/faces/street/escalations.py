"""Doors of the street: requests from the halls, and the street's answer, a row of its own that the hall takes up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.unmask import people_line
from app.faces.visitor import actor
from app.matter import escalation, levels, outside_rules, street_asks
from app.matter.escalation_queries import light_of
from app.matter.models import Escalation, Matter
from app.matter.outside_queries import letters_of
from app.matter.situation import LABELS, Stage
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.hosts import site_url
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up"
TABS = {"waiting": N_("等街道答的"), "late": N_("到期没答的"), "taken": N_("街道在办的"), "done": N_("答复过的")}
KEPT = ("tab", "community", "to")
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
    """What waits by its clock, what is late, in hand, answered; each with what the grid and the community tried."""
    now, halls, chosen = clock.now(), street.communities(), _chosen()
    number = page_number()
    hall = next((hall for hall in halls if hall.slug == chosen["community"]), None)
    tally = street_asks.tally(now)
    rows, total = street_asks.page_of(
        chosen["tab"], now=now, page=number, community_id=hall.id if hall else None, to=chosen["to"]
    )
    here = {name: value for name, value in chosen.items() if value}
    return desk(
        "street/escalations.html", "escalations", rows=[_row(row) for row in rows], total=total, number=number,
        last=max(1, -(-total // street_asks.PAGE)), chosen=chosen, late=tally["late"],
        url_of=lambda n: site_url("street.escalations", **here, page=n),
        halls=[("", _("全部社区")), *((hall.slug, hall.name) for hall in halls)],
        levels=[("", _("全部")), ("street", _("请街道")), ("external", _("请外单位"))],
        tabs=[
            (f"{_(label)} {tally.get(name, '')}".strip(), site_url("street.escalations", **{**here, "tab": name}),
             name == chosen["tab"])
            for name, label in TABS.items()
        ],
    )  # fmt: skip


def escalation_page(escalation_id: UUID) -> Any:
    """One request with its answers and the form for the next one; ``?kind=`` has one answer chosen already."""
    asked, matter = _found(escalation_id)
    return _page(asked, matter, _form(asked, ReplyForm(formdata=None, kind=request.args.get("kind"))))


def reply(escalation_id: UUID) -> Any:
    """Write the street's answer; the hall's worker takes it up after the commit."""
    asked, matter = _found(escalation_id)
    form = _form(asked, ReplyForm())
    form.validate()
    words, kind = (form.words.data or "").strip(), form.kind.data or ""
    if not form.kind.offers(kind):
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


def _chosen() -> dict[str, str]:
    """What the officer last chose on this browser, until another choice; nothing of it reaches the database."""
    if any(name in request.args for name in KEPT):
        session["escalations"] = [request.args.get(name, "") for name in KEPT]
    tab, community, to = session.get("escalations", ("waiting", "", ""))
    return {
        "tab": tab if tab in TABS else "waiting", "community": community,
        "to": to if to in ("street", "external") else "",
    }  # fmt: skip


def _row(row: street_asks.Row) -> dict[str, Any]:
    asked, where = row.escalation, {"community_slug": row.community.slug, "matter_id": row.matter.id}
    return {
        "asked": asked, "number": row.matter.number, "community": row.community.name, "light": row.light,
        "title": row.matter.title if row.matter.visibility == "public" else "", "letters": row.letters,
        "state": levels.ESCALATION_LABELS[levels.Escalation(asked.state)], "is_open": asked.state in escalation.OPEN,
        "url": site_url("street.escalation", escalation_id=asked.id),
        "task_url": site_url("street.letter_new", **where, kind="task"),
        "letter_url": site_url("street.letter_new", **where, kind="letter"),
    }  # fmt: skip


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
    today = clock.today()
    return desk(
        "street/escalation.html", "escalations", asked=asked, form=form, light=light_of(asked, clock.now()),
        letters=letters_of(matter, today), labels=outside_rules, answers=answers, community=community,
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
