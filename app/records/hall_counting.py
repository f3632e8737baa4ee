"""Small words of SQL shared by what counts a hall."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func, select

from tenants.database import db

CLOSED = ("closed", "archived")
#: Counted with another matter, or never.
NOT_COUNTED = ("merged", "withdrawn")


def if_(condition: Any) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.count().filter(condition)


def day_of(moment: Any) -> Any:
    """The day of a moment in Asia/Shanghai."""
    return cast(func.timezone("Asia/Shanghai", moment), Date)


def hours_between(start: Any, end: Any) -> Any:
    """Whole hours from one moment to a later one; what was answered at once took none."""
    return func.greatest(0, func.floor(func.extract("epoch", end - start) / 3600))


def row(*columns: Any, where: Any) -> dict[str, int]:
    """One row of figures by their labels."""
    return dict(db.session.execute(select(*columns).where(*where)).one()._mapping)


def histogram(value: Any, *where: Any) -> dict[int, int]:
    """How many rows have each whole number ``value``; one statement."""
    inner = value.label("value")
    source = select(inner).where(*where).subquery()
    rows = db.session.execute(select(source.c.value, func.count()).group_by(source.c.value))
    return {int(key): int(n) for key, n in rows}
