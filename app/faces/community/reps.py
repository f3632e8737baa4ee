"""Doors of the hall: the residents' representatives and the committee, who vote at the representatives' meeting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community.inputs import as_uuid, once_id, take_back
from app.faces.community.seat_forms import RepForm
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.flow.decide.rules import at_least
from app.people import representatives as actions
from app.people.permissions import Permission
from app.people.seat_rules import REP_KINDS, composition, fits_households
from app.people.seats import Representative
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


def reps() -> str:
    """Who votes at the representatives' meeting, and whether the meeting is made up as the law wants."""
    today = clock.today()
    rows = actions.reps_today(today)
    n = sum(1 for rep in rows if rep.kind == "rep")
    return desk_page(
        "desk/reps.html", "seats", rows=rows, past=actions.past_reps(today), kinds=REP_KINDS, reps=n,
        committee=len(rows) - n, verdict=composition(n, len(rows) - n), needed=at_least(2, 3, len(rows)) if rows else 0,
        fits=fits_households, behind=sum(rep.households for rep in rows if rep.kind == "rep"),
    )  # fmt: skip


def rep_new() -> str:
    """The form of a new line."""
    return _new_page(RepForm(None, data={"kind": "rep", "since": clock.today().isoformat()}), uuid7())


def _new_page(form: RepForm, once: UUID) -> str:
    return desk_page("desk/rep_new.html", "seats", form=form, once=once)


def rep_add() -> Any:
    """Add a representative or a member of the committee."""
    form, once = RepForm(), once_id()
    if db.session.get(Representative, (current_community(), once)):
        return redirect(site_url("community.reps"), 303)
    if not form.validate():
        return _new_page(form, once), 422
    try:
        rep = actions.add_rep(form.values(), id=once, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "area", error)
        return _new_page(form, uuid7()), 422
    flash(_("加好了：%(name)s。", name=rep.name), "ok")
    return redirect(site_url("community.reps"), 303)


def rep_shown(rep_id: UUID) -> str:
    """One line: correct it, say which account is theirs, end the office."""
    rep = actions.find_rep(rep_id)
    data = {
        "kind": rep.kind, "name": rep.name, "area": rep.area, "households": str(rep.households or ""),
        "phone": actions.phone_of(rep), "since": rep.since.isoformat(),
    }  # fmt: skip
    return _one_page(rep, RepForm(None, data=data))


def _one_page(rep: Representative, form: RepForm) -> str:
    return desk_page(
        "desk/rep.html", "seats", rep=rep, form=form, logins=actions.logins_named(rep.name, rep.account_id),
        kinds=REP_KINDS, fits=fits_households(rep.households),
    )  # fmt: skip


def rep_change(rep_id: UUID) -> Any:
    """Correct a line."""
    rep, form = actions.find_rep(rep_id), RepForm()
    if not form.validate():
        return _one_page(rep, form), 422
    try:
        actions.change_rep(rep, form.values(), by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "area", error)
        return _one_page(actions.find_rep(rep_id), form), 422
    flash(_("存好了。"), "ok")
    return redirect(site_url("community.reps"), 303)


def rep_account(rep_id: UUID) -> Any:
    """Say which account this representative signs in with."""
    rep = actions.find_rep(rep_id)
    actions.link_account(rep, as_uuid(request.form.get("account")), by=actor(), now=clock.now())
    flash(_("对上了账号，投票的时候认得出来。") if rep.account_id else _("不再对着账号。"), "ok")
    return redirect(site_url("community.rep", rep_id=rep_id), 303)


def rep_ending(rep_id: UUID) -> str:
    """Ask before an office ends."""
    rep = actions.find_rep(rep_id)
    return desk_page(
        "desk/rep_confirm.html", "seats", who=rep.name, parent=(_("居民代表"), site_url("community.reps")),
        action=site_url("community.rep_end", rep_id=rep_id), back=site_url("community.rep", rep_id=rep_id),
        title=_("%(name)s卸任？", name=rep.name), button=_("卸任"),
        text=_("从今天起不再算应到的人，也不能再投代表会议的票；从前的表决都留着。卸任了不能改回来，要再任就重新加。"),
    )  # fmt: skip


def rep_end(rep_id: UUID) -> Any:
    """End an office."""
    rep = actions.end_rep(actions.find_rep(rep_id), by=actor(), now=clock.now())
    flash(_("%(name)s卸任了。", name=rep.name), "ok")
    return redirect(site_url("community.reps"), 303)


W = Permission.COUNCIL_WRITE
ONE = "/desk/reps/<uuid:rep_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/reps", reps, W),
    Door("POST", "/desk/reps", rep_add, W),
    Door("GET", "/desk/reps/new", rep_new, W),
    Door("GET", ONE, rep_shown, W, name="rep"),
    Door("POST", ONE, rep_change, W),
    Door("POST", f"{ONE}/account", rep_account, W),
    Door("GET", f"{ONE}/ending", rep_ending, W),
    Door("POST", f"{ONE}/ending", rep_end, W),
]
