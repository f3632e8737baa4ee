"""Doors of the hall: telling the hall that something on a public matter's page should not stand there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community.inputs import as_uuid, take_back
from app.faces.community.voices import own_mark, told_or_404
from app.faces.doors import Door
from app.faces.pages import page
from app.flow.collect import hiding
from app.flow.collect import voices_queries as queries
from app.flow.collect import voices_rules as rules
from app.flow.collect.queries import photos_of
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

NOTHING = N_("没有这样东西，或者它已经不在页面上了。")


class ReportForm(FlaskForm):
    """What, and why."""

    about = RadioField(_l("哪一样不合适"), validate_choice=False)
    reason = RadioField(
        _l("为什么不合适"), choices=[(code, _l(label)) for code, label in rules.REASONS.items()], validate_choice=False
    )
    words = TextAreaField(_l("多说一句"))


def report(matter_id: UUID) -> str:
    """The form; ``?comment=`` names one comment, otherwise the whole matter or one of its pictures is chosen."""
    return _page(told_or_404(matter_id), ReportForm(formdata=None, about=_asked()), _asked())


def report_send(matter_id: UUID) -> Any:
    """Take the report in, once a voice; everybody who reports the same thing is heard together."""
    matter, form = told_or_404(matter_id), ReportForm()
    form.validate()
    about = form.about.data or ""
    if not about:
        form.about.errors = [_("请选一样。")]
        return _page(matter, form, ""), 422
    subject, subject_id = _subject(matter, about)
    mark = own_mark()
    try:
        is_new = hiding.report(
            matter, subject, subject_id, reason=form.reason.data or "", words=form.words.data or "", mark=mark,
            now=clock.now(),
        )  # fmt: skip
    except Refused as error:
        take_back(form, "reason" if form.reason.data not in rules.REASONS else "words", error)
        return _page(told_or_404(matter_id), form, about), 422
    flash(_("谢谢您告诉社区，有人会来看，看过就处理。") if is_new else _heard_before(subject, subject_id, mark), "ok")
    return redirect(site_url("community.public_matter", matter_id=matter_id), 303)


def _heard_before(subject: str, subject_id: UUID, mark: str) -> str:
    before = queries.own_report(subject, subject_id, mark)
    if before is None or before.state == "open":
        return _("这一样您已经说过了，社区正在看。谢谢您。")
    return _("这一样您说过，社区看过了：%(outcome)s", outcome=before.outcome)


def _asked() -> str:
    comment = as_uuid(request.args.get("comment"))
    return f"comment:{comment}" if comment else ""


def _subject(matter: Matter, about: str) -> tuple[str, UUID]:
    """What is meant, if it stands on this matter's page now; anything else is as unknown as none."""
    kind, _colon, text = about.partition(":")
    wanted = as_uuid(text)
    if kind == "matter":
        return "matter", matter.id
    if kind == "comment" and wanted:
        found = queries.find_comment(wanted)
        if found and found[0].state == "shown" and found[0].matter_id == matter.id:
            return "comment", wanted
    if kind == "photo" and wanted and any(photo.id == wanted for photo in photos_of(matter, public_only=True)):
        return "photo", wanted
    raise Missing(NOTHING)


def _page(matter: Matter, form: ReportForm, about: str) -> str:
    photos, comment = [], None
    if about.startswith("comment:"):
        _subject(matter, about)
        found = queries.find_comment(UUID(about.partition(":")[2]))
        comment = found[0] if found else None
        form.about.choices = [(about, _("这条留言"))]
    else:
        photos = photos_of(matter, public_only=True)
        form.about.choices = [
            ("matter", _("整件事")),
            *((f"photo:{photo.id}", photo.caption or _("照片 %(n)s", n=n)) for n, photo in enumerate(photos, 1)),
        ]
        form.about.data = form.about.data or "matter"
    return page("hall/report.html", matter=matter, form=form, comment=comment, photos=photos, limit=rules.REPORT_WORDS)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/matters/<uuid:matter_id>/reports", report, P.ANYONE_REPORT),
    Door("POST", "/matters/<uuid:matter_id>/reports", report_send, P.ANYONE_REPORT, limit="10 per 10 minutes"),
]
