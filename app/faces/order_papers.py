"""The paper of a supervision order (.docx), for the hall and the street alike."""

from __future__ import annotations

from typing import Any

from flask import g

from app import clock
from app.faces.papers import docx_answer
from app.flow.implement import order_rules as rules
from app.flow.implement.order_models import SupervisionOrder
from app.flow.implement.order_queries import Row
from app.records.documents.filename import paper_filename
from app.records.documents.order import TITLES, Line, Order, order_docx
from app.records.templates import current_template

#: What has a row of its own on the paper stands there and not among the lines.
_APART = ("signed", "closed", "void")


def order_paper(row: Row, first: SupervisionOrder | None, *, title: str) -> Any:
    """The answer to a download; ``title`` is empty where the reader may not see the matter's."""
    order = row.standing.order
    content = order_docx(paper_of(row, first, title=title), template=current_template("order"))
    day = clock.local(order.issued_at).date()
    kind = TITLES[order.kind]
    return docx_answer(content, paper_filename(day, row.community.name.removesuffix("社区"), kind, order.number, 1))


def paper_of(row: Row, first: SupervisionOrder | None, *, title: str) -> Order:
    """The order as its paper says it."""
    order, facts = row.standing.order, row.standing.facts
    last = {event.kind: event for event in row.standing.events if event.kind in _APART}
    signed, closed, void = (last.get(kind) for kind in _APART)
    from_street = order.level == rules.STREET
    issuer = g.site.street_name if from_street else f"{row.community.name}{row.community.hall}"
    phone = g.site.street_phone if from_street else row.community.phone
    return Order(
        issuer=issuer, number=order.number, kind=order.kind, matter_number=row.matter.number, matter_title=title,
        lead=order.lead, demand=order.demand, due=order.due, issued_on=clock.local(order.issued_at).date(),
        issued_by=order.issued_label, contact="，".join(part for part in (issuer, order.issued_label, phone) if part),
        task=row.task.what if row.task and title else "", resolution_number=order.resolution_number,
        support=order.support, light=order.light, first_number=first.number if first else "", due_now=facts.due,
        signed_by=(signed.words or signed.by_label) if signed else "", signed_at=signed.at if signed else None,
        lines=[
            Line(e.at, e.by_label, rules.EVENT_LABELS["asked" if e.data.get("asks") else e.kind], e.words, e.due)
            for e in row.standing.events
            if e.kind not in _APART
        ],
        closed_by=closed.by_label if closed else "", closed_at=closed.at if closed else None,
        verdict=closed.words if closed else "", void_because=void.words if void else "",
    )  # fmt: skip
