"""Reading the results of the bound hall: a page of them, their shelves by year and theme, and one with its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, literal, null, select, union_all

from app import clock
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.queries import ON_AGENDA
from app.flow.evaluate.models import Evaluation
from app.flow.implement.models import Verification
from app.flow.research.models import Canvass
from app.flow.resolve.models import Commitment, Resolution
from app.matter.models import Attachment, Matter, TimelineEntry
from app.records.result_facts import Result, facts, result_of, shown, things_of, told
from app.records.results import Heads, things
from app.records.taking_part import heads_of
from tenants.database import db
from tenants.scope import current_community

PAGE = 10
PHOTOS = 8


@dataclass(frozen=True)
class Work:
    """One task as its doer finished it."""

    what: str
    who: str
    done_at: datetime | None
    due: date


@dataclass(frozen=True)
class Story:
    """Everything one result page tells: the result, the rows behind its five lines, and its pictures."""

    result: Result
    matter: Matter
    resolution: Resolution | None
    sittings: int
    first_sitting: datetime | None
    last_sitting: datetime | None
    reached: int
    asked: int
    seen_at: datetime | None
    judged: str
    effect: str
    works: Sequence[Work]
    pictures: Sequence[tuple[UUID, str, bool]]


def shelves() -> list[tuple[int, str, int]]:
    """How many results each year and theme has: (year, category, n); one statement."""
    year = func.extract("year", func.timezone("Asia/Shanghai", Matter.closed_at))
    rows = db.session.execute(select(year, Matter.category, func.count()).where(told()).group_by(year, Matter.category))
    return sorted(((int(year), category, n) for year, category, n in rows), reverse=True)


def results(*, year: int | None = None, category: str | None = None, page: int = 1, n: int = PAGE) -> list[Result]:
    """One page of results, the newest first; three statements."""
    wanted = facts().where(told())
    if year is not None:
        starts, ends = (clock.at(date(one, 1, 1), 0) for one in (year, year + 1))
        wanted = wanted.where(Matter.closed_at >= starts, Matter.closed_at < ends)
    if category is not None:
        wanted = wanted.where(Matter.category == category)
    rows = db.session.execute(
        wanted.order_by(Matter.closed_at.desc(), Matter.number.desc()).limit(n).offset((page - 1) * n)
    ).all()
    return fill([result_of(row) for row in rows])


def fill(found: Sequence[Result]) -> list[Result]:
    """The same results with people and things; two statements whatever their number."""
    if not found:
        return []
    ids = [one.matter_id for one in found]
    people, made = heads_of(ids), things_of(ids)
    return [replace(one, heads=people.get(one.matter_id, Heads()), things=things(made[one.matter_id])) for one in found]


def story(matter_id: UUID) -> Story | None:
    """One result with everything its page tells, or None where it is not told in public; four statements."""
    holds = and_(
        Resolution.community_id == Matter.community_id, Resolution.matter_id == Matter.id,
        Resolution.replaced_at.is_(None),
    )  # fmt: skip
    wanted = facts(*_talk(), *_end(), Resolution).outerjoin(Resolution, holds)
    row = db.session.execute(wanted.where(told(), Matter.id == matter_id)).one_or_none()
    if row is None:
        return None
    (result,) = fill([result_of(row)])
    works, pictures = _works_and_pictures(matter_id)
    return Story(
        result, row.Matter, row.Resolution, row.sittings, row.first_sitting, row.last_sitting, row.reached or 0,
        row.asked or 0, row.seen_at, row.judged or "", row.effect or "", works, pictures,
    )  # fmt: skip


def _talk() -> tuple[Any, ...]:
    sat = (
        AgendaItem.community_id == Matter.community_id, AgendaItem.matter_id == Matter.id, ON_AGENDA,
        Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id,
        Sitting.state.in_(("open", "closed")), Sitting.kind != "report",
    )  # fmt: skip
    asked = (
        Canvass.community_id == Matter.community_id, Canvass.matter_id == Matter.id, Canvass.state == "closed",
    )  # fmt: skip
    return (
        *(
            select(made).where(*sat).correlate(Matter).scalar_subquery().label(name)
            for made, name in (
                (func.count(), "sittings"), (func.min(Sitting.starts_at), "first_sitting"),
                (func.max(Sitting.starts_at), "last_sitting"),
            )
        ),
        select(func.max(Canvass.reached)).where(*asked).correlate(Matter).scalar_subquery().label("reached"),
        select(func.max(Canvass.target)).where(*asked).correlate(Matter).scalar_subquery().label("asked"),
    )  # fmt: skip


def _end() -> tuple[Any, ...]:
    seen = select(func.max(Verification.at)).where(
        Verification.community_id == Matter.community_id, Verification.matter_id == Matter.id, Verification.passed
    )
    judged = (
        Evaluation.community_id == Matter.community_id, Evaluation.matter_id == Matter.id,
        Evaluation.round == Matter.round,
    )  # fmt: skip
    return (
        seen.correlate(Matter).scalar_subquery().label("seen_at"),
        *(
            select(column).where(*judged).limit(1).correlate(Matter).scalar_subquery().label(name)
            for column, name in ((Evaluation.words, "judged"), (Evaluation.effect, "effect"))
        ),
    )


def _works_and_pictures(matter_id: UUID) -> tuple[list[Work], list[tuple[UUID, str, bool]]]:
    """The tasks in order, and the public pictures as (id, caption, whether it shows how it became); one statement."""
    began = (
        select(func.min(TimelineEntry.at))
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter_id,
            TimelineEntry.new_stage == "implementing",
        )
        .scalar_subquery()
    )  # fmt: skip
    after = case(
        (Attachment.about == "task_after", 1), (Attachment.about == "task_before", 0),
        (Attachment.created_at >= began, 1), else_=0,
    )  # fmt: skip
    pictures = select(
        literal("picture"), Attachment.id, Attachment.caption, literal(""), Attachment.created_at, null(), after,
    ).where(Attachment.community_id == current_community(), Attachment.matter_id == matter_id, *shown())  # fmt: skip
    works = select(
        literal("work").label("kind"), Commitment.id, Commitment.what, Commitment.who, Commitment.done_at.label("at"),
        Commitment.due, Commitment.position.label("place"),
    ).where(
        Commitment.community_id == current_community(), Commitment.matter_id == matter_id, Commitment.state != "dropped"
    )  # fmt: skip
    both = union_all(works, pictures).subquery()
    rows = db.session.execute(select(both).order_by(both.c.place, both.c.at)).all()
    return (
        [Work(row[2], row[3], row[4], row[5]) for row in rows if row[0] == "work"],
        [(row[1], row[2], bool(row[6])) for row in rows if row[0] == "picture"][:PHOTOS],
    )
