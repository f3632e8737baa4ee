"""The guest face: a table of doors."""

from __future__ import annotations

from flask import Flask

from app.faces.doors import open_face
from app.faces.guest.doors import DOORS


def open_doors(app: Flask) -> None:
    """Hang the doors of this face."""
    open_face(app, "guest", "community", DOORS)
