"""The street's side of its notices: written, sent to halls in one transaction, urged, taken back; and who read it.

A notice lies in every hall addressed as a copy of its own (``hall_notice``): a hall reads what was sent to it, and
never who else got it. Receipts are the halls' own rows; the street only reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, exists, func, insert, select, update

from app.errors import Missing, Refused
from app.matter.workdays import local_day
from app.notices import street_rules as rules
from app.notices.street_models import HallNotice, NoticeReceipt, StreetNotice
from app.people.actor import Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_street

PAGE, HALLS_PAGE = 20, 50
BATCH = 500
STALE = N_("刚才已经有人动过这份通知了，请刷新看看。")
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


def draft(
    title: str, words: str, halls: Sequence[int], answer_due: date | None, *, by: Actor, now: datetime, id: UUID
) -> StreetNotice:
    """Write a notice, or change one that has not gone out; ``halls`` are ids of halls, empty for all of them."""
    rules.good_title(title).or_refuse()
    rules.good_words(words).or_refuse()
    rules.good_day(answer_due, local_day(now)).or_refuse()
    known = set(halls) - {one.id for one in open_halls()}
    if known:
        raise Refused(N_("有的社区已经关了，请重新选一遍。"))
    found = _find(id)
    if found is None:
        found = StreetNotice(id=id, made_at=now, made_label=by.label)
        db.session.add(found)
    elif found.sent_at or found.withdrawn_at:
        raise Refused(STALE)
    found.title, found.words, found.answer_due, found.halls = title.strip(), words.strip(), answer_due, list(halls)
    db.session.flush()
    return found


def send(notice_id: UUID, *, by: Actor, now: datetime) -> int:
    """Lay a copy into every hall addressed, all or none; returns how many. A second click is refused."""
    notice = find(notice_id)
    addressed = [one.id for one in open_halls() if not notice.halls or one.id in set(notice.halls)]
    rules.may_send(
        is_sent=notice.sent_at is not None, is_withdrawn=notice.withdrawn_at is not None, halls=len(addressed)
    ).or_refuse()
    rules.good_day(notice.answer_due, local_day(now)).or_refuse()
    _swap(notice_id, StreetNotice.sent_at.is_(None), StreetNotice.withdrawn_at.is_(None), sent_at=now)
    copy = {"street_id": current_street(), "notice_id": notice.id, "title": notice.title, "words": notice.words,
            "answer_due": notice.answer_due, "sent_at": now, "sent_label": by.label}  # fmt: skip
    rows = [{**copy, "community_id": hall, "id": uuid7()} for hall in addressed]
    for first in range(0, len(rows), BATCH):
        db.session.execute(insert(HallNotice.__table__), rows[first : first + BATCH])
    log_street("notice", "send", by=by, now=now, after=notice.title)
    return len(rows)


def withdraw(notice_id: UUID, reason: str, *, by: Actor, now: datetime) -> None:
    """Take a sent notice back; the halls keep seeing its title, that it was taken back, and why."""
    notice = find(notice_id)
    rules.may_withdraw(
        is_sent=notice.sent_at is not None, is_withdrawn=notice.withdrawn_at is not None, reason=reason
    ).or_refuse()
    values = {"withdrawn_at": now, "withdrawn_reason": reason.strip()}
    _swap(notice_id, StreetNotice.withdrawn_at.is_(None), **values)
    db.session.execute(
        update(HallNotice)
        .where(HallNotice.street_id == current_street(), HallNotice.notice_id == notice_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    log_street("notice", "withdraw", by=by, now=now, before=notice.title, after=reason.strip())


def drop(notice_id: UUID, *, now: datetime) -> None:
    """Throw a draft away; it leaves the list."""
    _swap(
        notice_id, StreetNotice.sent_at.is_(None), StreetNotice.withdrawn_at.is_(None), withdrawn_at=now,
        withdrawn_reason="draft",
    )  # fmt: skip


def urge(notice_id: UUID, *, by: Actor, now: datetime) -> int:
    """Remind every hall that has not read it, or not answered what wants an answer; returns how many those are."""
    notice = find(notice_id)
    rules.may_urge(
        is_sent=notice.sent_at is not None, is_withdrawn=notice.withdrawn_at is not None
    ).or_refuse()  # fmt: skip
    owed = _has_answered() if notice.answer_due else _has_read()
    urged = db.session.execute(
        update(HallNotice)
        .where(HallNotice.street_id == current_street(), HallNotice.notice_id == notice_id, ~owed)
        .values(urged_at=now, urged=HallNotice.urged + 1)
        .execution_options(synchronize_session=False)
    )
    number = int(urged.rowcount)  # type: ignore[attr-defined]
    if not number:
        raise Refused(N_("都看过了，该回的也都回了，不用催。"))
    log_street("notice", "urge", by=by, now=now, after=f"{notice.title} ×{number}")
    return number


def open_halls() -> Sequence[Any]:
    """Halls that a notice can be sent to (``id``, ``slug``, ``name``); paused ones read it when they open again."""
    return db.session.execute(
        select(Community.id, Community.slug, Community.name)
        .where(Community.street_id == current_street(), Community.closed_at.is_(None))
        .order_by(Community.opened_at, Community.name)
    ).all()


def find(notice_id: UUID) -> StreetNotice:
    """One notice of the street; raises ``Missing``."""
    found = _find(notice_id)
    if found is None:
        raise Missing(N_("没有这份通知。"))
    return found


def _find(notice_id: UUID) -> StreetNotice | None:
    return db.session.scalar(
        select(StreetNotice).where(StreetNotice.street_id == current_street(), StreetNotice.id == notice_id)
    )


def notices_page(page: int) -> tuple[list[StreetNotice], int]:
    """One page of what was sent or is still being written, the newest first; and how many there are."""
    here = and_(
        StreetNotice.street_id == current_street(),
        StreetNotice.sent_at.is_not(None) | StreetNotice.withdrawn_at.is_(None),
    )
    total = db.session.scalar(select(func.count()).select_from(StreetNotice).where(here)) or 0
    newest = select(StreetNotice).where(here).order_by(StreetNotice.made_at.desc(), StreetNotice.title)
    return list(db.session.scalars(newest.limit(PAGE).offset((page - 1) * PAGE))), total


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
        .order_by(case((_has_answered(), 2), (_has_read(), 1), else_=0), Community.opened_at, Community.name)
        .limit(limit)
        .offset((page - 1) * limit)
    )  # fmt: skip
    views = {"unread": ~_has_read(), "unanswered": ~_has_answered(), "answered": _has_answered()}
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


def _has_read() -> Any:
    return exists().where(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id
    )


def _has_answered() -> Any:
    return exists().where(
        NoticeReceipt.community_id == HallNotice.community_id, NoticeReceipt.hall_notice_id == HallNotice.id,
        NoticeReceipt.answered_at.is_not(None),
    )  # fmt: skip


def _swap(notice_id: UUID, *still: object, **values: object) -> None:
    changed = db.session.execute(
        update(StreetNotice)
        .where(StreetNotice.street_id == current_street(), StreetNotice.id == notice_id, *still)  # type: ignore[arg-type]
        .values(**values)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Refused(STALE)
