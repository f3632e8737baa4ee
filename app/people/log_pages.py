"""Turning the pages of a log of changes, the hall's or the street's."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, func, select

from app.people.models import ChangeLog, StreetLog
from tenants.database import db

Line = TypeVar("Line", ChangeLog, StreetLog)


def newest_lines(log: type[Line], *which: ColumnElement[bool], page: int, size: int) -> tuple[list[Line], int]:
    """One page of the lines for which all of ``which`` holds, the newest first; and how many lines there are."""
    wanted = select(log).where(*which)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest = wanted.order_by(log.at.desc(), log.subject, log.what, log.after)
    rows = db.session.scalars(newest.limit(size).offset((page - 1) * size)).all()
    return list(rows), total
