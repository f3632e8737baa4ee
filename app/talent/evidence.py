"""What the talent room finds on record for a matter."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.matter.models import Matter
from app.talent.models import Opinion
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter) -> frozenset[str]:
    """``expert_opinion`` once an invited expert has handed one in; an opinion stays valid for a second sitting."""
    found = db.session.scalar(
        select(exists().where(Opinion.community_id == current_community(), Opinion.matter_id == matter.id))
    )
    return frozenset({"expert_opinion"} if found else ())
