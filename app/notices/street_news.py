"""The hall's side of the street's notices: what was sent here, that somebody read it, and what the hall answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.notices import street_rules as rules
from app.notices.street_models import HallNotice, NoticeReceipt
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, row_key
from tenants.scope import current_community

PAGE = 20


@dataclass(frozen=True)
class News:
    """One notice as a reader here sees it: whether they read it, and the hall's last answer."""

    notice: HallNotice
    read_at: datetime | None
    answered_at: datetime | None
    answered_by: str
    answer: str

    def waits_for(self, *, answers: bool) -> bool:
        """Whether it still wants something of this reader; the same rule as :func:`waiting`."""
        if self.notice.withdrawn_at is not None:
            return False
        return self.read_at is None or (answers and self.notice.answer_due is not None and self.answered_at is None)


def waiting(account_id: UUID | None, *, answers: bool) -> Any:
    """How many notices that still stand wait for this person; a scalar for the menu's one statement.

    Those that they have not said they read and, for whoever ``answers`` for the hall, those not answered yet.
    """
    read = exists().where(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id,
        NoticeReceipt.account_id == account_id,
    )  # fmt: skip
    owed = ~read
    if answers:
        answered = exists().where(
            NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id,
            NoticeReceipt.answered_at.is_not(None),
        )  # fmt: skip
        owed = or_(owed, and_(HallNotice.answer_due.is_not(None), ~answered))
    return (
        select(func.count())
        .select_from(HallNotice)
        .where(HallNotice.community_id == current_community(), HallNotice.withdrawn_at.is_(None), owed)
        .scalar_subquery()
    )


def news_page(account_id: UUID | None, page: int, size: int = PAGE) -> tuple[list[News], int]:
    """One page of what the street sent here, the newest first; and how many there are."""
    here = HallNotice.community_id == current_community()
    total = db.session.scalar(select(func.count()).select_from(HallNotice).where(here)) or 0
    newest = select(HallNotice).where(here).order_by(HallNotice.sent_at.desc(), HallNotice.title)
    rows = list(db.session.scalars(newest.limit(size).offset((page - 1) * size)))
    return _read(rows, account_id), total


def find(notice_id: UUID, account_id: UUID | None) -> News:
    """One notice sent here; raises ``Missing``."""
    found = db.session.scalar(
        select(HallNotice).where(HallNotice.community_id == current_community(), HallNotice.id == notice_id)
    )
    if found is None:
        raise Missing(N_("没有这份通知。"))
    return _read([found], account_id)[0]


def _read(rows: list[HallNotice], account_id: UUID | None) -> list[News]:
    receipts: dict[UUID, list[NoticeReceipt]] = {}
    for one in db.session.scalars(
        select(NoticeReceipt).where(
            NoticeReceipt.community_id == current_community(),
            NoticeReceipt.hall_notice_id.in_([row.id for row in rows]),
        )
    ):
        receipts.setdefault(one.hall_notice_id, []).append(one)
    return [_news(row, receipts.get(row.id, []), account_id) for row in rows]


def _news(row: HallNotice, receipts: list[NoticeReceipt], account_id: UUID | None) -> News:
    mine = next((one.read_at for one in receipts if one.account_id == account_id), None)
    answers = [(one.answered_at, one) for one in receipts if one.answered_at is not None]
    at, last = max(answers, key=lambda pair: pair[0], default=(None, None))
    return News(row, mine, at, last.reader_label if last else "", last.answer if last else "")


def mark_read(notice_id: UUID, *, by: Actor, now: datetime) -> None:
    """Somebody says that they read it; a second click changes nothing."""
    news = find(notice_id, by.id)
    _receipt(news.notice.id, by, now)


def answer(notice_id: UUID, words: str, *, by: Actor, now: datetime) -> None:
    """The hall answers; whoever answers has read. A later answer takes the place of the person's own earlier one."""
    news = find(notice_id, by.id)
    rules.may_answer(
        by.roles, is_withdrawn=news.notice.withdrawn_at is not None, wants_answer=news.notice.answer_due is not None,
        words=words,
    ).or_refuse()  # fmt: skip
    _receipt(news.notice.id, by, now)
    mine = db.session.scalars(
        select(NoticeReceipt)
        .where(
            NoticeReceipt.community_id == current_community(), NoticeReceipt.hall_notice_id == news.notice.id,
            NoticeReceipt.account_id == by.id,
        )
        .with_for_update()
    ).one()  # fmt: skip
    mine.answer, mine.answered_at = words.strip(), now


def _receipt(notice_id: UUID, by: Actor, now: datetime) -> None:
    if by.id is None:
        raise Refused(N_("登录了才能说看过了。"))
    row = row_key() | {
        "hall_notice_id": notice_id, "account_id": by.id, "reader_label": by.label, "read_at": now, "answer": "",
    }  # fmt: skip
    db.session.execute(
        insert(NoticeReceipt)
        .values(row)
        .on_conflict_do_nothing(index_elements=["community_id", "hall_notice_id", "account_id"])
    )
