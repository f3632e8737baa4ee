"""The resolution and posting of one matter, for its page at the desk and its public page."""

from __future__ import annotations

from typing import Any

from app import clock
from app.faces.community.sheets import clock_words, resolution_sheet
from app.flow.resolve import queries
from app.matter.models import Matter

MOVE_DOORS: dict[str, str] = {
    "publicize": "community.posting_form",
    "ratify": "community.ratification",
    "implement": "community.way_to_work",
    "redeliberate": "community.way_back",
}


def load(matter: Matter) -> dict[str, Any]:
    """The valid resolution and its posting; one statement."""
    resolution, posting = queries.papers_of(matter)
    return {
        "resolution": resolution,
        "sheet": resolution_sheet(resolution, matter, (), posting) if resolution else None,
        "posting": posting,
        "clock": clock_words(posting, clock.today()) if posting else "",
        "may_write": matter.stage == "decided" and not (resolution and resolution.signed_at),
        "before_body": matter.stage == "ratifying"
        or (matter.stage == "decided" and matter.power in ("residents", "owners") and resolution is not None),
    }


def load_public(matter: Matter) -> dict[str, Any]:
    """The same; a resolution is public where the matter's open facts are."""
    return load(matter)
