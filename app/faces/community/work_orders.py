"""Doors of the work orders (12345 工单): the list by its clock, one order, the answer, the return, the sheet back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.community.downloads import CSV, XLSX, download
from app.faces.community.inputs import at_most, filled, last_page, page_number, take_back, tidy
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.collect import work_order_rules as rules
from app.flow.collect import work_orders as orders
from app.flow.collect.channels import WorkOrder
from app.flow.triage.returned_orders import return_order
from app.matter.house import house
from app.matter.lights import Light, light
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage
from app.people.permissions import Permission
from app.people.sheets import csv_bytes, xlsx_bytes
from app.words import N_
from tenants.hosts import site_url

LONGEST = 60
#: The sheet that goes back to the hotline (domain section 6), and the matter behind each order.
EXPORTED = (
    N_("工单编号"), N_("来电时间"), N_("来电人"), N_("类型"), N_("内容"), N_("地址"), N_("派单时间"), N_("答复期限"),
    N_("承办人"), N_("答复内容"), N_("答复时间"), N_("回访评价"), N_("退回原因"), N_("事项编号"), N_("走到哪步"),
)  # fmt: skip


class ReplyForm(FlaskForm):
    """What the hotline is told."""

    result = TextAreaField(_l("怎么答复的"), [filled, at_most(rules.RESULT)])
    handler = StringField(_l("承办人"), [at_most(rules.HANDLER)], [tidy])


class ReturnForm(FlaskForm):
    """Why the order goes back, and whose it is."""

    reason = TextAreaField(_l("为什么不归我们"), [filled, at_most(rules.REASON)])
    door = StringField(_l("该由谁来办"), [filled, at_most(rules.DOOR)], [tidy])


def work_orders() -> str:
    """The orders, what is due first on top."""
    which, words, page, now = *_asked(), page_number(), clock.now()
    rows, total = orders.orders_page(which, words, page, now)
    counts = orders.counts(now)
    return desk(
        "desk/work_orders.html", "work_orders", rows=[_line(order, matter, now) for order, matter in rows], total=total,
        which=which, words=words, page=page, last=last_page(total, orders.PAGE), has_any=bool(counts["all"]),
        tabs=[(f"{_(label)} {counts[key]}", _url(key, words), key == which) for key, label in orders.FILTERS.items()],
        url_of=lambda number: _url(which, words, page=number),
        csv_url=_url(which, words, endpoint="community.work_orders_csv"),
        xlsx_url=_url(which, words, endpoint="community.work_orders_xlsx"),
    )  # fmt: skip


def _asked() -> tuple[str, str]:
    which = request.args.get("show", "open")
    return which if which in orders.FILTERS else "open", tidy(request.args.get("q"))[:LONGEST]


def _url(which: str, words: str, *, endpoint: str = "community.work_orders", **more: Any) -> str:
    asked = {"show": which, "q": words} | more
    return site_url(endpoint, **{name: value for name, value in asked.items() if value})


def _line(order: WorkOrder, matter: Matter | None, now: datetime) -> dict[str, Any]:
    return {
        "order": order, "type": _(rules.TYPE_LABELS[order.type]), "matter": matter, "light": _light(order, now),
        "stage": _(LABELS[Stage(matter.stage)]) if matter else "",
    }  # fmt: skip


def _light(order: WorkOrder, now: datetime) -> Light | None:
    if order.replied_at is not None or order.returned_at is not None:
        return None
    return light(order.dispatch_at or order.received_at, order.due_at, now, house().calendar)


def work_order(order_id: UUID) -> str:
    """One order with its matter."""
    form = ReplyForm(formdata=None, handler=visitor().name if visitor() else "")
    return _order_page(order_id, form, ReturnForm(formdata=None))


def _order_page(order_id: UUID, reply: ReplyForm, back: ReturnForm) -> str:
    order, matter = orders.order_with_matter(order_id)
    done = order.replied_at is not None or order.returned_at is not None
    may_return = rules.may_return(
        orders.stage_of(matter), replied=order.replied_at is not None, returned=order.returned_at is not None,
        reason="-", door="-",
    )  # fmt: skip
    return desk(
        "desk/work_order.html", "work_orders", line=_line(order, matter, clock.now()), phone=orders.phone_of(order),
        reply=reply, back=back, done=done, may_return=may_return, matter=matter,
    )  # fmt: skip


def order_reply(order_id: UUID) -> Any:
    """Note the answer."""
    orders.find_order(order_id)
    form = ReplyForm()
    if not form.validate():
        return _order_page(order_id, form, ReturnForm(formdata=None)), 422
    orders.reply(order_id, form.result.data, form.handler.data or "", by=actor(), now=clock.now())
    flash(_("答复记下了。导出的表里就有，交回 12345 就行。"), "ok")
    return redirect(site_url("community.work_order", order_id=order_id), 303)


def order_return(order_id: UUID) -> Any:
    """Send the order back; its matter ends with it."""
    orders.find_order(order_id)
    form = ReturnForm()
    if not form.validate():
        return _order_page(order_id, ReplyForm(formdata=None), form), 422
    try:
        return_order(order_id, form.reason.data, form.door.data, by=actor(), now=clock.now())
    except Refused as error:
        if error.reason in (rules.SENT_BACK, rules.SETTLED, rules.TAKEN_ON):
            raise
        take_back(form, "reason", error)
        return _order_page(order_id, ReplyForm(formdata=None), form), 422
    flash(_("退回了，那件事也一起结了，写明了该找谁。"), "ok")
    return redirect(site_url("community.work_order", order_id=order_id), 303)


def _rows() -> list[list[str]]:
    which, words = _asked()
    return [_cells(order, matter) for order, matter in orders.export_rows(which, words, clock.now())]


def _cells(order: WorkOrder, matter: Matter | None) -> list[str]:
    def at(moment: datetime | None) -> str:
        return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

    return [
        order.external_no, at(order.received_at), order.caller_masked, _(rules.TYPE_LABELS[order.type]), order.content,
        order.address, at(order.dispatch_at), at(order.due_at), order.handler, order.result, at(order.replied_at),
        order.visit_rating, order.return_reason, matter.number if matter else "",
        _(LABELS[Stage(matter.stage)]) if matter else "",
    ]  # fmt: skip


def work_orders_csv() -> Response:
    """The chosen orders as CSV."""
    return download(csv_bytes(EXPORTED, _rows()), CSV, _("12345工单.csv"))


def work_orders_xlsx() -> Response:
    """The chosen orders as XLSX."""
    return download(xlsx_bytes(_("12345工单"), EXPORTED, _rows()), XLSX, _("12345工单.xlsx"))


W = Permission.IMPORT_WRITE
ONE = "/desk/work-orders/<uuid:order_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/work-orders", work_orders, W),
    Door("GET", "/desk/work-orders/csv", work_orders_csv, W),
    Door("GET", "/desk/work-orders/xlsx", work_orders_xlsx, W),
    Door("GET", ONE, work_order, W),
    Door("POST", f"{ONE}/reply", order_reply, W),
    Door("POST", f"{ONE}/return", order_return, W),
]
