"""New rows: several of several tables in one statement, put together once for each shape, and a row written once.

What people hand in is a matter with its lines, its words and its consents. Flushed row by row that is a statement each,
and a statement that is put together anew costs more than writing its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Insert, Table, bindparam, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient_to_detached

from tenants.database import db

#: A table and the values of one new row, its key included (``tenants.database.row_key``).
NewRow = tuple[Table, Mapping[str, Any]]


def write_together(rows: Sequence[NewRow]) -> None:
    """Insert all of these rows or none. Foreign keys between them hold, since they are looked at when all are there.

    A value may be a piece of SQL; it belongs to the shape, so it must be the same object each time.
    """
    shape, values = [], {}
    for n, (table, row) in enumerate(rows):
        shape.append((table, tuple((name, v if isinstance(v, ClauseElement) else None) for name, v in row.items())))
        values |= {f"{n}_{name}": v for name, v in row.items() if not isinstance(v, ClauseElement)}
    db.session.execute(_together(tuple(shape)), values)


@lru_cache(maxsize=64)
def _together(shape: tuple[tuple[Table, tuple[tuple[str, Any], ...]], ...]) -> Insert:
    *others, last = (
        insert(table).values({
            name: bindparam(f"{n}_{name}", type_=table.c[name].type) if piece is None else piece
            for name, piece in row
        })
        for n, (table, row) in enumerate(shape)
    )  # fmt: skip
    for n, other in enumerate(others):
        last = last.add_cte(other.cte(f"written_{n}"))
    return last


def filled(model: Any, **given: Any) -> dict[str, Any]:
    """Every column of a new row of ``model``: what is given, and else what the mapper would fill in."""
    made = {name: default(None) for name, default in _makers(model).items() if name not in given}
    return {**_plain(model), **made, **given}


def adopt(model: Any, row: Mapping[str, Any]) -> Any:
    """The written row as an object of the session, without asking the database for it again."""
    thing = model(**row)
    make_transient_to_detached(thing)
    db.session.add(thing)
    return thing


@cache
def _plain(model: Any) -> dict[str, Any]:
    columns = model.__table__.columns
    return {column.name: column.default.arg if column.default is not None else None for column in columns
            if column.default is None or column.default.is_scalar}  # fmt: skip


@cache
def _makers(model: Any) -> dict[str, Any]:
    columns = model.__table__.columns
    return {column.name: column.default.arg for column in columns
            if column.default is not None and column.default.is_callable}  # fmt: skip


def write_once(write: Callable[[], Any]) -> int:
    """Write a row whose key is the memory; returns how many were written, 0 where another worker was faster."""
    try:
        with db.session.begin_nested():
            write()
            db.session.flush()
    except IntegrityError:
        return 0
    return 1
