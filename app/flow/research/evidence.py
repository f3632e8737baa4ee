"""What was found out, as keys of ``app.matter.needs``, in one statement."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from app.flow.research.models import Canvass, Option, SiteNote, Stakeholder
from app.flow.research.rules import LEAST_OPTIONS
from app.matter.models import Matter
from app.matter.needs import CANVASS, SITE_NOTE, STAKEHOLDERS, TWO_OPTIONS
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter) -> frozenset[str]:
    """Keys found. What was seen and asked stays true in a later round; what was dropped, hidden or taken off the list,
    and a round from door to door that is still open, does not count."""
    here = current_community()

    def any_of(table, *more):  # type: ignore[no-untyped-def]
        return exists().where(table.community_id == here, table.matter_id == matter.id, *more)

    options = select(func.count()).where(
        Option.community_id == here, Option.matter_id == matter.id, Option.dropped_at.is_(None)
    )
    row = db.session.execute(
        select(
            any_of(SiteNote, SiteNote.hidden_at.is_(None)).label("site"),
            any_of(Stakeholder, Stakeholder.removed_at.is_(None)).label("touched"),
            any_of(Canvass, Canvass.state == "closed").label("asked"),
            options.scalar_subquery().label("options"),
        )
    ).one()  # fmt: skip
    found = {
        SITE_NOTE: row.site,
        STAKEHOLDERS: row.touched,
        CANVASS: row.asked,
        TWO_OPTIONS: row.options >= LEAST_OPTIONS,
    }
    return frozenset(need.key for need, is_there in found.items() if is_there)
