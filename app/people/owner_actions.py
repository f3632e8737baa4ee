"""Keeping the owners' register by hand: a unit comes in, is sold, is corrected; an owner is renamed or found to be two.

Nothing is overwritten by a sale: the old row ends on the day before, the new one begins (:mod:`app.people.owners`).
A correction says that the row was wrong from the start, so it changes the row and stands in the change log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from app import clock
from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.owner_rules import KINDS, SOURCES, address_in, full_name, natural_key, square_metres, unit_label
from app.people.owners import OwnedUnit, Owner
from app.people.places import Building, Estate, Household
from app.people.secrets import blind, seal, unseal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

HELD = N_("%(label)s 已经登记在%(name)s名下。换了业主就到那一套上办「过户」。")
OTHER_KIND = N_("名册上的「%(name)s」登记成了%(kind)s。不是同一个业主，就在「怎么区分」里写明。")
ONE_DEVELOPER = N_("这个小区的建设单位已经登记成「%(name)s」。没卖、没交的房子都算它一个业主。")
FUTURE = N_("起始日不能晚于今天。")
BEFORE = N_("过户的日子不能早于上一位业主的起始日（%(since)s）。")
NO_ESTATE = N_("没有这个小区。")


@dataclass(frozen=True)
class Who:
    """An owner as written down: name and mark are one head; ``phone`` is tidy digits or empty."""

    name: str
    mark: str = ""
    kind: str = "person"
    phone: str = ""


def find_estate(estate_id: UUID) -> Estate:
    """The hall's estate; raises ``Missing``."""
    estate = db.session.scalar(select(Estate).where(Estate.community_id == current_community(), Estate.id == estate_id))
    if estate is None:
        raise Missing(NO_ESTATE)
    return estate


def find_owner(owner_id: UUID) -> Owner:
    """The owner, also one whose name turned out to be another's; raises ``Missing``."""
    owner = db.session.scalar(select(Owner).where(Owner.community_id == current_community(), Owner.id == owner_id))
    if owner is None:
        raise Missing(N_("业主名册上没有这一位。"))
    return owner


def find_unit(unit_id: UUID, *, lock: bool = False) -> OwnedUnit:
    """The row of a unit, also an ended one; raises ``Missing``."""
    wanted = select(OwnedUnit).where(OwnedUnit.community_id == current_community(), OwnedUnit.id == unit_id)
    unit = db.session.scalar(wanted.with_for_update() if lock else wanted)
    if unit is None:
        raise Missing(N_("业主名册上没有这一套。"))
    return unit


def phone_of(owner: Owner) -> str:
    """The number in clear, for whoever may handle it; empty where none is kept."""
    return unseal(owner.phone_sealed) if owner.phone_sealed else ""


def add_unit(estate_id: UUID, values: Mapping[str, Any], who: Who, *, id: UUID, by: Actor, now: datetime) -> OwnedUnit:
    """A unit and its owner. ``values``: label, area_dm2, area_source, since."""
    estate = find_estate(estate_id)
    if estate.closed_at is not None:
        raise Refused(N_("「%(name)s」停用了，请先启用。"), name=estate.name)
    _not_future(values["since"], now)
    values = {**values, "label": unit_label(values["label"])}
    _free_label(estate_id, values["label"], None)
    owner = _owner_for(estate_id, who, by=by, now=now)
    unit = OwnedUnit(
        id=id, estate_id=estate_id, owner_id=owner.id, household_id=home_of(estate_id, values["label"]),
        created_at=now, **values,
    )  # fmt: skip
    db.session.add(unit)
    db.session.flush()
    log_change("owner", "add", by=by, now=now, subject_id=owner.id, after=_words(unit, owner))
    return unit


