"""What came out of a matter: promises beside results, the review as everybody reads it, and what grew out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Uuid, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.flow.evaluate.models import Evaluation, Rating
from app.flow.implement.money_queries import totals
from app.flow.implement.queries import commitments_of
from app.matter.models import Matter
from app.matter.workdays import local_day
from tenants.database import HERE, db
from tenants.scope import current_community


@dataclass(frozen=True)
class Outcome:
    """One promise and what became of it: so many of so many, by which day, for how much (fen)."""

    what: str
    who: str
    unit: str
    target: int | None
    done_count: int
    due: date
    done_on: date | None
    is_done: bool
    planned_fen: int
    actual_fen: int | None

    @property
    def days_late(self) -> int:
        """Days after the first promised day; 0 in time or before it is done."""
        return max(0, (self.done_on - self.due).days) if self.done_on else 0


@dataclass(frozen=True)
class Effect:
    """Everything that was promised, and the account of the whole matter in integer fen: planned, come in, spent."""

    lines: tuple[Outcome, ...]
    planned_fen: int = 0
    came_fen: int = 0
    actual_fen: int = 0


class Answer(NamedTuple):
    """An answer to somebody unhappy whom nobody could call."""

    words: str
    at: datetime


class Kin(NamedTuple):
    """A matter that grew out of a wish; ``title`` is empty where it may not be read."""

    id: UUID
    number: str
    title: str


class PublicResult(NamedTuple):
    """The review as everybody reads it."""

    judged: str
    effect: str
    answers: list[Answer]
    grown: list[Kin]


class Family(NamedTuple):
    """A matter's links by wishes."""

    origin: Matter | None
    grown: list[Matter]


def effect_of(matter: Matter) -> Effect:
    """What was promised beside what came out: count, day and money of every task, and the account; two statements.

    Where the account names a task, its figures stand before those the task reported itself.
    """
    account = totals(matter)
    entered = {row.id: row for row in account.tasks}
    lines = []
    for one in commitments_of(matter):
        row = entered.get(one.id)
        planned = row.entered_plan if row and row.entered_plan is not None else one.planned_fen
        actual = row.entered_actual if row and row.entered_actual is not None else one.actual_fen
        lines.append(
            Outcome(
                what=one.what, who=one.who, unit=one.unit, target=one.target, done_count=one.done_count,
                due=one.first_due, done_on=local_day(one.done_at) if one.done_at else None,
                is_done=one.state in ("done", "verified"), planned_fen=planned, actual_fen=actual,
            )
        )  # fmt: skip
    return Effect(tuple(lines), account.planned, account.came, account.spent)


def public_result(matter: Matter) -> PublicResult:
    """What everybody may read of the review: the hall's judgement, its answers to the unhappy, what grew out of it.

    One statement. An answer is there where nobody knew whom to call (``followed_how`` public).
    """
    row = db.session.execute(_public_result(), {"matter": matter.id, "round": matter.round}).one()
    return PublicResult(
        *(row[0][:2] if row[0] else ("", "")),
        [Answer(words, datetime.fromisoformat(at)) for words, at in row[1] or []],
        [Kin(UUID(kin_id), number, title) for kin_id, number, title in row[2] or []],
    )


@cache
def _public_result() -> Any:
    matter = bindparam("matter", type_=Uuid())
    judged = (
        select(func.json_build_array(Evaluation.words, Evaluation.effect, Evaluation.at))
        .where(
            Evaluation.community_id == HERE, Evaluation.matter_id == matter,
            Evaluation.round == bindparam("round", type_=BigInteger()),
        )
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    answers = (
        select(
            func.json_agg(
                aggregate_order_by(func.json_build_array(Rating.followed_words, Rating.followed_at), Rating.followed_at)
            )
        )
        .where(
            Rating.community_id == HERE,
            Rating.matter_id == matter,
            Rating.struck_at.is_(None),
            Rating.followed_how == "public",
        )
        .scalar_subquery()
    )
    grown = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(Matter.id, Matter.number, case((_told(), Matter.title), else_="")),
                    Matter.number,
                )
            )
        )
        .where(Matter.community_id == HERE, Matter.follows_id == matter)
        .scalar_subquery()
    )
    return select(judged, answers, grown)


def _told() -> ColumnElement[bool]:
    """Whether everybody may read a matter's title (``collect.queries.is_told`` in SQL)."""
    return and_(
        Matter.accepted_at.is_not(None), Matter.visibility == "public", Matter.track == "ordinary",
        Matter.hidden_at.is_(None),
    )  # fmt: skip


def kin_of(matter: Matter) -> Family:
    """The matter this one grew out of, and those that grew out of it; one statement."""
    rows = db.session.scalars(
        select(Matter)
        .where(
            Matter.community_id == current_community(),
            or_(Matter.follows_id == matter.id, Matter.id == matter.follows_id),
        )
        .order_by(Matter.collected_at)
    ).all()
    origin = next((one for one in rows if one.id == matter.follows_id), None)
    return Family(origin, [one for one in rows if one.follows_id == matter.id])
