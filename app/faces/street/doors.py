"""The table of doors of the street office."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.street import (
    account,
    bounds,
    drill,
    escalations,
    holidays,
    lists,
    menu,
    orders,
    overview,
    pool,
    replies,
    reviews,
    templates,
    unmask,
    words,
)

__all__ = ["DOORS", "menu"]

DOORS: list[Door] = [
    *account.DOORS, *overview.DOORS, *drill.DOORS, *unmask.DOORS, *escalations.DOORS, *pool.DOORS,
    *orders.DOORS, *holidays.DOORS, *bounds.DOORS,
    *words.DOORS, *lists.DOORS, *replies.DOORS, *templates.DOORS, *reviews.DOORS,
]  # fmt: skip
