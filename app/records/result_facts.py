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


def money_of_matter() -> tuple[Any, Any, Any]:
    """Scalar queries of a ``Matter`` in the outer query: fen gone out, whether that is an upper bound, fen by task."""
    out = (
        MoneyEntry.community_id == Matter.community_id, MoneyEntry.matter_id == Matter.id, MoneyEntry.side == "out",
        MoneyEntry.struck_at.is_(None),
    )  # fmt: skip
    actual = select(func.sum(Commitment.actual_fen)).where(
        Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id, Commitment.state != "dropped"
    )
    return (
        select(func.sum(MoneyEntry.amount_fen)).where(*out).correlate(Matter).scalar_subquery(),
        select(func.bool_or(MoneyEntry.approx)).where(*out).correlate(Matter).scalar_subquery(),
        actual.correlate(Matter).scalar_subquery(),
    )


def result_of(row: Any) -> Result:
    """A row of :func:`facts` as a result, without people and things."""
    matter: Matter = row.Matter
    whole_days = (clock.local(row.closed_at).date() - clock.local(matter.collected_at).date()).days
    money = spent(_whole(row.out_fen), bool(row.out_approx), _whole(row.actual_fen))
    return Result(
        matter.id, matter.number, matter.title, matter.category, matter.place, row.closed_at, max(whole_days, 1),
        row.note or "", Figure(matter.rating_satisfied, matter.rating_count), row.before, row.after, money,
    )  # fmt: skip


def facts(*more: Any) -> Select[Any]:
    note = (
        select(TimelineEntry.words)
        .where(
            TimelineEntry.community_id == Matter.community_id, TimelineEntry.matter_id == Matter.id,
            TimelineEntry.verb == "close", TimelineEntry.public,
        )
        .order_by(TimelineEntry.at.desc())
        .limit(1)
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    before, after = pictures_of_matter()
    out_fen, out_approx, actual_fen = money_of_matter()
    return select(
        Matter, Matter.closed_at.label("closed_at"), note.label("note"), before.label("before"), after.label("after"),
        out_fen.label("out_fen"), out_approx.label("out_approx"), actual_fen.label("actual_fen"), *more,
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
