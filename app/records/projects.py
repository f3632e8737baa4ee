"""The secretary's own items (书记项目): each with its next promise and, once it is done, with its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select

from app.flow.evaluate.rules import Figure
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES, Stage
from app.records.result_facts import money_of_matter, pictures_of_matter, spent_in
from app.records.results import Spent
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
_DONE = (str(Stage.CLOSED), str(Stage.ARCHIVED))
#: An item is told from its taking up to its end; what went elsewhere or was taken back is no item any more.
_TOLD = (*(str(stage) for stage in OPEN_STAGES), *_DONE, str(Stage.TERMINATED))


class Promised(NamedTuple):
    """The promise that comes next, and in what it is measured."""

    what: str
    who: str
    due: date
    unit: str
    target: int | None
    done_count: int


@dataclass(frozen=True)
class Project:
    """One item. ``n`` and ``done`` count its promises."""

    matter: Matter
    upcoming: Promised | None
    n: int
    done: int
    figure: Figure
    spent: Spent
    before: UUID | None
    after: UUID | None
    is_done: bool


@dataclass(frozen=True)
class Found:
    """One page of items and how many there are: in hand and done."""

    rows: Sequence[Project]
    open: int
    done: int


def projects(*, group: str = "", public_only: bool, page: int = 1, n: int = PAGE) -> Found:
    """Items in hand by the day they are due, then those done, the newest first; three statements.

    ``group`` is ``open``, ``done`` or empty for all.
    """
    wanted = _wanted(public_only)
    is_done = Matter.stage.in_(_DONE)
    counts = db.session.execute(select(is_done, func.count()).where(*wanted).group_by(is_done)).all()
    by_group = {bool(done): int(number) for done, number in counts}
    if group in ("open", "done"):
        wanted = [*wanted, is_done if group == "done" else ~is_done]
    rows = db.session.execute(
        select(Matter, *_promises(), *_pictures(), *money_of_matter())
        .where(*wanted)
        .order_by(
            is_done, case((is_done, None), else_=Matter.due_at).nulls_last(), Matter.closed_at.desc().nulls_last(),
            Matter.collected_at.desc(), Matter.number,
        )
        .limit(n)
        .offset((page - 1) * n)
    ).all()  # fmt: skip
    upcoming = _upcoming([row.Matter.id for row in rows])
    return Found(
        [_project(row, upcoming) for row in rows], by_group.get(False, 0), by_group.get(True, 0)
    )  # fmt: skip


def _project(row: Any, upcoming: dict[UUID, Promised]) -> Project:
    matter: Matter = row.Matter
    return Project(
        matter, upcoming.get(matter.id), row.n, row.done, Figure(matter.rating_satisfied, matter.rating_count),
        spent_in(row), row.before, row.after, matter.stage in _DONE,
    )  # fmt: skip


def _wanted(public_only: bool) -> list[ColumnElement[bool]]:
    wanted = [
        Matter.community_id == current_community(), Matter.is_secretary_project.is_(True), Matter.stage.in_(_TOLD),
    ]  # fmt: skip
    if not public_only:
        return wanted
    return [
        *wanted, Matter.accepted_at.is_not(None), Matter.visibility == "public", Matter.track == "ordinary",
        Matter.hidden_at.is_(None), Matter.has_minor.is_(False),
    ]  # fmt: skip


def _promises() -> tuple[Any, ...]:
    of = (
        Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id, Commitment.state != "dropped"
    )  # fmt: skip
    count = select(func.count()).select_from(Commitment).where(*of).correlate(Matter)
    done = count.where(Commitment.state.in_(("done", "verified")))
    return count.scalar_subquery().label("n"), done.scalar_subquery().label("done")


def _pictures() -> tuple[Any, ...]:
    before, after = pictures_of_matter()
    return before.label("before"), after.label("after")


def _upcoming(ids: Sequence[UUID]) -> dict[UUID, Promised]:
    """The open promise that is due first, of each of these matters; one statement."""
    if not ids:
        return {}
    rows = db.session.scalars(
        select(Commitment)
        .distinct(Commitment.matter_id)
        .where(and_(
            Commitment.community_id == current_community(), Commitment.matter_id.in_(ids), Commitment.state == "open",
        ))
        .order_by(Commitment.matter_id, Commitment.due, Commitment.position)
    )  # fmt: skip
    return {
        one.matter_id: Promised(one.what, one.who, one.due, one.unit, one.target, one.done_count) for one in rows
    }  # fmt: skip
