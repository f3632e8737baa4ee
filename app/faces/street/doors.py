"""The table of doors of the street office."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.street import account, drill, escalations, holidays, overview, pool

DOORS: list[Door] = [
    *account.DOORS, *overview.DOORS, *drill.DOORS, *escalations.DOORS, *holidays.DOORS, *pool.DOORS,
]  # fmt: skip
