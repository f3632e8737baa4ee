"""Doors of the hall: what matters left behind, who looks after it, and every look at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import clock
from app.errors import Missing, Refused
from app.faces.community import asset_forms as forms
from app.faces.community import paperwork
from app.faces.community.desk import reader
from app.faces.community.inputs import last_page, page_number
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.collect.actions import Saying
from app.flow.evaluate import wishes
from app.flow.implement import asset_queries as queries
from app.flow.implement import asset_rules as rules
from app.flow.implement import assets as actions
from app.flow.implement.models import Asset
from app.flow.implement.money_list import shut_to
from app.flow.implement.queries import commitments_of
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

TABS = {"": N_("都在的"), "due": N_("该去看的"), "broken": N_("坏了的"), "removed": N_("撤了的")}
WORDS, PRINTED = 40, 400
GONE = N_("没有登记过这样东西。")


def assets() -> str:
    """The list: what is broken first, then what waits to be looked at."""
    state, words, number = _wanted()
    today = clock.today()
    found = queries.asset_list(
        today, state=state, words=words, offset=(number - 1) * queries.PAGE, secret=shut_to(reader())
    )  # fmt: skip

    def url_of(n: int) -> str:
        return site_url("community.assets", state=state or None, q=words or None, page=n)

    return desk(
        "desk/assets.html", "assets", rows=[_row(*pair) for pair in found.rows], found=found, tabs=TABS, state=state,
        words=words, number=number, last=last_page(found.total, queries.PAGE), url_of=url_of,
    )  # fmt: skip


def assets_print() -> str:
    """The same list on paper, for whoever walks round; what only parties may read is left out."""
    state, words, _number = _wanted()
    found = queries.asset_list(clock.today(), state=state, words=words, limit=PRINTED, hidden=False)
    return page("desk/assets_print.html", rows=found.rows, found=found, tab=TABS[state], printed=clock.now())


def asset(asset_id: UUID) -> str:
    """One thing with every look at it."""
    return _page(*_found(asset_id))


def asset_new(matter_id: UUID) -> str:
    """The form, with what is known already."""
    matter = paperwork.matter_or_404(matter_id)
    today = clock.today().isoformat()
    form = forms.asset_form(
        formdata=None, building=str(matter.building_id or ""), place=matter.place, promised_on=today, check_months="1"
    )
    return _form_page(matter, form)


def asset_add(matter_id: UUID) -> Any:
    """Write it down."""
    matter, form = paperwork.matter_or_404(matter_id), forms.asset_form()
    form.validate()
    draft = forms.draft_of(form, clock.today())
    task = next((one for one in commitments_of(matter) if str(one.id) == request.form.get("task")), None)
    made = draft and paperwork.attempt(
        form,
        lambda: actions.register(
            matter, draft, commitment=task, by=actor(), now=clock.now(), id=paperwork.once()
        ),
    )  # fmt: skip
    if not made:
        return _form_page(matter, form), 422
    flash(_("登记好了，大家在这件事的页面上看得到。"), "ok")
    return redirect(site_url("community.asset", asset_id=made.id), 303)


def asset_edit(asset_id: UUID) -> str:
    """Who looks after it, and how: to be changed."""
    found, matter = _found(asset_id)
    return _form_page(matter, forms.filled_with(found), found)


def asset_change(asset_id: UUID) -> Any:
    """Change it."""
    (found, matter), form = _found(asset_id), forms.asset_form()
    form.validate()
    draft = forms.draft_of(form, clock.today())
    done = draft and paperwork.attempt(
        form, lambda: actions.change(found, matter, draft, by=actor(), now=clock.now())
    )  # fmt: skip
    if not done:
        return _form_page(matter, form, found), 422
    flash(_("改好了。"), "ok")
    return redirect(site_url("community.asset", asset_id=asset_id), 303)


def asset_check(asset_id: UUID) -> Any:
    """Somebody looked at it."""
    (found, matter), form = _found(asset_id), forms.CheckForm()

    def act() -> Any:
        if form.fine.data not in ("yes", "no"):
            raise Refused(N_("选一个：好好的，还是有毛病。"))
        return actions.check(
            found, matter, fine=form.fine.data == "yes", words=form.words.data or "", by=actor(), now=clock.now(),
            id=paperwork.once(),
        )  # fmt: skip

    if paperwork.attempt(form, act) is None:
        return _page(*_found(asset_id), form), 422
    flash(_("记下了。") if form.fine.data == "yes" else _("记下了。要修的，下面接着办。"), "ok")
    return redirect(site_url("community.asset", asset_id=asset_id), 303)


def asset_wish(asset_id: UUID) -> Any:
    """What is broken becomes a matter of its own, linked to the one that left the thing behind."""
    found, matter = _found(asset_id)
    once = paperwork.once()
    if paperwork.already(Matter, once):
        return redirect(site_url("community.desk_matter", matter_id=once), 303)
    fault = next((look.words for look in queries.checks_of(found, limit=10) if not look.fine), "")
    if found.state != "broken" or not fault:
        raise Refused(N_("这样东西没有坏，不用另提。"))
    saying = Saying(
        words=f"{found.what}坏了：{fault}", title=f"{found.what}要修"[:30], category="repair", channel="visit",
        building_id=found.building_id, place=found.place or matter.place or matter.number, notice=True,
    )  # fmt: skip
    taken = wishes.take_wish(matter, saying, by=actor(), now=clock.now(), matter_id=once)
    flash(_("另立了一件，编号 %(number)s。", number=taken.matter.number), "ok")
    return redirect(site_url("community.desk_matter", matter_id=taken.matter.id), 303)


def asset_removal(asset_id: UUID) -> str:
    """Ask why before it is taken off the list."""
    found, matter = _found(asset_id)
    return desk("desk/asset_removal.html", "assets", thing=found, matter=matter, form=forms.RemovalForm(formdata=None))


def asset_remove(asset_id: UUID) -> Any:
    """Take it off the list, with the reason."""
    (found, matter), form = _found(asset_id), forms.RemovalForm()
    if found.state == "removed":
        return redirect(site_url("community.asset", asset_id=asset_id), 303)
    done = paperwork.attempt(
        form, lambda: actions.remove(found, matter, reason=form.reason.data or "", by=actor(), now=clock.now())
    )
    if done is None:
        return desk("desk/asset_removal.html", "assets", thing=found, matter=matter, form=form), 422
    flash(_("记下了，不再算在留下的东西里。"), "ok")
    return redirect(site_url("community.asset", asset_id=asset_id), 303)


def _wanted() -> tuple[str, str, int]:
    state = request.args.get("state", "")
    return (state if state in TABS else ""), request.args.get("q", "").strip()[:WORDS], page_number()


def _found(asset_id: UUID) -> tuple[Asset, Matter]:
    found = queries.find_asset(asset_id)
    if found is None or not paperwork.open_to_reader(found[1]):
        raise Missing(GONE)
    return found


def _row(found: Asset, matter: Matter) -> dict[str, Any]:
    told = paperwork.open_to_reader(matter)
    return {
        "thing": found, "matter": matter, "told": told, "state": rules.STATES[found.state],
        "urgency": rules.urgency(found.state, found.next_check, clock.today()),
    }  # fmt: skip


def _page(found: Asset, matter: Matter, form: forms.CheckForm | None = None) -> str:
    return desk(
        "desk/asset.html", "assets", **_row(found, matter), kind=rules.KEEPER_KINDS[found.keeper_kind],
        checks=queries.checks_of(found), form=form or forms.CheckForm(formdata=None),
        once=request.form.get("once") or uuid7(), other=uuid7(), back=paperwork.matter_link(matter),
        grows=matter.stage in wishes.GROWS_AT, works=matter.stage in ("implementing", "suspended"),
    )  # fmt: skip


def _form_page(matter: Matter, form: FlaskForm, found: Asset | None = None) -> str:
    with db.session.no_autoflush:
        tasks = [] if found else commitments_of(matter)
    return desk(
        "desk/asset_form.html", "assets", matter=matter, form=form, thing=found, tasks=tasks,
        chosen=request.form.get("task") or request.args.get("task", ""), once=request.form.get("once") or uuid7(),
        back=paperwork.matter_link(matter), verdict=rules.may_register(matter.stage),
    )  # fmt: skip


READ, WRITE = Permission.MATTER_READ, Permission.COMMITMENT_WRITE
_MATTER, _ASSET = "/desk/matters/<uuid:matter_id>/assets", "/desk/assets/<uuid:asset_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/assets", assets, READ),
    Door("GET", "/desk/assets/print", assets_print, READ),
    Door("GET", f"{_MATTER}/new", asset_new, WRITE),
    Door("POST", _MATTER, asset_add, WRITE),
    Door("GET", _ASSET, asset, READ),
    Door("GET", f"{_ASSET}/duty", asset_edit, WRITE),
    Door("POST", f"{_ASSET}/duties", asset_change, WRITE),
    Door("POST", f"{_ASSET}/checks", asset_check, WRITE),
    Door("POST", f"{_ASSET}/wishes", asset_wish, WRITE),
    Door("GET", f"{_ASSET}/removal", asset_removal, WRITE),
    Door("POST", f"{_ASSET}/removals", asset_remove, WRITE),
]
