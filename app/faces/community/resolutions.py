"""Doors of the hall: resolutions."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
