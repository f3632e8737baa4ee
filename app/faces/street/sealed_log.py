"""The street's sealed log, and the newest seal of every hall; who verifies it or takes it away stands in its log."""

from __future__ import annotations

from app.faces import sealed_log
from app.faces.pages import desk
from app.people.permissions import Permission
from app.people.street_log import log_street
from app.records import audit as records


def audit() -> str:
    """The street's own log, and how far each hall's is sealed and anchored here."""
    return desk("street/audit.html", "audit", halls=records.halls_sealed(), **sealed_log.values("street"))


DOORS = sealed_log.doors("street", "/audit", Permission.STREET_AUDIT_READ, shown=audit, log=log_street)
