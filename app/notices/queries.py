"""Reads of the outbox: one block for each reader of each matter, with all that this reader has to hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, literal, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.matter.models import Matter, TimelineEntry
from app.notices import rules
from app.notices.models import Message
from app.notices.reminder_queries import Climbed, climbed
from app.notices.rules import PROPOSER, Spoken, carried
from tenants.database import db
from tenants.scope import current_community

__all__ = ["Block", "Climbed", "Line", "Wanted", "climbed", "for_proposer", "outbox", "slip_of"]
PAGE = 20
WAITING = ("queued", "not_configured", "failed")
#: What the outbox page can be narrowed to, and to whom: those outside, those of a sitting, those with a desk.
VIEWS = ("waiting", "printed", "told")
HOMES, TABLE, DESK = "homes", "table", "desk"
READERS: dict[str, tuple[str, ...]] = {
    HOMES: (rules.PROPOSER, rules.SIGNERS),
    TABLE: (rules.COUNCIL, rules.INVITED),
    DESK: (rules.OWNER, rules.SECRETARY, rules.ORDER),
}
#: How far back the page shows what has been told.
TOLD = timedelta(days=92)


@dataclass(frozen=True)
class Wanted:
    """``to`` is empty for everybody who does not see it at the desk, ``all`` for everybody."""

    view: str = "waiting"
    to: str = ""
    words: str = ""


@dataclass(frozen=True)
class Line:
    """One message as the page shows it; ``is_past`` where a later step of the matter has taken its place."""

    id: UUID
    words: str
    at: datetime
    receipt: str
    handled_by: str
    handled_at: datetime | None
    read_at: datetime | None
    is_past: bool


@dataclass(frozen=True)
class Block:
    """What one reader has to hear of one matter, the newest first; never without a line."""

    matter_id: UUID
    number: str
    title: str
    is_open: bool
    has_minor: bool
    kind: str
    label: str
    lines: Sequence[Line]


def outbox(wanted: Wanted, page: int = 1, *, now: datetime) -> tuple[list[Block], dict[str, int]]:
    """One page of blocks, the newest first, and how many each view has (``told`` only where it is asked for).

    One statement, however long the blocks are.
    """
    lines = _lines(wanted, now)
    key = (lines.c.matter_id, lines.c.to_kind, lines.c.to_label)
    counts = select(
        *(func.count(tuple_(*key).distinct()).filter(lines.c.view == view).label(view) for view in VIEWS)
    ).cte("counts")
    fields = ("id", "words", "receipt", "handled_by", "stage")
    moments = ("created_at", "handled_at", "read_at")
    pairs = [part for name in fields for part in (literal(name), lines.c[name])]
    pairs += [part for name in moments for part in (literal(name), func.extract("epoch", lines.c[name]))]
    newest = aggregate_order_by(func.json_build_object(*pairs), lines.c.created_at.desc(), lines.c.id.desc())
    blocks = (
        select(
            *key, lines.c.number, lines.c.title, lines.c.is_open, lines.c.has_minor,
            func.max(lines.c.created_at).label("at"), func.json_agg(newest).label("said"),
        )
        .where(lines.c.view == wanted.view)
        .group_by(*key, lines.c.number, lines.c.title, lines.c.is_open, lines.c.has_minor)
        .order_by(func.max(lines.c.created_at).desc(), lines.c.number.desc(), lines.c.to_label)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
        .cte("blocks")
    )  # fmt: skip
    rows = db.session.execute(
        select(*counts.c, *blocks.c)
        .select_from(counts.outerjoin(blocks, true()))
        .order_by(blocks.c.at.desc(), blocks.c.number.desc(), blocks.c.to_label)
    ).all()
    return [_block(row) for row in rows if row.matter_id], {view: getattr(rows[0], view) for view in VIEWS}


def _lines(wanted: Wanted, now: datetime) -> Any:
    """The messages the page may speak of, each with its view."""
    message = Message
    untold = message.receipt.in_(WAITING)
    view = case(
        (and_(untold, message.read_at.is_(None)), "waiting"), (message.receipt == "printed", "printed"), else_="told"
    )
    found = [message.community_id == current_community()]
    if wanted.view == "told":
        found.append(message.created_at > now - TOLD)
    else:
        found.append(message.receipt.in_((*WAITING, "printed")))
    if wanted.to in READERS:
        found.append(message.to_kind.in_(READERS[wanted.to]))
    elif wanted.to != "all":
        found.append(message.to_kind.not_in(READERS[DESK]))
    if wanted.words:
        texts = (Matter.number, Matter.title, message.to_label)
        found.append(or_(*(text.icontains(wanted.words, autoescape=True) for text in texts)))
    return (
        select(
            message.id, message.matter_id, message.to_kind, message.to_label, message.words, message.receipt,
            message.created_at, message.handled_by, message.handled_at, message.read_at, view.label("view"),
            TimelineEntry.new_stage.label("stage"), Matter.number, Matter.title, Matter.has_minor,
            and_(Matter.visibility == "public", Matter.track == "ordinary").label("is_open"),
        )
        .join(Matter, and_(Matter.community_id == message.community_id, Matter.id == message.matter_id))
        .join(
            TimelineEntry,
            and_(TimelineEntry.community_id == message.community_id, TimelineEntry.id == message.timeline_id),
        )
        .where(*found)
        .cte("lines")
    )  # fmt: skip


def _block(row: Any) -> Block:
    kept = {said.id for said in carried([Spoken(one["id"], one["stage"]) for one in row.said])}
    lines = [
        Line(
            UUID(one["id"]), one["words"], _moment(one["created_at"]) or row.at, one["receipt"], one["handled_by"],
            _moment(one["handled_at"]), _moment(one["read_at"]), one["id"] not in kept,
        )
        for one in row.said
    ]  # fmt: skip
    return Block(row.matter_id, row.number, row.title, row.is_open, row.has_minor, row.to_kind, row.to_label, lines)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


def slip_of(message_id: UUID) -> tuple[Message, Matter, list[Message]] | None:
    """One message, its matter, and all that its reader has to be told of the matter, the oldest first."""
    row = db.session.execute(
        select(Message, Matter)
        .join(Matter, and_(Matter.community_id == Message.community_id, Matter.id == Message.matter_id))
        .where(Message.community_id == current_community(), Message.id == message_id)
    ).one_or_none()
    if row is None:
        return None
    message, matter = row
    untold = db.session.execute(
        select(Message, TimelineEntry.new_stage)
        .join(
            TimelineEntry,
            and_(TimelineEntry.community_id == Message.community_id, TimelineEntry.id == Message.timeline_id),
        )
        .where(
            Message.community_id == current_community(), Message.matter_id == message.matter_id,
            Message.to_kind == message.to_kind, Message.to_label == message.to_label,
            Message.receipt.in_((*WAITING, "printed")), Message.created_at <= message.created_at,
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
    ).all()  # fmt: skip
    found = {one.id: one for one, _stage in untold}
    told = [found[said.id] for said in carried([Spoken(one.id, stage) for one, stage in untold])]
    return message, matter, list(reversed(told)) or [message]


def for_proposer(matter_id: UUID, limit: int = 20) -> list[Message]:
    """What the proposer should hear about one matter, newest first; shown on the tracking page."""
    return list(
        db.session.scalars(
            select(Message)
            .where(
                Message.community_id == current_community(), Message.matter_id == matter_id,
                Message.to_kind == PROPOSER,
            )
            .order_by(Message.created_at.desc())
            .limit(limit)
        )
    )  # fmt: skip
