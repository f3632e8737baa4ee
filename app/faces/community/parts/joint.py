"""That a matter is one hall's part of what the street leads: a line at the desk, and a link for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.faces.context import across
from app.faces.joint_view import ballot_label, head_of
from app.matter.joint_asked import part_of
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Level
from tenants.hosts import site_url

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff: the lead with its question and stage; one statement, and none where the street leads nothing."""
    found = part_of(matter.id) if matter.level == Level.STREET else None
    if found is None:
        return {"joint": None}
    joint, part = found
    return {
        "joint": joint, "head": head_of(joint), "is_voted": part.state == "voted", "lead_url": lead_url(joint.number),
        "ballot": ballot_label(joint.ballot_rule),
    }  # fmt: skip


def told(lines: Iterable[TimelineEntry]) -> str:
    """For everybody, out of the public lines the page has read already: the lead's public page, or an empty string."""
    number = next((line.data["joint"] for line in lines if line.data and "joint" in line.data), "")
    return lead_url(number) if number else ""


def lead_url(number: str) -> str:
    """The lead's public page at the street."""
    return across(site_url("street.joint_public", slug="", number=number))
