"""Doors of the street: the front page for everybody, and the overview over all halls for its staff."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import g, redirect, request
from markupsafe import Markup

from app import clock
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import visitor
from app.people.permissions import Permission
from app.records import indicators, street
from tenants.brand import Brand, to_css
from tenants.hosts import site_url

DRILLED = 5
#: Each language by its own name, whoever reads: cookie value, tag, name.


def home() -> Any:
    """Residents find their hall here; the street's staff goes on to the overview."""
    if visitor() is not None:
        return redirect(site_url("street.overview"))
    halls = [_hall(community) for community in street.communities()]
    return page("street/home.html", halls=halls, css=Markup("\n").join(hall["css"] for hall in halls))


def overview() -> Any:
    """One page over all communities: what needs looking at comes first, its first row opened."""
    now, period = clock.now(), _period()
    rows, waiting = street.overview(_since(period, now), now)
    g.waiting = sum(request_.state == "asked" for request_ in waiting)
    g.waiting_reviews = sum(row.reviews for row in rows)
    counts = indicators.total(row.counts for row in rows)
    first = rows[0] if rows and rows[0].counts.red else None
    late = street.matters_of(first.id, now, view="late")[0][:DRILLED] if first else []
    return desk(
        "street/overview.html", "overview", rows=[_line(row) for row in rows], total=counts, late=late, first=first,
        figures=indicators.figures(counts), near=indicators.solved_near(counts), waiting=waiting[:6], period=period,
        patient=indicators.PATIENT_DAYS,
    )  # fmt: skip


def communities() -> Any:
    """The plain list of halls with their figures, in the order in which they were opened."""
    now, period = clock.now(), _period()
    rows, waiting = street.overview(_since(period, now), now)
    g.waiting = sum(request_.state == "asked" for request_ in waiting)
    g.waiting_reviews = sum(row.reviews for row in rows)
    rows.sort(key=lambda row: row.id)
    return desk("street/communities.html", "communities", rows=[_line(row) for row in rows], period=period)


def _period() -> str:
    return "month" if request.args.get("period") == "month" else "year"


def _since(period: str, now: datetime) -> datetime:
    if period == "month":
        return now - timedelta(days=30)
    return clock.at(clock.local(now).date().replace(month=1, day=1), 0)


def _line(row: street.Row) -> dict[str, Any]:
    why = indicators.reasons(row.counts)
    return {
        "row": row, "short": row.name.removesuffix("社区"), "counts": row.counts, "why": why,
        "satisfaction": indicators.satisfaction(row.counts),
        "closed": indicators.figures(row.counts)[1], "heat_red": indicators.heat(row.counts.red),
        "heat_yellow": indicators.heat(row.counts.yellow, (1, 3, 5, 8)),
        "heat_asking": indicators.heat(row.counts.asking),
    }  # fmt: skip


def _hall(community: Any) -> dict[str, Any]:
    look = _look(community.slug, json.dumps(community.brand, sort_keys=True)) if community.brand else None
    return {
        "slug": community.slug, "name": community.hall or community.name, "community": community.name,
        "motto": community.motto, "url": site_url("community.home", slug=community.slug), "phone": community.phone,
        "mark": look[0] if look else "", "css": Markup(look[1]) if look else Markup(""),  # noqa: S704 (made by Brand)
    }  # fmt: skip


@lru_cache(maxsize=256)
def _look(slug: str, brand: str) -> tuple[str, str]:
    """Mark and colours of a hall; checking a drawing costs more than reading it, and a hall seldom changes its look."""
    found = Brand.from_dict(json.loads(brand))
    return found.mark_svg, to_css(found, f'[data-brand="{slug}"]')


P = Permission
DOORS: list[Door] = [
    Door("GET", "/", home, P.ANYONE_ENTER),
    Door("GET", "/overview", overview, P.STREET_OVERVIEW_READ),
    Door("GET", "/communities", communities, P.STREET_OVERVIEW_READ),
]
