"""Doors of the hall: correcting a signed resolution (更正); the earlier version stays to be read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from app import clock
from app.faces import figures
from app.faces.community import paperwork
from app.faces.community.resolutions import ResolutionForm, readable
from app.faces.community.sheets import resolution_sheet
from app.faces.community.task_rows import owner_kinds, task_from, typed_rows
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.models import Resolution
from app.matter.models import Matter
from app.people.permissions import Permission
from tenants.database import uuid7
from tenants.hosts import site_url

#: What a paper prints of a task; whose account carries it and their phone are no part of it.
COLUMNS = ("what", "who", "due", "planned", "kind", "target", "unit", "letter")


class CorrectionForm(ResolutionForm):
    """The whole text again, and why it is corrected."""

    reason = TextAreaField(_l("为什么更正"))


def correction_form(resolution_id: UUID) -> str:
    """The text as it stands, to be mended."""
    found, matter = _correctable(resolution_id)
    form = CorrectionForm(formdata=None, data={name: getattr(found, name) for name in rules.TEXT_FIELDS})
    return _page(found, matter, form, _rows_of(found))


def correct(resolution_id: UUID) -> Any:
    """Make the next version. A second click finds it."""
    row_id, form, rows = paperwork.once(), CorrectionForm(), typed_rows(COLUMNS)
    if paperwork.already(Resolution, row_id):
        return redirect(site_url("community.resolution", resolution_id=row_id), 303)
    found, matter = _correctable(resolution_id)
    made = paperwork.attempt(form, lambda: _correct(found, form, rows, row_id))
    if made is None:
        found, matter = readable(resolution_id)
        return _page(found, matter, form, rows), 422
    if queries.owes_posting(matter):
        flash(_("更正为第 %(n)s 版。办的事和原来不一样了，公示已撤下，请按新的一版重新公示。", n=made.version), "ok")
        return redirect(site_url("community.posting_form", matter_id=matter.id), 303)
    flash(_("更正为第 %(n)s 版，原来的一版还能查到。", n=made.version), "ok")
    return redirect(site_url("community.resolution", resolution_id=made.id), 303)


def _correctable(resolution_id: UUID) -> tuple[Resolution, Matter]:
    found, matter = readable(resolution_id)
    rules.may_correct(found.signed_at, found.replaced_at, matter.stage).or_refuse()
    return found, matter


def _correct(found: Resolution, form: CorrectionForm, rows: list[dict[str, str]], row_id: UUID) -> Resolution:
    text = actions.Text(**{name: form[name].data or "" for name in rules.TEXT_FIELDS})
    tasks = [task_from(n, row) for n, row in enumerate(rows, start=1)]
    return actions.correct_resolution(
        found, text, reason=form.reason.data or "", tasks=tasks, by=actor(), now=clock.now(), id=row_id
    )


def _rows_of(found: Resolution) -> list[dict[str, str]]:
    return [
        {
            "what": task["what"], "who": task["who"], "due": date.fromisoformat(task["due"]).isoformat(),
            "planned": figures.typed_yuan(task["planned_fen"] or None), "target": str(task.get("target") or ""),
            "unit": task.get("unit", ""), "letter": task.get("letter_no", ""),
            "kind": "" if task.get("owner_kind", "person") == "person" else task["owner_kind"],
        }
        for task in found.tasks
    ]  # fmt: skip


def _page(found: Resolution, matter: Matter, form: CorrectionForm, rows: list[dict[str, str]]) -> str:
    posting = queries.posting_of(matter)
    return desk(
        "desk/resolution_correction.html", "ledger", matter=matter, resolution=found, form=form, rows=rows,
        kinds=owner_kinds(),
        sheet=resolution_sheet(found, matter, (), posting), hangs=posting is not None and posting.state == "up",
        once=request.form.get("once") or uuid7(), back=paperwork.matter_link(matter),
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk/resolutions/<uuid:resolution_id>/correction", correction_form, Permission.RATIFICATION_WRITE),
    Door("POST", "/desk/resolutions/<uuid:resolution_id>/correction", correct, Permission.RATIFICATION_WRITE,
         name="correct_resolution"),
]  # fmt: skip
