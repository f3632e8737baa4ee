"""Supervision orders on one matter: each with its light at the desk, and only how many there were in public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app import clock
from app.faces.visitor import actor
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from app.matter.stages import AFTER_ACCEPTED

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff: every order, the newest first; one statement."""
    found = queries.orders_of(matter, now=clock.now())
    return {
        "matter_id": matter.id, "orders": found, "labels": rules,
        "can_issue": Stage(matter.stage) in AFTER_ACCEPTED and rules.level_of(actor().roles) not in ("", rules.STREET),
    }  # fmt: skip


def load_public(matter: Matter) -> dict[str, Any]:
    """For everybody: how many orders there were, one statement."""
    return {"count": queries.counts([matter.id]).get(matter.id, 0) if matter.visibility == "public" else 0}


def told(lines: Iterable[TimelineEntry]) -> dict[str, Any]:
    """The same out of the matter's public lines, which its page has read already: what was issued and not voided."""
    found: dict[str, bool] = {}
    for line in lines:
        if "order" in line.data and line.verb.endswith(("order_issued", "order_void")):
            found[line.data["order"]] = line.verb.endswith("issued") and found.get(line.data["order"], True)
    return {"count": sum(found.values())}
