"""Where the money of a matter came from and went, for its page at the desk and its public page."""

from __future__ import annotations

from typing import Any

from app.faces.visitor import visitor
from app.flow.implement import money_queries
from app.flow.implement.collection_queries import collections_of
from app.flow.implement.money_rules import SIDES, SOURCES
from app.matter.models import Matter
from app.people.permissions import Permission

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """The sums, and the collections for those who collect; two statements."""
    me = visitor()
    collects = me is not None and me.can(Permission.COLLECTION_WRITE)
    return {
        "matter": matter, "sums": money_queries.totals(matter), "sources": SOURCES, "collects": collects,
        "collections": collections_of(matter) if collects else [],
    }  # fmt: skip


def load_public(matter: Matter) -> dict[str, Any]:
    """The sums and the lines without any household; nothing is read of a matter that costs nothing."""
    if not matter.costs_money:
        return {}
    sums = money_queries.totals(matter)
    lines = [] if sums.is_empty else money_queries.public_lines(matter)
    return {"sums": sums, "lines": lines, "sources": SOURCES, "sides": SIDES}
