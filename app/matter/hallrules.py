"""The hall sets its own deadlines, quorum, voting rule and days of notice, within the street's bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.matter import bounds
from app.matter.models import StreetBounds
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.settings import hall_row
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street


def street_bounds() -> Mapping[str, Any]:
    """What the street wrote down, or nothing."""
    return db.session.scalar(select(StreetBounds.bounds).where(StreetBounds.street_id == current_street())) or {}


def rules_of(community: Community) -> tuple[dict[str, int], dict[str, str]]:
    """The numbers and the choices that hold in this hall now, defaults included."""
    own = community.settings
    numbers = {key: bounds.default_of(key) for key in bounds.BOUNDS}
    for key, value in own.get("deadlines", {}).items():
        if bounds.DEADLINES + key in numbers:
            numbers[bounds.DEADLINES + key] = value[0]
    for key in bounds.OWN_NUMBERS:
        if own.get(key) is not None:
            numbers[key] = own[key]
    choices = {key: own[key] if own.get(key) in options else options[0] for key, options in bounds.CHOICES.items()}
    return numbers, choices


def set_rules(numbers: Mapping[str, int], choices: Mapping[str, str], *, by: Actor, now: datetime) -> list[str]:
    """Change what differs and return its keys; ``Refused`` for anything outside the bounds, and nothing changes."""
    street = street_bounds()
    ranges, open_choices = bounds.bounds_of(street), bounds.choices_of(street)
    for key, amount in numbers.items():
        bounds.within(key, amount, ranges).or_refuse()
    for key, choice in choices.items():
        bounds.allowed(key, choice, open_choices).or_refuse()
    community = hall_row(lock=True)
    old_numbers, old_choices = rules_of(community)
    changed = [key for key, amount in numbers.items() if old_numbers[key] != amount]
    for key in changed:
        log_change("deadline", key, by=by, now=now, before=str(old_numbers[key]), after=str(numbers[key]))
    switched = [key for key, choice in choices.items() if old_choices[key] != choice]
    for key in switched:
        log_change("deadline", key, by=by, now=now, before=old_choices[key], after=choices[key])
    if changed or switched:
        community.settings = _stored(community.settings, {**old_numbers, **numbers}, {**old_choices, **choices})
    return changed + switched


def _stored(old: Mapping[str, Any], numbers: Mapping[str, int], choices: Mapping[str, str]) -> dict[str, Any]:
    # Only what differs from the default is kept: a later change of the law then reaches every hall that never chose.
    own = {
        key.removeprefix(bounds.DEADLINES): [amount, bounds.unit_of(key)]
        for key, amount in numbers.items()
        if key.startswith(bounds.DEADLINES) and amount != bounds.default_of(key)
    }
    return {**old, "deadlines": own, **{key: numbers[key] for key in bounds.OWN_NUMBERS}, **choices}
