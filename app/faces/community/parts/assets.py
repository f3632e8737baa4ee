"""What a matter left behind, for its page at the desk and its public page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.flow.implement.asset_queries import assets_of
from app.flow.implement.asset_rules import LEAVING, STATES
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage


def load(matter: Matter) -> dict[str, Any]:
    """For the staff; one statement, none before work has begun."""
    leaving = Stage(matter.stage) in LEAVING
    rows = assets_of(matter) if leaving else []
    return {"matter_id": matter.id, "leaving": leaving, "assets": rows, "states": STATES}


def load_public(matter: Matter) -> dict[str, Any]:
    """What still stands there, and who promised to look after it; where the page has not read the matter's lines."""
    return {"assets": assets_of(matter, still_there=True) if Stage(matter.stage) in LEAVING else []}


def told(lines: Iterable[TimelineEntry]) -> dict[str, Any]:
    """The same out of the matter's lines, newest first: each thing as its newest line left it."""
    newest: dict[str, dict[str, Any]] = {}
    for line in lines:
        if "asset" in line.data and "state" in line.data:
            newest.setdefault(line.data["asset"], line.data)
    return {"assets": [one for one in reversed(newest.values()) if one["state"] != "removed"]}
