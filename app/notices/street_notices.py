"""The street's side of its notices: written, sent to halls in one transaction, urged, taken back; and who read it.

A notice lies in every hall addressed as a copy of its own (``hall_notice``): a hall reads what was sent to it, and
never who else got it. Receipts are the halls' own rows; the street only reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, select, update

from app.errors import Missing, Refused
from app.matter.workdays import local_day
from app.notices import street_rules as rules
from app.notices.street_models import HallNotice, StreetNotice
from app.notices.street_receipts import has_answered, has_read
from app.people.actor import Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 20
BATCH = 500
STALE = N_("刚才已经有人动过这份通知了，请刷新看看。")


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
    owed = has_answered() if notice.answer_due else has_read()
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


def _swap(notice_id: UUID, *still: object, **values: object) -> None:
    changed = db.session.execute(
        update(StreetNotice)
        .where(StreetNotice.street_id == current_street(), StreetNotice.id == notice_id, *still)  # type: ignore[arg-type]
        .values(**values)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Refused(STALE)