def sell_unit(unit_id: UUID, who: Who, since: date, *, id: UUID, by: Actor, now: datetime) -> OwnedUnit:
    """End the row of the owner until now and begin the new one's, with the same area."""
    unit = find_unit(unit_id, lock=True)
    old = find_owner(unit.owner_id)
    if unit.until is not None:
        raise Refused(N_("这一套刚才已经过户了，请看现在的业主。"))
    _not_future(since, now)
    if since < unit.since:
        raise Refused(BEFORE, since=unit.since.isoformat())
    new = _owner_for(unit.estate_id, who, by=by, now=now)
    if new.id == old.id:
        raise Refused(N_("这一套本来就是%(name)s的。"), name=full_name(new.name, new.mark))
    unit.until = since - timedelta(days=1)
    # The row that ends must be there before the one that begins, or both would claim the label.
    db.session.flush()
    sold = OwnedUnit(
        id=id, estate_id=unit.estate_id, owner_id=new.id, household_id=unit.household_id, label=unit.label,
        area_dm2=unit.area_dm2, area_source=unit.area_source, since=since, created_at=now,
    )  # fmt: skip
    db.session.add(sold)
    db.session.flush()
    log_change(
        "owner", "sell", by=by, now=now, subject_id=new.id, before=_words(unit, old), after=_words(sold, new)
    )  # fmt: skip
    return sold


def correct_unit(unit_id: UUID, values: Mapping[str, Any], who: Who, *, by: Actor, now: datetime) -> OwnedUnit:
    """Put right what was written down wrongly: label, area, source, first day, or the owner."""
    unit = find_unit(unit_id, lock=True)
    if unit.until is not None:
        raise Refused(N_("这一套已经过户了，从前的登记不再改。"))
    _not_future(values["since"], now)
    values = {**values, "label": unit_label(values["label"])}
    _free_label(unit.estate_id, values["label"], unit.id)
    old = find_owner(unit.owner_id)
    before = _words(unit, old)
    owner = _owner_for(unit.estate_id, who, by=by, now=now)
    for name, value in values.items():
        setattr(unit, name, value)
    unit.sort, unit.household_id = natural_key(unit.label), home_of(unit.estate_id, unit.label)
    unit.owner_id = owner.id
    if _words(unit, owner) != before:
        log_change("owner", "correct", by=by, now=now, subject_id=owner.id, before=before, after=_words(unit, owner))
    return unit


def drop_unit(unit_id: UUID, reason: str, *, by: Actor, now: datetime) -> OwnedUnit:
    """Take a unit off the register that never was one (counted twice, a shared part); the reason stays in the log."""
    unit = find_unit(unit_id, lock=True)
    if unit.until is None:
        owner = find_owner(unit.owner_id)
        unit.until = max(clock.local(now).date(), unit.since) - timedelta(days=1)
        log_change("owner", "drop", by=by, now=now, subject_id=owner.id, before=_words(unit, owner), after=reason)
    return unit


def change_owner(owner: Owner, who: Who, *, by: Actor, now: datetime) -> Owner:
    """Another name, mark, kind or phone for one owner; the units stay."""
    if owner.merged_into_id is not None:
        raise Refused(N_("这一位已经并到别的业主名下了。"))
    other = _named(owner.estate_id, who.name, who.mark)
    if other is not None and other.id != owner.id:
        raise Refused(N_("名册上已经有「%(name)s」了。是同一个业主就并起来。"), name=full_name(who.name, who.mark))
    _one_developer(owner.estate_id, who.kind, owner.id)
    before, phone = _who(owner), phone_of(owner)
    owner.name, owner.mark, owner.kind = who.name, who.mark, who.kind
    if phone != who.phone:
        _keep_phone(owner, who.phone)
    if before != _who(owner) or phone != who.phone:
        log_change("owner", "change", by=by, now=now, subject_id=owner.id, before=before, after=_who(owner))
    return owner


def merge_owners(owner_id: UUID, into_id: UUID, *, by: Actor, now: datetime) -> Owner:
    """Two names were one owner: all units go to ``into``, the old name only answers for itself from now on."""
    owner, into = find_owner(owner_id), find_owner(into_id)
    if owner.id == into.id or owner.estate_id != into.estate_id or into.merged_into_id is not None:
        raise Refused(N_("只能并到同一个小区的另一位业主名下。"))
    if owner.merged_into_id == into.id:
        return into
    if owner.merged_into_id is not None:
        raise Refused(N_("这一位已经并到别的业主名下了。"))
    if owner.kind != into.kind:
        raise Refused(OTHER_KIND, name=full_name(into.name, into.mark), kind=KINDS[into.kind])
    here = current_community()
    for model, column in ((OwnedUnit, OwnedUnit.owner_id), (Owner, Owner.merged_into_id)):
        db.session.execute(
            update(model).where(model.community_id == here, column == owner.id).values({column.key: into.id})
        )
    if into.phone_sealed is None and owner.phone_sealed is not None:
        into.phone_sealed, into.phone_index = owner.phone_sealed, owner.phone_index
    owner.merged_into_id, owner.phone_sealed, owner.phone_index = into.id, None, None
    log_change("owner", "merge", by=by, now=now, subject_id=into.id, before=_who(owner), after=_who(into))
    return into


