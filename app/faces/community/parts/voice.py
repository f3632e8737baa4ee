"""The part of a matter's page with its voice notes and what was written down of them; for the handlers only."""

from __future__ import annotations

from typing import Any

from app.faces.community.sight import viewer_of
from app.flow.collect.queries import sensitivity_of
from app.flow.collect.voice_notes import voices_of
from app.matter.models import Matter
from app.matter.sight import Part, may_see

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff; one statement. Who may not see names may not hear voices either."""
    may_hear = may_see(Part.PERSONS, viewer_of(matter, own=False), sensitivity_of(matter))
    return {"matter_id": matter.id, "voices": voices_of(matter.id) if may_hear else []}


def load_public(matter: Matter) -> dict[str, Any]:
    """A voice is never public."""
    return {"voices": []}
