"""What the halls ask of the bound street, as its list shows it: by the clock of each request, with its hall and matter.

No name of a resident is read; what only its parties may read keeps its title to itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from app.matter.escalation_queries import OF_MATTER, TO_STREET, light_of
from app.matter.lights import Light
from app.matter.models import Escalation, Matter
from app.matter.outside_models import RequestLetter
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
TABS = ("waiting", "late", "taken", "done")


@dataclass(frozen=True)
class Row:
    """One request; ``light`` is that of its own clock, None once the street has said the first word."""

    escalation: Escalation
    matter: Matter
    community: Community
    light: Light | None
    letters: int


def page_of(
    tab: str, *, now: datetime, page: int = 1, community_id: int | None = None, to: str = ""
) -> tuple[list[Row], int]:
    """One page of requests to the street and how many there are; what waits by its clock, the rest newest first."""
    wanted = [Escalation.street_id == current_street(), TO_STREET, *_of_tab(tab, now)]
    if community_id is not None:
        wanted.append(Escalation.community_id == community_id)
    if to:
        wanted.append(Escalation.to_level == to)
    letters = (
        select(func.count())
        .where(
            RequestLetter.street_id == current_street(), RequestLetter.community_id == Escalation.community_id,
            RequestLetter.matter_id == Escalation.matter_id,
        )
        .correlate(Escalation)
        .scalar_subquery()
    )  # fmt: skip
    newest = Escalation.asked_at.desc()
    # What was asked before clocks were kept has waited longest.
    by_clock = (Escalation.answer_due.asc().nulls_first(), Escalation.asked_at)
    rows = db.session.execute(
        select(Escalation, Matter, Community, letters, func.count().over())
        .join(Matter, OF_MATTER)
        .join(Community, Community.id == Escalation.community_id)
        .where(*wanted)
        .order_by(*(by_clock if tab in ("waiting", "late") else (newest,)))
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    found = [Row(row[0], row[1], row[2], light_of(row[0], now), int(row[3])) for row in rows]
    return found, int(rows[0][4]) if rows else 0


def tally(now: datetime) -> dict[str, int]:
    """How many requests to the bound street are ``waiting``, ``late`` and ``taken``; one statement."""
    row = db.session.execute(
        select(
            func.count(case((Escalation.state == "asked", 1))).label("waiting"),
            func.count(case((and_(*_of_tab("late", now)), 1))).label("late"),
            func.count(case((Escalation.state == "taken", 1))).label("taken"),
        ).where(Escalation.street_id == current_street(), TO_STREET, Escalation.state.in_(("asked", "taken")))
    ).one()
    return dict(row._mapping)


def _of_tab(tab: str, now: datetime) -> list[Any]:
    if tab == "late":
        return [Escalation.state == "asked", Escalation.answer_due < now]
    if tab == "taken":
        return [Escalation.state == "taken"]
    return [Escalation.state.in_(("answered", "sent_back"))] if tab == "done" else [Escalation.state == "asked"]
