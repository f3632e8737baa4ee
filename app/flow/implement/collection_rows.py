"""Rows of a collection as its verbs take and leave them: locked, swapped, booked, told. Rules are asked elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.implement.money_models import Collection, CollectionShare, MoneyEntry
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

CHANGED = N_("这一户刚才别人记过了，或者份额变了，请看一看上面的，再决定记不记。")
GONE = N_("没有这笔收费。")


def find_share(collection_id: UUID, share_id: UUID) -> CollectionShare:
    """A door of a collection; raises ``Missing``."""
    found = db.session.scalar(
        select(CollectionShare).where(
            CollectionShare.community_id == current_community(), CollectionShare.collection_id == collection_id,
            CollectionShare.id == share_id,
        )
    )  # fmt: skip
    if found is None:
        raise Missing(N_("没有这一户。"))
    return found


def book(
    share: CollectionShare, collection: Collection, *, side: str, amount_fen: int, voucher: str, by: Actor,
    now: datetime, id: UUID | None,
) -> None:  # fmt: skip
    """One line of the account for one door: a payment or a refund."""
    db.session.add(
        MoneyEntry(
            id=id or uuid7(), matter_id=collection.matter_id, collection_id=collection.id, share_id=share.id, side=side,
            source="residents", amount_fen=amount_fen, words=collection.title, on=local_day(now), voucher=voucher,
            by_id=by.id, by_label=by.label, at=now,
        )
    )  # fmt: skip
    db.session.flush()


def cross_out(line: MoneyEntry | None, reason: str, *, by: Actor, now: datetime) -> None:
    """Cross a door's line out; whoever calls has swapped the door's state."""
    if line is not None:
        line.struck_at, line.struck_label, line.struck_reason = now, by.label, reason.strip()
        db.session.flush()


def entry_stands(entry_id: UUID, share: CollectionShare, side: str) -> bool:
    """Whether an earlier click has written this door's line; a form from before the line was struck is refused."""
    found = db.session.scalar(
        select(MoneyEntry).where(MoneyEntry.community_id == current_community(), MoneyEntry.id == entry_id)
    )
    if found is not None and (found.share_id, found.side, found.struck_at) != (share.id, side, None):
        raise Refused(CHANGED)
    return found is not None


def locked(collection_id: UUID) -> Collection:
    """The collection, its row locked until the commit; raises ``Missing``."""
    found = db.session.scalar(
        select(Collection)
        .where(Collection.community_id == current_community(), Collection.id == collection_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing(GONE)
    return found


def swap(share: CollectionShare, expected: Sequence[str], *more: Any, **values: Any) -> None:
    """Compare and swap a door, so that nobody overwrites what somebody wrote there a moment ago."""
    changed = db.session.execute(
        update(CollectionShare)
        .where(
            CollectionShare.community_id == current_community(), CollectionShare.id == share.id,
            CollectionShare.state.in_(expected), *more,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(CHANGED)
    db.session.refresh(share)


def tell(
    matter: Matter, verb: str, words: str, *, by: Actor, now: datetime, reason: str = "", public: bool = False
) -> None:
    """One line of the timeline; nothing of it names a home."""
    db.session.flush()
    record(matter, verb, by=by, now=now, words=words, reason=reason, public=public)
