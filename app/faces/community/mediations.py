"""Doors of the hall: the list of mediations, and a quarrel's way in, from a matter or straight from the counter.

The list tells names and words only to those who handle the matter; everybody else at the desk gets numbers.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community import mediation_forms as forms
from app.faces.community import paperwork
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import as_uuid, last_page, page_number, tidy
from app.faces.community.matter import readable
from app.faces.community.mediation_acts import DOORS as ACT_DOORS
from app.faces.community.mediation_agreement import DOORS as AGREEMENT_DOORS
from app.faces.community.mediation_page import STANDINGS, mediation
from app.faces.community.mediation_papers import DOORS as PAPER_DOORS
from app.faces.community.mediation_register import DOORS as REGISTER_DOORS
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.collect import rules as spoken
from app.flow.collect.actions import Saying, submit
from app.flow.resolve import mediating, mediation_lists, mediation_queries
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import Mediation
from app.flow.triage.actions import accept
from app.flow.triage.queries import carriers
from app.matter.actions import situation_of
from app.matter.ledger import is_child_s, may_read
from app.matter.models import Matter
from app.matter.situation import LEVEL_LABELS, Level
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

TABS = {
    "": N_("全部"), "open": N_("正在调"), "agreed": N_("等盖章"), "performing": N_("正在履行"), "late": N_("过了日子"),
    "performed": N_("都履行了"), "failed": N_("没谈成、不调了"),
}  # fmt: skip
#: By which door a quarrel comes to the counter.
CHANNELS = ("point", "visit", "door", "phone", "event", "12345")
#: A quarrel starts where its people live; the community only takes what the grid cannot settle.
LEVELS = (Level.GRID, Level.COMMUNITY)


def mediations() -> str:
    """The list for those who handle disputes, by where each stands; for others how many stand where."""
    today, who, number = clock.today(), reader(), page_number()
    tab, applied = request.args.get("tab", ""), request.args.get("applied", "")
    tab, applied = tab if tab in TABS else "", applied if applied in rules.APPLIED else ""
    counts = mediation_lists.counts(today)
    # On the grid only whoever carries a quarrel reads of it; the rest is numbers.
    found, total = mediation_lists.page(
        tab, today=today, number=number, applied=applied, owner_id=None if who.is_office else who.id
    )
    here = {"tab": tab or None, "applied": applied or None}

    def url_of(n: int) -> str:
        return site_url("community.mediations", **here, page=n)

    me = visitor()
    works = bool(me and me.can(Permission.MEDIATION_WRITE))
    return desk(
        "desk/mediations.html", "mediations", rows=[_line(row) for row in found], total=total, tab=tab,
        applied=applied, number=number,
        last=last_page(total, mediation_lists.PAGE), url_of=url_of, works=works,
        kpis=_kpis(counts), sheet_url=site_url("community.mediations_sheet", **here), is_office=who.is_office,
        tabs=[
            (_(label), site_url("community.mediations", tab=name or None, applied=applied or None), name == tab)
            for name, label in TABS.items()
        ],
        applied_choices=[("", _("全部")), *((key, _(label)) for key, label in rules.APPLIED.items())],
        waiting=[_waiting(row) for row in mediation_lists.waiting()] if works and tab in ("", "open") else [],
    )  # fmt: skip


def mediation_new() -> str:
    """A quarrel brought to the counter."""
    me = actor()
    form = forms.IntakeForm(
        formdata=None, once=str(uuid7()), channel="point", level="grid", applied_by="party", category="neighbours",
        owner=str(me.id or ""),
    )  # fmt: skip
    return _intake_page(form)


def mediation_add() -> Any:
    """Write it down, take it on and open its file in one go; a second click leads to the same page."""
    form = forms.IntakeForm()
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(Mediation, row_id):
        _choices(form)
        try:
            made = paperwork.attempt(form, lambda: _take_in(form, row_id))
        except IntegrityError:
            db.session.rollback()
            made = paperwork.already(Mediation, row_id) or None
        if made is None:
            return _intake_page(form), 422
    flash(_("登记好了，把双方写全，定下由谁来调。"), "ok")
    return redirect(site_url("community.mediation", mediation_id=row_id), 303)


def matter_mediation(matter_id: UUID) -> Any:
    """The mediation of this matter, or the form that opens it."""
    matter = readable(matter_id)
    made = mediation_queries.id_of(matter)
    if made is not None:
        return redirect(site_url("community.mediation", mediation_id=made))
    rules.may_open(situation_of(matter)).or_refuse()
    return _open_page(matter, forms.OpenForm(formdata=None, once=str(uuid7()), applied_by="party"))


def mediation_open(matter_id: UUID) -> Any:
    """Open the file of a quarrel that was taken on."""
    matter, form = readable(matter_id), forms.OpenForm()
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(Mediation, row_id):
        made = paperwork.attempt(form, lambda: mediating.open_mediation(
            matter, dispute=form.dispute.data or "", applied_by=form.applied_by.data or "", by=actor(),
            now=clock.now(), id=row_id,
        ))  # fmt: skip
        if made is None:
            return _open_page(readable(matter_id), form), 422
    flash(_("登记好了，把双方写全，定下由谁来调。"), "ok")
    return redirect(site_url("community.mediation", mediation_id=row_id), 303)


def _take_in(form: forms.IntakeForm, row_id: UUID) -> Mediation:
    by, now = actor(), clock.now()
    owner = as_uuid(form.owner.data)
    if owner is None or form.level.data not in {str(level) for level in LEVELS}:
        raise Refused(N_("选一下责任人和哪一级来办。"))
    if form.channel.data not in CHANNELS:
        raise Refused(N_("选一下从哪儿听来的。"))
    if not tidy(form.name.data) or not tidy(form.other.data):
        raise Refused(N_("双方怎么称呼都要写。"))
    saying = Saying(
        words=form.dispute.data or "", title=tidy(form.title.data), wish=(form.wish.data or "").strip(),
        category=form.category.data or "", place=tidy(form.place.data), channel=form.channel.data,
        name=tidy(form.name.data), phone=tidy(form.phone.data), track="mediation", for_another=True,
        entered_by=by.id, read_back=bool(form.read_back.data),
    )  # fmt: skip
    matter = submit(saying, by=by, now=now).matter
    db.session.flush()
    accept(
        matter, by=by, now=now, triage="minor", level=form.level.data, owner_id=owner, power="council",
        category=form.category.data or "", title=tidy(form.title.data), track="mediation",
    )  # fmt: skip
    made = mediating.open_mediation(
        matter, dispute=form.dispute.data or "", applied_by=form.applied_by.data or "", by=by, now=now, id=row_id
    )
    for side, name, phone in (("a", form.name, form.phone.data), ("b", form.other, "")):
        whole = mediation_queries.find(made.id)
        if whole is not None:
            mediating.add_person(
                whole, side=side, name=tidy(name.data), contact=tidy(phone), by=by, now=now
            )  # fmt: skip
    return made


def _line(row: mediation_lists.Line) -> dict[str, Any]:
    # A child's quarrel stands here without its title; its page asks for the reason first.
    who = reader()
    told = may_read(row.matter, who)
    label, icon, tone = STANDINGS[row.standing]
    return {
        "mediation": row.mediation, "matter": row.matter, "next_due": row.next_due, "talks": row.talks,
        "title": row.matter.title if told else hidden_title(is_child_s(row.matter)),
        "url": site_url("community.mediation", mediation_id=row.mediation.id),
        "standing": _(label), "icon": icon, "tone": tone,
        "applied": _(rules.APPLIED[row.mediation.applied_by]),
    }  # fmt: skip


def _waiting(matter: Matter) -> dict[str, Any]:
    told = may_read(matter, reader())
    return {
        "matter": matter, "title": matter.title if told else hidden_title(is_child_s(matter)),
        "url": site_url("community.matter_mediation", matter_id=matter.id),
    }  # fmt: skip


def _kpis(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Numbers that anybody at the desk may read (K10 is counted by the figures, over a period)."""
    ended = sum(counts.get(name, 0) for name in STANDINGS if name != "open")
    agreed = ended - counts.get("failed", 0) - counts.get("withdrawn", 0)
    return [
        {"label": _("正在调"), "value": counts.get("open", 0), "unit": _("件")},
        {"label": _("谈成"), "value": agreed, "unit": _("件"), "text": _("结束的 %(n)s 件里", n=ended)},
        {"label": _("正在履行"), "value": counts.get("performing", 0), "unit": _("件")},
        {"label": _("过了日子"), "value": counts.get("late", 0), "unit": _("件")},
        {"label": _("都履行了"), "value": counts.get("performed", 0), "unit": _("件")},
    ]  # fmt: skip