def home_of(estate_id: UUID, label: str) -> UUID | None:
    """The household behind a label that names building, stairwell and door."""
    found = address_in(label)
    if found is None:
        return None
    here = current_community()
    return db.session.scalar(
        select(Household.id)
        .join(Building, (Building.community_id == here) & (Building.id == Household.building_id))
        .where(
            Household.community_id == here, Building.estate_id == estate_id, Building.name == found[0],
            Household.unit == found[1], Household.room == found[2],
        )
    )  # fmt: skip


def _owner_for(estate_id: UUID, who: Who, *, by: Actor, now: datetime) -> Owner:
    owner = _named(estate_id, who.name, who.mark)
    if owner is not None:
        if owner.kind != who.kind:
            raise Refused(OTHER_KIND, name=full_name(owner.name, owner.mark), kind=KINDS[owner.kind])
        if who.phone and who.phone != phone_of(owner):
            _keep_phone(owner, who.phone)
        return owner
    _one_developer(estate_id, who.kind, None)
    owner = Owner(id=uuid7(), estate_id=estate_id, kind=who.kind, name=who.name, mark=who.mark, created_at=now)
    _keep_phone(owner, who.phone)
    db.session.add(owner)
    db.session.flush()
    return owner


def _named(estate_id: UUID, name: str, mark: str) -> Owner | None:
    owner = db.session.scalar(
        select(Owner).where(
            Owner.community_id == current_community(), Owner.estate_id == estate_id, Owner.name == name,
            Owner.mark == mark,
        )
    )  # fmt: skip
    return find_owner(owner.merged_into_id) if owner is not None and owner.merged_into_id is not None else owner


def _one_developer(estate_id: UUID, kind: str, own: UUID | None) -> None:
    if kind != "developer":
        return
    other = db.session.scalar(
        select(Owner).where(
            Owner.community_id == current_community(), Owner.estate_id == estate_id, Owner.kind == "developer",
            Owner.merged_into_id.is_(None),
        )
    )  # fmt: skip
    if other is not None and other.id != own:
        raise Refused(ONE_DEVELOPER, name=other.name)


def _free_label(estate_id: UUID, label: str, own: UUID | None) -> None:
    held = db.session.execute(
        select(OwnedUnit.id, OwnedUnit.label, Owner.name)
        .join(Owner, (Owner.community_id == OwnedUnit.community_id) & (Owner.id == OwnedUnit.owner_id))
        .where(
            OwnedUnit.community_id == current_community(), OwnedUnit.estate_id == estate_id,
            OwnedUnit.until.is_(None), or_(OwnedUnit.sort == natural_key(label), OwnedUnit.label == label),
        )
    ).all()  # fmt: skip
    for unit_id, taken, name in held:
        if unit_id != own:
            raise Refused(HELD, label=taken, name=name)


def _keep_phone(owner: Owner, phone: str) -> None:
    owner.phone_sealed = seal(phone) if phone else None
    owner.phone_index = blind("phone", phone) if phone else None


def _not_future(since: date, now: datetime) -> None:
    if since > clock.local(now).date():
        raise Refused(FUTURE)


def _who(owner: Owner) -> str:
    return f"{KINDS[owner.kind]}｜{full_name(owner.name, owner.mark)}"


def _words(unit: OwnedUnit, owner: Owner) -> str:
    """The row as the change log keeps it; no phone is in it."""
    area = f"{square_metres(unit.area_dm2)} 平方米（{SOURCES[unit.area_source]}）"
    return "｜".join((unit.label, full_name(owner.name, owner.mark), area, unit.since.isoformat()))
