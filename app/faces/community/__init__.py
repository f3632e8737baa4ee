"""The community face: a table of doors."""

from __future__ import annotations

from flask import Flask

from app.faces.community.doors import DOORS
from app.faces.doors import open_face


def open_doors(app: Flask) -> None:
    """Hang the doors of this face."""
    open_face(app, "community", "community", DOORS)
