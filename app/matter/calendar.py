"""The street keeps the table of days off and of weekends that are worked (调休), and the bounds for its halls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import extract, select

from app.errors import Missing, Refused
from app.matter import bounds
from app.matter.house import forget_houses
from app.matter.models import Holiday, StreetBounds
from app.people.actor import SYSTEM, Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

SATURDAY = 5


def holidays(year: int) -> list[Holiday]:
    """The street's special days of one year, in order."""
    return list(
        db.session.scalars(
            select(Holiday)
            .where(Holiday.street_id == current_street(), extract("year", Holiday.day) == year)
            .order_by(Holiday.day)
        )
    )


def add_holiday(day: date, name: str, *, is_working: bool, now: datetime, by: Actor = SYSTEM) -> Holiday:
    """Enter a day off, or a weekend day that is worked. Deadlines that are running keep the moment they were given.

    Raises ``Refused`` for a day that is entered already, and for a working day that is no weekend.
    """
    if not name.strip() or len(name) > 40:
        raise Refused(N_("写上是什么日子，最多 40 字。"))
    if is_working and day.weekday() < SATURDAY:
        raise Refused(N_("%(day)s 本来就是工作日，调休只登记周六周日。"), day=day.isoformat())
    known = select(Holiday.id).where(Holiday.street_id == current_street(), Holiday.day == day)
    if db.session.scalar(known):
        raise Refused(N_("%(day)s 已经登记过了，先删掉再改。"), day=day.isoformat())
    found = Holiday(day=day, name=name.strip(), is_working=is_working)
    db.session.add(found)
    db.session.flush()
    log_street("holiday", "add", by=by, now=now, after=_told(found))
    forget_houses()
    return found


def _told(day: Holiday) -> str:
    return f"{day.day.isoformat()} {day.name}{' 上班' if day.is_working else ''}"


def remove_holiday(holiday_id: UUID, *, now: datetime, by: Actor = SYSTEM) -> Holiday:
    """Take a special day out of the table."""
    found = db.session.scalar(select(Holiday).where(Holiday.street_id == current_street(), Holiday.id == holiday_id))
    if found is None:
        raise Missing(N_("这一天没有登记过。"))
    db.session.delete(found)
    log_street("holiday", "remove", by=by, now=now, before=_told(found))
    db.session.flush()
    forget_houses()
    return found


def set_bounds(
    ranges: Mapping[str, bounds.Range], choices: Mapping[str, Sequence[str]], *, by: Actor, now: datetime
) -> StreetBounds:
    """Set what the halls may choose for themselves. A hall that already chose otherwise keeps it until it changes.

    ``ranges`` are ``{key: (least, most)}`` with the keys of :data:`app.matter.bounds.BOUNDS`; ``choices`` name the ways
    that stay open. Raises ``Refused`` when a range is upside down, leaves out the law's default, or no choice is left.
    """
    for key, (least, most) in ranges.items():
        if key not in bounds.BOUNDS or not 1 <= least <= most <= 365:
            raise Refused(N_("最少的要比最多的小，都在 1 到 365 之间。"))
        if not least <= bounds.default_of(key) <= most:
            raise Refused(N_("范围要把默认的 %(n)s 包在里面，不然没设过的社区就出了界。"), n=bounds.default_of(key))
    for key, named in choices.items():
        if not named or any(choice not in bounds.CHOICES[key] for choice in named):
            raise Refused(N_("至少要给社区留一种办法。"))
    found = db.session.scalar(select(StreetBounds).where(StreetBounds.street_id == current_street()))
    if found is None:
        found = StreetBounds(id=uuid7(), changed_at=now)
        db.session.add(found)
    before = found.bounds or {}
    found.bounds = {
        **{key: list(pair) for key, pair in ranges.items()}, **{key: list(named) for key, named in choices.items()},
    }  # fmt: skip
    found.changed_at, found.changed_by = now, by.label
    changed = [key for key in found.bounds if found.bounds[key] != before.get(key)]
    log_street("bounds", "set", by=by, now=now, before=_ranges(before, changed), after=_ranges(found.bounds, changed))
    db.session.flush()
    return found


def _ranges(kept: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The named bounds in words: ``会前公告 3–10``; for a way of voting how many of the ways are open."""
    return "，".join(
        f"{bounds.LABELS.get(key, key)} {'–'.join(str(part) for part in kept[key])}" for key in keys if key in kept
    )


def last_change() -> StreetBounds | None:
    """The bounds as the street last set them, with who and when."""
    return db.session.scalar(select(StreetBounds).where(StreetBounds.street_id == current_street()))
