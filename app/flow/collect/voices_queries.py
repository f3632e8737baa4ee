"""Reading what neighbours said: under a matter, in the hall's queue, and what was reported."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Select, Text, Uuid, and_, any_, bindparam, exists, func, or_, select

from app.flow.collect.voices import Comment, Report, Support
from app.matter.models import Attachment, Matter
from app.people.models import Account
from tenants.database import HERE, db
from tenants.scope import current_community

PAGE = 20
#: What of them stands on the matter's own page; the rest is a page away.
FIRST = 5


@dataclass(frozen=True)
class Voices:
    """The comments somebody may read under a matter, and whether their own support stands."""

    comments: Sequence[Comment]
    supported: bool


@dataclass
class Reported:
    """Everything said against one thing: the oldest open report stands for all of it."""

    report: Report
    matter: Matter
    times: int
    reasons: list[tuple[str, str]] = field(default_factory=list)
    comment: Comment | None = None
    photo: Attachment | None = None


def voices_of(matter: Matter, marks: Collection[str], *, limit: int = FIRST, offset: int = 0) -> Voices:
    """The newest of what the public reads here, and of the reader's own all that still waits or was hidden.

    ``marks`` are the reader's (account, browser). One statement, also where nobody has said anything.
    """
    asked = {"marks": list(marks), "matter": matter.id, "limit": limit, "skipped": offset}
    rows = db.session.execute(_voices(), asked).all()
    return Voices([row[0] for row in rows if row[0] is not None], bool(rows and rows[0].supported))


@cache
def _voices() -> Select[tuple[Comment, bool]]:
    marks = bindparam("marks", type_=ARRAY(Text()))
    mine = Comment.mark == any_(marks)
    seen = and_(
        Comment.community_id == Matter.community_id, Comment.matter_id == Matter.id,
        or_(Comment.state.in_(("shown", "hidden")), and_(mine, Comment.state == "waiting")),
    )  # fmt: skip
    stands = exists().where(
        Support.community_id == Matter.community_id, Support.matter_id == Matter.id, Support.mark == any_(marks),
        Support.withdrawn_at.is_(None),
    )  # fmt: skip
    return (
        select(Comment, stands.label("supported"))
        .select_from(Matter)
        .outerjoin(Comment, seen)
        .where(Matter.community_id == HERE, Matter.id == bindparam("matter", type_=Uuid()))
        .order_by((Comment.state == "waiting").desc(), Comment.written_at.desc(), Comment.id)
        .limit(bindparam("limit", type_=BigInteger()))
        .offset(bindparam("skipped", type_=BigInteger()))
    )


def count_of(matter: Matter, marks: Collection[str]) -> int:
    """How many :func:`voices_of` has in all."""
    wanted = (
        select(func.count())
        .select_from(Comment)
        .where(
            Comment.community_id == current_community(), Comment.matter_id == matter.id,
            or_(Comment.state.in_(("shown", "hidden")), and_(Comment.mark.in_(marks), Comment.state == "waiting")),
        )
    )  # fmt: skip
    return int(db.session.scalar(wanted) or 0)


def waiting_of(mark: str) -> int:
    """How many of this voice's comments nobody has read yet, in the whole hall."""
    wanted = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.community_id == current_community(), Comment.mark == mark, Comment.state == "waiting")
    )
    return int(db.session.scalar(wanted) or 0)


def find_comment(comment_id: UUID) -> tuple[Comment, Matter, Account | None] | None:
    """A comment of the bound hall with its matter and the account behind it."""
    row = db.session.execute(_comments().where(Comment.id == comment_id)).first()
    return (row[0], row[1], row[2]) if row else None


def comments_by_id(ids: Collection[UUID]) -> list[Comment]:
    """The bound hall's comments among ``ids``, the oldest first."""
    return list(
        db.session.scalars(
            select(Comment)
            .where(Comment.community_id == current_community(), Comment.id.in_(ids))
            .order_by(Comment.written_at, Comment.id)
        )
    )


