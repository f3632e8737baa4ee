"""Doors of the hall: posters for its places, one or all of them, on A4 and A3, and the same as SVG files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community import poster_sheets
from app.faces.doors import Door
from app.faces.visitor import actor, visitor
from app.people import venues
from app.people.permissions import Permission
from app.people.places import Venue
from app.records.posters import Poster
from app.words import N_
from tenants.hosts import site_url

NO_CODE = N_("这个地方还没有海报上的码，先到海报页点「编上码」。")


def venue_poster(venue_id: UUID) -> str:
    """The poster of one place; a place from before the posters is first given its code."""
    listed, venue = _among(venue_id)
    one = [poster_sheets.of_venue(venue, listed)] if venue.code else []
    urls = {
        "a4": site_url("community.venue_poster", venue_id=venue_id),
        "a3": site_url("community.venue_poster", venue_id=venue_id, size="a3"),
        "svg": site_url("community.venue_poster_svg", venue_id=venue_id, size=poster_sheets.asked_size()),
        "code": site_url("community.venue_code_svg", venue_id=venue_id),
    }
    return poster_sheets.print_page(
        one, name=venue.name, urls=urls, back=_back(), missing=0 if venue.code else 1,
        give=site_url("community.venue_give_code", venue_id=venue_id), is_closed=venue.closed_at is not None,
    )  # fmt: skip


def venue_posters() -> str:
    """The posters of all open places, one to a sheet."""
    listed = [venue for venue in venues.venues() if venue.closed_at is None]
    posters = [poster_sheets.of_venue(venue, listed) for venue in listed if venue.code]
    urls = {
        "a4": site_url("community.venue_posters"),
        "a3": site_url("community.venue_posters", size="a3"),
    }
    return poster_sheets.print_page(
        posters, name="", urls=urls, back=_back(), missing=len(listed) - len(posters),
        give=site_url("community.venue_give_codes"), is_closed=False,
    )  # fmt: skip


def venue_give_code(venue_id: UUID) -> Any:
    """Give one place its code, for good."""
    venue = venues.give_code(venues.find_venue(venue_id), by=actor(), now=clock.now())
    flash(_("「%(name)s」的码编好了：%(code)s。", name=venue.name, code=venue.code), "ok")
    return redirect(site_url("community.venue_poster", venue_id=venue_id), 303)


def venue_give_codes() -> Any:
    """Give every open place its code."""
    n = venues.give_codes(by=actor(), now=clock.now())
    flash(_("给 %(n)s 处编好了码，海报在下面。", n=n) if n else _("每一处都有码了。"), "ok")
    return redirect(site_url("community.venue_posters"), 303)


def venue_poster_svg(venue_id: UUID) -> Response:
    """The whole poster of a place as a file."""
    return poster_sheets.poster_file(_poster(venue_id))


def venue_code_svg(venue_id: UUID) -> Response:
    """The code of a place as a file."""
    return poster_sheets.code_file(_poster(venue_id))


def _among(venue_id: UUID) -> tuple[list[Venue], Venue]:
    listed = venues.venues()
    found = next((venue for venue in listed if venue.id == venue_id), None)
    return listed, found or venues.find_venue(venue_id)


def _poster(venue_id: UUID) -> Poster:
    listed, venue = _among(venue_id)
    if not venue.code:
        raise Refused(NO_CODE)
    return poster_sheets.of_venue(venue, listed)


def _back() -> str:
    """Where the way to the posters began: the places for the secretary, the calls for whoever may not change places."""
    me = visitor()
    places = me is not None and me.can(Permission.HALL_SETTINGS_WRITE)
    return site_url("community.venues_desk" if places else "community.campaigns")


W = Permission.CAMPAIGN_WRITE
ONE = "/desk/venues/<uuid:venue_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/venue-posters", venue_posters, W),
    Door("POST", "/desk/venue-posters/codes", venue_give_codes, W),
    Door("GET", f"{ONE}/poster", venue_poster, W),
    Door("GET", f"{ONE}/poster.svg", venue_poster_svg, W),
    Door("GET", f"{ONE}/code.svg", venue_code_svg, W),
    Door("POST", f"{ONE}/code", venue_give_code, W),
]
