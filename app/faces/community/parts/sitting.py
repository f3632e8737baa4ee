"""The sittings and votes of one matter, for its page at the desk and its public page."""

from __future__ import annotations

from typing import Any

from app.faces.community.poll_cards import outcome, result_url
from app.faces.look import say
from app.flow.decide.queries import ballots_of_matter
from app.flow.decide.rules import RULE_LABELS
from app.flow.deliberate.queries import sittings_of_matter
from app.flow.deliberate.rules import STATE_LABELS
from app.matter.models import Matter

#: Moves of this room and the door that leads to them; what returns from other stages has doors of its own.
MOVE_DOORS: dict[str, str] = {
    "schedule": "community.matter_sitting",
    "open_sitting": "community.matter_sitting",
    "postpone": "community.matter_sitting",
    "call_vote": "community.matter_sitting",
    "agree": "community.matter_sitting",
    "adjourn": "community.matter_sitting",
    "adopt": "community.matter_sitting",
    "reject": "community.matter_sitting",
    "bring_back": "community.bring_back",
}


def load(matter: Matter) -> dict[str, Any]:
    """Sittings newest first and ballots newest first; two statements."""
    return {
        "sittings": sittings_of_matter(matter.id),
        "ballots": ballots_of_matter(matter.id),
        "states": {str(k): say(v) for k, v in STATE_LABELS.items()},
        "rules": {str(k): say(v) for k, v in RULE_LABELS.items()},
        "outcome": outcome,
        "result_url": result_url,
    }


def load_public(matter: Matter) -> dict[str, Any]:
    """The same without what was never announced; nothing in it names a person."""
    found = load(matter)
    found["sittings"] = [pair for pair in found["sittings"] if pair[1].state != "planned"]
    return found
