"""What moderation leaves on record: answered reports, and the month's numbers, which are all the street sees of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.flow.collect.voices import Comment, ModerationTally, Report
from app.people.actor import Actor
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def settle_reports(subject: str, subject_id: UUID, state: str, outcome: str, *, by: Actor, now: datetime) -> int:
    """Answer every open report of one thing with the same outcome; returns how many there were."""
    done = db.session.execute(
        update(Report)
        .where(
            Report.community_id == current_community(), Report.subject == subject, Report.subject_id == subject_id,
            Report.state == "open",
        )
        .values(state=state, outcome=outcome, handled_label=by.label, handled_at=now)
        .execution_options(synchronize_session="fetch")
    )  # fmt: skip
    return int(done.rowcount)  # type: ignore[attr-defined]


def tally(*, now: datetime) -> None:
    """Count the hall's month anew from its rows: a repeated or a missed count can never add up wrongly."""
    local = clock.local(now)
    first = clock.at(local.date().replace(day=1), 0)
    here = current_community()

    def comments(*conditions: object) -> object:
        wanted = select(func.count()).select_from(Comment).where(Comment.community_id == here, *conditions)  # type: ignore[arg-type]
        return wanted.scalar_subquery()

    counted = {
        "waiting": comments(Comment.state == "waiting"),
        "shown": comments(Comment.state == "shown", Comment.decided_at >= first),
        "hidden": comments(Comment.reason != "", Comment.decided_at >= first),
        "reports": select(func.count())
        .select_from(Report)
        .where(Report.community_id == here, Report.at >= first)
        .scalar_subquery(),
    }
    db.session.flush()
    statement = insert(ModerationTally).values(
        community_id=here, street_id=current_street(), id=uuid7(), month=f"{local:%Y-%m}", **counted
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "month"],
            set_={name: statement.excluded[name] for name in counted},
        )
    )
