"""The part of a matter's page that shows what was found out: options, who is touched, site notes, canvasses."""

from __future__ import annotations

from typing import Any

from app.flow.research.queries import findings_of
from app.flow.research.rules import OPEN_TO_FINDINGS, may_be_told
from app.matter.models import Matter
from app.matter.situation import Stage

MOVE_DOORS = {"survey": "community.research"}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff; one statement."""
    return {
        "matter_id": matter.id,
        "findings": findings_of(matter.id),
        "is_open": Stage(matter.stage) in OPEN_TO_FINDINGS,
    }


def load_public(matter: Matter) -> dict[str, Any]:
    """For everybody: the options still on the table, who is touched, and the figures of the canvasses."""
    found = findings_of(matter.id)
    return {
        "options": [option for option in found.options if not option["dropped"]],
        "stakeholders": found.stakeholders,
        "households": found.households,
        "canvasses": [row | {"is_told": may_be_told(row["reached"])} for row in found.canvasses],
    }
