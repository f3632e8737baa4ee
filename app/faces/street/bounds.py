"""Doors of the street: how far its halls may set their own deadlines, quorum and rule of voting."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter import bounds as known
from app.matter import calendar
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def bounds() -> Any:
    """The table of ranges."""
    return _page({}, "")


def set_bounds() -> Any:
    """Change the ranges; nothing is changed while one of them makes no sense."""
    typed = {name: request.form.get(name, "").strip() for name in request.form}
    try:
        ranges = {key: _range(key, typed) for key in known.BOUNDS}
        choices = {key: request.form.getlist(key) for key in known.CHOICES}
        calendar.set_bounds(ranges, choices, by=actor(), now=clock.now())
    except Refused as error:
        return _page(typed, say(error.reason, error.values)), 422
    flash(_("范围改好了，社区下次改设置时按新的来。"), "ok")
    return redirect(site_url("street.bounds"), 303)


def _range(key: str, typed: dict[str, str]) -> known.Range:
    try:
        return int(typed.get(f"{key}.least", "")), int(typed.get(f"{key}.most", ""))
    except ValueError:
        raise Refused(N_("%(step)s：要填数字。"), step=known.LABELS[key]) from None


def _page(typed: dict[str, str], problem: str) -> Any:
    last = calendar.last_change()
    ranges = known.bounds_of(last.bounds if last else {})
    rows = [
        {
            "key": key, "step": known.LABELS[key],
            "unit": known.UNIT_LABELS[known.unit_of(key)], "default": known.default_of(key),
            "least": typed.get(f"{key}.least", least), "most": typed.get(f"{key}.most", most),
        }
        for key, (least, most) in ranges.items()
    ]  # fmt: skip
    opened = known.choices_of(last.bounds if last else {})
    choices = {
        key: [(choice, known.CHOICE_LABELS[choice], choice in opened[key]) for choice in options]
        for key, options in known.CHOICES.items()
    }
    return desk("street/bounds.html", "bounds", rows=rows, choices=choices, problem=problem, last=last)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/bounds", bounds, P.STREET_OVERVIEW_READ),
    Door("POST", "/bounds", set_bounds, P.STREET_BOUNDS_WRITE, name="bounds_set"),
]
