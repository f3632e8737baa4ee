"""What the community left unanswered climbs to the street by itself (三级联动), once, where the hall's rule says so.

State-based: whatever stands waiting past its day climbs, however long the scheduler was away, and the compare-and-swap
on the request below is the memory. The attempts that an escalation needs (domain.md section 2, invariants) are on
record: the grid wrote its own when it asked, the community's is that it let its day pass, with what it did meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app import clock
from app.matter import bounds, levels
from app.matter.actions import record
from app.matter.escalation import answer_due, change_state
from app.matter.escalation_queries import OF_MATTER, TO_COMMUNITY
from app.matter.hallrules import street_bounds
from app.matter.house import house
from app.matter.models import Escalation, Matter, TimelineEntry
from app.matter.situation import Level, Stage
from app.people.actor import SYSTEM
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

CLIMBED = "escalation_climbed"
CLIMBED_WORDS = N_("网格报到社区，社区到期没有答复，自动升到街道。")
LETTERS = 200


def climb(*, now: datetime) -> int:
    """Send on to the street what the bound hall's community left unanswered; returns how many. Safe to repeat."""
    if not bounds.climbs(house().settings, street_bounds()):
        return 0
    waiting = db.session.execute(
        select(Escalation, Matter)
        .join(Matter, OF_MATTER)
        .where(
            Escalation.community_id == current_community(), TO_COMMUNITY, Escalation.state == "asked",
            Escalation.answer_due < now,
        )
        .order_by(Escalation.answer_due, Escalation.asked_at)
    ).all()  # fmt: skip
    return sum(_climb(asked, matter, now) for asked, matter in waiting)


def _climb(asked: Escalation, matter: Matter, now: datetime) -> int:
    to, state = Level(asked.to_level), levels.Escalation(asked.state)
    if not levels.may_climb(state, to, Stage(matter.stage), asked.answer_due, now, rule=True):
        return 0
    if not change_state(asked, asked.state, str(levels.Escalation.CLIMBED), now):
        # Another worker was faster, or somebody answered at this moment.
        return 0
    # The street's own days begin when it hears of it, not when the community's ran out.
    request = Escalation(
        id=uuid7(), matter_id=matter.id, to_level=str(Level.STREET), from_level=str(Level.COMMUNITY),
        reason=asked.reason, grid_attempt=asked.grid_attempt, community_attempt=_attempt(asked), asked_at=now,
        asked_by=asked.asked_by, asked_label=asked.asked_label,
        answer_due=answer_due(matter, str(Level.STREET), now), climbed_from_id=asked.id,
    )  # fmt: skip
    db.session.add(request)
    matter.escalated = True
    told = [[str(asked.asked_by), asked.asked_label]] if asked.asked_by else []
    record(
        matter, CLIMBED, by=SYSTEM, now=now, words=CLIMBED_WORDS, reason=asked.reason,
        data={"escalation": str(request.id), "climbed_from": str(asked.id), "to": request.to_level, "told": told},
    )  # fmt: skip
    db.session.flush()
    return 1


def _attempt(asked: Escalation) -> str:
    """The community's attempt as the record has it: when it was asked, until when, and its last act meanwhile."""
    due = asked.answer_due or asked.asked_at
    said = f"{_day(asked.asked_at)}网格报到社区，应在{_day(due)}前答复，到期没有答复。"
    last = db.session.scalar(
        select(TimelineEntry)
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == asked.matter_id,
            TimelineEntry.public, TimelineEntry.words != "", TimelineEntry.verb.not_in(("hand_up", CLIMBED)),
            TimelineEntry.actor_kind == "staff",
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
        .limit(1)
    )  # fmt: skip
    if last is None:
        return said
    return f"{said}社区这边最近一步：{_day(last.at)}，{last.words[:LETTERS].rstrip('。')}。"


def _day(moment: Any) -> str:
    day = clock.local(moment)
    return f"{day.month}月{day.day}日"
