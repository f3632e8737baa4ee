"""Every open matter carries the moment its light turns yellow, in step with the day it is due.

The rule is :func:`app.matter.lights.warn_at`. Whatever the session writes passes :func:`_keep_step`; a statement that
goes past the session asks :func:`warn_of` for the column itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, event, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.matter.house import house
from app.matter.lights import warn_at
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community

#: Rows that one statement puts right.
BATCH = 500


def warn_of(start: datetime, due_at: datetime | None) -> datetime | None:
    """The bound hall's ``warn_at`` for something begun at ``start`` and due at ``due_at``."""
    return None if due_at is None else warn_at(start, due_at, house().calendar)


def put_right() -> int:
    """Reckon the bound hall's running clocks anew and return how many were wrong.

    The street changed its days off, or rows were written without the session. The due day itself stays as it was
    given: only the moment of yellow follows the calendar.
    """
    here, calendar = current_community(), house().calendar
    running = db.session.execute(
        select(Matter.id, Matter.stage_since, Matter.due_at, Matter.warn_at).where(
            Matter.community_id == here, Matter.due_at.is_not(None)
        )
    ).all()
    reckoned = [(row.id, warn_at(row.stage_since, row.due_at, calendar), row.warn_at) for row in running]
    wrong = [{"row": row, "warn": moment} for row, moment, stood in reckoned if moment != stood]
    table = Matter.__table__
    statement = (
        update(table)
        .where(table.c.community_id == here, table.c.id == bindparam("row"))
        .values(warn_at=bindparam("warn"))
    )
    for first in range(0, len(wrong), BATCH):
        db.session.execute(statement, wrong[first : first + BATCH])
    known = {row["row"]: row["warn"] for row in wrong}
    for thing in db.session:
        if isinstance(thing, Matter) and thing.id in known:
            set_committed_value(thing, "warn_at", known[thing.id])
    return len(wrong)


def _keep_step(session: Any, _context: Any, _instances: Any) -> None:
    for matter in (*session.new, *session.dirty):
        if not isinstance(matter, Matter):
            continue
        attrs = db.inspect(matter).attrs
        if attrs.due_at.history.has_changes() or attrs.stage_since.history.has_changes():
            matter.warn_at = warn_of(matter.stage_since, matter.due_at)


event.listen(db.session, "before_flush", _keep_step)
