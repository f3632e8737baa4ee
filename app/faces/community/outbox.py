"""Doors of the hall: what should be told to whom. The page never says that something was sent, because nothing is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.reminder_lines import by_hand
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.notices import actions, queries
from app.notices.channels import RECEIPT_LABELS, Receipt
from app.notices.rules import SIGNERS
from app.people import phone_codes
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

VIEWS = (("waiting", N_("还没告诉的")), ("printed", N_("打印成条的")), ("told", N_("说到了的")))


def outbox() -> Any:
    """Twenty messages a page, newest first; above them the one-time codes that somebody must read out now."""
    return _page()


def _page(read: dict[str, Any] | None = None) -> str:
    view = request.args.get("view", "waiting")
    view = view if view in dict(VIEWS) else "waiting"
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    rows, total = queries.outbox(view, number)
    messages = [
        {
            "id": m.id, "number": code, "matter_id": m.matter_id, "to": _(m.to_label), "words": m.words,
            "at": m.created_at, "receipt": RECEIPT_LABELS[Receipt(m.receipt)], "read_at": m.read_at,
            "handled_by": m.handled_by, "handled_at": m.handled_at,
        }
        for m, code, _title in rows
    ]  # fmt: skip
    return desk(
        "desk/outbox.html", "outbox", messages=messages, total=total, number=number, view=view, views=VIEWS,
        last=max(1, -(-total // queries.PAGE)), codes=_codes(), read=read or {},
        urging=by_hand(),
    )  # fmt: skip


def _codes() -> list[dict[str, Any]]:
    rows = phone_codes.waiting_codes(now=clock.now())
    return [
        {
            "id": row.id, "phone": phone_codes.shown_phone(row), "until": row.expires_at, "told_by": row.told_label,
            "told_at": row.told_at,
        }
        for row in rows
    ]  # fmt: skip


def code_read(code_id: UUID) -> str:
    """Number and code in clear, once, for whoever rings that number now; the look is logged."""
    phone, code = phone_codes.read_code(code_id, by=actor(), now=clock.now())
    db.session.flush()
    return _page({"id": code_id, "phone": phone, "code": f"{code[:3]} {code[3:]}"})


def code_told(code_id: UUID) -> Any:
    """Somebody rang and read the code out."""
    phone_codes.mark_code_told(code_id, by=actor(), now=clock.now())
    flash(_("记下了：验证码念过了。"), "ok")
    return redirect(site_url("community.outbox"), 303)


def slip(message_id: UUID) -> Any:
    """One message on paper, for the letterbox or the door."""
    found = queries.message_with_matter(message_id)
    if found is None:
        raise Missing(N_("没有这条要告诉的话。"))
    message, matter = found
    to_signers = message.to_kind == SIGNERS
    target = site_url("community.rating", matter_id=matter.id, external=True)
    tracking = site_url("community.track", external=True)
    # Those who signed have no code; what they are asked for stands behind the other address.
    qr = qr_svg(target, label=_("扫码评一评")) if to_signers else qr_svg(tracking, label=_("扫码查进度"))
    return page(
        "desk/outbox_slip.html", message=message, number=matter.number, to=_(message.to_label), qr=qr, rates=to_signers
    )


def printed(message_id: UUID) -> Any:
    """Somebody printed the slip."""
    actions.mark_printed(message_id, by=actor(), now=clock.now())
    flash(_("记下了：打印成条。"), "ok")
    return redirect(site_url("community.outbox"), 303)


def told(message_id: UUID) -> Any:
    """Somebody told the reader."""
    actions.mark_told(message_id, by=actor(), now=clock.now())
    flash(_("记下了：已经说到。"), "ok")
    return redirect(site_url("community.outbox"), 303)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/outbox", outbox, P.OUTBOX_READ),
    Door("GET", "/desk/outbox/<uuid:message_id>/slip", slip, P.OUTBOX_READ, name="outbox_slip"),
    Door("POST", "/desk/outbox/<uuid:message_id>/printing", printed, P.OUTBOX_READ, name="outbox_printing"),
    Door("POST", "/desk/outbox/<uuid:message_id>/telling", told, P.OUTBOX_READ, name="outbox_telling"),
    Door("POST", "/desk/phone-codes/<uuid:code_id>/reading", code_read, P.OUTBOX_READ, name="phone_code_reading"),
    Door("POST", "/desk/phone-codes/<uuid:code_id>/telling", code_told, P.OUTBOX_READ, name="phone_code_telling"),
]
