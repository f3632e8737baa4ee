"""Where a supervision order (督办单) stands: what its lines make of it, its light, and what all this is called.

Source: domain.md section 4 (the paper's fields) and section 7 (K11, lights). Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.matter.lights import Colour, Light, light
from app.matter.workdays import Calendar, end_of, local_day
from app.words import N_

STREET = "street"


class State(StrEnum):
    """Where an order stands; it follows from its events."""

    ISSUED = "issued"
    SIGNED = "signed"
    REPORTED = "reported"
    CLOSED = "closed"
    VOID = "void"


OPEN = (State.ISSUED, State.SIGNED, State.REPORTED)
STATE_LABELS: dict[State, str] = {
    State.ISSUED: N_("等签收"),
    State.SIGNED: N_("正在办"),
    State.REPORTED: N_("报办结，等销号"),
    State.CLOSED: N_("已销号"),
    State.VOID: N_("已作废"),
}
KIND_LABELS: dict[str, str] = {
    "supervise": N_("督办单"),
    "assign": N_("任务交办单"),
    "rectify": N_("整改督办单"),
}
LEVEL_LABELS: dict[str, str] = {
    "grid": N_("网格员督办"),
    "steward": N_("楼长督办"),
    "community": N_("社区督办"),
    STREET: N_("街道督办"),
}
EVENT_LABELS: dict[str, str] = {
    "issued": N_("发出"),
    "signed": N_("签收"),
    "progress": N_("说进展"),
    "asked": N_("追问"),
    "extension_asked": N_("请求延期"),
    "extension_granted": N_("同意延期"),
    "extension_refused": N_("不同意延期"),
    "reported": N_("报办结"),
    "returned": N_("退回重办"),
    "closed": N_("销号"),
    "void": N_("作废"),
}


class OrderLike(Protocol):
    """What the rules read of an order."""

    @property
    def level(self) -> str: ...
    @property
    def due(self) -> date: ...
    @property
    def issued_at(self) -> datetime: ...
    @property
    def issued_by(self) -> UUID | None: ...
    @property
    def lead_id(self) -> UUID | None: ...


class EventLike(Protocol):
    """What the rules read of one line of an order's life."""

    @property
    def kind(self) -> str: ...
    @property
    def due(self) -> date | None: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class Facts:
    """An order as its events leave it. ``asked`` is the day of an extension that waits for its answer.

    ``returned`` says that the last report was sent back and not repeated since.
    """

    state: State
    due: date
    asked: date | None = None
    returned: bool = False
    extensions: int = 0
    signed_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done about it."""
        return self.state in OPEN

    def is_late(self, today: date) -> bool:
        """Whether its day is over while it is open."""
        return self.is_open and self.due < today


def standing(order: OrderLike, events: Sequence[EventLike]) -> Facts:
    """Where an order stands after ``events``, given in the order in which they were written."""
    state, due, asked, returned, extensions = State.ISSUED, order.due, None, False, 0
    signed_at = closed_at = None
    for event in events:
        if event.kind == "signed":
            state, signed_at = State.SIGNED, event.at
        elif event.kind == "extension_asked":
            asked = event.due
        elif event.kind in ("extension_granted", "extension_refused"):
            asked = None
            if event.kind == "extension_granted" and event.due is not None:
                due, extensions = event.due, extensions + 1
        elif event.kind == "reported":
            # Whoever reports it done no longer asks for more time.
            state, returned, asked = State.REPORTED, False, None
        elif event.kind == "returned":
            state, returned = State.SIGNED, True
        elif event.kind == "closed":
            state, closed_at = State.CLOSED, event.at
        elif event.kind == "void":
            state, closed_at = State.VOID, event.at
    return Facts(state, due, asked, returned, extensions, signed_at, closed_at)


def light_of(order: OrderLike, facts: Facts, now: datetime, calendar: Calendar) -> Light:
    """The light of an order (K11); one that is over shows whether it was closed by its day."""
    if facts.state is State.VOID:
        return Light(Colour.GREY, N_("作废了"))
    if facts.closed_at is not None:
        if local_day(facts.closed_at) <= facts.due:
            return Light(Colour.GREEN, N_("按时销号"))
        return Light(Colour.YELLOW, N_("过了日子才销号"))
    return light(order.issued_at, end_of(facts.due), now, calendar)
