"""Counting supervision orders, and the pieces of SQL from which an order's standing is read in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, cast, exists, func, select
from sqlalchemy.orm import aliased

from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from tenants.database import db
from tenants.scope import current, current_community, current_street

ENDED = ("closed", "void")


def here(table: Any) -> Any:
    """The application's own fence: the bound hall, or all halls of the bound street."""
    if current().community is None:
        return table.street_id == current_street()
    return table.community_id == current_community()


def open_count() -> Any:
    """How many orders are open in the bound hall, as a part of somebody's statement."""
    wanted = (here(SupervisionOrder), ~has_event(*ENDED))
    return select(func.count()).select_from(SupervisionOrder).where(*wanted).scalar_subquery()


def counts(matter_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many orders were issued on each matter, those taken back as mistaken left out; one statement."""
    if not matter_ids:
        return {}
    rows = db.session.execute(
        select(SupervisionOrder.matter_id, func.count())
        .where(here(SupervisionOrder), SupervisionOrder.matter_id.in_(matter_ids), ~has_event("void"))
        .group_by(SupervisionOrder.matter_id)
    ).all()
    return {matter_id: int(n) for matter_id, n in rows}


def kept_and_due(a: date, b: date) -> tuple[int, int, int]:
    """``(closed by their day, due, second orders issued)`` between the days ``a`` and ``b``; K17 of domain section 7.

    An order of the last day counts only once it is closed, for that day is not over. What was void counts nowhere.
    """
    due = due_now()
    closed_on = (
        select(cast(func.timezone("Asia/Shanghai", OrderEvent.at), Date))
        .where(of_order(OrderEvent), OrderEvent.kind == "closed")
        .correlate(SupervisionOrder)
        .scalar_subquery()
    )
    facts = (
        select(
            due.label("due"), closed_on.label("closed"), SupervisionOrder.second_of_id.label("second"),
            cast(func.timezone("Asia/Shanghai", SupervisionOrder.issued_at), Date).label("issued"),
        )
        .where(here(SupervisionOrder), ~has_event("void"))
        .subquery()
    )  # fmt: skip
    inside = and_(facts.c.due.between(a, b), (facts.c.due < b) | facts.c.closed.is_not(None))
    row = db.session.execute(
        select(
            func.count().filter(inside, facts.c.closed <= facts.c.due),
            func.count().filter(inside),
            func.count().filter(facts.c.second.is_not(None), facts.c.issued.between(a, b)),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def due_now() -> Any:
    """The day of an order after its extensions, as SQL."""
    later = (
        select(OrderEvent.due)
        .where(of_order(OrderEvent), OrderEvent.kind == "extension_granted")
        .order_by(OrderEvent.seq.desc())
        .limit(1)
        .correlate(SupervisionOrder)
        .scalar_subquery()
    )
    return func.coalesce(later, SupervisionOrder.due)


def has_event(*kinds: str) -> Any:
    """Whether an order has a line of one of these kinds, as SQL."""
    line = aliased(OrderEvent)
    return exists().where(of_order(line), line.kind.in_(kinds)).correlate(SupervisionOrder)


def last_word() -> Any:
    """The last line that changed anything: a report or a request there waits for the issuing side."""
    return (
        select(OrderEvent.kind)
        .where(of_order(OrderEvent), OrderEvent.kind != "progress")
        .order_by(OrderEvent.seq.desc())
        .limit(1)
        .correlate(SupervisionOrder)
        .scalar_subquery()
    )


def of_order(line: Any) -> Any:
    return and_(line.community_id == SupervisionOrder.community_id, line.order_id == SupervisionOrder.id)
