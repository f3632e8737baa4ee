"""The kinds of tables a hall can bring in, whatever room they belong to."""

from __future__ import annotations

from app.flow.collect.work_order_import import ORDERS
from app.people.import_households import HOUSEHOLDS
from app.people.import_owners import OWNERS
from app.people.import_reps import REPS
from app.people.import_rules import Kind
from app.people.permissions import Permission
from app.records.old_ledger_import import LEDGER
from app.words import N_

KINDS: dict[str, Kind] = {kind.key: kind for kind in (HOUSEHOLDS, OWNERS, REPS, LEDGER, ORDERS)}
#: What a person needs besides the right to import.
NEEDS: dict[str, Permission] = {
    "households": Permission.HOUSEHOLD_WRITE,
    "owners": Permission.OWNER_WRITE,
    "reps": Permission.COUNCIL_WRITE,
    "ledger": Permission.IMPORT_WRITE,
    "work_orders": Permission.IMPORT_WRITE,
}
LABELS: dict[str, str] = {
    "households": N_("居民户"),
    "owners": N_("业主名册"),
    "reps": N_("居民代表"),
    "ledger": N_("往年台账"),
    "work_orders": N_("12345 工单"),
}
