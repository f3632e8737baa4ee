"""Sending a work order back (退回): the order and the matter it became end together, with the right door said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.flow.collect import work_order_rules as rules
from app.flow.collect import work_orders
from app.flow.collect.actions import register
from app.flow.collect.channels import WorkOrder
from app.flow.triage.actions import refuse
from app.matter.actions import find_matter
from app.matter.situation import Stage
from app.people.actor import Actor

#: 不属本社区 on the negative list (domain section 8).
NOT_OURS = "N11"


def return_order(order_id: UUID, reason: str, door: str, *, by: Actor, now: datetime) -> WorkOrder:
    """Give an order back that is clearly not ours, before anybody took it on; its matter is not accepted for N11.

    Raises ``Refused`` once the matter was accepted: who takes an order first sees it through (domain section 6).
    """
    order = work_orders.find_order(order_id, lock=True)
    matter = find_matter(order.matter_id) if order.matter_id else None
    rules.may_return(
        work_orders.stage_of(matter), replied=order.replied_at is not None, returned=order.returned_at is not None,
        reason=reason, door=door,
    ).or_refuse()  # fmt: skip
    if matter is not None:
        if matter.stage == Stage.COLLECTED:
            register(matter, by=by, now=now)
        refuse(matter, NOT_OURS, reason, door, by=by, now=now)
    return work_orders.send_back(order, reason, now=now)
