"""The figures of one hall over a period, counted in SQL: a fixed number of statements, whatever the number of rows.

Source: domain.md section 7. Days are days in Asia/Shanghai, both ends of the period belong to it. What was merged is
counted with the matter it went into, what was withdrawn never, and a matter that was sent back twice is one.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.flow.evaluate.models import Rating
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.house import house
from app.matter.models import Escalation, Matter, TimelineEntry
from app.matter.situation import END_STAGES, OPEN_STAGES, Stage
from app.matter.stages import deadline
from app.matter.workdays import due, end_of, local_day, start_of
from app.records.indicators import HallCounts
from tenants.database import db
from tenants.scope import current_community

_OPEN = sorted(str(stage) for stage in OPEN_STAGES)
_GONE = sorted(str(stage) for stage in END_STAGES | {Stage.CLOSED})
_CLOSED = ("closed", "archived")
#: The paper whose posting is owed; another version of it under the same number may be the one that was posted.
Owed = aliased(Resolution)
#: Counted with another matter, or never.
_NOT_COUNTED = ("merged", "withdrawn")
#: Fifteen days as the law wants a posting to hang (Residents' Committees Act section 34).
FULL_DAYS = 15
#: How long before the period a resolution may have been made whose last day for posting lies in it.
BEFORE = timedelta(days=60)


def count_hall(first: date, last: date, *, now: datetime) -> HallCounts:
    """Count the bound hall over ``first`` to ``last``; the lights are those of ``now``."""
    since, until = start_of(first), start_of(last + timedelta(days=1)) - timedelta(microseconds=1)
    parts = (
        _matters(since, until), _ratings(since, until), _promises(first, last, local_day(now)),
        _moves(since, until), lights(now), _postings(first, last, local_day(now)),
        _orders(first, last, local_day(now)),
    )  # fmt: skip
    found: dict[str, int] = {}
    for part in parts:
        found |= part
    return HallCounts(**{key: int(value or 0) for key, value in found.items()})


def _if(condition: Any) -> ColumnElement[int]:
    return func.count().filter(condition)


def _day(moment: Any) -> Any:
    return cast(func.timezone("Asia/Shanghai", moment), Date)


def _row(*columns: Any, where: Any) -> dict[str, int]:
    return dict(db.session.execute(select(*columns).where(*where)).one()._mapping)


def _matters(since: datetime, until: datetime) -> dict[str, int]:
    here, stage = current_community(), Matter.stage
    ended_at = func.coalesce(Matter.closed_at, Matter.stage_since)
    accepted = Matter.accepted_at.between(since, until)
    closed = and_(stage.in_(_CLOSED), Matter.closed_at.between(since, until))
    ended_before = and_(stage.in_(_GONE), ended_at < since)
    left = and_(stage.in_(("referred", "terminated")), Matter.stage_since.between(since, until))
    received = Matter.collected_at.between(since, until)
    reviewed = exists().where(
        TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
        TimelineEntry.new_stage == str(Stage.REVIEWING),
    )  # fmt: skip
    rated = exists().where(
        Rating.community_id == Matter.community_id,
        Rating.matter_id == Matter.id,
        Rating.round == Matter.round,
        Rating.struck_at.is_(None),
    )
    firsts = (
        select(func.min(Escalation.asked_at).label("asked_at"))
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .where(Escalation.community_id == here, stage.not_in(_NOT_COUNTED))
        .group_by(Escalation.matter_id)
        .subquery()
    )
    return _row(
        _if(received).label("received"),
        *(_if(received & (Matter.kind == kind)).label(kind) for kind in ("individual", "joint", "organisation")),
        _if(accepted).label("accepted"),
        _if((stage == str(Stage.NOT_ACCEPTED)) & Matter.stage_since.between(since, until)).label("refused"),
        _if((Matter.accepted_at <= until) & ~ended_before & ~left).label("in_hand"),
        _if(closed).label("closed"),
        _if(accepted & stage.in_(_CLOSED)).label("cohort_closed"),
        _if(closed & Matter.level.in_(("grid", "community"))).label("closed_near"),
        _if(closed & reviewed).label("visits_owed"),
        _if(closed & reviewed & rated).label("visits_rated"),
        select(_if(firsts.c.asked_at.between(since, until))).scalar_subquery().label("escalated_first"),
        where=(Matter.community_id == here, stage.not_in(_NOT_COUNTED)),
    )


def _ratings(since: datetime, until: datetime) -> dict[str, int]:
    bad = Rating.grade <= 2
    of_matter = and_(
        Rating.community_id == Matter.community_id,
        Rating.matter_id == Matter.id,
        Rating.round == Matter.round,
        Rating.struck_at.is_(None),
    )
    row = db.session.execute(
        select(
            func.count().label("rated"), _if(Rating.grade >= 3).label("satisfied"),
            _if(Rating.grade >= 4).label("well_satisfied"), _if(bad).label("bad"),
            _if(bad & Rating.followed_at.is_not(None)).label("bad_followed"),
        )
        .join(Matter, of_matter)
        .where(
            Rating.community_id == current_community(), Matter.stage.in_(_CLOSED),
            Matter.closed_at.between(since, until),
        )
    ).one()  # fmt: skip
    return dict(row._mapping)


def _promises(first: date, last: date, today: date) -> dict[str, int]:
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
    counted = select(_if(over), _if(over & whole.c.all_verified)).select_from(whole).subquery()
    resolutions = [select(column).scalar_subquery() for column in counted.c]
    return _row(
        _if(fell_due(task.due)).label("due"),
        _if(fell_due(task.due) & (_day(task.done_at) <= task.due)).label("kept"),
        _if(fell_due(task.due) & (task.state == "verified")).label("verified"),
        _if(fell_due(task.first_due)).label("first_due"),
        _if(fell_due(task.first_due) & (_day(task.done_at) <= task.first_due)).label("first_kept"),
        resolutions[0].label("resolutions_due"), resolutions[1].label("resolutions_done"),
        where=(task.community_id == here, task.state != "dropped"),
    )  # fmt: skip


def _moves(since: datetime, until: datetime) -> dict[str, int]:
    """Matters sent back from verifying or reviewing, and matters that came to be reviewed; each once."""
    line = TimelineEntry
    back = line.old_stage.in_(("verifying", "reviewing")) & line.new_stage.in_(("implementing", "surveying"))
    row = db.session.execute(
        select(
            func.count(line.matter_id.distinct()).filter(back).label("sent_back"),
            func.count(line.matter_id.distinct()).filter(line.new_stage == "reviewing").label("entered_review"),
        )
        .join(Matter, and_(Matter.community_id == line.community_id, Matter.id == line.matter_id))
        .where(
            line.community_id == current_community(), line.at.between(since, until), Matter.stage.not_in(_NOT_COUNTED)
        )
    ).one()
    return dict(row._mapping)


def lights(now: datetime) -> dict[str, int]:
    """How many lights of each colour, and the working days all red ones are late together.

    A colour follows from the matter's own columns; only what is late needs the calendar, a day at a time.
    """
    colour = case(
        (Matter.stage == str(Stage.SUSPENDED), "grey"),
        (Matter.due_at < now, "red"),
        (Matter.warn_at <= now, "yellow"),
        else_="green",
    )
    late_since = case((colour == "red", _day(Matter.due_at)))
    rows = db.session.execute(
        select(colour, late_since, func.count())
        .where(Matter.community_id == current_community(), Matter.stage.in_(_OPEN))
        .group_by(colour, late_since)
    ).all()
    calendar, today = house().calendar, local_day(now)
    found: Counter[str] = Counter()
    for shown, day, n in rows:
        found[shown] += n
        if day is not None:
            found["overdue_days"] += n * calendar.working_days_between(day, today)
    return dict(found)


def _postings(first: date, last: date, today: date) -> dict[str, int]:
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
            Matter.visibility == "public", Matter.stage.not_in(_NOT_COUNTED),
            Owed.made_at.between(start_of(first) - BEFORE, end_of(last)),
        )
    ).all()  # fmt: skip
    owed = [(due(made, limit, home.calendar), at) for made, at in rows] if limit else []
    mine = [
        (day, at) for day, at in owed if first <= local_day(day) <= last and (at is not None or local_day(day) < today)
    ]
    down = and_(Posting.state.in_(("ended", "withdrawn")), _day(Posting.taken_down_at).between(first, last))
    hung = and_(down, Posting.state == "ended", _day(Posting.taken_down_at) - Posting.starts >= FULL_DAYS)
    ended = _row(
        _if(down).label("postings_ended"), _if(hung).label("postings_full"), where=(Posting.community_id == here,)
    )
    return {**ended, "to_post": len(mine), "posted_in_time": sum(at is not None and at <= day for day, at in mine)}


def _orders(first: date, last: date, today: date) -> dict[str, int]:
    """Orders by the day they are due, later days granted included; what was made void is counted nowhere."""
    order = SupervisionOrder

    def said(what: Any, *kinds: str) -> Any:
        return (
            select(what)
            .where(OrderEvent.community_id == order.community_id, OrderEvent.order_id == order.id,
                   OrderEvent.kind.in_(kinds))
            .correlate(order)
            .scalar_subquery()
        )  # fmt: skip

    day = func.coalesce(said(func.max(OrderEvent.due), "extension_granted"), order.due)
    closed = _day(said(func.min(OrderEvent.at), "closed"))
    fell_due = day.between(first, last) & or_(day < today, closed.is_not(None))
    issued = _day(order.issued_at).between(first, last)
    return _row(
        _if(fell_due).label("orders_due"), _if(fell_due & (closed <= day)).label("orders_kept"),
        _if(issued).label("orders_issued"), _if(issued & order.second_of_id.is_not(None)).label("orders_second"),
        where=(order.community_id == current_community(), said(func.count(), "void") == 0),
    )  # fmt: skip
