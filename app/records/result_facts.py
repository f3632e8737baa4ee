"""The facts of a result as columns: whether it is told, its pictures, its money, its countable things.

What concerns only its parties, what is hidden and whatever a child said never stands in public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all

from app import clock
from app.flow.evaluate.rules import Figure
from app.flow.implement.models import Asset
from app.flow.implement.money_models import MoneyEntry
from app.flow.resolve.models import Commitment
from app.matter.models import Attachment, Matter, TimelineEntry
from app.records.results import Heads, Made, Spent, spent
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Result:
    """One finished matter; ``note`` is what the proposer was told. ``before`` and ``after`` are ids of pictures."""

    matter_id: UUID
    number: str
    title: str
    category: str
    place: str
    closed_at: datetime
    days: int
    note: str
    figure: Figure
    before: UUID | None
    after: UUID | None
    spent: Spent
    heads: Heads = field(default_factory=Heads)
    things: Sequence[Made] = ()


def told() -> ColumnElement[bool]:
    """Whether a matter's result stands in public."""
    reviewed = exists().where(
        TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
        TimelineEntry.new_stage == "reviewing",
    )  # fmt: skip
    return and_(
        Matter.community_id == current_community(), Matter.stage.in_(("closed", "archived")),
        Matter.visibility == "public", Matter.track == "ordinary", Matter.hidden_at.is_(None),
        Matter.has_minor.is_(False), reviewed,
    )  # fmt: skip


def things_of(ids: Iterable[UUID]) -> dict[UUID, list[Made]]:
    """Countable things of several matters: what they left behind and what their tasks counted; one statement."""
    wanted = list(ids)
    left = select(
        Asset.matter_id, Asset.what, Asset.count, Asset.unit, Asset.commitment_id, literal(0).label("is_task"),
        Asset.created_at.label("at"),
    ).where(Asset.community_id == current_community(), Asset.matter_id.in_(wanted))  # fmt: skip
    done = select(
        Commitment.matter_id, Commitment.what, Commitment.done_count, Commitment.unit, Commitment.id, literal(1),
        Commitment.created_at,
    ).where(
        Commitment.community_id == current_community(), Commitment.matter_id.in_(wanted), Commitment.unit != "",
        Commitment.done_count > 0, Commitment.state != "dropped",
    )  # fmt: skip
    both = union_all(left, done).subquery()
    found: dict[UUID, list[Made]] = defaultdict(list)
    for row in db.session.execute(select(both).order_by(both.c.is_task, both.c.count.desc(), both.c.at)):
        found[row[0]].append(Made(row[1], row[2], row[3], row[4], bool(row[5])))
    return found


def pictures_of_matter() -> tuple[Any, Any]:
    """Scalar queries for the best picture before the work and after it, of a ``Matter`` in the outer query."""
    began = (
        select(func.min(TimelineEntry.at))
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.new_stage == "implementing",
        )
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    picture = (
        select(Attachment.id)
        .where(
            Attachment.community_id == Matter.community_id, Attachment.matter_id == Matter.id, *shown(),
        )
        .correlate(Matter)
        .limit(1)
    )  # fmt: skip
    # A picture that somebody hung on the task says itself which it is; others are told apart by the day work began.
    is_before, is_after = Attachment.about == "task_before", Attachment.about == "task_after"
    before = picture.where(or_(is_before, and_(~is_after, Attachment.created_at < began)))
    after = picture.where(or_(is_after, and_(~is_before, Attachment.created_at >= began)))
    return (
        before.order_by(is_before.desc(), Attachment.created_at, Attachment.id).scalar_subquery(),
        after.order_by(is_after.desc(), Attachment.created_at.desc(), Attachment.id.desc()).scalar_subquery(),
    )


def money_of_matter() -> tuple[Any, ...]:
    """Labelled scalars of a ``Matter`` in the outer query, for :func:`app.records.results.spent`."""
    bills = (
        MoneyEntry.community_id == Matter.community_id, MoneyEntry.matter_id == Matter.id, MoneyEntry.side == "out",
        # What a household got back was never spent.
        MoneyEntry.share_id.is_(None), MoneyEntry.struck_at.is_(None),
    )  # fmt: skip
    named = exists().where(
        MoneyEntry.community_id == Commitment.community_id, MoneyEntry.commitment_id == Commitment.id,
        MoneyEntry.side == "out", MoneyEntry.struck_at.is_(None),
    )  # fmt: skip
    own = select(func.sum(Commitment.actual_fen)).where(
        Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id, ~named
    )
    return (
        *(
            select(made).where(*bills).correlate(Matter).scalar_subquery().label(name)
            for made, name in (
                (func.sum(MoneyEntry.amount_fen), "bills"), (func.bool_or(MoneyEntry.approx), "bills_approx"),
                (func.bool_or(MoneyEntry.commitment_id.is_(None)), "bills_loose"),
            )
        ),
        own.correlate(Matter).scalar_subquery().label("by_tasks"),
    )  # fmt: skip


def spent_in(row: Any) -> Spent:
    """What a row with the columns of :func:`money_of_matter` says."""
    loose = bool(row.bills_loose)
    return spent(_whole(row.bills), bool(row.bills_approx), loose=loose, by_tasks=_whole(row.by_tasks))


def result_of(row: Any) -> Result:
    """A row of :func:`facts` as a result, without people and things."""
    matter: Matter = row.Matter
    whole_days = (clock.local(row.closed_at).date() - clock.local(matter.collected_at).date()).days
    return Result(
        matter.id, matter.number, matter.title, matter.category, matter.place, row.closed_at, max(whole_days, 1),
        row.note or "", Figure(matter.rating_satisfied, matter.rating_count), row.before, row.after, spent_in(row),
    )  # fmt: skip


def facts(*more: Any) -> Select[Any]:
    note = (
        select(TimelineEntry.words)
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.verb == "close", TimelineEntry.public,
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
        .limit(1)
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    before, after = pictures_of_matter()
    return select(
        Matter, Matter.closed_at.label("closed_at"), note.label("note"), before.label("before"), after.label("after"),
        *money_of_matter(), *more,
    )  # fmt: skip


def shown() -> tuple[Any, ...]:
    """What a picture of the work must be to stand in public."""
    # Letters and signing sheets are papers with names and hands on them, and no pictures of the work.
    return (
        Attachment.kind == "photo", Attachment.media_type == "image/jpeg", Attachment.public,
        Attachment.hidden_at.is_(None), Attachment.about.not_in(("letter", "signing_sheet")),
    )  # fmt: skip


def _whole(total: Any) -> int | None:
    return None if total is None else int(total)
