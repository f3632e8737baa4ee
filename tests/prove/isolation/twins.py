"""Rows of several tenants in every table that share every natural key, and whose every other value says whose it is.

Each tenant has two rows in every table: one under the id and the natural keys that all of them share, and one whose id
says whose it is too. So a statement that forgets its tenant shows somebody else's word, number, year or id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    insert,
    text,
)
from sqlalchemy.exc import IntegrityError

from tenants.policies import kinds
from tests.tenants.rows import SPECIAL, row

#: The id and the guest's key that a row of every tenant has.
SHARED = UUID("00000000-0000-7000-8000-000000000abc")
KEY = "0" * 64


@dataclass(frozen=True)
class World:
    """Whose rows these are, and by what anybody would know them. ``home`` is the hall among whose rows they lie."""

    name: str
    word: str
    number: int
    year: int
    street: int
    community: int

    @property
    def id(self) -> UUID:
        """The id of its second row in every table."""
        return UUID(f"{self.word}-0000-7000-8000-{self.word}{self.word[:4]}")

    @property
    def marks(self) -> tuple[str, ...]:
        """What betrays a row of this world as it stands in the database."""
        return self.word, self.word.encode().hex(), str(self.number), f"{self.year}-0"

    @property
    def shown(self) -> tuple[str, ...]:
        """What betrays it on a page: its words and its numbers, however a page writes them. Ids are looked up apart."""
        fen = f"{self.number // 100:,}.{self.number % 100:02d}"
        return f"{self.word} ", f"{self.word}x", str(self.number), f"{self.number:,}", fen, fen.replace(",", "")


@dataclass(frozen=True)
class Worlds:
    """The bound hall's two kinds of rows, what is hidden even from it, its neighbour, and a hall of another street."""

    own: World
    other: World
    sealed: World
    neighbour: World
    far: World

    def __iter__(self) -> Iterator[World]:
        return iter((self.own, self.other, self.sealed, self.neighbour, self.far))


def worlds(own: tuple[int, int], neighbour: tuple[int, int], far: tuple[int, int]) -> Worlds:
    """Three halls, each ``(street, community)``; the first two in one street."""
    return Worlds(
        World("own", "0a11ce01", 1, 2026, *own),
        World("other", "0badf00d", 661166116, 2066, *own),
        World("sealed", "5ea1ed00", 551155115, 2055, *own),
        World("neighbour", "beefca11", 771177117, 2077, *neighbour),
        World("far", "faced0d0", 881188118, 2088, *far),
    )


@dataclass(frozen=True)
class Twin:
    """One row: whose, and whether under the shared id and keys."""

    world: World
    shared: bool

    @property
    def id(self) -> UUID:
        """Its id."""
        return SHARED if self.shared else self.world.id


def hides(table: str) -> str:
    """The column of a table that hides a row even from its own hall until it is true; empty where there is none."""
    _table, _kind, access = kinds()[table]
    return access.read_when or ("shared" if access.shared_only else "")


def twins_of(table: str, all_worlds: Worlds) -> list[Twin]:
    """The rows that a table gets. A table of the street has none of the neighbour's: both live in one street."""
    kind = kinds()[table][1]
    found = [Twin(all_worlds.own, True), Twin(all_worlds.other, False)]
    if hides(table):
        found.append(Twin(all_worlds.sealed, False))
    if kind == "tenant":
        found += [Twin(all_worlds.neighbour, True), Twin(all_worlds.neighbour, False)]
    return [*found, Twin(all_worlds.far, True), Twin(all_worlds.far, False)]


@lru_cache
def natural_keys(table: str) -> frozenset[str]:
    """The columns of a table in whatever must be unique within a tenant, its key's own columns aside."""
    found: Table = kinds()[table][0]
    parts = [c.columns for c in found.constraints if isinstance(c, UniqueConstraint)]
    parts += [index.columns for index in found.indexes if index.unique]
    return frozenset(c.name for columns in parts for c in columns) - {"community_id", "street_id", "id"}


