"""The part of a matter's page with voice notes and pictures of letters; both tell who somebody is."""

from __future__ import annotations

from typing import Any

from app.faces.community.sight import viewer_of
from app.flow.collect.queries import for_handlers, sensitivity_of
from app.matter.models import Attachment, Matter
from app.matter.sight import Part, may_see

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff; one statement. Who may not see names may not hear voices or read a hand either."""
    may_hear = may_see(Part.PERSONS, viewer_of(matter, own=False), sensitivity_of(matter))
    return apart(for_handlers(matter.id) if may_hear else [])


def load_public(matter: Matter) -> dict[str, Any]:
    """Never public."""
    return apart([])


def apart(kept: list[Attachment]) -> dict[str, Any]:
    """Voices and letters each for themselves."""
    return {
        "voices": [one for one in kept if one.kind == "voice"], "letters": [one for one in kept if one.kind == "photo"],
    }  # fmt: skip
