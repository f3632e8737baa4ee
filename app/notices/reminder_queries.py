"""Reads of the urging: what one person was told, what must be told by hand, what was urged when, what climbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, cast, func, or_, select

from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES, Stage
from app.notices.models import Digest, Reminder
from app.notices.reminder_rules import KIND_LABELS, Step
from app.people.secrets import unseal
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_community, current_street

PAGE = 30
#: What nobody told for so long is not urging any more; the reminder itself stays on record.
BY_HAND = timedelta(days=30)


def unread_of(account_id: UUID, *, by_hand: bool = False) -> list[Digest]:
    """What this person was told and has not said 知道了 to, the newest first; ``by_hand`` also what waits on paper."""
    channels = ("desk", "outbox") if by_hand else ("desk",)
    return list(
        db.session.scalars(
            select(Digest)
            .where(
                Digest.community_id == current_community(), Digest.to_id == account_id, Digest.read_at.is_(None),
                Digest.channel.in_(channels),
            )
            .order_by(Digest.day.desc())
            .limit(30)
        )
    )  # fmt: skip


def count_unread(account_id: UUID | None) -> Any:
    """How many lines wait on somebody's 今天, as a subquery for the menu."""
    return (
        select(func.coalesce(func.sum(func.json_array_length(Digest.lines)), 0))
        .where(
            Digest.community_id == current_community(), Digest.to_id == account_id, Digest.read_at.is_(None),
            Digest.channel == "desk",
        )
        .scalar_subquery()
    )  # fmt: skip


def by_hand(today: date) -> list[Digest]:
    """Digests of people without a desk that still have to be told, the oldest first; and those told today."""
    handled_day = cast(func.timezone("Asia/Shanghai", Digest.handled_at), Date)
    return list(
        db.session.scalars(
            select(Digest)
            .where(
                Digest.community_id == current_community(), Digest.channel == "outbox",
                Digest.day > today - BY_HAND,
                # Whoever read it on the page of their own messages need not be told any more.
                or_(and_(Digest.handled_at.is_(None), Digest.read_at.is_(None)), handled_day == today),
            )
            .order_by(Digest.handled_at.is_not(None), Digest.to_label, Digest.day)
        )
    )  # fmt: skip


def find_digest(digest_id: UUID) -> Digest | None:
    """One digest of the bound hall."""
    return db.session.scalar(select(Digest).where(Digest.community_id == current_community(), Digest.id == digest_id))


def phones_of(digests: Sequence[Digest]) -> dict[UUID, str]:
    """The phone that somebody outside gave for a task, by digest; whoever urges by hand rings it."""
    tasks = {UUID(line["subject"]): one.id for one in digests for line in one.lines if line["kind"] == "task"}
    if not tasks:
        return {}
    rows = db.session.execute(
        select(Commitment.id, Commitment.contact_sealed).where(
            Commitment.community_id == current_community(), Commitment.id.in_(tasks), Commitment.contact_sealed != ""
        )
    ).all()
    return {tasks[row.id]: unseal(row.contact_sealed) for row in rows}


@dataclass(frozen=True)
class Wanted:
    """What the list of urging is narrowed to; every field may be empty."""

    kind: str = ""
    step: str = ""
    since: date | None = None
    until: date | None = None


def history(wanted: Wanted, page: int = 1) -> tuple[list[tuple[Reminder, Matter]], int]:
    """One page of what was urged, the newest first, with its matter; and how many there are."""
    found = [Reminder.community_id == current_community()]
    if wanted.kind in KIND_LABELS:
        found.append(Reminder.kind == wanted.kind)
    if wanted.step in set(Step):
        found.append(Reminder.step == wanted.step)
    if wanted.since:
        found.append(Reminder.said_on >= wanted.since)
    if wanted.until:
        found.append(Reminder.said_on <= wanted.until)
    rows = db.session.execute(
        select(Reminder, Matter, func.count().over())
        .join(Matter, and_(Matter.community_id == Reminder.community_id, Matter.id == Reminder.matter_id))
        .where(*found)
        .order_by(Reminder.said_on.desc(), Reminder.due, Matter.number, Reminder.kind, Reminder.day.desc())
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    return [(row[0], row[1]) for row in rows], int(rows[0][2]) if rows else 0


@dataclass(frozen=True)
class Climbed:
    """What the street hears of: late by its hall's rule and still not done. ``title`` is empty where it is private."""

    community_id: int
    community: str
    matter_id: UUID
    number: str
    title: str
    kind: str
    subject_id: UUID
    what: str
    who: str
    due: date
    said_on: date


def climbed(*, n: int = 50, offset: int = 0, community: int | None = None) -> list[Climbed]:
    """What climbed to the bound street and still stands, the longest late first. Reads no name but the owner's label.

    A later day, a pause or the work done takes it off the list; the reminder stays.
    """
    running = [str(stage) for stage in OPEN_STAGES - {Stage.SUSPENDED}]
    due_day = cast(func.timezone("Asia/Shanghai", Matter.due_at), Date)
    stands = or_(
        and_(Reminder.kind == "matter", Matter.stage.in_(running), due_day == Reminder.due),
        and_(
            Reminder.kind == "task", Matter.stage == str(Stage.IMPLEMENTING), Commitment.state == "open",
            Commitment.due == Reminder.due,
        ),
    )  # fmt: skip
    wanted = (
        select(Reminder, Matter, Community.name, Commitment.what, Commitment.who)
        .join(Matter, and_(Matter.community_id == Reminder.community_id, Matter.id == Reminder.matter_id))
        .join(Community, Community.id == Reminder.community_id)
        .outerjoin(
            Commitment, and_(Commitment.community_id == Reminder.community_id, Commitment.id == Reminder.subject_id)
        )
        .where(Reminder.street_id == current_street(), Reminder.step == str(Step.CLIMB), stands)
        .order_by(Reminder.due, Matter.number)
        .limit(n)
        .offset(offset)
    )
    if community is not None:
        wanted = wanted.where(Reminder.community_id == community)
    return [_climbed(*row) for row in db.session.execute(wanted).all()]


def _climbed(reminder: Reminder, matter: Matter, community: str, what: str | None, who: str | None) -> Climbed:
    shown = matter.visibility == "public" and matter.track == "ordinary"
    return Climbed(
        community_id=reminder.community_id, community=community, matter_id=matter.id, number=matter.number,
        title=matter.title if shown else "", kind=reminder.kind, subject_id=reminder.subject_id,
        what=(what or "") if shown else "", who=who or reminder.to_label, due=reminder.due, said_on=reminder.said_on,
    )  # fmt: skip
