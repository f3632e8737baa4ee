"""Doors of the hall: what went out by mail, text or the hall's group, what did not, and sending it once more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.faces.community.inputs import last_page, page_number
from app.faces.community.ways import ways
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, local_path
from app.faces.visitor import actor
from app.notices import delivery
from app.notices.bell import errand
from app.notices.channels import CHANNEL_LABELS
from app.notices.delivery_rules import MENDABLE, STATE_LABELS
from app.notices.models import Delivery
from app.people.permissions import Permission
from tenants.hosts import site_url
from tenants.scope import current

PAGE = 30
TONES = {"queued": "brand", "sending": "brand", "sent": "ok", "failed": "late", "unsure": "soon"}
SEND = "app.faces.jobs.delivery:send"


def deliveries() -> str:
    """The newest first; filters stay in the URL. Addresses are masked and the words are those that went out."""
    state, channel = request.args.get("state", ""), request.args.get("channel", "")
    state, channel = state if state in STATE_LABELS else "", channel if channel in CHANNEL_LABELS else ""
    number = page_number()
    rows, total = delivery.deliveries_page(state=state, channel=channel, page=number, size=PAGE)
    kept = {key: value for key, value in (("state", state), ("channel", channel)) if value}
    return desk(
        "desk/deliveries.html", "outbox", rows=[_row(one) for one in rows], total=total, number=number,
        last=last_page(total, PAGE), chosen={"state": state, "channel": channel},
        states=[("", _("全部")), *((key, _(label)) for key, label in STATE_LABELS.items())],
        channels=[("", _("全部")), *((key, _(label)) for key, label in CHANNEL_LABELS.items())],
        ways=[(_(CHANNEL_LABELS[name]), is_on) for name, is_on in ways()],
        url_of=lambda n: site_url("community.deliveries", page=n, **kept),
    )  # fmt: skip


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id, "at": one.created_at, "channel": _(CHANNEL_LABELS[one.channel]), "to": one.to_masked,
        "subject": one.subject, "words": one.words, "state": one.state, "label": _(STATE_LABELS[one.state]),
        "tone": TONES.get(one.state, ""), "attempts": one.attempts, "sent_at": one.sent_at,
        "next_at": one.next_at if one.state == "queued" else None, "problem": say(one.problem) if one.problem else "",
        "may_send": one.state in MENDABLE, "is_unsure": one.state == "unsure",
    }  # fmt: skip


def sending(delivery_id: UUID) -> Any:
    """Once more, by somebody's decision; goes out after this commit."""
    delivery.send_again(delivery_id, by=actor(), now=clock.now())
    errand(current(), SEND)
    flash(_("排上了，马上再发一次。"), "ok")
    return _back()


def arrival(delivery_id: UUID) -> Any:
    """The reader was asked: it had arrived."""
    delivery.mark_arrived(delivery_id, by=actor(), now=clock.now())
    flash(_("记下了：对方收到了。"), "ok")
    return _back()


def _back() -> Any:
    return redirect(local_path(request.form.get("next")) or site_url("community.deliveries"), 303)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/deliveries", deliveries, P.OUTBOX_READ),
    Door("POST", "/desk/deliveries/<uuid:delivery_id>/sending", sending, P.OUTBOX_READ, name="delivery_sending"),
    Door("POST", "/desk/deliveries/<uuid:delivery_id>/arrival", arrival, P.OUTBOX_READ, name="delivery_arrival"),
]
