"""The lists as the bound hall goes by them: the street's newest version, narrowed by the hall, or version 0.

A hall may leave out classes of the encouraged list and add its own words to an item of the negative list; it never
takes an item of the negative list away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import JSON, cast, literal, null, select, union_all

from app.flow.triage.lists import DEFAULTS, ENCOURAGED, NEGATIVE, Encouraged, Lists, Negative, Way
from app.flow.triage.policy import HallList, StreetList
from app.matter.house import kept
from tenants.database import db
from tenants.scope import current

Items = Iterable[Mapping[str, Any]]


def lists() -> Lists:
    """Both lists as they stand now for whoever is bound, hall or street; read anew after a few seconds."""
    return kept("lists", _read)


def encouraged_of(items: Items) -> dict[str, Encouraged]:
    """Stored items as the encouraged list."""
    return {
        item["code"]: Encouraged(item["code"], item["label"], item["examples"], tuple(item.get("signs", ())))
        for item in items
    }


def negative_of(items: Items) -> dict[str, Negative]:
    """Stored items as the negative list."""
    return {
        item["code"]: Negative(
            item["code"], item["label"], Way(item["way"]), item["door"], bool(item.get("urgent")),
            tuple(item.get("signs", ())),
        )
        for item in items
    }  # fmt: skip


def narrowed(found: Lists, dropped: Iterable[str], notes: Mapping[str, str]) -> Lists:
    """What a hall leaves of the street's lists; an unknown code of an older version is passed over."""
    out = set(dropped)
    encouraged = {code: item for code, item in found.encouraged.items() if code not in out}
    negative = {
        code: replace(item, note=notes[code]) if notes.get(code) else item for code, item in found.negative.items()
    }
    return replace(found, encouraged=encouraged, negative=negative)


def _read() -> Lists:
    scope = current()
    nothing = cast(null(), JSON)
    street = (
        select(
            literal("street").label("of"), StreetList.kind, StreetList.version, StreetList.items,
            nothing.label("dropped"), nothing.label("notes"),
        )
        .where(StreetList.street_id == scope.street)
        .distinct(StreetList.kind)
        .order_by(StreetList.kind, StreetList.version.desc())
        .subquery()
    )  # fmt: skip
    parts = [select(street)]
    if scope.community is not None:
        own = (
            select(literal("hall").label("of"), HallList.kind, HallList.version, nothing.label("items"),
                   HallList.dropped, HallList.notes)
            .where(HallList.community_id == scope.community)
            .distinct(HallList.kind)
            .order_by(HallList.kind, HallList.version.desc())
            .subquery()
        )  # fmt: skip
        parts.append(select(own))
    rows = {(row.of, row.kind): row for row in db.session.execute(union_all(*parts))}
    return _put_together(rows)


def _put_together(rows: Mapping[tuple[str, str], Any]) -> Lists:
    encouraged, negative = rows.get(("street", "encouraged")), rows.get(("street", "negative"))
    found = replace(
        DEFAULTS,
        encouraged=encouraged_of(encouraged.items) if encouraged else ENCOURAGED,
        negative=negative_of(negative.items) if negative else NEGATIVE,
        version=negative.version if negative else 0,
        encouraged_version=encouraged.version if encouraged else 0,
    )
    dropped, notes = rows.get(("hall", "encouraged")), rows.get(("hall", "negative"))
    return narrowed(found, dropped.dropped if dropped else (), notes.notes if notes else {})
