"""The lists of the review: whom to visit, which low grades are open, what is ready to close, what was closed."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.flow.evaluate import rules
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.matter.models import Matter
from app.matter.situation import Stage
from tenants.database import db
from tenants.scope import current_community

TABS = ("visit", "low", "ready", "closed")
OF_LOW = aliased(Matter, name="of_low")
CLOSED = (str(Stage.CLOSED), str(Stage.ARCHIVED))


class Line(NamedTuple):
    """A matter of the list with what was heard so far; ``low`` is how many unhappy voices wait."""

    matter: Matter
    low: int
    visits: int
    judged: bool


class Low(NamedTuple):
    """A low grade that nobody has followed up."""

    rating: Rating
    matter: Matter


def counts() -> dict[str, int]:
    """How many stand in each tab; one statement."""
    here = Matter.community_id == current_community()
    reviewing = Matter.stage == str(Stage.REVIEWING)
    row = db.session.execute(
        select(
            func.count().filter(and_(reviewing, not_(_ready()))), func.count().filter(and_(reviewing, _ready())),
            func.count().filter(Matter.stage.in_(CLOSED)), _lows(func.count()).scalar_subquery(),
        ).where(here, or_(reviewing, Matter.stage.in_(CLOSED)))
    ).one()  # fmt: skip
    return {"visit": row[0], "ready": row[1], "closed": row[2], "low": row[3]}


def lines(tab: str, *, limit: int = 20, offset: int = 0) -> list[Line]:
    """Matters to visit or ready to close, the earliest due first; closed ones, the newest first. One statement."""
    wanted = select(Matter, _low_count(), _visit_count(), _judged()).where(Matter.community_id == current_community())
    if tab == "closed":
        wanted = wanted.where(Matter.stage.in_(CLOSED)).order_by(Matter.closed_at.desc(), Matter.number)
    else:
        ready = _ready() if tab == "ready" else not_(_ready())
        wanted = wanted.where(Matter.stage == str(Stage.REVIEWING), ready)
        wanted = wanted.order_by(Matter.due_at.nulls_last(), Matter.number)
    return [Line(*row) for row in db.session.execute(wanted.limit(limit).offset(offset))]


def lows(*, limit: int = 20, offset: int = 0) -> list[Low]:
    """Low grades of matters that are not closed yet, the oldest first; one statement."""
    rows = db.session.execute(_lows(Rating, OF_LOW).order_by(Rating.at, Rating.id).limit(limit).offset(offset))
    return [Low(*row) for row in rows]


def _lows(*columns: Any) -> Select[Any]:
    """Rows of the open low grades; ``of_low`` keeps the statement apart from a list of matters around it."""
    return (
        select(*columns)
        .select_from(Rating)
        .join(OF_LOW, and_(OF_LOW.community_id == Rating.community_id, OF_LOW.id == Rating.matter_id))
        .where(
            Rating.community_id == current_community(), Rating.grade <= rules.LOW_TO, Rating.followed_at.is_(None),
            Rating.struck_at.is_(None), OF_LOW.stage.not_in((*CLOSED, "terminated", "merged")),
        )
    )  # fmt: skip


def _mine() -> tuple[ColumnElement[bool], ...]:
    return (
        Rating.community_id == Matter.community_id, Rating.matter_id == Matter.id, Rating.grade <= rules.LOW_TO,
        Rating.followed_at.is_(None), Rating.struck_at.is_(None),
    )  # fmt: skip


def _low_count() -> ColumnElement[int]:
    return select(func.count(Rating.id)).where(*_mine()).correlate(Matter).scalar_subquery()


def _visit_count() -> ColumnElement[int]:
    return (
        select(func.count(ReturnVisit.id))
        .where(
            ReturnVisit.community_id == Matter.community_id, ReturnVisit.matter_id == Matter.id,
            ReturnVisit.round == Matter.round,
        )
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip


def _judged() -> ColumnElement[bool]:
    return (
        select(Evaluation.id)
        .where(
            Evaluation.community_id == Matter.community_id, Evaluation.matter_id == Matter.id,
            Evaluation.round == Matter.round,
        )
        .correlate(Matter)
        .exists()
    )  # fmt: skip


def _ready() -> ColumnElement[bool]:
    """Rated, seven in ten content (or reworked twice), judged, and nobody unhappy waits: only the note is missing."""
    enough = or_(
        rules.ENOUGH[1] * Matter.rating_satisfied >= rules.ENOUGH[0] * Matter.rating_count, Matter.reworks >= 2
    )
    unheard = select(Rating.id).where(*_mine()).correlate(Matter).exists()
    return and_(Matter.rating_count > 0, enough, _judged(), not_(unheard))
