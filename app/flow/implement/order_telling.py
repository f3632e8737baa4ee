"""What a matter's timeline says of its supervision orders, so that notices spread.

The hall's own acts are written with them. The street cannot write into a hall's timeline, so the hall's worker takes
its orders and lines up (as ``matter.escalation`` does). A line carries the id of the order or event it speaks of:
that key is the memory, and running it again changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, exists, select

from app.flow.implement import order_rules as rules
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.implement.order_queries import OF_MATTER
from app.matter.actions import record
from app.matter.models import Matter, TimelineEntry
from app.matter.writing import write_once
from app.people.actor import Actor
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

BATCH = 200
#: What everybody may read; the words between the offices stay inside.
PUBLIC = frozenset({"issued", "closed", "void"})


def tell_issue(matter: Matter, order: SupervisionOrder, *, by: Actor, now: datetime) -> None:
    """An order was issued: everybody reads that the matter is being urged, the lead reads what is asked."""
    second = "二次" if order.second_of_id else ""
    words = f"发了{second}{rules.KIND_LABELS[order.kind]} {order.number}，请在{_day(order.due)}前办好"
    _tell(matter, order, "issued", order.id, words, by=by, now=now, reason=order.demand, told=_lead(order))


def tell_event(matter: Matter, order: SupervisionOrder, event: OrderEvent, *, by: Actor, now: datetime) -> None:
    """One line of the order's life."""
    kind = "asked" if event.data.get("asks") else event.kind
    label = rules.EVENT_LABELS[kind]
    words = f"督办单 {order.number}：{label}" + (f"，{_day(event.due)}" if event.due else "")
    if kind == "closed":
        words = f"督办的事办好了，督办单 {order.number} 销号"
    # What the issuing side says reaches the lead; what the lead says reaches whoever issued it.
    told = _lead(order) if kind in _TO_LEAD else _issuer(order)
    _tell(matter, order, kind, event.id, words, by=by, now=now, reason=event.words, told=told)


_TO_LEAD = frozenset({"asked", "extension_granted", "extension_refused", "returned", "closed", "void"})


def take_up(*, now: datetime) -> int:
    """Write what the street issued and said into the bound hall's timelines; returns how many lines were new."""
    told = exists().where(
        TimelineEntry.community_id == SupervisionOrder.community_id, TimelineEntry.id == SupervisionOrder.id
    )
    issued = db.session.execute(
        select(SupervisionOrder, Matter)
        .join(
            Matter, and_(Matter.community_id == SupervisionOrder.community_id, Matter.id == SupervisionOrder.matter_id)
        )
        .where(SupervisionOrder.community_id == current_community(), SupervisionOrder.level == rules.STREET, ~told)
        .order_by(SupervisionOrder.issued_at)
        .limit(BATCH)
    ).all()
    said = db.session.execute(
        select(OrderEvent, SupervisionOrder, Matter)
        .join(
            SupervisionOrder,
            and_(SupervisionOrder.community_id == OrderEvent.community_id, SupervisionOrder.id == OrderEvent.order_id),
        )
        .join(Matter, OF_MATTER)
        .where(
            OrderEvent.community_id == current_community(), OrderEvent.side == rules.STREET,
            ~exists().where(TimelineEntry.community_id == OrderEvent.community_id, TimelineEntry.id == OrderEvent.id),
        )
        .order_by(OrderEvent.at, OrderEvent.seq)
        .limit(BATCH)
    ).all()  # fmt: skip
    taken = sum(
        write_once(lambda o=order, m=matter: tell_issue(m, o, by=_officer(o.issued_label, o.issued_by), now=now))
        for order, matter in issued
    )
    return taken + sum(
        write_once(lambda e=event, o=order, m=matter: tell_event(m, o, e, by=_officer(e.by_label, e.by_id), now=now))
        for event, order, matter in said
    )


def _officer(label: str, officer_id: UUID | None) -> Actor:
    return Actor(rules.STREET, label, officer_id, frozenset({Role.STREET_SUPERVISOR}))


def _tell(
    matter: Matter, order: SupervisionOrder, kind: str, line_id: UUID, words: str, *, by: Actor, now: datetime,
    reason: str, told: list[tuple[UUID, str]],
) -> None:  # fmt: skip
    side = "street_" if by.kind == rules.STREET else ""
    # A line that everybody reads carries no reason: what the offices say to each other travels beside it.
    inside = {"inside": reason} if kind in PUBLIC else {}
    data = {"order": str(order.id), "number": order.number, "told": [[str(one), name] for one, name in told]}
    entry = record(
        matter, f"{side}order_{kind}", by=by, now=now, words=words, reason="" if inside else reason,
        public=kind in PUBLIC, data=data | inside,
    )  # fmt: skip
    entry.id = line_id


def _lead(order: SupervisionOrder) -> list[tuple[UUID, str]]:
    return [(order.lead_id, order.lead)] if order.lead_id else []


def _issuer(order: SupervisionOrder) -> list[tuple[UUID, str]]:
    if order.level == rules.STREET or order.issued_by is None:
        return []
    return [(order.issued_by, order.issued_label)]


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
