"""The verbs of a matter's account: write a line, strike one out. The caller commits; money is integer fen.

Lines are never changed. What came from households by a collection is written by :mod:`app.flow.implement.collecting`.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.flow.collect.actions import Picture
from app.flow.collect.queries import VOUCHER
from app.flow.collect.taking import picture_row
from app.flow.implement import money_queries
from app.flow.implement import money_rules as rules
from app.flow.implement.money_models import Collection, MoneyEntry
from app.flow.resolve.models import Commitment
from app.flow.resolve.rules import first_no
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

TWICE = N_("刚才已经有人划掉了，请刷新看看。")


def add_entry(
    matter: Matter, *, side: str, source: str, amount_fen: int, words: str, on: date,
    commitment: Commitment | None = None, collection: Collection | None = None, source_name: str = "",
    voucher: str = "", approx: bool = False, photo: Picture | None = None, by: Actor, now: datetime,
    id: UUID | None = None,
) -> MoneyEntry:  # fmt: skip
    """Write one line: planned (``budget``), come in or gone out. ``photo`` of the voucher lies in the store already.

    ``approx`` marks a plan that is an upper bound (W6). A matter with an account is a matter that costs money.

    :raises Refused: for a sum, a day or words that cannot stand, or where the account is not open.
    """
    if id is not None and (before := money_queries.find_entry(id)) is not None:
        if before[0].matter_id != matter.id or before[0].struck_at is not None:
            raise Refused(N_("这一笔刚才划掉了，请刷新，再重新记。"))
        return before[0]
    first_no(
        rules.may_write(by.roles), rules.may_enter(Stage(matter.stage), taken_on=matter.accepted_at is not None),
        rules.good_entry(
            side=side, source=source, source_name=source_name, amount_fen=amount_fen, words=words, on=on,
            voucher=voucher, approx=approx, today=local_day(now),
        ),
    ).or_refuse()  # fmt: skip
    _good_booking(matter, commitment, collection, side=side, source=source)
    entry = MoneyEntry(
        id=id or uuid7(), matter_id=matter.id, commitment_id=commitment.id if commitment else None,
        collection_id=collection.id if collection else None, side=side, source=source,
        source_name=source_name.strip(), amount_fen=amount_fen, approx=approx, words=words.strip(), on=on,
        voucher=voucher.strip(), by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    if photo is not None:
        kept = picture_row(matter.id, photo, now) | {"kind": "paper", "about": VOUCHER, "about_id": entry.id}
        db.session.execute(insert(Attachment).values(kept))
    if not matter.costs_money:
        matter.costs_money = True
    _tell(matter, "money_entry", entry, by=by, now=now)
    return entry


def strike(entry: MoneyEntry, reason: str, *, by: Actor, now: datetime) -> MoneyEntry:
    """Cross a line out with a reason; it stays readable and counts nowhere."""
    first_no(
        rules.may_write(by.roles),
        rules.may_strike(
            struck=entry.struck_at is not None,
            of_a_share=entry.share_id is not None,
            posted=_is_posted(entry),
            reason=reason,
        ),
    ).or_refuse()
    matter = money_queries.matter_of(entry)
    rules.may_enter(Stage(matter.stage), taken_on=True).or_refuse()
    cross_out(entry, reason, by=by, now=now)
    _tell(matter, "money_strike", entry, by=by, now=now, reason=reason.strip())
    return entry


def cross_out(entry: MoneyEntry, reason: str, *, by: Actor, now: datetime) -> None:
    """Compare and swap: only a living line is crossed out. Asks no rule; the verbs that call it do."""
    changed = db.session.execute(
        update(MoneyEntry)
        .where(
            MoneyEntry.community_id == current_community(), MoneyEntry.id == entry.id, MoneyEntry.struck_at.is_(None)
        )
        .values(struck_at=now, struck_label=by.label, struck_reason=reason.strip())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(TWICE)
    db.session.refresh(entry)


def _good_booking(
    matter: Matter, commitment: Commitment | None, collection: Collection | None, *, side: str, source: str
) -> None:
    """The task and the collection are this matter's, and the line may name them."""
    if commitment is not None and commitment.matter_id != matter.id:
        raise Missing(N_("没有这项任务。"))
    if collection is not None and collection.matter_id != matter.id:
        raise Missing(N_("没有这笔收费。"))
    if collection is not None:
        # Shared among those who write bills, and it waits for whoever is posting the collection at this moment.
        db.session.refresh(collection, with_for_update={"read": True})
    rules.good_booking(
        side=side, source=source, names_task=commitment is not None,
        collection=collection.state if collection else "", posted=bool(collection and collection.posted_at),
        collects=collection is None and source == "residents" and _collects(matter),
    ).or_refuse()  # fmt: skip


def _collects(matter: Matter) -> bool:
    """Whether homes are asked for money for this matter, and the account of it does not hang yet."""
    living = select(Collection.id).where(
        Collection.community_id == current_community(), Collection.matter_id == matter.id,
        Collection.state.in_(("open", "closed")), Collection.posted_at.is_(None),
    )  # fmt: skip
    return bool(db.session.scalar(select(living.exists())))


def _is_posted(entry: MoneyEntry) -> bool:
    """Whether the line is part of a collection whose account hangs already."""
    if entry.collection_id is None:
        return False
    found = db.session.get(Collection, (current_community(), entry.collection_id), with_for_update={"read": True})
    return found is not None and found.posted_at is not None


def _tell(matter: Matter, verb: str, entry: MoneyEntry, *, by: Actor, now: datetime, reason: str = "") -> None:
    """The public reads the account itself; a line for each voucher would only flood the proposer's letters."""
    record(
        matter, verb, by=by, now=now, reason=reason, public=False,
        words=f"{'划掉' if reason else '记账'}：{rules.SIDES[entry.side]} {money_queries.yuan(entry.amount_fen)} 元，"
        f"{entry.words}",
        data={"entry": str(entry.id), "amount_fen": entry.amount_fen},
    )  # fmt: skip
