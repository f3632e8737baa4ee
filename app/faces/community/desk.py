"""Doors of the hall: desk."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
