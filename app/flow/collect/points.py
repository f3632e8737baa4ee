"""From the code on a poster to the place it hangs at."""

from __future__ import annotations

from sqlalchemy import select

from app.people.places import Venue
from app.people.short_codes import LENGTH, meant, tidy
from tenants.database import db
from tenants.scope import current_community


def find_point(code: str) -> Venue | None:
    """The bound hall's place behind a printed code, as people type it (lower case, 0 for Q …); one statement.

    A place that is no longer used is found too (``closed_at`` says so): its poster may still hang there, and what is
    said before it happened at that place all the same.
    """
    if len(tidy(code)) != LENGTH:
        return None
    found = db.session.scalars(
        select(Venue).where(Venue.community_id == current_community(), Venue.code.is_not(None))
    ).all()
    places = {venue.code: venue for venue in found if venue.code}
    wanted = meant(code, places)
    return places[wanted] if wanted else None
