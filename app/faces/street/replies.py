"""Doors of the street: the reply templates it offers to all its halls."""

from __future__ import annotations

from app.faces.doors import Door
from app.faces.reply_pages import reply_doors
from app.people.permissions import Permission

DOORS: list[Door] = reply_doors("street", "replies", Permission.STREET_LIST_WRITE, "")
