"""What has a day in the bound hall: matters, tasks, supervision orders, what its grids asked, what was left behind.

One statement a kind. A matter that is being carried out is urged by its tasks; only where none is open any more does
its own day count, for somebody must hand it over.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.flow.implement.models import Asset
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment
from app.matter.models import Escalation, Matter
from app.matter.situation import OPEN_STAGES, Stage
from app.matter.workdays import end_of, local_day
from app.notices.reminder_rules import Person, Thing
from app.people.models import Account, Membership
from app.people.roles import COMMUNITY_STAFF, Role
from tenants.database import db
from tenants.scope import current_community

_OPEN = [str(stage) for stage in OPEN_STAGES]
#: Orders wait for their issuer once these came last, and for nobody once they ended.
_STATES = ("reported", "returned", "closed", "void")
#: A check without a span is urged three working days ahead; no run of holidays stretches that beyond this.
ASSET_AHEAD = timedelta(days=31)
_MATTER = (Matter.id.label("matter_id"), Matter.number, Matter.title, Matter.visibility, Matter.track, Matter.has_minor)
#: Whose 今天 this is; a council member or a resident has an account and no desk.
DESK_ROLES = [str(role) for role in (*COMMUNITY_STAFF, Role.BUILDING_STEWARD, Role.AFFAIRS_SUPERVISOR)]


def subjects(now: datetime) -> list[Thing]:
    """Everything that may have reached a step by ``now``."""
    today = local_day(now)
    return [*_matters(now, today), *_tasks(today), *_orders(today), *_assets(today), *_asks()]


def _account(today: date) -> tuple[Any, ...]:
    """The columns that make a :class:`Person` of a joined account."""
    has_desk = exists().where(
        Membership.community_id == Account.community_id, Membership.account_id == Account.id,
        Membership.role.in_(DESK_ROLES), Membership.since <= today,
        or_(Membership.until.is_(None), Membership.until >= today),
    )  # fmt: skip
    return (Account.id.label("account_id"), Account.display_name, Account.disabled_at, has_desk.label("has_desk"))


def _matters(now: datetime, today: date) -> list[Thing]:
    open_task = exists().where(
        Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id, Commitment.state == "open"
    )
    rows = db.session.execute(
        select(*_MATTER, *_account(today), Matter.stage, Matter.stage_since, Matter.due_at)
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .where(
            Matter.community_id == current_community(), Matter.due_at.is_not(None),
            Matter.stage.in_((*_OPEN, str(Stage.REFERRED))),
            case(
                (Matter.stage == str(Stage.SUSPENDED), Matter.due_at <= end_of(today)),
                else_=or_(Matter.warn_at.is_(None), Matter.warn_at <= now),
            ),
            or_(Matter.stage != str(Stage.IMPLEMENTING), ~open_task),
        )
    ).all()  # fmt: skip
    return [
        _thing(
            "matter", row.matter_id, row, start=local_day(row.stage_since), due=local_day(row.due_at),
            is_paused=row.stage == Stage.SUSPENDED, is_soft=row.stage == Stage.REFERRED,
        )
        for row in rows
    ]  # fmt: skip


def _tasks(today: date) -> list[Thing]:
    task = Commitment
    rows = db.session.execute(
        select(*_MATTER, *_account(today), task.id, task.what, task.who, task.created_at, task.due)
        .join(Matter, and_(Matter.community_id == task.community_id, Matter.id == task.matter_id))
        .outerjoin(Account, and_(Account.community_id == task.community_id, Account.id == task.owner_id))
        .where(
            task.community_id == current_community(), task.state == "open",
            Matter.stage == str(Stage.IMPLEMENTING),
        )
    ).all()  # fmt: skip
    return [
        _thing("task", row.id, row, start=local_day(row.created_at), due=row.due, what=row.what, name=row.who)
        for row in rows
    ]


def _orders(today: date) -> list[Thing]:
    order, event, later = SupervisionOrder, aliased(OrderEvent), aliased(OrderEvent)
    of_order = and_(event.community_id == order.community_id, event.order_id == order.id)
    state = (
        select(event.kind).where(of_order, event.kind.in_(_STATES)).order_by(event.seq.desc()).limit(1)
    ).scalar_subquery()
    put_off = (
        select(func.max(later.due))
        .where(later.community_id == order.community_id, later.order_id == order.id, later.kind == "extension_granted")
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            *_MATTER, *_account(today), order.id, order.demand, order.issued_at,
            # The street writes its orders to the hall, whose name stands there as a word: the secretaries answer.
            case((order.level == "street", ""), else_=order.lead).label("lead"),
            func.coalesce(put_off, order.due).label("due"),
        )
        .join(Matter, and_(Matter.community_id == order.community_id, Matter.id == order.matter_id))
        .outerjoin(Account, and_(Account.community_id == order.community_id, Account.id == order.lead_id))
        .where(
            order.community_id == current_community(), func.coalesce(state, "returned") == "returned",
            Matter.stage.in_(_OPEN), Matter.stage != str(Stage.SUSPENDED),
        )
    ).all()  # fmt: skip
    return [
        _thing("order", row.id, row, start=local_day(row.issued_at), due=row.due, what=row.demand, name=row.lead)
        for row in rows
    ]


def _assets(today: date) -> list[Thing]:
    rows = db.session.execute(
        select(*_MATTER, Asset.id, Asset.what, Asset.keeper, Asset.next_check)
        .join(Matter, and_(Matter.community_id == Asset.community_id, Matter.id == Asset.matter_id))
        .where(
            Asset.community_id == current_community(), Asset.state != "removed",
            Asset.next_check <= today + ASSET_AHEAD,
        )
    ).all()  # fmt: skip
    return [
        _thing("asset", row.id, row, start=None, due=row.next_check, what=row.what, name=row.keeper) for row in rows
    ]


def _asks() -> list[Thing]:
    """What the grids handed up and nobody answered: the office owes the first word, so the secretaries hear of it."""
    asked = Escalation
    rows = db.session.execute(
        select(*_MATTER, asked.id, asked.asked_at, asked.answer_due, asked.reason)
        .join(Matter, and_(Matter.community_id == asked.community_id, Matter.id == asked.matter_id))
        .where(
            asked.community_id == current_community(), asked.to_level == "community", asked.state == "asked",
            asked.answer_due.is_not(None), Matter.stage.in_(_OPEN),
        )
    ).all()  # fmt: skip
    return [
        _thing("ask", row.id, row, start=local_day(row.asked_at), due=local_day(row.answer_due), what=row.reason)
        for row in rows
    ]


def _thing(
    kind: str, subject: Any, row: Any, *, start: date | None, due: date, what: str = "", name: str = "",
    is_paused: bool = False, is_soft: bool = False,
) -> Thing:  # fmt: skip
    shown = row.visibility == "public" and row.track == "ordinary"
    return Thing(
        kind=kind, id=subject, matter_id=row.matter_id, number=row.number, start=start, due=due, to=_person(row, name),
        title=row.title if shown else "", what=what if shown else "", is_paused=is_paused, is_soft=is_soft,
    )  # fmt: skip


def _person(row: Any, name: str) -> Person | None:
    """An account that still opens, or the name; a matter whose owner has left is nobody's until somebody takes it."""
    if getattr(row, "account_id", None) and row.disabled_at is None:
        return Person(row.display_name, row.account_id, reads_desk=row.has_desk)
    return Person(name) if name else None
