"""Doors of the hall: who may call a sitting, and whether enough people asked for a meeting (R5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Verdict
from app.faces.community.inputs import as_uuid, once_id, tidy
from app.faces.community.seat_forms import ConvenerForm
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.flow.decide.rules import may_convene_reps, may_convene_residents
from app.people import conveners as actions
from app.people import owner_pages
from app.people.import_cells import number_in
from app.people.owner_rules import may_convene_owners
from app.people.permissions import Permission
from app.people.representatives import reps_today
from app.people.seat_rules import STANDINGS
from app.people.seats import Convener
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


def conveners() -> str:
    """Who may call a sitting, and who could be put on the list."""
    return _page(ConvenerForm(None, data={"since": clock.today().isoformat()}), uuid7())


def _page(form: ConvenerForm, once: UUID) -> str:
    today = clock.today()
    rows = actions.conveners_today(today)
    return desk_page(
        "desk/conveners.html", "seats", rows=rows, suggested=actions.suggestions(today, rows), standings=STANDINGS,
        form=form, once=once,
    )  # fmt: skip


def convener_add() -> Any:
    """Put somebody on the list by hand."""
    form, once = ConvenerForm(), once_id()
    if db.session.get(Convener, (current_community(), once)):
        return redirect(site_url("community.conveners"), 303)
    if not form.validate():
        return _page(form, once), 422
    actions.add_convener(form.values(), id=once, by=actor(), now=clock.now())
    flash(_("加好了：%(name)s。", name=form.name.data), "ok")
    return redirect(site_url("community.conveners"), 303)


def conveners_suggested() -> Any:
    """Put people on the list whose role makes them conveners."""
    chosen = [found for text in request.form.getlist("who") if (found := as_uuid(text))]
    n = actions.take_over(chosen, by=actor(), now=clock.now())
    flash(_("加上了 %(n)s 位。", n=n) if n else _("一位也没选。"), "ok" if n else "warning")
    return redirect(site_url("community.conveners"), 303)


def convener_shown(convener_id: UUID) -> str:
    """The form of one line."""
    line = actions.find_convener(convener_id)
    data = {"standing": line.standing, "name": line.name, "area": line.area, "since": line.since.isoformat()}
    return _one_page(line, ConvenerForm(None, data=data))


def _one_page(line: Convener, form: ConvenerForm) -> str:
    return desk_page("desk/convener.html", "seats", line=line, form=form)


def convener_change(convener_id: UUID) -> Any:
    """Correct a line."""
    line, form = actions.find_convener(convener_id), ConvenerForm()
    if not form.validate():
        return _one_page(line, form), 422
    actions.change_convener(line, form.values(), by=actor(), now=clock.now())
    flash(_("存好了。"), "ok")
    return redirect(site_url("community.conveners"), 303)


def convener_end(convener_id: UUID) -> Any:
    """Take somebody off the list; the line stays in the change log and can be added again."""
    line = actions.end_convener(actions.find_convener(convener_id), by=actor(), now=clock.now())
    flash(_("%(name)s从名单上拿掉了。", name=line.name), "ok")
    return redirect(site_url("community.conveners"), 303)


def petitions() -> str:
    """Whether as many people asked for a meeting as the law wants; nothing is written."""
    what = request.args.get("what", "")
    estates = [one for one in owner_pages.estates() if one.heads]
    reps = sum(1 for rep in reps_today(clock.today()) if rep.kind == "rep")
    typed = {name: tidy(request.args.get(name))[:9] for name in ("eligible", "signers", "signing")}
    said = _judged(what, typed, reps, estates) if what else None
    return desk_page(
        "desk/seat_petitions.html", "seats", what=what, typed=typed, reps=reps, estates=estates, said=said,
        estate=request.args.get("estate", ""),
    )  # fmt: skip


def _judged(what: str, typed: dict[str, str], reps: int, estates: list[Any]) -> Verdict | str:
    eligible, signers, signing = (number_in(typed[name]) if typed[name] else 0 for name in typed)
    if eligible is None or signers is None or signing is None:
        return _("人数写数字，比如 30。")
    if what == "residents":
        if not eligible and not reps:
            return _("先写有多少位居民（或者户代表），或者先登记居民代表。")
        return may_convene_residents(eligible, signers, reps, signing)
    if what == "reps":
        return may_convene_reps(reps, signing) if reps else _("名册上还没有居民代表，先登记。")
    if what != "owners":
        raise Missing(N_("没有这一种会。"))
    estate = next((one for one in estates if str(one.id) == request.args.get("estate")), None)
    if estate is None:
        raise Missing(N_("没有这个小区。"))
    return may_convene_owners(estate.heads, signers)


W = Permission.COUNCIL_WRITE
ONE = "/desk/conveners/<uuid:convener_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/conveners", conveners, W),
    Door("POST", "/desk/conveners", convener_add, W),
    Door("POST", "/desk/conveners/suggested", conveners_suggested, W),
    Door("GET", ONE, convener_shown, W, name="convener"),
    Door("POST", ONE, convener_change, W),
    Door("POST", f"{ONE}/ending", convener_end, W),
    Door("GET", "/desk/petitions", petitions, W),
]
