"""What was promised, posted, ordered and asked of the street: K4, K6, K16 and K17 of one hall."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.flow.triage.policy import ReviewOpinion, ReviewRequest
from app.matter.house import house
from app.matter.models import Escalation, Matter
from app.matter.situation import Stage
from app.matter.stages import deadline
from app.matter.workdays import due, end_of, local_day, start_of
from app.records.hall_counting import NOT_COUNTED, day_of, if_, row
from tenants.database import db
from tenants.scope import current_community

#: The paper whose posting is owed; another version of it under the same number may be the one that was posted.
Owed = aliased(Resolution)
#: Fifteen days as the law wants a posting to hang (Residents' Committees Act section 34).
FULL_DAYS = 15
#: How long before the period a resolution may have been made whose last day for posting lies in it.
BEFORE = timedelta(days=60)


def promises(first: date, last: date, today: date) -> dict[str, int]:
    """Promises by their day; one of today that still runs is not late before the day is over."""
    here, task = current_community(), Commitment

    def fell_due(day: Any) -> Any:
        return day.between(first, last) & or_(day < today, task.done_at.is_not(None))

    whole = (
        select(
            func.max(task.due).label("last_due"),
            func.bool_and(task.state == "verified").label("all_verified"),
        )
        .join(Resolution, and_(Resolution.community_id == task.community_id, Resolution.id == task.resolution_id))
        .where(task.community_id == here, task.state != "dropped", Resolution.replaced_at.is_(None))
        .group_by(task.resolution_id)
        .subquery()
    )
    over = whole.c.last_due.between(first, last) & ((whole.c.last_due < today) | whole.c.all_verified)
    counted = select(if_(over), if_(over & whole.c.all_verified)).select_from(whole).subquery()
    resolutions = [select(column).scalar_subquery() for column in counted.c]
    return row(
        if_(fell_due(task.due)).label("due"),
        if_(fell_due(task.due) & (day_of(task.done_at) <= task.due)).label("kept"),
        if_(fell_due(task.due) & (task.state == "verified")).label("verified"),
        if_(fell_due(task.first_due)).label("first_due"),
        if_(fell_due(task.first_due) & (day_of(task.done_at) <= task.first_due)).label("first_kept"),
        resolutions[0].label("resolutions_due"), resolutions[1].label("resolutions_done"),
        where=(task.community_id == here, task.state != "dropped"),
    )  # fmt: skip


def postings(first: date, last: date, today: date) -> dict[str, int]:
    """Resolutions whose last day for being posted lies in the period, and postings that came down in it."""
    here, home = current_community(), house()
    limit = deadline(Stage.DECIDED, None, home.deadlines)
    posted = (
        select(func.min(Posting.posted_at))
        .join(Resolution, and_(Resolution.community_id == Posting.community_id, Resolution.id == Posting.resolution_id))
        .where(Posting.community_id == Matter.community_id, Resolution.number == Owed.number)
        .correlate(Matter, Owed)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Owed.made_at, posted)
        .join(Matter, and_(Matter.community_id == Owed.community_id, Matter.id == Owed.matter_id))
        .where(
            Owed.community_id == here, Owed.version == 1, Owed.legal_effect != "agreement",
            Matter.visibility == "public", Matter.stage.not_in(NOT_COUNTED),
            Owed.made_at.between(start_of(first) - BEFORE, end_of(last)),
        )
    ).all()  # fmt: skip
    owed = [(due(made, limit, home.calendar), at) for made, at in rows] if limit else []
    mine = [
        (day, at) for day, at in owed if first <= local_day(day) <= last and (at is not None or local_day(day) < today)
    ]
    down = and_(Posting.state.in_(("ended", "withdrawn")), day_of(Posting.taken_down_at).between(first, last))
    hung = and_(down, Posting.state == "ended", day_of(Posting.taken_down_at) - Posting.starts >= FULL_DAYS)
    ended = row(if_(down).label("postings_ended"), if_(hung).label("postings_full"), where=(
        Posting.community_id == here,
    ))  # fmt: skip
    return {**ended, "to_post": len(mine), "posted_in_time": sum(at is not None and at <= day for day, at in mine)}


def orders(first: date, last: date, today: date) -> dict[str, int]:
    """Orders by the day they are due, later days granted included; what was made void is counted nowhere.

    ``orders_open`` and ``orders_late`` are those of today; what was reported done is late no more.
    """
    order = SupervisionOrder
    mine = and_(OrderEvent.community_id == order.community_id, OrderEvent.order_id == order.id)

    def said(what: Any, *kinds: str) -> Any:
        return select(what).where(mine, OrderEvent.kind.in_(kinds)).correlate(order).scalar_subquery()

    newest = select(OrderEvent.kind).where(mine).order_by(OrderEvent.seq.desc()).limit(1)
    stands = newest.correlate(order).scalar_subquery()
    day = func.coalesce(said(func.max(OrderEvent.due), "extension_granted"), order.due)
    closed = day_of(said(func.min(OrderEvent.at), "closed"))
    fell_due = day.between(first, last) & or_(day < today, closed.is_not(None))
    issued = day_of(order.issued_at).between(first, last)
    return row(
        if_(fell_due).label("orders_due"), if_(fell_due & (closed <= day)).label("orders_kept"),
        if_(issued).label("orders_issued"), if_(issued & order.second_of_id.is_not(None)).label("orders_second"),
        if_(closed.is_(None)).label("orders_open"),
        if_(closed.is_(None) & (day < today) & stands.is_distinct_from("reported")).label("orders_late"),
        where=(order.community_id == current_community(), said(func.count(), "void") == 0),
    )  # fmt: skip


def asks(now: datetime) -> dict[str, int]:
    """What waits for the street at this moment: requests not taken, taken ones, and refusals to be looked at."""
    here, asked = current_community(), Escalation.state == "asked"
    doubted = (
        select(func.count())
        .where(
            ReviewRequest.community_id == here,
            ~exists().where(
                ReviewOpinion.community_id == ReviewRequest.community_id, ReviewOpinion.request_id == ReviewRequest.id
            ),
        )
        .scalar_subquery()
    )
    found = row(
        if_(asked).label("asking"), if_(Escalation.state == "taken").label("with_street"),
        func.min(day_of(Escalation.asked_at)).filter(asked).label("oldest"), doubted.label("reviews"),
        where=(Escalation.community_id == here, Escalation.to_level != "community"),
    )  # fmt: skip
    oldest: Any = found.pop("oldest")
    return {**found, "longest_wait": max(0, (local_day(now) - oldest).days) if oldest else 0}
