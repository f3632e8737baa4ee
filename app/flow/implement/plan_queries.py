"""Reading plans of the bound hall with their matters, their tasks and the money behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select

from app.flow.collect.queries import is_told
from app.flow.implement import plan_rules as rules
from app.flow.implement.models import WorkPlan
from app.flow.implement.money_queries import totals
from app.flow.implement.money_rules import TaskRow
from app.flow.implement.plan_rules import Standing
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community

#: More plans than a hall ever hangs at a time.
MOST = 60


@dataclass(frozen=True)
class PlannedTask:
    """One task on the calendar; ``spent_fen`` None: nothing is on record yet."""

    id: UUID
    what: str
    who: str
    due: date
    unit: str
    target: int | None
    done_count: int
    planned_fen: int
    spent_fen: int | None
    standing: Standing


@dataclass(frozen=True)
class Plan:
    """A plan with its matter; ``number`` is its resolution's; ``is_open`` says whether the public may read it now."""

    plan: WorkPlan
    matter: Matter
    number: str
    is_open: bool
    n: int
    done: int


@dataclass(frozen=True)
class Year:
    """A plan on its page: every month of its span with its tasks in order, and what lies outside (moved since)."""

    months: Sequence[tuple[date, Sequence[PlannedTask]]]
    outside: Sequence[PlannedTask]
    counts: dict[Standing, int]
    planned_fen: int
    spent_fen: int
    approx: bool


def plans(today: date, *, hanging: bool = True) -> list[Plan]:
    """Every plan, the latest span first; one statement. ``hanging=False``: those that were taken down."""
    wanted = _plans().where(WorkPlan.withdrawn_at.is_(None) if hanging else WorkPlan.withdrawn_at.is_not(None))
    rows = db.session.execute(wanted.order_by(WorkPlan.starts.desc(), WorkPlan.made_at.desc()).limit(MOST)).all()
    return [_plan(row, today) for row in rows]


def find_plan(plan_id: UUID, today: date) -> Plan | None:
    """One plan of this hall with its matter."""
    row = db.session.execute(_plans().where(WorkPlan.id == plan_id)).one_or_none()
    return _plan(row, today) if row else None


def plan_of(matter_id: UUID) -> UUID | None:
    """The id of the plan that hangs over a matter's promises."""
    return db.session.scalar(
        select(WorkPlan.id).where(
            WorkPlan.community_id == current_community(), WorkPlan.matter_id == matter_id,
            WorkPlan.withdrawn_at.is_(None),
        )
    )  # fmt: skip


def can_be_planned(*, limit: int = 100) -> list[tuple[Matter, int, date, date]]:
    """Matters with promises and without a plan: how many promises, their first and their last day; one statement."""
    planned = exists().where(
        WorkPlan.community_id == Matter.community_id, WorkPlan.matter_id == Matter.id, WorkPlan.withdrawn_at.is_(None)
    )
    first, last = func.min(Commitment.due), func.max(Commitment.due)
    rows = db.session.execute(
        select(Matter, func.count(), first, last)
        .join(Commitment, and_(Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id))
        .where(
            Matter.community_id == current_community(), Matter.stage.in_(rules.PLANNED_FROM[:-2]), ~planned,
            Commitment.state != "dropped",
        )
        .group_by(Matter.community_id, Matter.id)
        .order_by(func.count().desc(), last.desc())
        .limit(limit)
    ).all()  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def year_of(found: Plan, today: date) -> Year:
    """The plan's tasks month by month, with what was planned and what was spent; two statements."""
    plan, money = found.plan, totals(found.matter)
    cost = {row.id: row for row in money.tasks}
    tasks = [_task(one, cost.get(one.id), today) for one in commitments_of_plan(plan)]
    span = rules.months(plan.starts, plan.ends)
    by_month = {first: [task for task in tasks if task.due.replace(day=1) == first] for first in span}
    return Year(
        list(by_month.items()), [task for task in tasks if task.due.replace(day=1) not in by_month],
        {one: sum(task.standing is one for task in tasks) for one in Standing}, money.planned, money.spent,
        money.approx,
    )  # fmt: skip


def _plans() -> Select[tuple[WorkPlan, Matter, str, date, int, int]]:
    of = (
        Commitment.community_id == WorkPlan.community_id, Commitment.matter_id == WorkPlan.matter_id,
        Commitment.state != "dropped",
    )  # fmt: skip
    count = select(func.count()).select_from(Commitment).where(*of).correlate(WorkPlan)
    number = select(Resolution.number).where(
        Resolution.community_id == WorkPlan.community_id, Resolution.matter_id == WorkPlan.matter_id,
        Resolution.replaced_at.is_(None),
    )  # fmt: skip
    posted = select(func.min(Posting.starts)).where(
        Posting.community_id == WorkPlan.community_id, Posting.matter_id == WorkPlan.matter_id,
        Posting.state != "withdrawn",
    )  # fmt: skip
    return (
        select(
            WorkPlan, Matter, number.correlate(WorkPlan).scalar_subquery(),
            posted.correlate(WorkPlan).scalar_subquery(), count.scalar_subquery(),
            count.where(Commitment.state.in_(("done", "verified"))).scalar_subquery(),
        )
        .join(Matter, and_(Matter.community_id == WorkPlan.community_id, Matter.id == WorkPlan.matter_id))
        .where(WorkPlan.community_id == current_community())
    )  # fmt: skip


def _plan(row: tuple[WorkPlan, Matter, str | None, date | None, int, int], today: date) -> Plan:  # type: ignore[type-arg]
    plan, matter, number, posted, n, done = row
    told = is_told(matter) and plan.withdrawn_at is None
    readable = rules.may_be_read(plan.public, told, number is not None, posted, today)
    return Plan(plan, matter, number or "", bool(readable), n, done)


def commitments_of_plan(plan: WorkPlan) -> Sequence[Commitment]:
    """The promises a plan lays over its months, by day."""
    return db.session.scalars(
        select(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == plan.matter_id,
            Commitment.state != "dropped",
        )
        .order_by(Commitment.due, Commitment.position)
    ).all()  # fmt: skip


def _task(one: Commitment, cost: TaskRow | None, today: date) -> PlannedTask:
    # A line of the account that names the task counts before what the task says of itself.
    planned = cost.entered_plan if cost and cost.entered_plan is not None else one.planned_fen
    spent = cost.entered_actual if cost and cost.entered_actual is not None else one.actual_fen
    return PlannedTask(
        one.id, one.what, one.who, one.due, one.unit, one.target, one.done_count, planned, spent,
        rules.standing(one.state, one.due, one.done_count, today),
    )  # fmt: skip
