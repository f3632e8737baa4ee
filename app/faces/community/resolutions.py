"""Doors of the hall: writing a resolution down, looking at it before it gets its number, reading and printing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing
from app.faces.community import paperwork
from app.faces.community.postings import too_early
from app.faces.community.resolution_draft import as_before, prefilled
from app.faces.community.sheets import change_words, resolution_paper, resolution_sheet
from app.faces.community.tally_words import blocks
from app.faces.community.task_rows import COLUMNS, MORE_ROWS, empty_rows, filled_up, owner_kinds, tasks_from, typed_rows
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.papers import docx_answer
from app.faces.visitor import actor
from app.flow.deliberate.queries import hall_people
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.models import Resolution
from app.flow.resolve.tally import Grounds, grounds_of
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.records.documents.filename import paper_filename
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url


class ResolutionForm(FlaskForm):
    """The text of a resolution; its task rows are read beside it."""

    title = StringField(_l("决议标题"))
    basis = TextAreaField(_l("议定依据"))
    words = TextAreaField(_l("决议内容"))
    dissent = TextAreaField(_l("不同意见"))
    dissent_answer = TextAreaField(_l("答复"))
    signed_by = StringField(_l("落款"))


def resolution_form(matter_id: UUID) -> str:
    """The form, filled in from the ballot, the sitting and the options."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.DECIDED)
    grounds = grounds_of(matter)
    earlier = queries.valid_resolution(matter)
    fields, rows = as_before(earlier) if earlier is not None else (prefilled(matter, grounds), empty_rows())
    return _form_page(matter, ResolutionForm(formdata=None, data=fields), grounds, rows)


def resolution_check(matter_id: UUID) -> Any:
    """Show the paper as it will be; the number is given only after a second yes, and nothing is written yet."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.DECIDED)
    form, rows = ResolutionForm(), typed_rows()
    if request.form.get("more") or request.form.get("back"):
        rows += empty_rows(MORE_ROWS if request.form.get("more") else 0)
        return _form_page(matter, form, grounds_of(matter), rows)
    sheet = paperwork.attempt(form, lambda: _dry_run(matter, form, rows))
    matter = paperwork.matter_or_404(matter_id)
    if sheet is None:
        return _form_page(matter, form, grounds_of(matter), rows), 422
    return desk(
        "desk/resolution_check.html", "ledger", matter=matter, sheet=sheet, form=form, rows=rows,
        early=too_early(matter, rows),
        columns=COLUMNS, once=request.form.get("once") or uuid7(), back=paperwork.matter_link(matter),
    )  # fmt: skip


def write_resolution(matter_id: UUID) -> Any:
    """Number it. A second click finds the paper of the first."""
    matter = paperwork.matter_or_404(matter_id)
    row_id, form, rows = paperwork.once(), ResolutionForm(), typed_rows()
    if paperwork.already(Resolution, row_id):
        return redirect(site_url("community.resolution", resolution_id=row_id), 303)
    paperwork.must_stand_at(matter, Stage.DECIDED)
    written = paperwork.attempt(form, lambda: _write(matter, form, rows, row_id))
    if written is None:
        return _form_page(paperwork.matter_or_404(matter_id), form, grounds_of(matter), rows), 422
    flash(_("决议写好了，编号 %(number)s。", number=written.number), "ok")
    return redirect(site_url("community.resolution", resolution_id=written.id), 303)


def resolution(resolution_id: UUID) -> str:
    """The paper, for everybody who may read the matter's open facts."""
    found, matter = readable(resolution_id)
    return page("hall/resolution.html", **_reading(found, matter), public_url=paperwork.public_link(matter))


def resolution_print(resolution_id: UUID) -> str:
    """The paper on A4."""
    found, matter = readable(resolution_id)
    return page("hall/resolution_paper.html", **_reading(found, matter))


def resolution_docx(resolution_id: UUID) -> Response:
    """The paper as .docx, named as domain section 4 asks."""
    found, matter = readable(resolution_id)
    data = resolution_paper(found, matter, queries.tasks_of(found.id), queries.posting_of(matter))
    number = int(found.number.rpartition("〕")[2].rstrip("号"))
    day = clock.local(found.made_at).date()
    return docx_answer(data, paper_filename(day, house().short, "决议书", number, found.version))


def sign(resolution_id: UUID) -> Any:
    """The secretary signs it off; a second click finds it signed."""
    found, _matter = readable(resolution_id)
    signed = actions.sign_resolution(found, by=actor(), now=clock.now())
    flash(_("决议 %(number)s 签发了，往后只能更正，不能改写。", number=signed.number), "ok")
    return redirect(site_url("community.resolution", resolution_id=resolution_id), 303)


