"""Doors of the hall: postings."""

from __future__ import annotations

from app.faces.doors import Door

DOORS: list[Door] = []
