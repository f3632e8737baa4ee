"""What the fuzzer knows: the tables, their columns by kind, and what each restricted scope may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, Text, Uuid

from app import models  # noqa: F401  (the catalogue is empty until every table is mapped)
from tenants.policies import kinds
from tenants.scope import Scope
from tests.prove.isolation.twins import KEY, SHARED, World, Worlds, worlds

#: (street, community) of the bound hall, of its neighbour in the street, and of a hall of another street.
OWN, NEIGHBOUR, FAR = (901, 911), (901, 912), (902, 921)
WORLDS: Worlds = worlds(OWN, NEIGHBOUR, FAR)
SCOPES = {
    "community": Scope("community", street=OWN[0], community=OWN[1]),
    "street": Scope("street", street=OWN[0]),
    "guest": Scope("guest", street=OWN[0], community=OWN[1], case=SHARED, invitation=SHARED, key=KEY),
    "witness": Scope("witness", street=OWN[0], community=OWN[1], case=SHARED, person=SHARED),
    "teller": Scope("teller", street=OWN[0], community=OWN[1], case=SHARED),
    "opener": Scope("opener", street=OWN[0], community=OWN[1]),
    "door": Scope("door", street=OWN[0], slug=f"s{OWN[1]}", host=f"street{OWN[0]}.test"),
}
#: The worlds of which a scope may see nothing. A hall does not even see what is sealed or not shared yet.
FORBIDDEN: dict[str, tuple[World, ...]] = {
    "community": (WORLDS.sealed, WORLDS.neighbour, WORLDS.far),
    "street": (WORLDS.far,),
    "opener": (WORLDS.neighbour, WORLDS.far),
    **dict.fromkeys(
        ("guest", "witness", "teller", "door"), (WORLDS.other, WORLDS.sealed, WORLDS.neighbour, WORLDS.far)
    ),
}
#: Which databases hold only what a scope may see: the answers there must be the same.
ALONE = {
    "community": "hall", "opener": "hall", "street": "street", "guest": "case", "witness": "case", "teller": "case",
    "door": "case",
}  # fmt: skip
_LEFT_OUT = {"hall": FORBIDDEN["community"], "street": FORBIDDEN["street"], "case": FORBIDDEN["guest"]}

KINDS: tuple[tuple[type, str], ...] = (
    (Boolean, "bool"), (BigInteger, "int"), (Integer, "int"), (DateTime, "time"), (Date, "day"), (Uuid, "uuid"),
    (LargeBinary, "bytes"), (ARRAY, "array"), (JSON, "json"), (Text, "text"),
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column: its name, its kind, and every value that a planted row holds in it."""

    name: str
    kind: str
    values: tuple[Any, ...] = ()


@dataclass
class Relation:
    """One table, and the letters of s, i, u, d that each scope holds on it."""

    name: str
    kind: str
    fields: list[Field]
    letters: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *wanted: str) -> list[Field]:
        """Its columns of these kinds."""
        return [f for f in self.fields if f.kind in wanted]


def kind_of(column: Column[Any]) -> str:
    """The fuzzer's word for a column's type."""
    return next(word for type_, word in KINDS if isinstance(column.type, type_))


def letters(kind: str, access: Any, scope: str) -> str:
    """What metadata grants a scope on a table."""
    if kind == "registry":
        return {"community": access.community, "street": access.street, "opener": access.opener, "door": "s",
                "guest": "s"}.get(scope, "")  # fmt: skip
    if scope == "door":
        return ""
    found = getattr(access, scope)
    return found if isinstance(found, str) else (found.commands if found else "")


def relations(planted: dict[tuple[str, str, bool], dict[str, Any]]) -> list[Relation]:
    """Every table with the values that lie in it."""
    found = []
    for name, (table, kind, access) in sorted(kinds().items()):
        rows = [values for (at, _world, _shared), values in planted.items() if at == name]
        fields = [
            Field(
                c.name, kind_of(c), tuple(dict.fromkeys(literal(r[c.name]) for r in rows if r.get(c.name) is not None))
            )
            for c in table.columns
        ]
        found.append(Relation(name, kind, fields, {s: letters(kind, access, s) for s in SCOPES}, rows))
    return found


def literal(value: Any) -> str:
    """A value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    for type_, word in ((UUID, "uuid"), (datetime, "timestamptz"), (date, "date")):
        if isinstance(value, type_):
            return f"'{value}'::{word}"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(literal(v) for v in value) + "]::text[]"
    if isinstance(value, dict):
        return "'" + ", ".join(f'{{"{k}": "{v}"}}' for k, v in value.items()) + "'::json"
    return "'" + str(value).replace("'", "''") + "'"


def kept_only(alone: str) -> Iterator[str]:
    """The statements that leave in a database nothing but what the scopes of ``ALONE`` may see."""
    gone = [world.id for world in _LEFT_OUT[alone]]
    halls = f"{OWN[1]}, {NEIGHBOUR[1]}" if alone == "street" else str(OWN[1])
    hidden = ", ".join(f"'{row_id}'" for row_id in gone)
    for name, (_table, kind, _access) in sorted(kinds().items()):
        if kind == "tenant":
            yield f"delete from {name} where community_id not in ({halls}) or id in ({hidden})"
        elif kind == "street":
            yield f"delete from {name} where street_id <> {OWN[0]} or id in ({hidden})"
    yield f"delete from community where id not in ({halls})"
    yield f"delete from street where id <> {OWN[0]}"