def _choices(form: forms.IntakeForm) -> None:
    form.category.choices = [(key, _(label)) for key, label in spoken.CATEGORIES.items()]
    form.channel.choices = [(key, _(spoken.CHANNELS[key])) for key in CHANNELS]
    form.level.choices = [(str(level), _(LEVEL_LABELS[level])) for level in LEVELS]
    form.owner.choices = [(str(key), name) for key, name in carriers(clock.today())]


def _intake_page(form: forms.IntakeForm) -> str:
    _choices(form)
    return desk("desk/mediation_new.html", "mediations", form=form)


def _open_page(matter: Matter, form: forms.OpenForm) -> str:
    return desk("desk/mediation_open.html", "mediations", matter=matter, form=form, back=paperwork.matter_link(matter))


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/mediations", mediations, P.MATTER_READ),
    Door("GET", "/desk/mediations/new", mediation_new, P.MEDIATION_WRITE),
    Door("POST", "/desk/mediations", mediation_add, P.MEDIATION_WRITE),
    Door("GET", "/desk/mediations/<uuid:mediation_id>", mediation, P.MATTER_READ),
    Door("GET", "/desk/matters/<uuid:matter_id>/mediation", matter_mediation, P.MEDIATION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/mediations", mediation_open, P.MEDIATION_WRITE),
    *ACT_DOORS,
    *AGREEMENT_DOORS,
    *PAPER_DOORS,
    *REGISTER_DOORS,
]  # fmt: skip
