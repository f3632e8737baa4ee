"""Doors of the hall: how it narrows the street's lists, and its reply templates."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.reply_pages import reply_doors
from app.faces.visitor import actor
from app.flow.triage import list_actions, list_rules
from app.flow.triage.effective import encouraged_of, negative_of
from app.flow.triage.lists import WAY_LABELS
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def lists() -> Any:
    """Both lists as the street wrote them, with what this hall leaves out and adds."""
    return _page({}, "")


def list_narrow(kind: str) -> Any:
    """Leave out classes of the encouraged list, or add own phones and places to the negative one."""
    if kind not in list_rules.KIND_LABELS:
        raise Missing(N_("没有这份清单。"))
    typed: dict[str, Any] = {"kind": kind, "dropped": [], "notes": {}}
    if kind == list_rules.ENCOURAGED:
        shown, kept = set(request.form.getlist("shown")), set(request.form.getlist("kept"))
        typed["dropped"] = sorted(shown - kept)
    else:
        prefix = "note."
        typed["notes"] = {
            name.removeprefix(prefix): value.strip()[:1000] for name, value in request.form.items()
            if name.startswith(prefix) and value.strip()
        }  # fmt: skip
    base = request.form.get("base", -1, type=int)
    try:
        list_actions.narrow(kind, typed["dropped"], typed["notes"], base, by=actor(), now=clock.now())
    except Refused as error:
        db.session.rollback()
        return _page(typed, say(error.reason, error.values)), 422
    flash(_("存好了，从现在起按它来。"), "ok")
    return redirect(site_url("community.lists"), 303)


def _page(typed: dict[str, Any], problem: str) -> Any:
    own = {kind: list_actions.narrowing(kind) for kind in list_rules.KIND_LABELS}
    versions = {kind: list_actions.versions(kind) for kind in list_rules.KIND_LABELS}
    items = {kind: list_actions.items_of(versions[kind], kind) for kind in list_rules.KIND_LABELS}
    here = typed.get("kind")
    last_e, last_n = own[list_rules.ENCOURAGED], own[list_rules.NEGATIVE]
    dropped = typed["dropped"] if here == list_rules.ENCOURAGED else (last_e.dropped if last_e else [])
    notes = typed["notes"] if here == list_rules.NEGATIVE else (last_n.notes if last_n else {})
    return desk(
        "desk/lists.html", "lists", encouraged=encouraged_of(items[list_rules.ENCOURAGED]).values(),
        negative=negative_of(items[list_rules.NEGATIVE]).values(), dropped=set(dropped), notes=notes, own=own,
        street={kind: rows[0] if rows else None for kind, rows in versions.items()}, ways=WAY_LABELS, problem=problem,
        problem_kind=here,
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/lists", lists, P.LIST_WRITE),
    Door("POST", "/desk/lists/<string:kind>", list_narrow, P.LIST_WRITE),
    *reply_doors("community", "lists", P.LIST_WRITE, "/desk"),
]
