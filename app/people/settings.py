"""The hall's own record and its looks. The community's row is the truth; packs were only its seed.

Every change is one line a field in the change log. The caller drops the caches of the process after the commit
(``tenants.hosts.forget_sites``, ``app.matter.house.forget_houses``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.errors import Refused
from app.people.actor import Actor
from app.people.desk import log_change
from app.words import N_
from tenants.brand import Brand, Pattern, Problem, check, load_pack
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_community

#: Fields of the record and the most characters of each. ``lead`` and ``venue`` stand in the brand beside the names.
RECORD: Mapping[str, int] = {
    "hall": 20, "motto": 40, "lead": 60, "venue": 20, "phone": 30, "address": 80, "hours": 80,
}  # fmt: skip
REQUIRED = ("hall", "phone", "address")
IN_BRAND = ("hall", "motto", "lead", "venue")
COLOURS = ("brand", "ink", "soft", "accent", "paper")
OWN_PATTERN = "own"
#: The key of a hall's and of a street's settings that says whether the whole staff needs the second step.
TWO_STEP = "two_step"
MUST, MAY = N_("人人都要开"), N_("自己愿意就开")
OWN_FIRST = N_("先给自己开好两步登录，再要求大家开。")


def hall_row(*, lock: bool = False) -> Community:
    """The hall's own row; locked where it is about to be changed, so that two forms cannot undo each other."""
    wanted = select(Community).where(Community.id == current_community())
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).one()


def brand_of(community: Community) -> Brand:
    """The hall's looks, or the street's default where none were ever stored."""
    return Brand.from_dict(community.brand) if community.brand else load_pack(community.slug)


def record_of(community: Community) -> dict[str, str]:
    """The record as the form shows it."""
    brand = brand_of(community)
    own = {"lead": brand.lead, "venue": brand.venue}
    return {name: own[name] if name in own else getattr(community, name) for name in RECORD}


def change_record(values: Mapping[str, str], *, by: Actor, now: datetime) -> list[str]:
    """Change the hall's record; returns the fields that changed. ``values`` were judged by the form."""
    community = hall_row(lock=True)
    old = record_of(community)
    changed = [name for name in RECORD if name in values and values[name].strip() != old[name]]
    for name in changed:
        new = values[name].strip()
        if name in ("hall", "motto", "phone", "address", "hours"):
            setattr(community, name, new)
        log_change("hall", name, by=by, now=now, before=old[name], after=new)
    if set(changed) & set(IN_BRAND):
        kept = brand_of(community).as_dict()
        community.brand = {**kept, **{name: values[name].strip() for name in changed if name in IN_BRAND}}
    return changed


def dressed(brand: Brand, values: Mapping[str, str], mark_svg: str | None) -> Brand:
    """``brand`` with other colours, pattern and, where one is given, another mark.

    Raises ``BadColour`` or ``BadDrawing`` (both with ``reason`` and ``values``) for what cannot be used.
    """
    kept: dict[str, Any] = brand.as_dict()
    kept.update({name: values[name] for name in COLOURS if name in values})
    if values.get("pattern") and values["pattern"] != OWN_PATTERN:
        kept["pattern"] = values["pattern"]
    if mark_svg:
        kept["mark_svg"] = mark_svg
    return Brand.from_dict(kept)


def problems(brand: Brand) -> list[Problem]:
    """Why these looks cannot be read; empty when they may be used."""
    return check(brand)


def change_brand(wanted: Brand, *, by: Actor, now: datetime) -> list[str]:
    """Store new looks; refused while any rule of contrast is broken. Returns what changed."""
    if problems(wanted):
        raise Refused(N_("颜色不够清楚，看不清的不能用。"))
    community = hall_row(lock=True)
    old = brand_of(community)
    fresh = {**wanted.as_dict(), **{name: getattr(old, name) for name in IN_BRAND}}
    changed = [name for name in (*COLOURS, "pattern", "mark_svg") if getattr(old, name) != getattr(wanted, name)]
    for name in changed:
        before, after = _short(getattr(old, name)), _short(getattr(wanted, name))
        log_change("brand", name, by=by, now=now, before=before, after=after)
    if changed:
        community.brand = fresh
    return changed


def _short(value: str | Pattern) -> str:
    if isinstance(value, Pattern):
        return OWN_PATTERN
    # A drawing is too long for a line of the log; its fingerprint still tells one from another.
    return hashlib.sha256(value.encode()).hexdigest()[:8] if value.startswith("<svg") else value


def is_two_step_required(settings: Mapping[str, Any] | None) -> bool:
    """Whether a hall or a street with these settings asks the second step of its whole staff."""
    return bool((settings or {}).get(TWO_STEP))


def require_two_step(required: bool, *, by: Actor, has_it: bool, now: datetime) -> None:
    """Ask the second step of the hall's staff, or no longer. Whoever asks it of others (``has_it``) goes first."""
    if required and not has_it:
        raise Refused(OWN_FIRST)
    community = hall_row(lock=True)
    if is_two_step_required(community.settings) == required:
        return
    community.settings = {**community.settings, TWO_STEP: required}
    log_change("account", "two_step_must", by=by, now=now, after=MUST if required else MAY)
