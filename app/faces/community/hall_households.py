"""Doors of the hall: households, their codes, and the slips on paper.

A code is shown once, on the answer to the POST that made it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup

from app import clock
from app.errors import Missing
from app.faces.community import hall_register
from app.faces.community.inputs import as_uuid, last_page, page_number, tidy, whole_number
from app.faces.doors import Door
from app.faces.look import link
from app.faces.pages import desk as desk_page
from app.faces.pages import page as plain_page
from app.faces.visitor import actor
from app.people import households
from app.people.permissions import Permission
from app.people.places import Household
from app.records.qr import qr_svg
from app.words import N_
from tenants.hosts import site_url

#: Eight slips on one sheet of A4.
ON_A_SHEET = 8
#: The page a slip's square leads to: where a household's code is typed in, else the hall's first page.
WELCOME = ("community.join", "community.household_sign_in", "community.sign_in", "community.home")


def households_list() -> str:
    """Find a household by building, unit and room."""
    chosen = {
        "building": as_uuid(request.args.get("building")),
        "unit": whole_number(request.args.get("unit")),
        "room": tidy(request.args.get("room"))[:20],
    }
    page = page_number()
    rows, total = households.households_page(
        building_id=chosen["building"], unit=chosen["unit"], room=chosen["room"], page=page
    )
    kept = {key: value for key, value in chosen.items() if value}
    return desk_page(
        "desk/households.html", "households", rows=[_line(row) for row in rows], total=total, chosen=chosen, page=page,
        buildings=households.buildings(), last=last_page(total, households.PAGE),
        url_of=lambda number: site_url("community.households", page=number, **kept),
    )  # fmt: skip


def _line(household: Household) -> dict[str, Any]:
    state = "none" if household.code_hmac is None else "revoked" if household.code_revoked_at else "valid"
    state = "closed" if household.closed_at else state
    return {"household": household, "address": households.address(household), "state": state}


def household_shown(household_id: UUID) -> str:
    """One household: its code's state, the accounts made from it, what can be done."""
    household = households.find_household(household_id)
    return desk_page(
        "desk/households_one.html", "households", line=_line(household), accounts=households.accounts_of(household_id),
        seen=households.seen_mark([household]),
    )  # fmt: skip


def household_code(household_id: UUID) -> str:
    """A new code on its slip, shown once."""
    seen = request.form.get("seen", "")
    household, code = households.issue(household_id, seen=seen, by=actor(), now=clock.now())
    return _slips([(household, code)], site_url("community.household", household_id=household_id))


def household_revoking(household_id: UUID) -> str:
    """Ask before a code is closed."""
    household = households.find_household(household_id)
    return desk_page("desk/households_revoke.html", "households", line=_line(household))


def household_revoke(household_id: UUID) -> Any:
    """Close a code."""
    households.revoke(household_id, by=actor(), now=clock.now())
    flash(_("户码作废了，拿着旧纸条的人进不来了。"), "ok")
    return redirect(site_url("community.household", household_id=household_id), 303)


def unit_asked() -> str:
    """Ask before every code of a stairwell is replaced."""
    building_id, unit = as_uuid(request.args.get("building")), whole_number(request.args.get("unit"))
    listed = households.unit_households(building_id, unit) if building_id and unit else []
    if not listed:
        raise Missing(N_("这个单元还没有登记住户。"))
    return desk_page(
        "desk/households_unit.html", "households", building=listed[0].building, unit=unit, n=len(listed),
        valid=sum(1 for h in listed if h.code_hmac and not h.code_revoked_at), seen=households.seen_mark(listed),
        sheets=-(-len(listed) // ON_A_SHEET),
    )  # fmt: skip


def unit_codes() -> str:
    """New codes for a stairwell on one print page, shown once."""
    building_id, unit = as_uuid(request.form.get("building")), whole_number(request.form.get("unit"))
    if building_id is None or unit is None:
        raise Missing(N_("这个单元还没有登记住户。"))
    seen = request.form.get("seen", "")
    issued = households.issue_unit(building_id, unit, seen=seen, by=actor(), now=clock.now())
    return _slips(issued, site_url("community.households", building=building_id, unit=unit))


def _slips(issued: list[tuple[Household, str]], back: str) -> str:
    welcome = next(endpoint for endpoint in WELCOME if link(endpoint))
    address = site_url(welcome, external=True)
    lines = [
        {"place": households.address(h).rsplit(" ", 1)[0], "room": h.room, "code": f"{code[:5]} {code[5:]}"}
        for h, code in issued
    ]
    sheets = [lines[at : at + ON_A_SHEET] for at in range(0, len(lines), ON_A_SHEET)]
    return plain_page(
        "desk/households_slips.html", sheets=sheets, back=back, n=len(lines),
        qr=Markup(qr_svg(address, label=_("二维码，扫了去填户码"))),  # noqa: S704 (our own drawing)
    )  # fmt: skip


W = Permission.HALL_ACCOUNT_WRITE
ONE = "/desk/households/<uuid:household_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/households", households_list, W, name="households"),
    Door("GET", ONE, household_shown, W, name="household"),
    Door("POST", f"{ONE}/code", household_code, W),
    Door("GET", f"{ONE}/code-closure", household_revoking, W),
    Door("POST", f"{ONE}/code-closure", household_revoke, W),
    Door("GET", "/desk/household-slips", unit_asked, W),
    Door("POST", "/desk/household-slips", unit_codes, W),
    *hall_register.DOORS,
]
