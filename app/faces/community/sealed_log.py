"""The hall's sealed log on its desk; whoever verifies it or takes it away stands in the hall's log of changes."""

from __future__ import annotations

from app.faces import sealed_log
from app.faces.pages import desk
from app.people.desk import log_change
from app.people.permissions import Permission


def audit() -> str:
    """Whether the log is whole, as of the last verification."""
    return desk("desk/audit.html", "audit", **sealed_log.values("community"))


DOORS = sealed_log.doors("community", "/desk/audit", Permission.HALL_LOG_READ, shown=audit, log=log_change)
