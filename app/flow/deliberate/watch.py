"""Who watches a sitting learns of every change to it: whatever hangs on a sitting raises its number with the commit.

The screen, the phones and the desk ask for the number alone (``tenants.live``). Raising it here, where rows are
written, means that no room has to remember: a ballot that opens, a hand that goes up, a matter taken out of sight.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect, select, update

from app.flow.deliberate.models import AgendaItem, Sitting
from app.matter.models import Matter
from tenants import live
from tenants.database import db
from tenants.scope import SCOPE, current_community

#: Changes to a matter that change what a sitting may show of it.
_SIGHT = ("hidden_at", "visibility", "track")


def touch(sitting_id: UUID) -> None:
    """Raise the number of a sitting with this commit, for a change that no mapped row of the session shows."""
    db.session.info.setdefault("live", set()).add(sitting_id)


def number_of(sitting_id: UUID) -> int | None:
    """The number at which a sitting that was announced stands; None when the bound hall has no such sitting."""
    return db.session.scalar(
        select(Sitting.live_no).where(
            Sitting.community_id == current_community(), Sitting.id == sitting_id, Sitting.state != "planned"
        )
    )


def _collect(session: Any, _context: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        sitting_id = row.id if isinstance(row, Sitting) else getattr(row, "sitting_id", None)
        if sitting_id is not None and (row not in session.dirty or session.is_modified(row)):
            session.info.setdefault("live", set()).add(sitting_id)
        elif isinstance(row, Matter) and row in session.dirty and _changes_sight(row):
            session.info.setdefault("live_matters", set()).add(row.id)


def _changes_sight(matter: Matter) -> bool:
    state = inspect(matter)
    return any(state.attrs[name].history.has_changes() for name in _SIGHT)


def _raise_numbers(session: Any) -> None:
    scope = SCOPE.get()
    if scope is None or scope.kind != "community":
        return
    session.flush()
    sittings, matters = session.info.pop("live", set()), session.info.pop("live_matters", set())
    if not sittings and not matters:
        return
    wanted = Sitting.id.in_(sittings)
    if matters:
        wanted |= Sitting.id.in_(
            select(AgendaItem.sitting_id).where(
                AgendaItem.community_id == current_community(), AgendaItem.matter_id.in_(matters)
            )
        )
    rows = session.execute(
        update(Sitting)
        .where(Sitting.community_id == current_community(), wanted)
        .values(live_no=Sitting.live_no + 1)
        .returning(Sitting.id, Sitting.live_no)
        .execution_options(synchronize_session=False)
    ).all()
    session.info["live_told"] = dict(session.info.get("live_told", {}), **{str(row.id): row.live_no for row in rows})


def _publish(session: Any) -> None:
    numbers = session.info.pop("live_told", None)
    if numbers and SCOPE.get() is not None:
        live.publish(numbers)


def _forget(session: Any) -> None:
    for name in ("live", "live_matters", "live_told"):
        session.info.pop(name, None)


event.listen(db.session, "after_flush", _collect)
event.listen(db.session, "before_commit", _raise_numbers)
event.listen(db.session, "after_commit", _publish)
event.listen(db.session, "after_rollback", _forget)
