"""Doors of the street: overview."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
