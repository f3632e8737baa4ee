"""The side exits: on hold with a day on which a matter is looked at again, taken up again, ended before its result."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import update

from app.errors import Refused
from app.flow.implement import queries, rules
from app.flow.implement.extending import day_words
from app.flow.resolve import actions as resolving
from app.flow.resolve.mediating import end_with_matter
from app.flow.resolve.models import Posting
from app.flow.resolve.rules import REASON_MOST, WORDS_MOST, first_no, fits
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage, Track
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


def keep_on_hold(matter: Matter, *, reason: str, review_on: date, by: Actor, now: datetime) -> Matter:
    """The review day has come and nothing can be done yet: say why, and name the next day within thirty."""
    if Stage(matter.stage) is not Stage.SUSPENDED:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))
    if not rules.is_secretary(by.roles):
        raise Refused(N_("还要不要放着，由社区书记来定。"))
    first_no(fits(N_("暂缓的原因"), reason, REASON_MOST), rules.good_review_day(review_on, local_day(now))).or_refuse()
    if matter.due_at == end_of(review_on):
        raise Refused(N_("再看的日子已经是这一天了。"))
    matter.due_at = end_of(review_on)
    record(
        matter, "keep_on_hold", by=by, now=now, data={"review_on": review_on.isoformat()},
        words=f"看过了，还要放一放：{reason.strip()}。{day_words(review_on)}再看",
    )  # fmt: skip
    return matter


def resume(matter: Matter, *, reason: str, put_off: bool = False, by: Actor, now: datetime) -> Matter:
    """Take a suspended matter up again where it stood.

    With ``put_off`` its open promises get the days on hold on top: the cause lay outside, and the secretary who takes
    the matter up again approves it. The first days stay on record as with every extension.
    """
    if put_off and reason.strip() and rules.is_secretary(by.roles):
        _put_off(matter, (local_day(now) - local_day(matter.stage_since)).days, reason.strip(), by, now)
    back = resolving.next_due(matter) if matter.suspended_from == Stage.IMPLEMENTING else None
    return move(matter, "resume", by=by, now=now, reason=reason, words=f"接着办：{reason.strip()}", due_at=back)


def _put_off(matter: Matter, days: int, reason: str, by: Actor, now: datetime) -> None:
    if days < 1 or Stage(matter.stage) is not Stage.SUSPENDED:
        return
    tasks = [one for one in queries.commitments_of(matter) if one.state == "open"]
    for task in tasks:
        task.due += timedelta(days)
        task.extension_reason, task.extension_by = f"暂缓了 {days} 天：{reason}"[:REASON_MOST], by.label
    db.session.flush()
    if tasks:
        matter.first_due_at = matter.first_due_at or min(end_of(task.first_due) for task in tasks)
        record(
            matter, "put_off", by=by, now=now,
            words=f"放着的 {days} 天不算，{len(tasks)} 项任务的日子往后顺延 {days} 天",
            data={"days": days, "commitments": [str(task.id) for task in tasks]},
        )  # fmt: skip


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
    if matter.track == Track.MEDIATION:
        end_with_matter(matter, cause.strip(), now=now)
    db.session.execute(
        update(Posting)
        .where(Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state == "up")
        .values(state="withdrawn", taken_down_at=now)
    )
    return matter
