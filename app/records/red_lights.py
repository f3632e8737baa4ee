"""The street's red-light list (红灯清单): every overdue matter and task of all its halls, the longest overdue first.

A matter being carried out stands there by its overdue tasks; any other, and one whose tasks are all reported, by
itself. What is suspended has no clock. No name of a person is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, cast, exists, func, null, select, union_all
from sqlalchemy.orm import aliased

from app import clock
from app.flow.implement.order_queries import counts
from app.flow.resolve.models import Commitment
from app.matter.house import house
from app.matter.lights import Light, light
from app.matter.models import Matter
from app.matter.situation import LABELS, OPEN_STAGES, Stage
from app.matter.workdays import end_of
from app.notices.models import Reminder
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
_OPEN = sorted(str(stage) for stage in OPEN_STAGES - {Stage.SUSPENDED})


@dataclass(frozen=True)
class RedLight:
    """One line: a matter, or one task of it (``what`` and ``task_id``). A restricted matter shows its number alone."""

    community: str
    slug: str
    matter_id: UUID
    number: str
    title: str
    stage_label: str
    due: date
    light: Light
    orders: int
    task_id: UUID | None = None
    what: str = ""
    climbed: bool = False


def red_lights(
    now: datetime, page: int = 1, *, community_id: int | None = None, limit: int = PAGE
) -> tuple[list[RedLight], int]:
    """One page and how many there are; three statements whatever the number of halls."""
    late = _late(now, community_id)
    rows = db.session.execute(
        select(Matter, Commitment, Community.name, Community.slug, late.c.day, func.count().over())
        .select_from(late)
        .join(Matter, and_(Matter.community_id == late.c.community_id, Matter.id == late.c.matter_id))
        .join(Community, Community.id == late.c.community_id)
        .outerjoin(Commitment, and_(Commitment.community_id == late.c.community_id, Commitment.id == late.c.task_id))
        # Every hall keeps the street's calendar, so the earliest day is the one with the most working days overdue.
        .order_by(late.c.day, Matter.number, Commitment.position)
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    ).all()
    ordered, up = counts({row[0].id for row in rows}), _climbed(rows)
    return [_line(row, ordered, up, now) for row in rows], int(rows[0][5]) if rows else 0


def _climbed(rows: Sequence[Any]) -> set[tuple[UUID, date]]:
    """Which of these lines the hall's own urging has carried up to the street already, by subject and day."""
    subjects = [row[1].id if row[1] else row[0].id for row in rows]
    if not subjects:
        return set()
    found = db.session.execute(
        select(Reminder.subject_id, Reminder.due).where(
            Reminder.street_id == current_street(), Reminder.step == "climb", Reminder.subject_id.in_(subjects)
        )
    ).all()
    return {(subject, due) for subject, due in found}


def _late(now: datetime, community_id: int | None) -> Any:
    today = clock.local(now).date()
    owed = aliased(Commitment)
    overdue = and_(owed.state == "open", owed.due < today)
    tasks = (
        select(
            owed.community_id.label("community_id"), owed.matter_id.label("matter_id"), owed.id.label("task_id"),
            owed.due.label("day"),
        )
        .join(Matter, and_(Matter.community_id == owed.community_id, Matter.id == owed.matter_id))
        .where(owed.street_id == current_street(), overdue, Matter.stage == str(Stage.IMPLEMENTING))
    )  # fmt: skip
    shown_by_tasks = and_(
        Matter.stage == str(Stage.IMPLEMENTING),
        exists().where(owed.community_id == Matter.community_id, owed.matter_id == Matter.id, overdue),
    )
    matters = select(
        Matter.community_id, Matter.id, cast(null(), Uuid), cast(func.timezone("Asia/Shanghai", Matter.due_at), Date)
    ).where(Matter.street_id == current_street(), Matter.stage.in_(_OPEN), Matter.due_at < now, ~shown_by_tasks)
    if community_id is not None:
        tasks = tasks.where(owed.community_id == community_id)
        matters = matters.where(Matter.community_id == community_id)
    return union_all(tasks, matters).subquery()


def _line(row: Sequence[Any], ordered: dict[UUID, int], up: set[tuple[UUID, date]], now: datetime) -> RedLight:
    matter, task, community, slug, day, _total = row
    is_open = matter.visibility == "public"
    begun, ends = (task.created_at, end_of(task.due)) if task else (matter.stage_since, matter.due_at)
    return RedLight(
        community=community, slug=slug, matter_id=matter.id, number=matter.number,
        title=matter.title if is_open else "", stage_label=LABELS[Stage(matter.stage)], due=day,
        light=light(begun, ends, now, house().calendar), orders=ordered.get(matter.id, 0),
        task_id=task.id if task else None, what=task.what if task and is_open else "",
        climbed=(task.id if task else matter.id, day) in up,
    )  # fmt: skip
