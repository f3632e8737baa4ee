"""Doors of the hall: what should be told to whom. The page never says that something was sent, because nothing is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.desk import hidden_title
from app.faces.community.inputs import last_page, page_number, tidy
from app.faces.community.reminder_lines import bare, by_hand
from app.faces.community.ways import ways
from app.faces.doors import Door
from app.faces.pages import desk, local_path, page
from app.faces.visitor import actor
from app.notices import actions, queries
from app.notices.channels import CHANNEL_LABELS, RECEIPT_LABELS, Receipt
from app.notices.rules import SIGNERS
from app.people import phone_codes
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

VIEWS = (("waiting", N_("还没告诉的")), ("printed", N_("打印成条的")), ("told", N_("说到了的")))
READERS = (
    ("", N_("要人去告诉的")), (queries.HOMES, N_("提出人和联名的")), (queries.TABLE, N_("请来开会的")),
    (queries.DESK, N_("工作人员，自己看得到")), ("all", N_("都看")),
)  # fmt: skip


def outbox() -> Any:
    """Twenty blocks a page, one for each reader of a matter; above them the codes that must be read out now."""
    return _page()


def _page(read: dict[str, Any] | None = None) -> str:
    asked = {name: tidy(request.args.get(name, ""))[:40] for name in ("view", "to", "q")}
    view = asked["view"] if asked["view"] in dict(VIEWS) else "waiting"
    to = asked["to"] if asked["to"] in dict(READERS) else ""
    number = page_number()
    blocks, counts = queries.outbox(queries.Wanted(view, to, asked["q"]), number, now=clock.now())
    kept = {name: value for name, value in (("to", to), ("q", asked["q"])) if value}
    return desk(
        "desk/outbox.html", "outbox", blocks=[_block(one) for one in blocks], counts=counts, number=number, view=view,
        views=[(key, _(label), counts[key] if key != "told" else 0) for key, label in VIEWS],
        readers=[(key, _(label)) for key, label in READERS], chosen={"to": to, "q": asked["q"]}, kept=kept,
        last=last_page(counts[view], queries.PAGE), codes=_codes(), read=read or {}, urging=by_hand(),
        ways=[(_(CHANNEL_LABELS[name]), is_on) for name, is_on in ways()],
    )  # fmt: skip


def _receipt(line: queries.Line) -> str:
    if line.receipt == Receipt.NOT_CONFIGURED and dict(ways())["sms"]:
        return _("要人去告诉")
    return _(RECEIPT_LABELS[Receipt(line.receipt)])


def _block(block: queries.Block) -> dict[str, Any]:
    first, *older = [
        {
            "id": line.id, "words": bare(line.words, block.number, block.title), "at": line.at,
            "receipt": _receipt(line), "read_at": line.read_at, "handled_by": line.handled_by,
            "handled_at": line.handled_at, "is_past": line.is_past,
        }
        for line in block.lines
    ]  # fmt: skip
    return {
        "matter_id": block.matter_id, "number": block.number, "to": _(block.label), "first": first, "older": older,
        "title": block.title if block.is_open else hidden_title(block.has_minor), "n": len(block.lines),
    }  # fmt: skip


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
    """All that one reader has to hear of one matter on one piece of paper, for the letterbox or the door."""
    found = queries.slip_of(message_id)
    if found is None:
        raise Missing(_("没有这条要告诉的话。"))
    message, matter, lines = found
    to_signers = message.to_kind == SIGNERS
    target = site_url("community.rating", matter_id=matter.id, external=True)
    tracking = site_url("community.track", external=True)
    # Those who signed have no code; what they are asked for stands behind the other address.
    qr = qr_svg(target, label=_("扫码评一评")) if to_signers else qr_svg(tracking, label=_("扫码查进度"))
    said = [(one.created_at, bare(one.words, matter.number, matter.title)) for one in lines]
    return page(
        "desk/outbox_slip.html", message=message, lines=said, number=matter.number, to=_(message.to_label), qr=qr,
        head=lines[0].words.removesuffix(said[0][1]).rstrip("："), rates=to_signers,
    )  # fmt: skip


def printed(message_id: UUID) -> Any:
    """Somebody printed the slip."""
    actions.mark_printed(message_id, by=actor(), now=clock.now())
    flash(_("记下了：打印成条。"), "ok")
    return _back()


def told(message_id: UUID) -> Any:
    """Somebody told the reader."""
    actions.mark_told(message_id, by=actor(), now=clock.now())
    flash(_("记下了：已经说到。"), "ok")
    return _back()


def _back() -> Any:
    """To the same list, narrowed as it was."""
    return redirect(local_path(request.form.get("next")) or site_url("community.outbox"), 303)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/outbox", outbox, P.OUTBOX_READ),
    Door("GET", "/desk/outbox/<uuid:message_id>/slip", slip, P.OUTBOX_READ, name="outbox_slip"),
    Door("POST", "/desk/outbox/<uuid:message_id>/printing", printed, P.OUTBOX_READ, name="outbox_printing"),
    Door("POST", "/desk/outbox/<uuid:message_id>/telling", told, P.OUTBOX_READ, name="outbox_telling"),
    Door("POST", "/desk/phone-codes/<uuid:code_id>/reading", code_read, P.OUTBOX_READ, name="phone_code_reading"),
    Door("POST", "/desk/phone-codes/<uuid:code_id>/telling", code_told, P.OUTBOX_READ, name="phone_code_telling"),
]
