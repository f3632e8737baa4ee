"""Telling the hall that the street looked: a line inside the matter's timeline, once for each look.

The street cannot write the hall's timeline, so the hall's own worker takes its looks up, like its answers
(``matter.escalation``). From that line the secretary is told; running it again changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert

from app.matter.actions import record
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.privacy import Look, LookTold
from app.people.roles import Role
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

VERB = "looked"
BATCH = 200
WORDS = {"identity": "看了提出人的姓名和电话", "content": "看了不公开的内容", "minor": "看了未成年人的事的内容"}


def take_up_looks(*, now: datetime) -> int:
    """Write what the street looked at into the bound hall's timelines; returns how many looks were new."""
    rows = db.session.execute(
        select(Look, Matter)
        .join(Matter, and_(Matter.community_id == Look.community_id, Matter.id == Look.matter_id))
        .outerjoin(LookTold, and_(LookTold.community_id == Look.community_id, LookTold.look_id == Look.id))
        .where(Look.community_id == current_community(), Look.viewer_kind == "street", LookTold.id.is_(None))
        .order_by(Look.at, Look.id)
        .limit(BATCH)
    ).all()
    return sum(_tell(look, matter, now) for look, matter in rows)


def _tell(look: Look, matter: Matter, now: datetime) -> int:
    table = LookTold.__table__
    values = {
        "community_id": current_community(), "street_id": current_street(), "id": uuid7(), "look_id": look.id, "at": now
    }  # fmt: skip
    written = db.session.execute(insert(table).values(values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        # Another worker was faster; it has written the line as well.
        return 0
    street = Actor("street", look.viewer_label, look.viewer_id, frozenset({Role.STREET_SUPERVISOR}))
    record(
        matter, VERB, by=street, now=now, words=f"街道{look.viewer_label}{WORDS.get(look.subject, WORDS['content'])}",
        reason=look.reason, public=False, data={"look": str(look.id), "looked_at": look.at.isoformat()},
    )  # fmt: skip
    db.session.flush()
    return 1


def numbers_of(matter_ids: list[UUID]) -> dict[UUID, str]:
    """The numbers of some of the bound hall's matters; a log names a matter by nothing else."""
    if not matter_ids:
        return {}
    rows = db.session.execute(
        select(Matter.id, Matter.number).where(Matter.community_id == current_community(), Matter.id.in_(matter_ids))
    )
    return {row.id: row.number for row in rows}


def find_by_number(number: str) -> Matter | None:
    """The bound hall's matter with this number, as people read it off a slip."""
    tidy = number.strip().upper()
    if not tidy:
        return None
    return db.session.scalar(select(Matter).where(Matter.community_id == current_community(), Matter.number == tidy))
