"""What every verb of this room stands on: the locked row, who may convene, how a day is read out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.clock import local
from app.errors import Missing
from app.flow.deliberate.models import Sitting
from app.people.actor import Actor
from app.people.roles import COMMUNITY_STAFF, OFFICE_STAFF, Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def hold(sitting: Sitting) -> Sitting:
    """Lock the sitting's row until the commit and read it anew, so that two desks never act on two versions of it."""
    held = db.session.scalar(
        select(Sitting)
        .where(Sitting.community_id == current_community(), Sitting.id == sitting.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise Missing(N_("没有这个会。"))
    return held


def as_convener(by: Actor) -> Actor:
    """Secretary, staff and stewards may convene (S2: 支部书记、网格员、楼长、单元长)."""
    may = COMMUNITY_STAFF | {Role.BUILDING_STEWARD, Role.SYSTEM}
    return by.as_capacity(Role.CONVENER) if by.roles & may else by


def staff_may_type(by: Actor) -> bool:
    """The office types what the chair announces."""
    return bool(by.roles & (OFFICE_STAFF | {Role.SYSTEM}))


def day_words(moment: datetime) -> str:
    """``6 月 5 日 14:30`` as it is read out."""
    at = local(moment)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}"
