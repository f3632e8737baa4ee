"""Doors of the desk while people sit: what is on the table, whose hand is up, who has the floor, who came or went."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.clock import SHANGHAI
from app.errors import Missing, Refused
from app.faces.community.floor_forms import ComingForm, FloorForm, fill_people
from app.faces.community.inputs import as_uuid
from app.faces.community.sitting_page import attempt
from app.faces.doors import Door
from app.faces.visitor import actor
from app.flow.deliberate import actions, queries
from app.flow.deliberate.models import VIEWS, Sitting
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def _back(sitting_id: UUID, mark: str = "floor") -> Any:
    return redirect(site_url("community.sitting", sitting_id=sitting_id) + f"#{mark}", 303)


def current(sitting_id: UUID) -> Any:
    """Lay a matter on the table; screens and phones follow."""
    wanted = as_uuid(request.form.get("matter_id"))
    if wanted is None:
        raise Missing(N_("议程里没有这件事。"))
    actions.set_current(_found(sitting_id), wanted, by=actor(), now=clock.now())
    return _back(sitting_id, "rec")


def _line() -> UUID:
    line = as_uuid(request.form.get("attendance_id"))
    if line is None:
        raise Refused(N_("选一个人。"))
    return line


def hands(sitting_id: UUID) -> Any:
    """Raise a hand for somebody without a phone."""
    found, view = _found(sitting_id), request.form.get("view", "")
    actions.raise_hand(found, _line(), view if view in VIEWS else "", by=actor(), now=clock.now())
    return _back(sitting_id)


def hands_down(sitting_id: UUID) -> Any:
    """Take a hand down."""
    actions.lower_hand(_found(sitting_id), _line(), by=actor(), now=clock.now())
    return _back(sitting_id)


def floor(sitting_id: UUID) -> Any:
    """Give the floor: the three minutes begin."""
    found, form = _found(sitting_id), FloorForm()
    fill_people(form, ())

    def act() -> None:
        actions.give_floor(
            found, as_uuid(form.attendance_id.data), form.speaker.data or "", reason=form.reason.data or "",
            by=actor(), now=clock.now(),
        )  # fmt: skip

    return attempt(sitting_id, "floor", form, act) or _back(sitting_id)


def floor_end(sitting_id: UUID) -> Any:
    """The speaker is done."""
    actions.end_turn(_found(sitting_id), by=actor(), now=clock.now())
    return _back(sitting_id)


def coming(sitting_id: UUID) -> Any:
    """Write down who came late or left early, with the time."""
    found, form = _found(sitting_id), ComingForm()
    fill_people(form, ())
    line = as_uuid(form.attendance_id.data)
    if not form.validate() or line is None:
        raise Refused(N_("谁、晚到还是早走、几点，三样都要写。"))
    day = clock.local(clock.now()).date()
    at = datetime.combine(day, form.at.data, tzinfo=SHANGHAI)
    actions.come_or_go(found, line, form.state.data, at, by=actor(), now=clock.now())
    flash(_("到会登记存好了。"), "ok")
    return redirect(site_url("community.attendance", sitting_id=sitting_id), 303)


P = Permission
TABLE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("POST", TABLE + "/current", current, P.SITTING_WRITE, name="sitting_current"),
    Door("POST", TABLE + "/hands", hands, P.SITTING_WRITE, name="sitting_hands"),
    Door("POST", TABLE + "/hands/lowering", hands_down, P.SITTING_WRITE, name="sitting_hands_lowering"),
    Door("POST", TABLE + "/floor", floor, P.SITTING_WRITE, name="sitting_floor"),
    Door("POST", TABLE + "/floor/ending", floor_end, P.SITTING_WRITE, name="sitting_floor_ending"),
    Door("POST", TABLE + "/comings", coming, P.SITTING_WRITE, name="sitting_coming"),
]
