"""Doors of the street: escalations."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
