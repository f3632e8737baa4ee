"""Doors of the hall: the summary minutes (会议纪要) of a sitting: what was agreed, who does what by when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.minutes import readable, send_paper
from app.faces.community.minutes_paper import summary_of
from app.faces.community.sitting_page import OUTCOME_LABELS, Table
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.deliberate import actions, queries
from app.flow.resolve.models import Commitment, Resolution
from app.people.permissions import Permission
from app.records.documents import summary_docx
from app.records.templates import current_template
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community


def promises_of(table: Table) -> list[Commitment]:
    """What the resolutions on this sitting's matters promise that were made since it opened; one statement."""
    since = table.sitting.opened_at or table.sitting.starts_at
    return list(
        db.session.scalars(
            select(Commitment)
            .join(
                Resolution,
                (Resolution.community_id == Commitment.community_id) & (Resolution.id == Commitment.resolution_id),
            )
            .where(
                Commitment.community_id == current_community(),
                Commitment.matter_id.in_([matter.id for _item, matter in table.items]),
                Resolution.replaced_at.is_(None), Resolution.made_at >= since, Commitment.state != "dropped",
            )
            .order_by(Commitment.due, Commitment.position)
        )
    )  # fmt: skip


def summary(sitting_id: UUID) -> Any:
    """The summary as it would print, with the conclusion of each matter to be written until the sign-off."""
    return _page(sitting_id)


def _page(sitting_id: UUID, complaint: str = "", typed: dict[UUID, str] | None = None) -> Any:
    table, hidden = readable(sitting_id)
    promises, me = promises_of(table), visitor()
    may_write = me is not None and me.can(Permission.SITTING_WRITE) and table.sitting.minutes_done_at is None
    return desk(
        "desk/minutes_summary.html", "council", table=table, sitting=table.sitting, hidden=hidden,
        paper=summary_of(table, promises, hidden), promises=[p for p in promises if p.matter_id not in hidden],
        may_write=may_write, complaint=complaint, typed=typed or {}, outcomes=OUTCOME_LABELS,
    )  # fmt: skip


def summary_save(sitting_id: UUID) -> Any:
    """Keep what was agreed on each matter."""
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    typed = {}
    for name, value in request.form.items():
        matter_id = as_uuid(name.removeprefix("on-")) if name.startswith("on-") else None
        if matter_id:
            typed[matter_id] = value
    try:
        actions.sum_up(found, typed, by=actor(), now=clock.now())
    except Refused as refused:
        db.session.rollback()
        return _page(sitting_id, say(refused.reason, refused.values), typed), 422
    flash(_("结论存好了。"), "ok")
    return redirect(site_url("community.summary", sitting_id=sitting_id), 303)


def summary_file(sitting_id: UUID) -> Any:
    """The summary as .docx, on the street's own letterhead where it has one."""
    table, hidden = readable(sitting_id)
    content = summary_docx(summary_of(table, promises_of(table), hidden), template=current_template("summary"))
    return send_paper(table.sitting, "会议纪要", content)


P = Permission
TABLE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("GET", TABLE + "/summary", summary, P.RECORD_READ),
    Door("POST", TABLE + "/summary", summary_save, P.SITTING_WRITE),
    Door("GET", TABLE + "/summary.docx", summary_file, P.RECORD_READ),
]
