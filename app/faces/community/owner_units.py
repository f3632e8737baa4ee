"""Doors of the hall: one unit of the owners' register comes in, is sold, is corrected, or is taken off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community.inputs import as_uuid, once_id, take_back
from app.faces.community.owner_forms import ReasonForm, SaleForm, UnitForm, day_of
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.people import owner_actions as actions
from app.people import owner_pages as pages
from app.people.owner_rules import SOURCES, square_metres
from app.people.owners import OwnedUnit
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

JUST_TAKEN = N_("这一套刚才有人登记了，请再看看。")


def owned_unit_new() -> str:
    """The form of a new unit; with ``owner`` given it is another unit of the same owner."""
    estate = actions.find_estate(as_uuid(request.args.get("estate")) or UUID(int=0))
    owner_id = as_uuid(request.args.get("owner"))
    data: dict[str, Any] = {"since": clock.today().isoformat(), "kind": "person", "source": "register"}
    if owner_id:
        owner = actions.find_owner(owner_id)
        data |= {"name": owner.name, "mark": owner.mark, "kind": owner.kind, "phone": actions.phone_of(owner)}
    return _new_page(estate, UnitForm(None, data=data), uuid7())


def _new_page(estate: Any, form: UnitForm, once: UUID) -> str:
    return desk_page("desk/owner_unit_new.html", "owners", estate=estate, form=form, once=once)


def owned_unit_add() -> Any:
    """Add a unit with its owner."""
    estate, form, once = actions.find_estate(as_uuid(request.form.get("estate")) or UUID(int=0)), UnitForm(), once_id()
    stands = db.session.get(OwnedUnit, (current_community(), once))
    if stands is not None:
        return redirect(site_url("community.desk_owner", owner_id=stands.owner_id), 303)
    if not form.validate():
        return _new_page(estate, form, once), 422
    try:
        unit = actions.add_unit(estate.id, form.values(), form.who(), id=once, by=actor(), now=clock.now())
    except (Refused, IntegrityError) as error:
        _take_back(form, error)
        return _new_page(actions.find_estate(estate.id), form, uuid7()), 422
    flash(_("加好了：%(label)s。", label=unit.label), "ok")
    return redirect(site_url("community.desk_owner", owner_id=unit.owner_id), 303)


def _take_back(form: Any, error: Exception) -> None:
    told = error if isinstance(error, Refused) else Refused(JUST_TAKEN)
    field = "since" if told.reason in (actions.FUTURE, actions.BEFORE) else "name"
    if "label" in form._fields and ("label" in told.values or told.reason == JUST_TAKEN):
        field = "label"
    take_back(form, "kind" if told.reason == actions.OTHER_KIND else field, told)


def owned_unit_shown(unit_id: UUID) -> str:
    """One unit: what is written down of it, and who held it before."""
    unit = actions.find_unit(unit_id)
    owner = actions.find_owner(unit.owner_id)
    data = {
        "label": unit.label, "area": square_metres(unit.area_dm2).replace(",", ""), "source": unit.area_source,
        "since": unit.since.isoformat(), "name": owner.name, "mark": owner.mark, "kind": owner.kind,
        "phone": actions.phone_of(owner),
    }  # fmt: skip
    return _unit_page(unit, UnitForm(None, data=data))


def _unit_page(unit: OwnedUnit, form: UnitForm) -> str:
    owner = actions.find_owner(unit.owner_id)
    return desk_page(
        "desk/owner_unit.html", "owners", unit=unit, owner=owner, form=form, line_of=pages.line_of,
        past=pages.history_of(unit.estate_id, unit.label), area=square_metres(unit.area_dm2), sources=SOURCES,
        estate=actions.find_estate(unit.estate_id),
    )  # fmt: skip


def owned_unit_change(unit_id: UUID) -> Any:
    """Put right what was written down wrongly."""
    unit, form = actions.find_unit(unit_id), UnitForm()
    if not form.validate():
        return _unit_page(unit, form), 422
    try:
        unit = actions.correct_unit(unit_id, form.values(), form.who(), by=actor(), now=clock.now())
        db.session.flush()
    except (Refused, IntegrityError) as error:
        _take_back(form, error)
        return _unit_page(actions.find_unit(unit_id), form), 422
    flash(_("改好了，改之前的样子留在变更记录里。"), "ok")
    return redirect(site_url("community.desk_owner", owner_id=unit.owner_id), 303)


def owned_unit_sale(unit_id: UUID) -> str:
    """The form of the next owner."""
    return _sale_page(actions.find_unit(unit_id), SaleForm(None, data={"since": clock.today().isoformat()}), uuid7())


def _sale_page(unit: OwnedUnit, form: SaleForm, once: UUID) -> str:
    return desk_page(
        "desk/owner_unit_sale.html", "owners", unit=unit, owner=actions.find_owner(unit.owner_id), form=form,
        once=once, line_of=pages.line_of, area=square_metres(unit.area_dm2),
    )  # fmt: skip


def owned_unit_sell(unit_id: UUID) -> Any:
    """End the old row, begin the new one."""
    unit, form, once = actions.find_unit(unit_id), SaleForm(), once_id()
    sold = db.session.get(OwnedUnit, (current_community(), once))
    if sold is not None:
        return redirect(site_url("community.desk_owner", owner_id=sold.owner_id), 303)
    if not form.validate():
        return _sale_page(unit, form, once), 422
    try:
        sold = actions.sell_unit(unit_id, form.who(), day_of(form.since), id=once, by=actor(), now=clock.now())
    except (Refused, IntegrityError) as error:
        _take_back(form, error)
        return _sale_page(actions.find_unit(unit_id), form, uuid7()), 422
    flash(_("过好户了：%(label)s。从前的业主留在这一套的历史里。", label=sold.label), "ok")
    return redirect(site_url("community.desk_owner", owner_id=sold.owner_id), 303)


def owned_unit_removal(unit_id: UUID) -> str:
    """Ask why before a unit is taken off."""
    return _removal_page(actions.find_unit(unit_id), ReasonForm(formdata=None))


def _removal_page(unit: OwnedUnit, form: ReasonForm) -> str:
    return desk_page(
        "desk/owner_unit_removal.html", "owners", unit=unit, owner=actions.find_owner(unit.owner_id), form=form,
        line_of=pages.line_of,
    )  # fmt: skip


def owned_unit_remove(unit_id: UUID) -> Any:
    """Take a unit off that never was one."""
    unit, form = actions.find_unit(unit_id), ReasonForm()
    if not form.validate():
        return _removal_page(unit, form), 422
    actions.drop_unit(unit_id, form.reason.data, by=actor(), now=clock.now())
    flash(_("拿掉了，面积和人头都不再算它。"), "ok")
    return redirect(site_url("community.owners", estate=unit.estate_id), 303)


W = Permission.OWNER_WRITE
ONE = "/desk/owned-units/<uuid:unit_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/owned-units/new", owned_unit_new, W),
    Door("POST", "/desk/owned-units", owned_unit_add, W),
    Door("GET", ONE, owned_unit_shown, W, name="owned_unit"),
    Door("POST", ONE, owned_unit_change, W),
    Door("GET", f"{ONE}/sale", owned_unit_sale, W),
    Door("POST", f"{ONE}/sale", owned_unit_sell, W),
    Door("GET", f"{ONE}/removal", owned_unit_removal, W),
    Door("POST", f"{ONE}/removal", owned_unit_remove, W),
]
