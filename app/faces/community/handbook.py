"""Doors of the hall: the Proposal Handbook of its street."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.handbook_pages import reading_doors

DOORS: list[Door] = reading_doors("hall")
