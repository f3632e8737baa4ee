"""Doors of the street: a fresh secretary for a hall whose own cannot get in any more.

The street can neither read nor change the accounts of a hall; it adds one, and the hall resets or closes the old one
itself. It is an account that is given, so whoever keeps the street's accounts gives it, not whoever opens halls.
"""

from __future__ import annotations

from typing import Any

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.inputs import take_back
from app.faces.pages import desk
from app.faces.street.hall_forms import SecretaryForm, good_secretary
from app.faces.street.halls import ONE, key_page
from app.faces.visitor import actor
from app.people import halls as rooms
from app.people.permissions import Permission


def secretaries() -> str:
    """Which hall it is about: all that are not closed."""
    return desk("street/secretaries.html", "accounts", halls=rooms.halls_to_enter())


def secretary(hall_slug: str) -> str:
    """The form of a fresh secretary."""
    return _page(hall_slug, SecretaryForm(formdata=None, login=""))


def _page(hall_slug: str, form: SecretaryForm) -> str:
    return desk("street/secretary.html", "accounts", one=rooms.find_hall(hall_slug), form=form)


def hall_secretary(hall_slug: str) -> Any:
    """Add a fresh account of a secretary and show its first password."""
    hall, form = rooms.find_hall(hall_slug), SecretaryForm()
    if not good_secretary(form):
        return _page(hall_slug, form), 422
    name = hall.name
    try:
        key = rooms.add_secretary(hall, form.secretary.data, form.login.data.lower(), by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "login", error)
        return _page(hall_slug, form), 422
    return key_page(key, name, is_new=False)


W = Permission.STREET_ACCOUNT_WRITE
DOORS: list[Door] = [
    Door("GET", "/accounts/secretaries", secretaries, W),
    Door("GET", f"{ONE}/secretaries", secretary, W),
    Door("POST", f"{ONE}/secretaries", hall_secretary, W),
]
