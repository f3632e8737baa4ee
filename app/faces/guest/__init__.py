"""The guest face: the doors of an invited expert, and those of a task's owner outside the hall."""

from __future__ import annotations

from flask import Flask

from app.faces.doors import open_face
from app.faces.guest.doors import DOORS
from app.faces.guest.tasks import DOORS as TASK_DOORS


def open_doors(app: Flask) -> None:
    """Hang the doors of this face."""
    open_face(app, "guest", "community", [*DOORS, *TASK_DOORS])