def redeliberate(matter_id: UUID) -> Any:
    """An objection was upheld: back to looking into it."""
    matter = paperwork.matter_or_404(matter_id)
    actions.redeliberate(matter, reason=_reason(), by=actor(), now=clock.now())
    flash(_("这件事回到调查研究，决议和公示已经撤下。"), "ok")
    return redirect(paperwork.matter_link(matter) or site_url("community.desk_postings"), 303)


def readable(resolution_id: UUID) -> tuple[Resolution, Matter]:
    """A version and its matter, where its open facts may be read; else 404."""
    found = queries.find_resolution(resolution_id)
    if found is None:
        raise Missing(N_("没有这份决议。"))
    paperwork.public_or_404(found[1])
    return found


def _reading(found: Resolution, matter: Matter) -> dict[str, Any]:
    posting = queries.posting_of(matter) if found.replaced_at is None else None
    sheet = resolution_sheet(found, matter, queries.tasks_of(found.id), posting)
    return {
        "sheet": sheet, "resolution": found, "matter": matter, "posting": posting, "history": history_of(found),
        "may_correct": bool(rules.may_correct(found.signed_at, found.replaced_at, matter.stage)),
    }  # fmt: skip


def history_of(found: Resolution) -> list[dict[str, Any]]:
    """Every version with its reason and what it changed, newest first; empty while there is only one."""
    versions = queries.versions_of(found) if found.version > 1 or found.replaced_at is not None else []
    if len(versions) < 2:
        return []
    pairs = zip([None, *versions], versions, strict=False)
    return [
        {
            "id": version.id, "version": version.version, "at": version.made_at, "reason": version.correction_reason,
            "is_here": version.id == found.id, "holds": version.replaced_at is None,
            "changes": [change_words(one) for one in rules.changes(queries.written(before), queries.written(version))]
            if before is not None else [],
        }
        for before, version in pairs
    ][::-1]  # fmt: skip


def _form_page(matter: Matter, form: ResolutionForm, grounds: Grounds, rows: list[dict[str, str]]) -> str:
    people = [(str(account.id), account.display_name) for account in hall_people()]
    return desk(
        "desk/resolution_form.html", "ledger", matter=matter, form=form, grounds=grounds, rows=filled_up(rows),
        people=people, kinds=owner_kinds(), once=request.form.get("once") or uuid7(),
        back=paperwork.matter_link(matter), earlier=queries.valid_resolution(matter), counts=blocks(grounds.tally),
    )  # fmt: skip


def _write(matter: Matter, form: ResolutionForm, rows: list[dict[str, str]], row_id: UUID) -> Resolution:
    return actions.write_resolution(
        matter, title=form.title.data or "", basis=form.basis.data or "", words=form.words.data or "",
        tasks=tasks_from(rows), dissent=form.dissent.data or "", dissent_answer=form.dissent_answer.data or "",
        signed_by=form.signed_by.data or "", by=actor(), now=clock.now(), id=row_id,
    )  # fmt: skip


def _dry_run(matter: Matter, form: ResolutionForm, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Everything the real act would check, then taken back: no number is used up and no news goes out."""
    trial = db.session.begin_nested()
    try:
        made = _write(matter, form, rows, uuid7())
        return resolution_sheet(made, matter, queries.tasks_of(made.id), None)
    finally:
        trial.rollback()
        db.session.info.pop("told", None)


def _reason() -> str:
    return (request.form.get("reason") or "").strip()


DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/resolution-draft", resolution_form, Permission.RESOLUTION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/resolution-draft", resolution_check, Permission.RESOLUTION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/resolutions", write_resolution, Permission.RESOLUTION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/posting-reversals", redeliberate, Permission.RESOLUTION_WRITE,
         name="redeliberate_posting"),
    Door("POST", "/desk/resolutions/<uuid:resolution_id>/signature", sign, Permission.RESOLUTION_WRITE,
         name="sign_resolution"),
    Door("GET", "/resolutions/<uuid:resolution_id>", resolution, Permission.ANYONE_ENTER),
    Door("GET", "/resolutions/<uuid:resolution_id>/paper", resolution_print, Permission.ANYONE_ENTER),
    Door("GET", "/resolutions/<uuid:resolution_id>/paper.docx", resolution_docx, Permission.ANYONE_ENTER),
]  # fmt: skip
