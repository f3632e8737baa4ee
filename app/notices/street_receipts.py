"""What became of a notice in each hall: who read it when, and what the hall answered. The street only reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, exists, func, select

from app.notices.street_models import HallNotice, NoticeReceipt
from app.words import N_
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

HALLS_PAGE = 50
#: Which halls of one notice a page shows.
VIEWS = {"": N_("全部"), "unread": N_("还没看的"), "unanswered": N_("还没回的"), "answered": N_("回了的")}


@dataclass(frozen=True)
class Tally:
    """How many halls got a notice, read it, answered it."""

    sent: int = 0
    read: int = 0
    answered: int = 0


@dataclass(frozen=True)
class HallLine:
    """One hall of one notice: who read first and when, and what the hall answered last."""

    community: str
    slug: str
    suspended: bool
    urged: int
    read_at: datetime | None
    read_by: str
    answered_at: datetime | None
    answered_by: str
    answer: str


def tallies(notice_ids: Iterable[UUID]) -> dict[UUID, Tally]:
    """How far each of these notices has got, in one statement."""
    here = _by_hall().where(HallNotice.notice_id.in_(list(notice_ids))).subquery()
    rows = db.session.execute(
        select(here.c.notice_id, func.count(), func.count(here.c.read_at), func.count(here.c.answered_at)).group_by(
            here.c.notice_id
        )
    )
    return {notice: Tally(sent, read, answered) for notice, sent, read, answered in rows}


def hall_lines(notice_id: UUID, *, view: str = "", page: int = 1, limit: int = HALLS_PAGE) -> list[HallLine]:
    """The halls of one notice with what each did, those that owe something first; at most ``limit`` of them."""
    wanted = (
        select(
            HallNotice.id, HallNotice.urged, Community.name, Community.slug,
            Community.suspended_at.is_not(None).label("suspended"),
        )
        .join(Community, and_(Community.street_id == HallNotice.street_id, Community.id == HallNotice.community_id))
        .where(HallNotice.street_id == current_street(), HallNotice.notice_id == notice_id)
        .order_by(case((has_answered(), 2), (has_read(), 1), else_=0), Community.opened_at, Community.name)
        .limit(limit)
        .offset((page - 1) * limit)
    )  # fmt: skip
    views = {"unread": ~has_read(), "unanswered": ~has_answered(), "answered": has_answered()}
    if view in views:
        wanted = wanted.where(views[view])
    rows = db.session.execute(wanted).all()
    receipts: dict[UUID, list[NoticeReceipt]] = {}
    for receipt in db.session.scalars(
        select(NoticeReceipt)
        .where(NoticeReceipt.street_id == current_street(), NoticeReceipt.hall_notice_id.in_([row.id for row in rows]))
        .order_by(NoticeReceipt.read_at)
    ):
        receipts.setdefault(receipt.hall_notice_id, []).append(receipt)
    return [_line(row, receipts.get(row.id, [])) for row in rows]


def _line(row: Any, receipts: Sequence[NoticeReceipt]) -> HallLine:
    first = receipts[0] if receipts else None
    answers = [(one.answered_at, one) for one in receipts if one.answered_at is not None]
    at, last = max(answers, key=lambda pair: pair[0], default=(None, None))
    return HallLine(
        row.name, row.slug, row.suspended, row.urged, first.read_at if first else None,  # type: ignore[attr-defined]
        first.reader_label if first else "", at, last.reader_label if last else "", last.answer if last else "",
    )  # fmt: skip


def _by_hall() -> Any:
    receipts = and_(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id
    )
    return (
        select(
            HallNotice.notice_id, HallNotice.id, func.min(NoticeReceipt.read_at).label("read_at"),
            func.max(NoticeReceipt.answered_at).label("answered_at"),
        )
        .outerjoin(NoticeReceipt, receipts)
        .where(HallNotice.street_id == current_street())
        .group_by(HallNotice.notice_id, HallNotice.id)
    )  # fmt: skip


def has_read() -> Any:
    """Somebody of the hall said that they read its copy; for a query over ``hall_notice``."""
    return exists().where(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id
    )


def has_answered() -> Any:
    """The hall has answered its copy; for a query over ``hall_notice``."""
    return exists().where(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id,
        NoticeReceipt.answered_at.is_not(None),
    )  # fmt: skip
