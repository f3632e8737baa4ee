"""Doors of a child's matter: whoever handles it says why before it opens, once a day; and the list of all looks.

Source: 未成年人网络保护条例 (domain.md section 5): least authority, access for a reason, each access logged.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app import clock
from app.errors import Missing, NotAllowed
from app.faces.community.inputs import last_page, page_number
from app.faces.community.sight import remember_look, viewer_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, local_path
from app.faces.visitor import actor
from app.matter.actions import find_matter
from app.matter.looks import numbers_of
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage
from app.people import looks
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

GONE = N_("没有这件事。")
KINDS = (("", N_("全部")), ("street", N_("街道看的")), ("staff", N_("社区看的")))


class ReasonForm(FlaskForm):
    """Why a child's matter is opened."""

    reason = StringField(_l("为什么要看"))
    next = HiddenField()


def ask_for_reason(matter: Matter) -> Any:
    """The way to the form, and from there back to the page that was asked for."""
    back = request.script_root + request.full_path.rstrip("?")
    return redirect(site_url("community.minor_look", matter_id=matter.id, next=back), 303)


def reason_page(matter: Matter, form: ReasonForm | None = None) -> str:
    """The form; neither title nor words stand on it."""
    form = form or ReasonForm(formdata=None, next=local_path(request.args.get("next")))
    return desk(
        "desk/minor_look.html", "ledger", matter=matter, form=form, stage=_(LABELS[Stage(matter.stage)]),
        least=looks.REASON_LEAST,
    )  # fmt: skip


def minor_look(matter_id: UUID) -> Any:
    """The form for the reason."""
    return reason_page(_handled(matter_id))


def minor_look_write(matter_id: UUID) -> Any:
    """Write the reason down; until midnight the matter opens for this person."""
    matter, form = _handled(matter_id), ReasonForm()
    form.validate()
    verdict = looks.good_reason(form.reason.data or "")
    if not verdict:
        form.reason.errors = [say(verdict.reason, verdict.values)]
        return reason_page(matter, form), 422
    looks.look_at("minor", form.reason.data or "", by=actor(), now=clock.now(), matter_id=matter.id)
    remember_look(matter.id)
    back = local_path(form.next.data) or site_url("community.desk_matter", matter_id=matter.id)
    return redirect(back, 303)


def looks_list() -> str:
    """Everybody who looked at somebody's data or at a closed matter, the newest first."""
    kind, page = request.args.get("kind", ""), page_number()
    kind = kind if kind in dict(KINDS) else ""
    rows, total = looks.looks_page(kind=kind, page=page)
    numbers = numbers_of([row.matter_id for row in rows if row.matter_id])
    shown = [
        {
            "at": row.at, "who": row.viewer_label, "is_street": row.viewer_kind == "street", "reason": row.reason,
            "subject": _(looks.SUBJECTS[row.subject]), "number": numbers.get(row.matter_id, ""),
            "matter_id": row.matter_id,
        }
        for row in rows
    ]  # fmt: skip
    return desk(
        "desk/looks.html", "privacy_desk", rows=shown, total=total, page=page, last=last_page(total, looks.PAGE),
        kind=kind, kinds=KINDS, url_of=lambda number: site_url("community.looks", page=number, kind=kind or None),
    )  # fmt: skip


def _handled(matter_id: UUID) -> Matter:
    matter = find_matter(matter_id)
    if matter is None or not matter.has_minor:
        raise Missing(GONE)
    if not viewer_of(matter).is_handler:
        raise NotAllowed(N_("这是未成年人的事，只有经手的人能看。"))
    return matter


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/looks", minor_look, P.MATTER_READ),
    Door("POST", "/desk/matters/<uuid:matter_id>/looks", minor_look_write, P.MATTER_READ),
    Door("GET", "/desk/looks", looks_list, P.LOOK_READ, name="looks"),
]
