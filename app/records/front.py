"""The hall's front page: what is coming up, read across the rooms in few statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, and_, bindparam, or_, select

from app.flow.collect.queries import is_told
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.queries import ON_AGENDA
from app.matter.models import Matter
from tenants.database import HERE, db

#: A sitting that began this long ago and was not opened is no longer announced.
PASSED = timedelta(hours=3)


@dataclass(frozen=True)
class Coming:
    """The next sitting with a notice; ``topics`` are (matter, title), the title empty where it is nobody's business."""

    sitting: Sitting
    topics: list[tuple[UUID, str]] = field(default_factory=list)


def next_sitting(now: datetime) -> Coming | None:
    """The sitting that is open or the next one announced, with its order of business, in one statement."""
    rows = db.session.execute(_next(), {"since": now - PASSED}).all()
    if not rows:
        return None
    return Coming(rows[0][0], [(matter.id, matter.title if is_told(matter) else "") for _, matter in rows if matter])


@cache
def _next() -> Any:
    since = bindparam("since", type_=DateTime(timezone=True))
    first = (
        select(Sitting.id)
        .where(
            Sitting.community_id == HERE,
            or_(Sitting.state == "open", and_(Sitting.state == "noticed", Sitting.starts_at >= since)),
        )
        .order_by((Sitting.state == "open").desc(), Sitting.starts_at)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Sitting, Matter)
        .outerjoin(
            AgendaItem,
            and_(AgendaItem.community_id == Sitting.community_id, AgendaItem.sitting_id == Sitting.id, ON_AGENDA),
        )
        .outerjoin(Matter, and_(Matter.community_id == AgendaItem.community_id, Matter.id == AgendaItem.matter_id))
        .where(Sitting.community_id == HERE, Sitting.id == first)
        .order_by(AgendaItem.position)
    )
