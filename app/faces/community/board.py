"""Doors of the hall's board: what hangs there, how to object to it, and the sheet to print."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing
from app.faces.community import paperwork
from app.faces.community.sheets import clock_words, posting_days, posting_paper, resolution_sheet, tasks_as_written
from app.faces.doors import Door
from app.faces.pages import page
from app.faces.papers import docx_answer
from app.faces.visitor import actor
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.models import Objection, Posting, Resolution
from app.matter.house import house
from app.matter.models import Matter
from app.people.permissions import Permission
from app.records.documents.filename import paper_filename
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


class ObjectionForm(FlaskForm):
    """What a neighbour says against it."""

    words = TextAreaField(_l("您的意见"))
    contact = StringField(_l("怎么联系您"))


def postings() -> str:
    """What hangs on the board now, for everybody."""
    today = clock.today()
    rows = [
        {"posting": posting, "title": matter.title, "clock": clock_words(posting, today)}
        for posting, _resolution, matter, _came, _waiting in queries.postings(public=True)
        if paperwork.open_to_reader(matter)
    ]
    return page("hall/postings.html", rows=rows)


def posting(posting_id: UUID) -> str:
    """One posting: the plan, the clock in words, how to object."""
    return _public_page(*_public(posting_id), ObjectionForm(formdata=None))


def object_to(posting_id: UUID) -> Any:
    """Take in an objection; the words stay inside until they are answered."""
    found, _resolution, _matter = _public(posting_id)
    row_id, form = paperwork.once(), ObjectionForm()
    said = True if paperwork.already(Objection, row_id) else paperwork.attempt(
        form, lambda: actions.object_to(
            found, form.words.data or "", contact=form.contact.data or "", by=actor(), now=clock.now(), id=row_id
        ),
    )  # fmt: skip
    if said is None:
        return _public_page(*_public(posting_id), form), 422
    flash(_("意见收到了。办事的人会逐条答复，您的姓名和电话不公开。"), "ok")
    return redirect(site_url("community.posting", posting_id=posting_id), 303)


def posting_print(posting_id: UUID) -> str:
    """The notice for the board: A4, with a code that leads back here."""
    found, resolution, matter = _sheet(posting_id)
    address = site_url("community.posting", posting_id=posting_id, external=True)
    return page(
        "hall/posting_paper.html", posting=found, days=posting_days(found), matter=matter, address=address,
        **_plan(resolution, matter),
        qr=qr_svg(address, label=_("扫码看进展、提意见")), ways=ways_to_object(found),
    )  # fmt: skip


def posting_docx(posting_id: UUID) -> Response:
    """The notice as .docx."""
    found, resolution, matter = _sheet(posting_id)
    data = posting_paper(found, resolution, matter, queries.tasks_of(resolution.id))
    number = int(found.number.rpartition("-")[2])
    return docx_answer(data, paper_filename(found.starts, house().short, "公示", number, resolution.version))


def ways_to_object(posting: Posting) -> list[tuple[str, str, str]]:
    """How anybody can object: icon, what to do, and where; the code stands beside them."""
    phone = g.site.phone or g.site.street_phone
    ways = [("telephone", _("打电话"), phone)] if phone else []
    ways.append(("mailbox", _("写纸条投信箱"), g.site.address or posting.place))
    return [*ways, ("qr-code", _("扫码，在手机上说"), "")]


def found_posting(posting_id: UUID) -> tuple[Posting, Resolution, Matter]:
    """A posting of this hall with the version that hangs and its matter; else 404."""
    found = queries.find_posting(posting_id)
    if found is None:
        raise Missing(N_("没有这份公示。"))
    return found


def newer_version(resolution: Resolution) -> Resolution | None:
    """The corrected version of what hangs, if there is one."""
    if resolution.replaced_at is None:
        return None
    newest = queries.versions_of(resolution)[-1]
    return newest if newest.replaced_at is None else None


def _public(posting_id: UUID) -> tuple[Posting, Resolution, Matter]:
    found = found_posting(posting_id)
    paperwork.public_or_404(found[2])
    return found


def _sheet(posting_id: UUID) -> tuple[Posting, Resolution, Matter]:
    """What a printed sheet shows: the version that hangs, or with ``?new=1`` the one that is to hang instead."""
    found, resolution, matter = _public(posting_id)
    newest = queries.valid_resolution(matter) if request.args.get("new") else None
    return found, newest if newest is not None and newest.number == resolution.number else resolution, matter


def _public_page(posting: Posting, resolution: Resolution, matter: Matter, form: ObjectionForm) -> str:
    today: date = clock.today()
    return page(
        "hall/posting.html", posting=posting, days=posting_days(posting), matter=matter, form=form,
        **_plan(resolution, matter),
        clock=clock_words(posting, today), once=request.form.get("once") or uuid7(),
        may_object=rules.may_object(posting.state, posting.starts, posting.objections_until, today),
        answered=queries.objections_of(posting.id, answered_only=True), public_url=paperwork.public_link(matter),
        newer=newer_version(resolution), ways=ways_to_object(posting),
        qr=qr_svg(site_url("community.posting", posting_id=posting.id, external=True), label=_("扫码提意见")),
    )  # fmt: skip


def _plan(resolution: Resolution, matter: Matter) -> dict[str, Any]:
    tasks = queries.tasks_of(resolution.id)
    return {
        "resolution": resolution,
        "sheet": resolution_sheet(resolution, matter, tasks, None),
        "money_fen": sum(task["planned_fen"] for task in tasks_as_written(resolution, tasks)),
    }


DOORS: list[Door] = [
    Door("GET", "/postings", postings, Permission.ANYONE_ENTER),
    Door("GET", "/postings/<uuid:posting_id>", posting, Permission.ANYONE_ENTER),
    Door("POST", "/postings/<uuid:posting_id>/objections", object_to, Permission.ANYONE_OBJECT,
         limit="10 per 10 minutes"),
    Door("GET", "/postings/<uuid:posting_id>/paper", posting_print, Permission.ANYONE_ENTER),
    Door("GET", "/postings/<uuid:posting_id>/paper.docx", posting_docx, Permission.ANYONE_ENTER),
]  # fmt: skip
