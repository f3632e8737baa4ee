"""The side exits: on hold with a day on which a matter is looked at again, taken up again, ended before its result."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update

from app.flow.implement import rules
from app.flow.implement.extending import day_words
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Posting
from app.flow.resolve.rules import REASON_MOST, WORDS_MOST, first_no, fits
from app.matter.actions import move
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import end_of, local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def suspend(matter: Matter, *, reason: str, review_on: date, outside: bool, by: Actor, now: datetime) -> Matter:
    """Put a matter on hold (挂账) for a cause outside the hall, and tell the proposer the day it is looked at again."""
    first_no(fits(N_("暂缓的原因"), reason, REASON_MOST), rules.good_review_day(review_on, local_day(now))).or_refuse()
    evidence = {"review_date"} | ({"outside_cause"} if outside else set())
    return move(
        matter, "suspend", by=by, now=now, evidence=evidence, reason=reason.strip(), due_at=end_of(review_on),
        words=f"先放一放：{reason.strip()}。{day_words(review_on)}再看", data={"review_on": review_on.isoformat()},
    )  # fmt: skip


def resume(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """Take a suspended matter up again where it stood."""
    back = resolving.next_due(matter) if matter.suspended_from == Stage.IMPLEMENTING else None
    return move(matter, "resume", by=by, now=now, reason=reason, words=f"接着办：{reason.strip()}", due_at=back)


def terminate(matter: Matter, *, cause: str, notice: str, other_routes: str = "", by: Actor, now: datetime) -> Matter:
    """End a matter before its result: the cause, the words to the proposer, and where else to turn."""
    first_no(
        fits(N_("终止的原因"), cause, REASON_MOST), fits(N_("给提出人的告知"), notice, WORDS_MOST),
        fits(N_("别的路"), other_routes, REASON_MOST, required=False),
    ).or_refuse()  # fmt: skip
    evidence = {"end_notice"} | ({"other_routes"} if other_routes.strip() else set())
    told = notice.strip() + (f"　{other_routes.strip()}" if other_routes.strip() else "")
    move(matter, "terminate", by=by, now=now, evidence=evidence, reason=cause.strip(), words=told)
    resolving.drop_open(matter)
    db.session.execute(
        update(Posting)
        .where(Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state == "up")
        .values(state="withdrawn", taken_down_at=now)
    )
    return matter
