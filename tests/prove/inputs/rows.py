"""Real ids for addresses: rows by hall and by the name that addresses give to their id, one of every kind first."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from random import Random
from typing import Any

from sqlalchemy import text

from tenants.database import db
from tests.prove.inputs.world import HALLS, World

#: Rows by hall and by the name of their id in addresses.
Rows = dict[tuple[str, str], list[dict[str, Any]]]


def above(path: str) -> list[str]:
    """An address and those it lies below, nearest first."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 1, -1)]


def addresses(ids: Rows, slug: str, url: str) -> list[str]:
    """A door's address with real ids, one for each row of its last part that knows the parts before it."""
    return [path for path, _row in addressed(ids, slug, url)]


def addressed(ids: Rows, slug: str, url: str) -> list[tuple[str, dict[str, Any]]]:
    """The same, each with the row it comes from."""
    parts = re.findall(r"<(?:(\w+):)?(\w+)>", url)
    rows = ids.get((slug, parts[-1][1])) if parts else None
    if rows is None and parts:
        rows = next((ids[slug, name] for _kind, name in parts if (slug, name) in ids), None) or ids.get(
            ("", parts[-1][1])
        )
    found: dict[str, dict[str, Any]] = {}
    for turn, row in enumerate(rows or [{}]):
        values = {name: str(row.get(name) or _other(ids, slug, kind, name, turn)) for kind, name in parts}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, v=values: v[m[1]], url)  # type: ignore[misc]
        found.setdefault(path, row)
    return list(found.items())


def _other(ids: Rows, slug: str, kind: str, name: str, turn: int) -> str:
    if name in ("community_slug", "hall_slug"):
        return HALLS[turn % len(HALLS)]
    if kind == "int":
        return str(turn + 1)
    rows = ids.get((slug, name)) or ids.get((HALLS[0], name)) or ids.get(("", name))
    return str(rows[turn % len(rows)][name]) if rows else "01890000-0000-7000-8000-000000000000"


def ids_by_name(world: World) -> Rows:
    """Rows by hall and by the name that addresses give to their id: the columns that refer to a table tell its name."""
    whose: dict[str, set[str]] = defaultdict(set)
    for table in db.metadata.sorted_tables:
        whose[f"{table.name}_id"].add(table.name)
        for column in table.columns:
            for key in column.foreign_keys:
                if column.name.endswith("_id") and key.column.name == "id" and key.column.table.name != "community":
                    whose[column.name].add(key.column.table.name)
    found: Rows = defaultdict(list)
    doors = [door for _site, door in world.app.extensions["doors"].values()]
    asked = {name for door in doors for name in re.findall(r":(\w+)>", door.url)}
    with world.eyes.connect() as conn:
        halls = {row.id: row.slug for row in conn.execute(text("select id, slug from community"))}
        for name in sorted(asked & set(whose)):
            for told in sorted(whose[name] - {"community", "street"}):
                rows = list(conn.execute(text(f"select * from {told} order by id limit 4000")).mappings())
                # Mixed, and each time in the same way: ids follow the order in which the stories are told.
                Random(told).shuffle(rows)
                for row in rows:
                    slug = halls.get(row.get("community_id"), "")
                    found[slug, name].append({**row, name: row["id"]})
    return {key: _mixed(rows) for key, rows in found.items()}


def _mixed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row of every stage and kind first, then a second one of each, so that a few tries meet all of them."""
    turns: Counter[Any] = Counter()
    ranked = []
    for n, row in enumerate(rows):
        # What has happened to a thing is also told by the moments that are filled in.
        moments = tuple(row[column] is None for column in row if column.endswith(("_at", "_on")))
        kind = (*(str(row.get(column)) for column in ("stage", "state", "kind", "mode")), moments)
        ranked.append((turns[kind], n, row))
        turns[kind] += 1
    return [row for _turn, _n, row in sorted(ranked, key=lambda one: one[:2])]
