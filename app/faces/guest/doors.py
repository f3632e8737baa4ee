"""The table of doors of the guest face."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
