"""Doors of the hall: the code at the door of the room. Opening it changes nothing; one tap says that one has come."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import actor, visitor
from app.flow.deliberate import actions, queries
from app.flow.deliberate.floor_rules import may_check_in
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.rules import Seat, SittingState
from app.people.permissions import Permission
from app.people.secrets import tidy_code
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def _found(code: str) -> Sitting:
    found = queries.find_by_scan_code(tidy_code(code[:40]))
    if found is None or found.state == SittingState.PLANNED:
        raise Missing(N_("这个签到码不对，看看会场里贴的那一张。"))
    return found


def here(code: str) -> str:
    """Which sitting this is, and the one button; whoever has not signed in is sent to do so and comes back here."""
    return _page(code)


def _page(code: str, complaint: str = "") -> str:
    found, me = _found(code), visitor()
    line = queries.line_of(found.id, me.id) if me is not None else None
    verdict = None
    if line is not None:
        verdict = may_check_in(SittingState(found.state), Seat(line.state), clock.now(), found.starts_at)
    return page(
        "hall/sitting_here.html", sitting=found, line=line, may=verdict, code=code, complaint=complaint,
        is_here=line is not None and line.state == Seat.PRESENT,
        sign_in=site_url("community.sign_in", next=site_url("community.here", code=code)),
    )  # fmt: skip


def here_save(code: str) -> Any:
    """The visitor has come. Twice is once."""
    found = _found(code)
    try:
        actions.check_in(found, by=actor(), now=clock.now())
    except Refused as refused:
        db.session.rollback()
        return _page(code, say(refused.reason, refused.values)), 422
    flash(_("记下您到了，请坐。"), "ok")
    return redirect(site_url("community.public_sitting", sitting_id=found.id), 303)


P = Permission
DOORS: list[Door] = [
    # As short as an address can be: it is scanned from the wall, and typed by hand where a camera fails.
    Door("GET", "/here/<string:code>", here, P.ANYONE_ENTER),
    Door("POST", "/here/<string:code>", here_save, P.ACCOUNT_USE),
]