def value_of(twin: Twin, table: str, column: Column[Any]) -> Any:
    """What this row says in a column: the natural keys alike for all, everything else its own mark."""
    world, kind = twin.world, column.type
    alike = twin.shared and column.name in natural_keys(table)
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, BigInteger | Integer):
        return 1 if alike else world.number
    if isinstance(kind, DateTime):
        return datetime(2026 if alike else world.year, 6, 1, tzinfo=UTC)
    if isinstance(kind, Date):
        return date(2026 if alike else world.year, 6, 1)
    if isinstance(kind, Uuid):
        return twin.id
    word = f"shared {table}.{column.name}" if alike else f"{world.word} {table}.{column.name}"
    if isinstance(kind, LargeBinary):
        return word.encode()
    if isinstance(kind, ARRAY):
        return [word] if isinstance(kind.item_type, Text) else []
    return {world.word: word} if isinstance(kind, JSON) else word


def marked(twin: Twin, name: str) -> dict[str, Any]:
    """A row in which every column is marked, where the table's own rules let it be."""
    table, _kind, _access = kinds()[name]
    values = {c.name: value_of(twin, name, c) for c in table.columns}
    values |= {"id": twin.id, "street_id": twin.world.street}
    if "community_id" in table.columns:
        values["community_id"] = twin.world.community
    if "key_hash" in table.columns:
        values["key_hash"] = KEY if twin.shared else twin.world.word * 8
    if hidden := hides(name):
        values[hidden] = twin.world.name != "sealed"
    return values


def plant(conn: Connection, name: str, twin: Twin) -> dict[str, Any] | None:
    """Insert the row; columns that a CHECK wants otherwise get the plain value that satisfies it.

    None where a tenant can have but one row, and has it.
    """
    table = kinds()[name][0]
    plain = row(table, street=twin.world.street, community=twin.world.community, row_id=twin.id)
    plain = {c.name: plain.get(c.name) for c in table.columns}
    kept = {"id", "street_id", "community_id", hides(name)}
    values = marked(twin, name)
    listed = {c: v for c, v in plain.items() if c not in kept and isinstance(v, str) and not v.startswith("x")}
    values |= {c: v for c, v in listed.items() if isinstance(table.c[c].type, Text)}
    for _try in range(12):
        try:
            with conn.begin_nested():
                conn.execute(insert(table).values(**values))
            return values
        except IntegrityError as error:
            if isinstance(error.orig, UniqueViolation):
                return None
            if not isinstance(error.orig, CheckViolation):
                raise
            rule = str(error.orig.diag.constraint_name)
            asked = conn.execute(
                text("select pg_get_constraintdef(oid) from pg_constraint where conname = :n"), {"n": rule}
            ).scalar()
            named = {c for c in re.findall(r"\w+", str(asked)) if c in table.columns} - kept
            values |= {c: _plain(plain, name, c, twin) for c in named}
    raise AssertionError(f"{name}: no row of {twin.world.name} satisfies the table's rules")


def _plain(plain: dict[str, Any], table: str, column: str, twin: Twin) -> Any:
    is_reference = isinstance(kinds()[table][0].c[column].type, Uuid)
    if is_reference and plain[column] is not None and column not in SPECIAL.get(table, {}):
        return twin.id
    return plain[column]


def plant_all(
    conn: Connection, all_worlds: Worlds, *, registry: bool, skip: frozenset[str] = frozenset()
) -> dict[tuple[str, str, bool], dict[str, Any]]:
    """Put the rows of all worlds but ``skip`` into the database, as its superuser.

    Returns them by table, world and whether under the shared id. ``registry``: the streets and halls as well.
    """
    conn.execute(text("set local session_replication_role = replica"))
    planted = {}
    for name, (table, kind, _access) in sorted(kinds().items()):
        if kind == "registry":
            if registry:
                _register(conn, name, table, all_worlds)
            continue
        for twin in twins_of(name, all_worlds):
            if twin.world.name not in skip and (values := plant(conn, name, twin)) is not None:
                planted[name, twin.world.name, twin.shared] = values
    return planted


def _register(conn: Connection, name: str, table: Table, all_worlds: Worlds) -> None:
    for world in (all_worlds.own, all_worlds.neighbour, all_worlds.far):
        if name == "street" and world is all_worlds.neighbour:
            continue
        values = row(table, street=world.street, community=world.community, row_id=SHARED)
        values |= {c: f"{world.word} {c}" for c in ("name", "short", "phone", "hall", "motto") if c in table.columns}
        conn.execute(insert(table).values(**values))
