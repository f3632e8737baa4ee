"""Doors of the hall: account."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
