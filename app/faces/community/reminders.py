"""Doors of the hall: what somebody is urged about today, what is told by hand, and what was urged when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import last_page, page_number
from app.faces.community.reminder_lines import COLOURS, line_of
from app.faces.doors import Door
from app.faces.figures import day_or_none
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.matter.ledger import is_child_s, may_read
from app.notices import reminder_queries as queries
from app.notices import reminders as urging
from app.notices.models import Digest
from app.notices.reminder_queries import Wanted
from app.notices.reminder_rules import KIND_LABELS, STEP_LABELS, Step
from app.people.permissions import Permission
from app.records.qr import qr_svg
from tenants.hosts import site_url


def reminders() -> str:
    """Everything that was urged, the newest first; filters stay in the URL."""
    wanted = Wanted(
        kind=_known("kind", KIND_LABELS), step=_known("step", STEP_LABELS), since=_day("since"), until=_day("until")
    )
    number = page_number()
    rows, total = queries.history(wanted, number)
    who = reader()
    told = {matter.id for _row, matter in rows if may_read(matter, who)}
    kept = {
        "kind": wanted.kind, "step": wanted.step, "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
    }  # fmt: skip
    asked = {key: value for key, value in kept.items() if value}
    return desk(
        "desk/reminders.html", "today", total=total, page=number, last=last_page(total, queries.PAGE), chosen=kept,
        rows=[
            {
                "said_on": row.said_on, "day": row.day, "due": row.due, "number": matter.number,
                # Whoever owes something in a quarrel is one of its parties.
                "who": row.to_label if matter.id in told else "—",
                "title": matter.title if matter.id in told else hidden_title(is_child_s(matter)),
                "kind": say(KIND_LABELS[row.kind]), "step": say(STEP_LABELS[Step(row.step)]),
                "colour": COLOURS[Step(row.step)], "url": site_url("community.desk_matter", matter_id=row.matter_id),
            }
            for row, matter in rows
        ],
        kinds=[("", _("全部")), *((key, say(label)) for key, label in KIND_LABELS.items())],
        steps=[("", _("全部")), *((str(key), say(label)) for key, label in STEP_LABELS.items())],
        url_of=lambda n: site_url("community.reminders", page=n, **asked),
    )  # fmt: skip


def reading() -> Any:
    """Somebody has seen what they are urged about."""
    until = day_or_none(request.form.get("until"))
    if until is None:
        raise Missing(_("没有这一天的提醒。"))
    urging.mark_read(until, by=actor(), now=clock.now())
    flash(_("好，记下了：您看过了。"), "ok")
    return redirect(site_url("community.today"), 303)


def slip(digest_id: UUID) -> str:
    """One person's reminder on paper, for the door or the letterbox."""
    digest = _found(digest_id)
    qr = qr_svg(site_url("community.track", external=True), label=_("扫码查进度"))
    return page(
        "desk/reminder_slip.html", who=digest.to_label, day=digest.day, qr=qr,
        lines=[line_of(line, digest.day) for line in digest.lines],
    )  # fmt: skip


def telling(digest_id: UUID) -> Any:
    """Somebody of the hall told whoever owes it."""
    digest = urging.mark_digest_told(digest_id, by=actor(), now=clock.now())
    flash(_("记下了：已经跟%(who)s说到。", who=digest.to_label), "ok")
    return redirect(site_url("community.outbox", _anchor="urging"), 303)


def _found(digest_id: UUID) -> Digest:
    digest = queries.find_digest(digest_id)
    if digest is None:
        raise Missing(_("没有这条提醒。"))
    return digest


def _known(name: str, table: Mapping[Any, str]) -> str:
    asked = request.args.get(name, "")
    return asked if asked in set(table) else ""


def _day(name: str) -> date | None:
    return day_or_none(request.args.get(name))


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/reminders", reminders, P.MATTER_READ),
    Door("POST", "/desk/reminders/reading", reading, P.MATTER_READ, name="reminders_reading"),
    Door("GET", "/desk/digests/<uuid:digest_id>/slip", slip, P.OUTBOX_READ, name="digest_slip"),
    Door("POST", "/desk/digests/<uuid:digest_id>/telling", telling, P.OUTBOX_READ, name="digest_telling"),
]
