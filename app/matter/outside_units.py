"""The street's register of departments and outside units: who they are, what they owe, and who keeps the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.errors import NotAllowed, Refused
from app.matter import outside_rules as rules
from app.matter.outside_models import OutsideUnit, RequestLetter
from app.matter.outside_queries import WAITS, here
from app.people.actor import Actor
from app.people.roles import STREET_STAFF
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

#: The columns of a unit with their label and their most letters.
UNIT: Mapping[str, tuple[str, int]] = {
    "name": (N_("单位名称"), rules.NAME_MOST),
    "duty": (N_("管什么"), rules.LINE_MOST),
    "contact": (N_("联系人"), rules.NAME_MOST),
    "phone": (N_("电话"), rules.NAME_MOST),
    "address": (N_("地址"), rules.LINE_MOST),
}


def add_unit(kind: str, values: Mapping[str, str], *, by: Actor, now: datetime, id: UUID | None = None) -> OutsideUnit:
    """Enter a department or an outside unit into the register; names are unique in the street."""
    _staff(by)
    if kind not in rules.UNIT_LABELS:
        raise Refused(N_("选一种：部门，还是外单位。"))
    tidy = _tidy(values)
    _is_free(tidy["name"], None)
    unit = OutsideUnit(id=id or uuid7(), kind=kind, added_at=now, added_label=by.label, **tidy)
    db.session.add(unit)
    log_street("unit", "add", by=by, now=now, after=unit.name)
    db.session.flush()
    return unit


def change_unit(unit: OutsideUnit, values: Mapping[str, str], *, by: Actor, now: datetime) -> OutsideUnit:
    """Correct a unit's record. Letters keep the name they were sent to."""
    _staff(by)
    tidy = _tidy(values)
    _is_free(tidy["name"], unit.id)
    log_street("unit", "change", by=by, now=now, before=_line(unit), after="，".join(filter(None, tidy.values())))
    for column, value in tidy.items():
        setattr(unit, column, value)
    db.session.flush()
    return unit


def retire_unit(unit: OutsideUnit, *, by: Actor, now: datetime) -> OutsideUnit:
    """Offer it no more; its letters stay."""
    _staff(by)
    if unit.retired_at is None:
        unit.retired_at = now
        log_street("unit", "retire", by=by, now=now, after=unit.name)
    return unit


def bring_back_unit(unit: OutsideUnit, *, by: Actor, now: datetime) -> OutsideUnit:
    """Offer it again."""
    _staff(by)
    if unit.retired_at is not None:
        unit.retired_at = None
        log_street("unit", "restore", by=by, now=now, after=unit.name)
    return unit


def units(*, kind: str = "", retired: bool = False) -> list[OutsideUnit]:
    """The street's departments and outside units by name; the retired ones only where asked for."""
    wanted = select(OutsideUnit).where(OutsideUnit.street_id == current_street())
    if kind:
        wanted = wanted.where(OutsideUnit.kind == kind)
    if not retired:
        wanted = wanted.where(OutsideUnit.retired_at.is_(None))
    return list(db.session.scalars(wanted.order_by(OutsideUnit.retired_at.is_not(None), OutsideUnit.kind,
                                                   OutsideUnit.name)))  # fmt: skip


def find_unit(unit_id: UUID) -> OutsideUnit | None:
    """One unit of the bound street."""
    return db.session.scalar(
        select(OutsideUnit).where(OutsideUnit.street_id == current_street(), OutsideUnit.id == unit_id)
    )


def open_by_unit() -> dict[UUID, int]:
    """How many letters each unit has not answered."""
    rows = db.session.execute(
        select(RequestLetter.unit_id, func.count()).where(here(RequestLetter), WAITS).group_by(RequestLetter.unit_id)
    )
    return {unit: int(n) for unit, n in rows}


def _tidy(values: Mapping[str, str]) -> dict[str, str]:
    found = {column: (values.get(column) or "").strip() for column in UNIT}
    for column, (label, most) in UNIT.items():
        rules.fits(label, found[column], most, required=column == "name").or_refuse()
    return found


def _is_free(name: str, own: UUID | None) -> None:
    taken = db.session.scalar(
        select(OutsideUnit.id).where(OutsideUnit.street_id == current_street(), OutsideUnit.name == name)
    )
    if taken is not None and taken != own:
        raise Refused(N_("「%(name)s」已经在册子里了。"), name=name)


def _line(unit: OutsideUnit) -> str:
    return "，".join(value for column in UNIT if (value := getattr(unit, column)))


def _staff(by: Actor) -> None:
    if not by.roles & STREET_STAFF:
        raise NotAllowed(N_("部门和外单位的册子由街道来管。"))
