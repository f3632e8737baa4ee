"""One valid row of every table for any tenant, made from metadata, so that no table can join without being tested."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

#: What a CHECK over several columns asks for, where a plain value of each type does not satisfy it.
SPECIAL: dict[str, dict[str, Any]] = {
    "account": {"kind": "resident"},
    "community": {"slug": "s", "code": "AB"},
    "canvass": {"target": 9, "reached": 3, "in_favour": 1, "against": 1, "tries": 3},
    "ballot": {"eligible": 17, "present": 9, "yes": 1, "no": 1, "abstain": 1, "spoiled": 0},
    "poll": {"body": "residents", "mode": "named", "state": "draft"},
    "attendance": {"reply": ""},
    "ballot_roll": {"proxy_name": "", "recused": False},
    "box_paper": {"opened": True},
    "ballot_stub": {"state": "printed"},
    "paper_sheet": {"state": "entered"},
    "ballot_replacement": {"first_id": uuid.UUID(int=7), "second_id": uuid.UUID(int=8)},
    "hands_count": {"teller_id": uuid.UUID(int=7), "scrutineer_id": uuid.UUID(int=8)},
    "council_term": {"starts": date(2026, 1, 1), "ends": date(2031, 1, 1)},
    "posting": {"starts": date(2026, 6, 1), "objections_until": date(2026, 6, 8), "ends": date(2026, 6, 16)},
    "rating": {"grade": 5},
    "campaign": {"starts": date(2026, 6, 1), "ends": date(2026, 6, 30)},
    "letterbox_opening": {"found": 3, "blank": 0, "second_id": uuid.UUID(int=7)},
    "merger": {"into_id": uuid.UUID(int=7)},
    "work_order": {"type": "help"},
    "signing_sheet": {"threshold": 2},
    "import_run": {"done": 0, "total": 1},
    "old_matter": {"year": 2019},
    "canvass_door": {"answer": "for", "answered_at": datetime(2026, 6, 1, tzinfo=UTC)},
    "matter": {"visibility": "parties"},
    "residency_proof": {"kind": "phone"},
    "consent": {"about": "notice"},
    "privacy_request": {"kind": "see"},
    "comment": {"state": "waiting"},
    "work_plan": {"starts": date(2026, 1, 1), "ends": date(2026, 12, 31)},
    "collection_share": {"state": "asked", "paid_fen": 0, "refund_fen": 0, "refunded_fen": 0},
    "collection": {"state": "draft"},
    "core_training": {"minutes": 60},
    "handbook": {"published_at": datetime(2026, 6, 1, tzinfo=UTC)},
    "suggestion_reply": {"approved": False},
    "joint_part": {"state": "declined"},
    "joint_matter": {"stage": "drafting"},
    "mediation": {"state": "open"},
    "joint_task": {"state": "open"},
    "preference": {"quiet_from": 21, "quiet_to": 8},
    "street_report": {"state": "draft"},
    "delivery": {"state": "queued"},
    "expert_rating": {"grade": 4},
    "commitment": {"due": date(2026, 6, 1), "first_due": date(2026, 6, 1)},
}
MOMENT = datetime(2026, 6, 1, tzinfo=UTC)


def row(table: Table, *, street: int, community: int, row_id: uuid.UUID) -> dict[str, Any]:
    """A row of ``table`` that satisfies its CHECKs (foreign keys are the inserter's business)."""
    values = {column.name: _value(table, column) for column in table.columns if not column.nullable}
    values |= SPECIAL.get(table.name, {})
    if table.name == "street":
        return values | {"id": street, "host": f"street{street}.test"}
    if table.name == "community":
        return values | {
            "id": community,
            "street_id": street,
            "slug": f"s{community}",
            "code": "ABCDEF"[:2] + "CDEFGH"[community % 6],
        }
    values |= {"id": row_id}
    if "street_id" in table.columns:
        values["street_id"] = street
    if "community_id" in table.columns:
        values["community_id"] = community
    return values


def _value(table: Table, column: Column[Any]) -> Any:
    listed = _listed(table, column.name)
    if listed:
        return listed
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, BigInteger | Integer):
        return 1
    if isinstance(kind, DateTime):
        return MOMENT
    if isinstance(kind, Date):
        return MOMENT.date()
    if isinstance(kind, Uuid):
        return uuid.uuid4()
    if isinstance(kind, LargeBinary):
        return b"x"
    if isinstance(kind, ARRAY):
        return []
    if isinstance(kind, JSON):
        return "{}"
    if isinstance(kind, Text):
        return f"x{uuid.uuid4().hex[:8]}"
    raise AssertionError(f"{table.name}.{column.name}: teach tests/tenants/rows.py a value of type {kind}")


def _listed(table: Table, name: str) -> str | None:
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.search(rf"\b{name} in \(([^)]*)\)", str(constraint.sqltext))
            if found:
                return next(value for value in re.findall(r"'([^']*)'", found[1]) if value)
    return None
