"""Work orders: found, answered, sent back, and handed back as a sheet. They come in by :mod:`.work_order_import`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from app.errors import Missing, Refused
from app.flow.collect import work_order_rules as rules
from app.flow.collect.channels import WorkOrder
from app.flow.collect.rules import tidy_words
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.secrets import unseal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
EXPORT_MOST = 5000
SOON = timedelta(days=2)
FILTERS: dict[str, str] = {
    "open": N_("还没答复"),
    "due": N_("快到期和过期"),
    "replied": N_("答复了"),
    "returned": N_("退回了"),
    "all": N_("全部"),
}


def find_order(order_id: UUID, *, lock: bool = False) -> WorkOrder:
    """The hall's order; raises ``Missing``."""
    wanted = select(WorkOrder).where(WorkOrder.community_id == current_community(), WorkOrder.id == order_id)
    order = db.session.scalar(wanted.with_for_update() if lock else wanted)
    if order is None:
        raise Missing(N_("没有这张工单。"))
    return order


def order_with_matter(order_id: UUID) -> tuple[WorkOrder, Matter | None]:
    """An order and its matter in one statement; raises ``Missing``."""
    row = db.session.execute(_with_matter().where(WorkOrder.id == order_id)).first()
    if row is None:
        raise Missing(N_("没有这张工单。"))
    return row[0], row[1]


def _with_matter() -> Select[Any]:
    return (
        select(WorkOrder, Matter)
        .outerjoin(Matter, and_(Matter.community_id == WorkOrder.community_id, Matter.id == WorkOrder.matter_id))
        .where(WorkOrder.community_id == current_community())
    )


def matter_of(order: WorkOrder) -> Matter | None:
    """The matter an order became."""
    if order.matter_id is None:
        return None
    return db.session.scalar(
        select(Matter).where(Matter.community_id == current_community(), Matter.id == order.matter_id)
    )


def phone_of(order: WorkOrder) -> str:
    """The caller's phone for whoever handles the order; empty where none was given."""
    return unseal(order.phone_sealed) if order.phone_sealed else ""


def reply(order_id: UUID, result: str, handler: str, *, by: Actor, now: datetime) -> WorkOrder:
    """Note what the hotline was answered, by whom and when; the matter goes its own way."""
    order = find_order(order_id, lock=True)
    replied, returned = order.replied_at is not None, order.returned_at is not None
    rules.may_reply(replied=replied, returned=returned, result=result).or_refuse()
    result, handler = tidy_words(result), handler.strip()
    for text, limit in ((result, rules.RESULT), (handler, rules.HANDLER)):
        if len(text) > limit:
            raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    order.result, order.handler, order.replied_at = result, handler or by.label, now
    matter = matter_of(order)
    if matter is not None:
        record(matter, "order_replied", by=by, now=now, words=N_("给 12345 回了话"), data={"order": order.external_no})
    return order


def send_back(order: WorkOrder, reason: str, *, now: datetime) -> WorkOrder:
    """Mark an order as returned (退回). What becomes of its matter is the screening's business."""
    order.return_reason, order.returned_at = tidy_words(reason), now
    return order


def stage_of(matter: Matter | None) -> Stage | None:
    """The stage as the rules ask for it."""
    return Stage(matter.stage) if matter is not None else None


def orders_page(which: str, words: str, page: int, now: datetime) -> tuple[list[tuple[WorkOrder, Matter | None]], int]:
    """One page of orders with their matters, and how many there are; what is due first stands first."""
    wanted = _chosen(which, words, now)
    rows = db.session.execute(
        _in_order(wanted, which).add_columns(func.count().over()).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    if rows:
        return [(row[0], row[1]) for row in rows], int(rows[0][2])
    return [], int(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0) if page > 1 else 0


def export_rows(which: str, words: str, now: datetime) -> Sequence[tuple[WorkOrder, Matter | None]]:
    """The chosen orders for the sheet that goes back; the phone never travels."""
    rows = db.session.execute(_in_order(_chosen(which, words, now), which).limit(EXPORT_MOST)).all()
    return [(row[0], row[1]) for row in rows]


def counts(now: datetime) -> dict[str, int]:
    """How many orders each filter holds; one statement."""
    columns = [func.count().filter(_is(which, now)).label(which) for which in FILTERS]
    row = db.session.execute(select(*columns).where(WorkOrder.community_id == current_community())).one()
    return dict(row._mapping)


def _is(which: str, now: datetime) -> Any:
    is_open = and_(WorkOrder.replied_at.is_(None), WorkOrder.returned_at.is_(None))
    return {
        "open": is_open,
        "due": and_(is_open, WorkOrder.due_at < now + SOON),
        "replied": WorkOrder.replied_at.is_not(None),
        "returned": WorkOrder.returned_at.is_not(None),
    }.get(which, WorkOrder.external_no != "")


def _chosen(which: str, words: str, now: datetime) -> Select[Any]:
    wanted = _with_matter().where(_is(which, now))
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (WorkOrder.external_no, WorkOrder.content, WorkOrder.address, Matter.number)
        wanted = wanted.where(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    return wanted


def _in_order(wanted: Select[Any], which: str) -> Select[Any]:
    if which in ("open", "due"):
        return wanted.order_by(WorkOrder.due_at.nulls_last(), WorkOrder.received_at, WorkOrder.external_no)
    return wanted.order_by(WorkOrder.received_at.desc(), WorkOrder.external_no.desc())
