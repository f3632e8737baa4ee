"""Reading visits, ratings and evaluations of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, case, func, select

from app.flow.evaluate import rules
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.flow.evaluate.rules import Figure
from app.flow.resolve.models import Resolution
from app.matter.models import Attachment, Matter, TimelineEntry
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Satisfaction:
    """The ratings of one round: how many of each grade, the share, and how many low ones nobody has visited since."""

    by_grade: dict[int, int]
    figure: Figure
    unheard: int


@dataclass(frozen=True)
class Done:
    """One finished matter as the front page tells it; ``note`` is the closing note, ``number`` the resolution's.

    ``before`` and ``after`` are ids of public pictures from before the work began and from after it.
    """

    matter_id: UUID
    number: str
    title: str
    closed_at: datetime
    note: str
    resolution_number: str
    figure: Figure
    before: UUID | None = None
    after: UUID | None = None


def satisfaction_of(matter: Matter) -> Satisfaction:
    """The figures of the matter's current round, in one statement."""
    visited = (
        select(func.max(ReturnVisit.at))
        .where(
            ReturnVisit.community_id == current_community(), ReturnVisit.matter_id == matter.id,
            ReturnVisit.round == matter.round,
        )
        .scalar_subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(
            Rating.grade, func.count(), func.count(case(((visited.is_(None)) | (Rating.at > visited), 1)))
        )
        .where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.round == matter.round
        )
        .group_by(Rating.grade)
    ).all()  # fmt: skip
    by_grade = dict.fromkeys(rules.GRADE_LABELS, 0) | {grade: n for grade, n, _ in rows}
    unheard = sum(late for grade, _, late in rows if rules.is_low(grade))
    return Satisfaction(by_grade, rules.figure(by_grade), unheard)


def ratings_of(matter: Matter, *, low_only: bool = False, limit: int = 200) -> Sequence[Rating]:
    """Ratings of every round, the newest first."""
    wanted = select(Rating).where(Rating.community_id == current_community(), Rating.matter_id == matter.id)
    if low_only:
        wanted = wanted.where(Rating.grade <= rules.LOW_TO)
    return db.session.scalars(wanted.order_by(Rating.at.desc()).limit(limit)).all()


def own_rating(matter: Matter, rater: str) -> Rating | None:
    """What this voice has said in the current round; ``rater`` is the stored key (:func:`actions.rater_key`)."""
    return db.session.scalar(
        select(Rating).where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.round == matter.round,
            Rating.rater == rater,
        )
    )  # fmt: skip


def visits_of(matter: Matter) -> Sequence[ReturnVisit]:
    """Return visits, the newest first."""
    return db.session.scalars(
        select(ReturnVisit)
        .where(ReturnVisit.community_id == current_community(), ReturnVisit.matter_id == matter.id)
        .order_by(ReturnVisit.at.desc())
    ).all()


def evaluation_of(matter: Matter) -> Evaluation | None:
    """The hall's own judgement on the current round."""
    return db.session.scalar(
        select(Evaluation).where(
            Evaluation.community_id == current_community(), Evaluation.matter_id == matter.id,
            Evaluation.round == matter.round,
        )
    )  # fmt: skip


def waiting_for_review(*, limit: int = 20, offset: int = 0) -> Sequence[Matter]:
    """Matters in review, the earliest due first."""
    return db.session.scalars(
        select(Matter)
        .where(Matter.community_id == current_community(), Matter.stage == "reviewing")
        .order_by(Matter.due_at.nulls_last())
        .limit(limit)
        .offset(offset)
    ).all()


def recently_closed(*, limit: int = 20) -> Sequence[Matter]:
    """Closed matters of the hall, the newest first."""
    return db.session.scalars(
        select(Matter)
        .where(Matter.community_id == current_community(), Matter.stage.in_(("closed", "archived")))
        .order_by(Matter.closed_at.desc())
        .limit(limit)
    ).all()


def done_matters(n: int, *, offset: int = 0) -> list[Done]:
    """The newest ``n`` finished public matters that were carried out, in one statement."""
    note = (
        select(TimelineEntry.words)
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.verb == "close",
        )
        .order_by(TimelineEntry.at.desc())
        .limit(1)
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    carried_out = (
        select(TimelineEntry.id)
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.new_stage == "reviewing",
        )
        .exists()
    )  # fmt: skip
    before, after = _pictures()
    rows = db.session.execute(
        select(
            Matter.id, Matter.number, Matter.title, Matter.closed_at, func.coalesce(note, ""),
            func.coalesce(Resolution.number, ""), Matter.rating_satisfied, Matter.rating_count, before, after,
        )
        .outerjoin(
            Resolution,
            (Resolution.community_id == Matter.community_id)
            & (Resolution.matter_id == Matter.id)
            & (Resolution.replaced_at.is_(None)),
        )
        .where(
            Matter.community_id == current_community(), Matter.stage.in_(("closed", "archived")),
            Matter.visibility == "public", Matter.hidden_at.is_(None), carried_out,
        )
        .order_by(Matter.closed_at.desc())
        .limit(n)
        .offset(offset)
    ).all()  # fmt: skip
    return [Done(*row[:6], Figure(row[6], row[7]), row[8], row[9]) for row in rows]


def _pictures() -> tuple[ScalarSelect[UUID], ScalarSelect[UUID]]:
    """The first public picture taken before the work began and the last one taken since, each NULL without one."""
    began = (
        select(func.min(TimelineEntry.at))
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.new_stage == "implementing",
        )
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    shown = (
        select(Attachment.id)
        .where(
            Attachment.community_id == Matter.community_id, Attachment.matter_id == Matter.id,
            Attachment.kind == "photo", Attachment.public, Attachment.hidden_at.is_(None),
        )
        .correlate(Matter)
        .limit(1)
    )  # fmt: skip
    before = shown.where(Attachment.created_at < began).order_by(Attachment.created_at, Attachment.id)
    after = shown.where(Attachment.created_at >= began).order_by(Attachment.created_at.desc(), Attachment.id.desc())
    return before.scalar_subquery(), after.scalar_subquery()
