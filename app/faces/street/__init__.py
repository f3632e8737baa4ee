"""The street face: a table of doors."""

from __future__ import annotations

from flask import Flask

from app.faces.doors import open_face
from app.faces.street.doors import DOORS


def open_doors(app: Flask) -> None:
    """Hang the doors of this face."""
    open_face(app, "street", "street", DOORS)
