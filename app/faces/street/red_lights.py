"""Doors of the street: the red-light list, from which orders are issued."""

from __future__ import annotations

from typing import Any

from app import clock
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.order_sheets import MOST, red_lights_xlsx
from app.faces.pages import desk, page
from app.faces.street.orders import PRINTED, hall_choices, hall_chosen
from app.people.permissions import Permission
from app.records import red_lights as reds
from app.records import street
from tenants.hosts import site_url


def red_lights() -> str:
    """Everything overdue in all halls, the longest overdue first; an order is issued from here."""
    halls, number = street.communities(), page_number()
    chosen = hall_chosen(halls)
    found, total = reds.red_lights(clock.now(), number, community_id=chosen.id if chosen else None)
    slug = chosen.slug if chosen else None

    def url_of(n: int) -> str:
        return site_url("street.red_lights", community=slug, page=n)

    return desk(
        "street/red_lights.html", "orders", rows=found, total=total, number=number, halls=hall_choices(halls),
        chosen=slug, last=max(1, -(-total // reds.PAGE)), url_of=url_of,
    )  # fmt: skip


def red_lights_print() -> str:
    """The red-light list on paper."""
    chosen = hall_chosen(street.communities())
    found, total = reds.red_lights(clock.now(), community_id=chosen.id if chosen else None, limit=PRINTED)
    return page("street/red_lights_print.html", rows=found, total=total, printed=clock.today(), chosen=chosen)


def red_lights_sheet() -> Any:
    """The red-light list as a table."""
    chosen = hall_chosen(street.communities())
    found, _total = reds.red_lights(clock.now(), community_id=chosen.id if chosen else None, limit=MOST)
    return red_lights_xlsx(found)


P = Permission.STREET_OVERVIEW_READ
DOORS: list[Door] = [
    Door("GET", "/red-lights", red_lights, P),
    Door("GET", "/red-lights/paper", red_lights_print, P),
    Door("GET", "/red-lights.xlsx", red_lights_sheet, P),
]