def queue(*, waiting: bool, number: int) -> tuple[list[tuple[Comment, Matter, Account | None]], int]:
    """One page of what waits (the oldest first) or of what was decided (the newest first), and how many in all."""
    state = Comment.state == "waiting" if waiting else Comment.state.in_(("shown", "hidden"))
    total = select(func.count()).select_from(Comment).where(Comment.community_id == current_community(), state)
    order = (Comment.written_at, Comment.id) if waiting else (Comment.decided_at.desc(), Comment.id)
    rows = db.session.execute(
        _comments()
        .add_columns(total.scalar_subquery())
        .where(state)
        .order_by(*order)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return [(row[0], row[1], row[2]) for row in rows], rows[0][3] if rows else 0


def counts() -> tuple[int, int]:
    """How many comments wait, and how many different things were reported and not yet answered."""
    row = db.session.execute(select(*_counts())).one()
    return int(row[0]), int(row[1])


def to_moderate() -> Any:
    """Both together, as a part of somebody else's statement (the menu's)."""
    waiting, reported = _counts()
    return waiting + reported


def _counts() -> tuple[Any, Any]:
    here = current_community()
    waiting = select(func.count()).select_from(Comment).where(Comment.community_id == here, Comment.state == "waiting")
    reported = select(func.count(Report.subject_id.distinct())).where(
        Report.community_id == here, Report.state == "open"
    )
    return waiting.scalar_subquery(), reported.scalar_subquery()


def reported(*, limit: int = 50) -> list[Reported]:
    """What was reported and not yet answered, the longest waiting first; many reports of one thing are one line."""
    rows = db.session.execute(_reports().where(Report.state == "open").order_by(Report.at, Report.id).limit(500)).all()
    return list(_grouped(rows).values())[:limit]


def find_reported(report_id: UUID) -> Reported | None:
    """Everything said against the thing this report speaks of, answered or not."""
    one = select(Report.subject, Report.subject_id).where(
        Report.community_id == current_community(), Report.id == report_id
    )
    about = db.session.execute(one).first()
    if about is None:
        return None
    rows = db.session.execute(
        _reports()
        .where(Report.subject == about.subject, Report.subject_id == about.subject_id)
        .order_by((Report.state != "open"), Report.at, Report.id)
    ).all()
    found = next(iter(_grouped(rows).values()))
    found.report = next((row[0] for row in rows if row[0].id == report_id), found.report)
    return found


def own_report(subject: str, subject_id: UUID, mark: str) -> Report | None:
    """What this voice said against this thing before."""
    return db.session.scalar(
        select(Report).where(
            Report.community_id == current_community(), Report.subject == subject, Report.subject_id == subject_id,
            Report.mark == mark,
        )
    )  # fmt: skip


def _comments() -> Any:
    return (
        select(Comment, Matter, Account)
        .join(Matter, and_(Matter.community_id == Comment.community_id, Matter.id == Comment.matter_id))
        .outerjoin(Account, and_(Account.community_id == Comment.community_id, Account.id == Comment.account_id))
        .where(Comment.community_id == current_community())
    )


def _reports() -> Any:
    return (
        select(Report, Matter, Comment, Attachment)
        .join(Matter, and_(Matter.community_id == Report.community_id, Matter.id == Report.matter_id))
        .outerjoin(Comment, and_(Comment.community_id == Report.community_id, Comment.id == Report.subject_id))
        .outerjoin(Attachment, and_(Attachment.community_id == Report.community_id, Attachment.id == Report.subject_id))
        .where(Report.community_id == current_community())
    )


def _grouped(rows: Sequence[Any]) -> dict[tuple[str, UUID], Reported]:
    found: dict[tuple[str, UUID], Reported] = {}
    for report, matter, comment, photo in rows:
        about = (report.subject, report.subject_id)
        entry = found.setdefault(about, Reported(report, matter, 0, [], comment, photo))
        entry.times += 1
        entry.reasons.append((report.reason, report.words))
    return found
