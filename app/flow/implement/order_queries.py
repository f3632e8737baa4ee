"""Reading supervision orders: of one matter, of the bound hall, or of all halls of the bound street."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app import clock
from app.flow.implement import order_rules as rules
from app.flow.implement.order_counting import ENDED, due_now, has_event, here, last_word
from app.flow.implement.order_counting import counts as counts
from app.flow.implement.order_counting import kept_and_due as kept_and_due
from app.flow.implement.order_counting import open_count as open_count
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment, Resolution
from app.matter.house import house
from app.matter.lights import Light
from app.matter.models import Matter
from tenants.database import db
from tenants.registry import Community

PAGE = 20
OF_TASK = and_(
    Commitment.community_id == SupervisionOrder.community_id, Commitment.id == SupervisionOrder.commitment_id
)
OF_MATTER = and_(Matter.community_id == SupervisionOrder.community_id, Matter.id == SupervisionOrder.matter_id)


@dataclass(frozen=True)
class Standing:
    """An order as it stands: ``due`` is the day after extensions, ``events`` in the order in which they were written.

    ``facts`` is what :func:`app.flow.implement.order_rules.standing` made of the events.
    """

    order: SupervisionOrder
    state: rules.State
    due: date
    light: Light
    events: Sequence[OrderEvent]
    facts: rules.Facts


@dataclass(frozen=True)
class Row:
    """One order with the matter it is about, its hall and, where it names one, the task."""

    standing: Standing
    matter: Matter
    community: Community
    task: Commitment | None = None


def stands(order: SupervisionOrder, events: Sequence[OrderEvent], now: datetime) -> Standing:
    """``order`` with its light at ``now``."""
    facts = rules.standing(order, events)
    shown = rules.light_of(order, facts, now, house().calendar)
    return Standing(order, facts.state, facts.due, shown, events, facts)


def find_order(order_id: UUID) -> SupervisionOrder | None:
    """The order with this id of the bound hall, or of any hall of the bound street."""
    return db.session.scalar(select(SupervisionOrder).where(here(SupervisionOrder), SupervisionOrder.id == order_id))


def find_row(order_id: UUID, now: datetime) -> Row | None:
    """One order with its life, its matter, its hall and its task; two statements."""
    found = db.session.execute(
        select(SupervisionOrder, Matter, Community, Commitment)
        .join(Matter, OF_MATTER)
        .join(Community, Community.id == SupervisionOrder.community_id)
        .outerjoin(Commitment, OF_TASK)
        .where(here(SupervisionOrder), SupervisionOrder.id == order_id)
    ).one_or_none()
    if found is None:
        return None
    return Row(stands(found[0], events_of(found[0]), now), *found[1:])


def events_of(order: SupervisionOrder) -> Sequence[OrderEvent]:
    """What was written on one order, in order."""
    return db.session.scalars(
        select(OrderEvent)
        .where(OrderEvent.community_id == order.community_id, OrderEvent.order_id == order.id)
        .order_by(OrderEvent.seq)
    ).all()


def orders_of(matter: Matter, *, now: datetime) -> list[Standing]:
    """All orders on one matter, the newest first; one statement."""
    rows = db.session.execute(
        select(SupervisionOrder, OrderEvent)
        .outerjoin(
            OrderEvent,
            and_(
                OrderEvent.community_id == SupervisionOrder.community_id, OrderEvent.order_id == SupervisionOrder.id
            ),
        )
        .where(
            here(SupervisionOrder), SupervisionOrder.community_id == matter.community_id,
            SupervisionOrder.matter_id == matter.id,
        )
        .order_by(SupervisionOrder.issued_at.desc(), SupervisionOrder.number.desc(), OrderEvent.seq)
    ).all()  # fmt: skip
    found: dict[UUID, tuple[SupervisionOrder, list[OrderEvent]]] = {}
    for order, event in rows:
        kept = found.setdefault(order.id, (order, []))
        if event is not None:
            kept[1].append(event)
    return [stands(order, events, now) for order, events in found.values()]


def orders_page(
    tab: str = "open", *, now: datetime, page: int = 1, level: str = "", lead_id: UUID | None = None,
    community_id: int | None = None, limit: int = PAGE,
) -> tuple[list[Row], int]:  # fmt: skip
    """One page of a list and how many there are: what is open by its day, the earliest first, the rest newest first.

    Two statements, whatever the number of halls.
    """
    due = due_now()
    wanted = [here(SupervisionOrder), *_of_tab(tab, due, clock.local(now).date())]
    if level:
        wanted.append(SupervisionOrder.level == level)
    if lead_id is not None:
        wanted.append(SupervisionOrder.lead_id == lead_id)
    if community_id is not None:
        wanted.append(SupervisionOrder.community_id == community_id)
    newest = SupervisionOrder.issued_at
    order_by = (newest.desc(),) if tab in ("closed", "all") else (due, newest)
    rows = db.session.execute(
        select(SupervisionOrder, Matter, Community, Commitment, func.count().over())
        .join(Matter, OF_MATTER)
        .join(Community, Community.id == SupervisionOrder.community_id)
        .outerjoin(Commitment, OF_TASK)
        .where(*wanted)
        .order_by(*order_by, SupervisionOrder.number)
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    ).all()
    lives = _events_by_order(row[0].id for row in rows)
    found = [Row(stands(row[0], lives.get(row[0].id, []), now), *row[1:4]) for row in rows]
    return found, int(rows[0][4]) if rows else 0


def open_orders(n: int, offset: int = 0, *, now: datetime) -> list[Standing]:
    """The open orders of the bound hall or street, the earliest due first."""
    rows, _total = orders_page("open", now=now, page=offset // n + 1 if n else 1, limit=n)
    return [row.standing for row in rows]


def relatives_of(order: SupervisionOrder) -> tuple[SupervisionOrder | None, SupervisionOrder | None]:
    """``(the first order it repeats, the second order that repeats it)``, one statement; what was void is no second."""
    second = and_(SupervisionOrder.second_of_id == order.id, ~has_event("void"))
    wanted = or_(second, SupervisionOrder.id == order.second_of_id) if order.second_of_id else second
    found = db.session.scalars(
        select(SupervisionOrder).where(SupervisionOrder.community_id == order.community_id, wanted)
    ).all()
    first = next((one for one in found if one.id == order.second_of_id), None)
    return first, next((one for one in found if one.second_of_id == order.id), None)


def promises_of(matter: Matter) -> Sequence[Commitment]:
    """What may be urged of a matter, in the scope that asks: the tasks that are not dropped."""
    return db.session.scalars(
        select(Commitment)
        .where(
            here(Commitment), Commitment.community_id == matter.community_id, Commitment.matter_id == matter.id,
            Commitment.state != "dropped",
        )
        .order_by(Commitment.position)
    ).all()  # fmt: skip


def resolution_number_of(matter: Matter) -> str:
    """The number of the resolution that holds now, "" where there is none."""
    return db.session.scalar(
        select(Resolution.number).where(
            here(Resolution), Resolution.community_id == matter.community_id, Resolution.matter_id == matter.id,
            Resolution.replaced_at.is_(None),
        )
    ) or ""  # fmt: skip


def _of_tab(tab: str, due: Any, today: date) -> list[Any]:
    if tab == "open":
        return [~has_event(*ENDED)]
    if tab == "answer":
        return [last_word().in_(("reported", "extension_asked"))]
    if tab == "late":
        return [~has_event(*ENDED), due < today]
    return [has_event(*ENDED)] if tab == "closed" else []


def _events_by_order(order_ids: Iterable[UUID]) -> dict[UUID, list[OrderEvent]]:
    ids = list(order_ids)
    found: dict[UUID, list[OrderEvent]] = {}
    if ids:
        lines = db.session.scalars(
            select(OrderEvent).where(here(OrderEvent), OrderEvent.order_id.in_(ids)).order_by(OrderEvent.seq)
        )
        for line in lines:
            found.setdefault(line.order_id, []).append(line)
    return found
