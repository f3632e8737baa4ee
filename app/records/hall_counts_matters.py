"""What was said and what became of it: K2, K3, K5, K8, K9, K11, K13 and K14 of one hall."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select

from app.flow.collect.models import Proposal
from app.flow.evaluate.models import Rating
from app.matter.house import house
from app.matter.models import Escalation, Matter, TimelineEntry
from app.matter.situation import END_STAGES, OPEN_STAGES, Level, Stage
from app.matter.workdays import local_day
from app.records.hall_counting import CLOSED, NOT_COUNTED, day_of, histogram, hours_between, if_, row
from tenants.database import db
from tenants.scope import current_community

OPEN = sorted(str(stage) for stage in OPEN_STAGES)
_GONE = sorted(str(stage) for stage in END_STAGES | {Stage.CLOSED})
#: Registering what was said is no answer to it, and what the clock does is no person.
_NO_ANSWER = ("collect", "submit")
_HUMAN = ("staff", "council", "street")
#: Written by somebody's hand for the speaker: out of the box, or on a slip of paper (K14).
_ON_PAPER = ("box", "slip")


def matters(since: datetime, until: datetime) -> dict[str, int]:
    """Received, accepted, closed; escalated for the first time; what a return visit was owed to."""
    here, stage = current_community(), Matter.stage
    ended_at = func.coalesce(Matter.closed_at, Matter.stage_since)
    accepted = Matter.accepted_at.between(since, until)
    closed = and_(stage.in_(CLOSED), Matter.closed_at.between(since, until))
    ended_before = and_(stage.in_(_GONE), ended_at < since)
    left = and_(stage.in_(("referred", "terminated")), Matter.stage_since.between(since, until))
    received = Matter.collected_at.between(since, until)
    reviewed, registered = _came_to(Stage.REVIEWING), _came_to(Stage.SUBMITTED)
    rated = exists().where(
        Rating.community_id == Matter.community_id,
        Rating.matter_id == Matter.id,
        Rating.round == Matter.round,
        Rating.struck_at.is_(None),
    )
    firsts = (
        select(func.min(Escalation.asked_at).label("asked_at"))
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .where(Escalation.community_id == here, stage.not_in(NOT_COUNTED), Escalation.to_level != str(Level.COMMUNITY))
        .group_by(Escalation.matter_id)
        .subquery()
    )
    return row(
        if_(received).label("received"),
        if_(received & ~registered).label("leads"),
        *(if_(received & (Matter.kind == kind)).label(kind) for kind in ("individual", "joint", "organisation")),
        if_(accepted).label("accepted"),
        if_((stage == str(Stage.NOT_ACCEPTED)) & Matter.stage_since.between(since, until)).label("refused"),
        if_((Matter.accepted_at <= until) & ~ended_before & ~left).label("in_hand"),
        if_(closed).label("closed"),
        if_(accepted & stage.in_(CLOSED)).label("cohort_closed"),
        if_(closed & Matter.level.in_(("grid", "community"))).label("closed_near"),
        if_(closed & reviewed).label("visits_owed"),
        if_(closed & reviewed & rated).label("visits_rated"),
        select(if_(firsts.c.asked_at.between(since, until))).scalar_subquery().label("escalated_first"),
        where=(Matter.community_id == here, stage.not_in(NOT_COUNTED)),
    )


def _came_to(stage: Stage) -> Any:
    return exists().where(
        TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
        TimelineEntry.new_stage == str(stage),
    )  # fmt: skip


def ratings(since: datetime, until: datetime) -> dict[str, Any]:
    """Valid ratings of what was closed in the period, and how many gave each grade."""
    of_matter = and_(
        Rating.community_id == Matter.community_id,
        Rating.matter_id == Matter.id,
        Rating.round == Matter.round,
        Rating.struck_at.is_(None),
    )
    rows = db.session.execute(
        select(Rating.grade, func.count(), if_(Rating.followed_at.is_not(None)))
        .join(Matter, of_matter)
        .where(
            Rating.community_id == current_community(), Matter.stage.in_(CLOSED),
            Matter.closed_at.between(since, until),
        )
        .group_by(Rating.grade)
    ).all()  # fmt: skip
    grades = {int(grade): int(n) for grade, n, _followed in rows}
    return {
        "grades": grades, "rated": sum(grades.values()),
        "satisfied": sum(n for grade, n in grades.items() if grade >= 3),
        "well_satisfied": sum(n for grade, n in grades.items() if grade >= 4),
        "bad": sum(n for grade, n in grades.items() if grade <= 2),
        "bad_followed": sum(int(followed) for grade, _n, followed in rows if grade <= 2),
    }  # fmt: skip


def moves(since: datetime, until: datetime) -> dict[str, int]:
    """Matters sent back from verifying or reviewing, and matters that came to be reviewed; each once."""
    line = TimelineEntry
    back = line.old_stage.in_(("verifying", "reviewing")) & line.new_stage.in_(("implementing", "surveying"))
    found = db.session.execute(
        select(
            func.count(line.matter_id.distinct()).filter(back).label("sent_back"),
            func.count(line.matter_id.distinct()).filter(line.new_stage == "reviewing").label("entered_review"),
        )
        .join(Matter, and_(Matter.community_id == line.community_id, Matter.id == line.matter_id))
        .where(
            line.community_id == current_community(), line.at.between(since, until), Matter.stage.not_in(NOT_COUNTED)
        )
    ).one()
    return dict(found._mapping)


def replies(since: datetime, until: datetime) -> dict[str, dict[int, int]]:
    """Whole hours from collecting to the first line in which somebody of the hall or the street answered."""
    line = TimelineEntry
    answers = or_(and_(line.new_stage.is_not(None), line.verb.not_in(_NO_ANSWER)), line.verb == "order_replied")
    first = (
        select(func.min(line.at))
        .where(
            line.community_id == Matter.community_id, line.matter_id == Matter.id, line.actor_kind.in_(_HUMAN), answers
        )
        .correlate(Matter)
        .scalar_subquery()
    )
    answered = (
        select(Matter.collected_at, first.label("at"))
        .where(
            Matter.community_id == current_community(), Matter.collected_at.between(since, until),
            Matter.stage.not_in(NOT_COUNTED),
        )
        .subquery()
    )  # fmt: skip
    hours = hours_between(answered.c.collected_at, answered.c.at)
    return {"reply_hours": histogram(hours, answered.c.at.is_not(None))}


def entries(since: datetime, until: datetime) -> dict[str, int]:
    """Proposals as they were said, those of merged matters among them; how many somebody else wrote down."""
    written = or_(Proposal.entered_by.is_not(None), Proposal.opening_id.is_not(None), Matter.entered_for_another,
                  Matter.channel.in_(_ON_PAPER))  # fmt: skip
    return row(
        func.count().label("proposals"),
        if_(written & Proposal.work_order_id.is_(None)).label("entries_offline"),
        where=(
            Proposal.community_id == current_community(), Proposal.said_at.between(since, until),
            Matter.community_id == Proposal.community_id, Matter.id == Proposal.matter_id, Matter.stage != "withdrawn",
        ),
    )  # fmt: skip


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
    late_since = case((colour == "red", day_of(Matter.due_at)))
    rows = db.session.execute(
        select(colour, late_since, func.count())
        .where(Matter.community_id == current_community(), Matter.stage.in_(OPEN))
        .group_by(colour, late_since)
    ).all()
    calendar, today = house().calendar, local_day(now)
    found: Counter[str] = Counter()
    for shown, day, n in rows:
        found[shown] += n
        if day is not None:
            found["overdue_days"] += n * calendar.working_days_between(day, today)
    return dict(found)
