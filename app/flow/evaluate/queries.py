"""Reading visits, ratings and evaluations of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ScalarSelect, bindparam, case, cast, func, select

from app.flow.evaluate import rules
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.flow.evaluate.rules import Figure
from app.flow.resolve.models import Resolution
from app.matter.models import Attachment, Matter, TimelineEntry
from tenants.database import HERE, db
from tenants.scope import current_community


@dataclass(frozen=True)
class Satisfaction:
    """The ratings of one round: how many of each grade, the share, and how many low ones nobody has followed up."""

    by_grade: dict[int, int]
    figure: Figure
    unheard: int


class Batch(NamedTuple):
    """What one form entered: how it came, when, by whom, how many, from which slip to which; and whether it stands."""

    id: UUID
    source: str
    at: datetime
    label: str
    count: int
    first_slip: int | None
    last_slip: int | None
    struck_at: datetime | None
    struck_label: str
    struck_reason: str
    entered_by: UUID | None


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
    """The figures of the current round, and how many low grades of any round nobody has followed up; one statement."""
    this_round = Rating.round == matter.round
    rows = db.session.execute(
        select(
            Rating.grade, func.count(case((this_round, 1))), func.count(case((Rating.followed_at.is_(None), 1)))
        )
        .where(*standing(matter))
        .group_by(Rating.grade)
    ).all()  # fmt: skip
    by_grade = dict.fromkeys(rules.GRADE_LABELS, 0) | {grade: n for grade, n, _ in rows}
    unheard = sum(waiting for grade, _, waiting in rows if rules.is_low(grade))
    return Satisfaction(by_grade, rules.figure(by_grade), unheard)


def standing(matter: Matter) -> tuple[Any, ...]:
    """The ratings of a matter that stand."""
    return Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.struck_at.is_(None)


def ratings_of(matter: Matter, *, low_only: bool = False, limit: int = 200) -> Sequence[Rating]:
    """Ratings of every round that stand, the newest first."""
    wanted = select(Rating).where(*standing(matter))
    if low_only:
        wanted = wanted.where(Rating.grade <= rules.LOW_TO)
    return db.session.scalars(wanted.order_by(Rating.at.desc()).limit(limit)).all()


def low_open(matter: Matter) -> Sequence[Rating]:
    """The low ratings that nobody has followed up, the oldest first."""
    return db.session.scalars(
        select(Rating)
        .where(*standing(matter), Rating.grade <= rules.LOW_TO, Rating.followed_at.is_(None))
        .order_by(Rating.at, Rating.id)
    ).all()


def own_rating(matter: Matter, keys: str | Sequence[str]) -> Rating | None:
    """What this voice has said in the current round; ``keys`` are stored keys (:mod:`app.flow.evaluate.raters`)."""
    known = [keys] if isinstance(keys, str) else list(keys)
    return db.session.scalar(
        select(Rating)
        .where(*standing(matter), Rating.round == matter.round, Rating.rater.in_(known) | Rating.marks.overlap(known))
        .limit(1)
    )


def find_rating(matter: Matter, rating_id: UUID) -> Rating | None:
    """One rating of the matter, of whatever round; struck ones too."""
    return db.session.scalar(
        select(Rating).where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.id == rating_id
        )
    )


def wishes_of(matter: Matter) -> Sequence[Rating]:
    """The ratings that hold a wish, the oldest first."""
    wanted = select(Rating).where(*standing(matter), Rating.wish != "")
    return db.session.scalars(wanted.order_by(Rating.at, Rating.id).limit(100)).all()


def has_batch(matter: Matter, batch: UUID) -> bool:
    """Whether an earlier click has entered this batch."""
    wanted = select(Rating.id).where(
        Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.batch_id == batch
    )
    return db.session.scalar(wanted.limit(1)) is not None


def batches_of(matter: Matter) -> list[Batch]:
    """What was entered together in the current round, the newest first; struck ones too. One statement."""
    rows = db.session.execute(
        select(
            Rating.batch_id, Rating.source, func.min(Rating.at), func.min(Rating.entered_label), func.count(),
            func.min(Rating.slip), func.max(Rating.slip), func.max(Rating.struck_at), func.max(Rating.struck_label),
            func.max(Rating.struck_reason), func.array_agg(Rating.entered_by)[1],
        )
        .where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.round == matter.round,
            Rating.batch_id.is_not(None),
        )
        .group_by(Rating.batch_id, Rating.source)
        .order_by(func.min(Rating.at).desc())
        .limit(50)
    ).all()  # fmt: skip
    return [Batch(*row) for row in rows]


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


def last_slip(matter: Matter) -> int:
    """The highest number that was printed or entered for this matter; 0 where there is none. One statement."""
    printed = (
        select(func.max(cast(TimelineEntry.data["last"].as_string(), BigInteger)))
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter.id,
            TimelineEntry.verb == "survey_printed",
        )
        .scalar_subquery()
    )  # fmt: skip
    entered = select(func.max(Rating.slip)).where(*standing(matter)).scalar_subquery()
    return int(db.session.scalar(select(func.greatest(func.coalesce(printed, 0), func.coalesce(entered, 0)))) or 0)


def done_matters(n: int, *, offset: int = 0) -> list[Done]:
    """The newest ``n`` finished public matters that were carried out, in one statement."""
    rows = db.session.execute(_done(), {"n": n, "skipped": offset}).all()
    return [Done(*row[:6], Figure(row[6], row[7]), row[8], row[9]) for row in rows]


@cache
def _done() -> Any:
    note = (
        select(TimelineEntry.words)
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.verb == "close",
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
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
    return (
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
            Matter.community_id == HERE, Matter.stage.in_(("closed", "archived")),
            Matter.visibility == "public", Matter.hidden_at.is_(None), carried_out,
        )
        .order_by(Matter.closed_at.desc())
        .limit(bindparam("n", type_=BigInteger()))
        .offset(bindparam("skipped", type_=BigInteger()))
    )  # fmt: skip


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
