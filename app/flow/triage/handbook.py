"""The Proposal Handbook (《社区提案指导手册》) in versions: the street writes a draft and publishes it, halls show it.

A published version never changes. Until the street has published one, every hall shows version 0, which comes with the
program (``handbook.toml``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.flow.triage import handbook_rules as rules
from app.flow.triage.handbook_models import Handbook
from app.people.actor import Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

STALE = N_("刚才已经有人改过手册了，请刷新看看再改。")
SEED = Path(__file__).with_name("handbook.toml")


@dataclass(frozen=True)
class Edition:
    """One version as it is read; version 0 was never published by anybody."""

    version: int
    title: str
    sections: list[dict[str, str]]
    published_at: datetime | None = None
    published_label: str = ""


@cache
def _seed() -> Edition:
    with SEED.open("rb") as file:
        found = tomllib.load(file)
    return Edition(0, found["title"], rules.tidy(found["sections"]))


def published() -> list[Edition]:
    """Every version that was published, the newest first, version 0 last. A hall sees no others."""
    rows = db.session.scalars(
        select(Handbook)
        .where(Handbook.street_id == current_street(), Handbook.shared)
        .order_by(Handbook.version.desc())
    )
    return [*(_edition(row) for row in rows), _seed()]


def edition(version: int | None = None) -> Edition:
    """The version in force, or the one asked for; raises ``Missing``. One statement."""
    every = published()
    found = next((one for one in every if one.version == version), None) if version is not None else every[0]
    if found is None:
        raise Missing(N_("没有这一版。"))
    return found


def draft() -> Handbook | None:
    """What the street is writing and has not published."""
    return db.session.scalar(
        select(Handbook)
        .where(Handbook.street_id == current_street(), ~Handbook.shared)
        .order_by(Handbook.version.desc())
        .limit(1)
    )


def seen_of(found: Handbook | None) -> str:
    """What a form carries so that whoever was overtaken is told: which state of the draft it began with."""
    return found.changed_at.isoformat() if found else ""


def save(title: str, sections: list[dict[str, str]], *, seen: str, by: Actor, now: datetime) -> int:
    """Keep the draft of the next version; returns its number. ``seen`` is :func:`seen_of` what the editor began with.

    Raises ``Refused`` when it is not whole, or somebody else was faster.
    """
    kept = rules.tidy(sections)
    rules.may_keep(title, kept).or_refuse()
    found, values = draft(), {"title": title.strip(), "sections": kept, "changed_at": now, "changed_label": by.label}
    if seen != seen_of(found):
        raise Refused(STALE)
    if found is None:
        return _begin(values, by=by, now=now)
    changed = db.session.execute(
        update(Handbook)
        .where(
            Handbook.street_id == current_street(), Handbook.id == found.id, ~Handbook.shared,
            Handbook.changed_at == found.changed_at,
        )
        .values(**values)
    )  # fmt: skip
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Refused(STALE)
    return found.version


def _begin(values: dict[str, object], *, by: Actor, now: datetime) -> int:
    version = published()[0].version + 1
    row = {"street_id": current_street(), "id": uuid7(), "version": version, "shared": False, "published_label": ""}
    table = Handbook.__table__
    written = db.session.execute(
        insert(table).values(**row, **values).on_conflict_do_nothing().returning(table.c.id)
    ).one_or_none()  # fmt: skip
    if written is None:
        raise Refused(STALE)
    log_street("handbook", "save", by=by, now=now, after=f"V{version}")
    return version


def publish(version: int, *, seen: str, by: Actor, now: datetime) -> None:
    """Put the draft in force in every hall at once; the version before it is kept and can be read."""
    found = draft()
    if found is None or found.version != version or seen != seen_of(found):
        raise Refused(STALE)
    rules.may_keep(found.title, found.sections).or_refuse()
    before = published()[0]
    if before.title == found.title and not rules.difference(before.sections, found.sections):
        raise Refused(N_("和现在用的一样，没有要公布的。"))
    db.session.execute(
        update(Handbook)
        .where(Handbook.street_id == current_street(), Handbook.id == found.id, ~Handbook.shared)
        .values(shared=True, published_at=now, published_label=by.label)
    )
    log_street("handbook", "publish", by=by, now=now, before=f"V{before.version}", after=f"V{version} {found.title}")


def _edition(row: Handbook) -> Edition:
    return Edition(row.version, row.title, row.sections, row.published_at, row.published_label)
