"""Doors of the hall: the short address on a poster, which answers for years, whatever became of the place."""

from __future__ import annotations

from typing import Any

from flask import request

from app import clock
from app.faces.doors import Door
from app.faces.edge import ELDER_COOKIE
from app.faces.pages import page
from app.flow.collect import ideas
from app.flow.collect.points import find_point
from app.people.permissions import Permission
from app.people.short_codes import tidy
from tenants.hosts import site_url

#: How many other places are told; the rest are on the page of all places.
OTHERS = 6


def point(code: str) -> Any:
    """The place this poster hangs at: say it here, or who listens when, in large letters from the start.

    Whoever scans a poster outdoors has no settings yet, so the page is in the large print unless this browser once
    chose the usual one; nothing is stored for that. An unknown code is answered with the hall's places (404).
    """
    venue = find_point(code)
    listed, running = ideas.venues_and_call(clock.today(), venues=OTHERS + 1)
    others = [other for other in listed if venue is None or other.id != venue.id][:OTHERS]
    boxes = [other for other in listed if other.kind == "letterbox" and (venue is None or other.id != venue.id)]
    shown = page(
        "hall/point.html", venue=venue, is_closed=venue is not None and venue.closed_at is not None, others=others,
        box=boxes[0] if boxes else None, running=running, typed=tidy(code)[:12],
        elder=request.cookies.get(ELDER_COOKIE) != "off",
        say_url=site_url("community.say", at=venue.code) if venue else site_url("community.say"),
    )  # fmt: skip
    return shown if venue is not None else (shown, 404)


DOORS: list[Door] = [
    # As short as an address can be: it is typed by hand and printed on paper that hangs for years.
    Door("GET", "/p/<string:code>", point, Permission.ANYONE_ENTER),
]
