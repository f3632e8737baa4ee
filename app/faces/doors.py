"""What a door is: method, URL, view and the permission it needs. Faces are tables of doors.

The door asks for the permission, the view parses and calls one action, and the door commits once. Only after that
commit does the world hear (``after_commit``). Doors are nouns; pages send only GET and POST, and a GET changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort, g, request

from app.faces.admission import require
from app.faces.typed import fit
from app.notices.bell import ring
from app.people.permissions import Permission
from tenants.database import db

View = Callable[..., Any]


@dataclass(frozen=True)
class Door:
    """One way in. ``name`` becomes the endpoint ``<face>.<name>``; ``writes_on_get`` marks the one logged exception.

    ``of_browser`` marks a POST that changes nothing but what this browser shows: it needs no token against
    foreign forms, and a page that offers it stays the same for everybody.
    """

    method: str
    url: str
    view: View
    permission: Permission
    name: str = ""
    writes_on_get: bool = False
    limit: str = ""
    of_browser: bool = False

    @property
    def endpoint(self) -> str:
        """The name within the face."""
        return self.name or self.view.__name__


def open_face(app: Flask, face: str, site: str, doors: Sequence[Door]) -> None:
    """Hang the doors of one face; they answer only on hosts of kind ``site`` (``community`` or ``street``)."""
    blueprint = Blueprint(face, __name__)
    here = app.extensions.setdefault("doors.here", {})
    for door in doors:
        if door.of_browser:
            app.extensions["csrf"].exempt(door.view)
        here[(site, door.method, door.url)] = _guarded(door)
        blueprint.add_url_rule(door.url, door.endpoint, _at_this_site(app, door), methods=[door.method])
    app.register_blueprint(blueprint)
    app.extensions.setdefault("doors", {}).update({f"{face}.{door.endpoint}": (site, door) for door in doors})


def _at_this_site(app: Flask, door: Door) -> View:
    """The router sees one URL map for all hosts, so ``/`` of the hall and ``/`` of the street are told apart here."""

    @wraps(door.view)
    def knock(**values: Any) -> Any:
        # A door of the street does not exist in a hall, and the other way round.
        enter = app.extensions["doors.here"].get((g.site.kind, door.method, door.url))
        # Nothing of ours was ever named with letters that cannot be kept, and the database would choke on them.
        unfit = any(isinstance(part, str) and fit(part) != part for part in values.values())
        return enter(**values) if enter and not unfit else abort(404)

    return knock


def _guarded(door: Door) -> View:
    @wraps(door.view)
    def enter(**values: Any) -> Any:
        require(door.permission)
        if door.limit and request.method == "POST":
            g.slow_down(door)
        answer = door.view(**values)
        if request.method == "POST" or door.writes_on_get:
            db.session.commit()
            ring()
        return answer

    return enter
