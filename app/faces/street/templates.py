"""Doors of the street: its own Word files, on which the papers of all its halls are written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.papers import docx_answer
from app.faces.visitor import actor
from app.people.permissions import Permission
from app.records import templates as kept
from app.records.documents.letterhead import MARKS
from app.records.documents.samples import sample, starter
from app.records.documents.upload import BYTES_MOST
from app.records.models import PaperTemplate
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_street

#: Names of files for the office, in its language like what is in them.
TRIAL, BLANK = N_("试写"), N_("空白模板")
MARK_WORDS = {
    "【标题】": N_("文书的标题"),
    "【编号】": N_("文书的编号"),
    "【正文】": N_("全部内容，单独占一段"),
    "【落款】": N_("谁发的"),
    "【日期】": N_("哪天发的"),
}


class TemplateForm(FlaskForm):
    """One Word file for one kind of paper."""

    kind = RadioField(
        _l("哪种文书"), choices=[(key, _l(label)) for key, label in kept.KIND_LABELS.items()], validate_choice=False
    )
    file = FileField(_l("Word 文件"))


def templates() -> str:
    """What each kind is written on now, the earlier versions, and the form for the next."""
    return _page(TemplateForm(formdata=None, kind="resolution"))


def template_add() -> Any:
    """Take a file in; whatever is wrong with it is told and nothing is kept. A second click adds no second version."""
    form, once = TemplateForm(), _once()
    if db.session.get(PaperTemplate, (current_street(), once)) is not None:
        return redirect(site_url("street.templates"), 303)
    form.validate()
    sent = request.files.get("file")
    data = sent.stream.read(BYTES_MOST + 1) if sent is not None else b""
    try:
        added = kept.add_template(
            form.kind.data or "", (sent.filename if sent else "") or "", data, by=actor(), now=clock.now(), id=once
        )
    except Refused as error:
        db.session.rollback()
        form.file.errors = [say(error.reason, error.values)]
        return _page(form), 422
    flash(_("第 %(n)s 版存好了，往后的%(kind)s都用它。", n=added.version, kind=_(kept.KIND_LABELS[added.kind])), "ok")
    return redirect(site_url("street.templates"), 303)


def template_file(template_id: UUID) -> Response:
    """The file as it was sent in."""
    found = _found(template_id)
    return docx_answer(found.content, kept.download_name(found))


def template_preview(template_id: UUID) -> Response:
    """A made-up paper on this file, to be looked at in Word before a real one is written."""
    found = _found(template_id)
    return docx_answer(sample(found.kind, found.content), f"{TRIAL}_{kept.KIND_LABELS[found.kind]}.docx")


def template_starter() -> Response:
    """The standard page with every mark in its place, to put a letterhead on."""
    return docx_answer(starter(), f"{BLANK}.docx")


def template_withdraw(template_id: UUID) -> Any:
    """Papers go back to the version before, or to the standard page."""
    found = _found(template_id)
    kept.withdraw_template(found.id, by=actor(), now=clock.now())
    flash(_("停用了第 %(n)s 版%(kind)s模板。", n=found.version, kind=_(kept.KIND_LABELS[found.kind])), "ok")
    return redirect(site_url("street.templates"), 303)


def _found(template_id: UUID) -> PaperTemplate:
    found = kept.find_template(template_id)
    if found is None:
        raise Missing(N_("没有这个模板。"))
    return found


def _once() -> UUID:
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return uuid7()


def _page(form: TemplateForm) -> str:
    versions = kept.list_templates()
    kinds = [
        {
            "label": label, "used": next((v for v in versions if v.kind == key and v.is_used), None),
            "versions": [v for v in versions if v.kind == key],
        }
        for key, label in kept.KIND_LABELS.items()
    ]  # fmt: skip
    return desk(
        "street/templates.html", "templates", form=form, kinds=kinds, marks=[(m, _(MARK_WORDS[m])) for m in MARKS],
        most=BYTES_MOST // 1024 // 1024, once=request.form.get("once") or uuid7(),
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/templates", templates, P.STREET_TEMPLATE_WRITE),
    Door("POST", "/templates", template_add, P.STREET_TEMPLATE_WRITE),
    Door("GET", "/templates/blank.docx", template_starter, P.STREET_TEMPLATE_WRITE),
    Door("GET", "/templates/<uuid:template_id>/file.docx", template_file, P.STREET_TEMPLATE_WRITE),
    Door("GET", "/templates/<uuid:template_id>/sample.docx", template_preview, P.STREET_TEMPLATE_WRITE),
    Door("POST", "/templates/<uuid:template_id>/withdrawal", template_withdraw, P.STREET_TEMPLATE_WRITE),
]
