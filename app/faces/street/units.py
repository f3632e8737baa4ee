"""Doors of the street: the register of departments and outside units to which it writes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.inputs import as_uuid
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.letter_forms import UnitForm
from app.faces.visitor import actor
from app.matter import outside_rules as rules
from app.matter import outside_units as register
from app.matter.outside_models import OutsideUnit
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url


def units() -> str:
    """Everybody the street may write to, with what they owe."""
    found, owed = register.units(retired=True), register.open_by_unit()
    groups = [
        (kind, _(label), [unit for unit in found if unit.kind == kind]) for kind, label in rules.UNIT_LABELS.items()
    ]
    return desk("street/units.html", "letters", groups=groups, owed=owed)


def unit_new() -> str:
    """The form for another one."""
    return _page(UnitForm(formdata=None, once=str(uuid7()), kind=rules.EXTERNAL), None)


def unit_add() -> Any:
    """Enter it into the register."""
    form = UnitForm()
    form.validate()
    row_id = as_uuid(form.once.data)
    if row_id is not None and register.find_unit(row_id) is not None:
        return redirect(site_url("street.units"), 303)
    try:
        with db.session.begin_nested():
            made = register.add_unit(form.kind.data or "", _typed(form), by=actor(), now=clock.now(), id=row_id)
    except Refused as error:
        form.name.errors = [say(error.reason, error.values)]
        return _page(form, None), 422
    flash(_("%(name)s 记进册子了。", name=made.name), "ok")
    return redirect(site_url("street.units"), 303)


def unit(unit_id: UUID) -> str:
    """One unit's record."""
    found = _found(unit_id)
    fields = {column: getattr(found, column) for column in (*register.UNIT, "kind")}
    return _page(UnitForm(formdata=None, **fields), found)


def unit_change(unit_id: UUID) -> Any:
    """Correct it; letters keep the name they were sent to."""
    found, form = _found(unit_id), UnitForm()
    form.validate()
    try:
        with db.session.begin_nested():
            register.change_unit(found, _typed(form), by=actor(), now=clock.now())
    except Refused as error:
        form.name.errors = [say(error.reason, error.values)]
        return _page(form, found), 422
    flash(_("改好了。"), "ok")
    return redirect(site_url("street.units"), 303)


def retire(unit_id: UUID) -> Any:
    """Offer it no more."""
    found = register.retire_unit(_found(unit_id), by=actor(), now=clock.now())
    flash(_("%(name)s 停用了，发过的函都还在。", name=found.name), "ok")
    return redirect(site_url("street.units"), 303)


def bring_back(unit_id: UUID) -> Any:
    """Offer it again."""
    found = register.bring_back_unit(_found(unit_id), by=actor(), now=clock.now())
    flash(_("%(name)s 又能选了。", name=found.name), "ok")
    return redirect(site_url("street.units"), 303)


def _page(form: UnitForm, found: OutsideUnit | None) -> str:
    form.kind.choices = [(kind, _(label)) for kind, label in rules.UNIT_LABELS.items()]
    return desk("street/unit.html", "letters", form=form, unit=found)


def _typed(form: UnitForm) -> dict[str, str]:
    return {column: form[column].data or "" for column in register.UNIT}


def _found(unit_id: UUID) -> OutsideUnit:
    found = register.find_unit(unit_id)
    if found is None:
        raise Missing(N_("册子里没有这个单位。"))
    return found


P = Permission
_UNIT = "/units/<uuid:unit_id>"
DOORS: list[Door] = [
    Door("GET", "/units", units, P.STREET_LETTER_WRITE),
    Door("GET", "/units/new", unit_new, P.STREET_LETTER_WRITE),
    Door("POST", "/units", unit_add, P.STREET_LETTER_WRITE),
    Door("GET", _UNIT, unit, P.STREET_LETTER_WRITE),
    Door("POST", _UNIT, unit_change, P.STREET_LETTER_WRITE),
    Door("POST", f"{_UNIT}/retirement", retire, P.STREET_LETTER_WRITE, name="unit_retirement"),
    Door("POST", f"{_UNIT}/restoration", bring_back, P.STREET_LETTER_WRITE, name="unit_restoration"),
]
