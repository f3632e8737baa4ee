"""The verbs of collecting money from door to door (挨家挨户收费). The caller commits; money is integer fen.

Every home speaks for itself before it owes anything; nothing here knows of a vote. A payment is one line of the
matter's account with the number of its receipt, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.flow.implement import collection_queries as queries
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_end import close_collection as close_collection
from app.flow.implement.collection_end import give_back as give_back
from app.flow.implement.collection_end import post_collection as post_collection
from app.flow.implement.collection_end import reopen_collection as reopen_collection
from app.flow.implement.collection_end import settle_surplus as settle_surplus
from app.flow.implement.collection_end import summary as summary
from app.flow.implement.collection_end import undo_give_back as undo_give_back
from app.flow.implement.collection_end import void_collection as void_collection
from app.flow.implement.collection_rows import GONE as GONE
from app.flow.implement.collection_rows import book, cross_out, entry_stands, locked, swap, tell
from app.flow.implement.collection_rows import find_share as find_share
from app.flow.implement.collection_rules import Home
from app.flow.implement.money_models import Collection, CollectionShare
from app.flow.implement.money_rules import may_enter
from app.flow.resolve.rules import REASON_MOST, first_no, fits
from app.matter.actions import next_number
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import collection_number
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def draft_collection(
    matter: Matter, *, title: str, purpose: str, basis: str, total_fen: int, homes: Sequence[Home], by: Actor,
    now: datetime, id: UUID | None = None,
) -> Collection:  # fmt: skip
    """Write a collection down: what for, how much, how it is shared, which doors. Nobody is asked yet."""
    if id is not None and (before := queries.find_collection(id)) is not None:
        return before[0]
    first_no(
        rules.may_collect(by.roles), may_enter(Stage(matter.stage), taken_on=matter.accepted_at is not None),
        rules.good_draft(title=title, purpose=purpose, basis=basis, total_fen=total_fen, homes=homes),
    ).or_refuse()  # fmt: skip
    year = local_day(now).year
    made = Collection(
        id=id or uuid7(), matter_id=matter.id,
        number=collection_number(house().code, year, next_number("collection", year)), title=title.strip(),
        purpose=purpose.strip(), basis=basis, total_fen=total_fen, created_at=now, created_by=by.id,
        created_label=by.label,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    shares = rules.shares_of(total_fen, basis, homes)
    db.session.add_all(
        CollectionShare(
            collection_id=made.id, household_id=home.household_id, position=position, label=home.label.strip(),
            heads=home.heads, area_dm2=home.area_dm2, share_fen=share,
        )
        for position, (home, share) in enumerate(zip(homes, shares, strict=True), 1)
    )  # fmt: skip
    db.session.flush()
    tell(matter, "collection_draft", f"拟了一笔挨家收费：{made.title}，{len(homes)} 户", by=by, now=now)
    return made


def share_anew(
    collection: Collection, matter: Matter, *, total_fen: int, homes: Mapping[UUID, Home], reason: str = "", by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Reckon the shares anew: a draft is put right, or homes have declined and the rest are asked for more.

    ``homes`` maps a share's id to its heads, area or agreed sum; a share not named keeps what it has. A home that
    declined gets no share. Whoever had agreed to another sum is asked again; returns how many those are.
    """
    rules.may_collect(by.roles).or_refuse()
    collection = locked(collection.id)
    shares = queries.shares_of(collection.id, lock=True)
    first_no(
        rules.may_share_anew(state=collection.state, paid=sum(one.state == "paid" for one in shares)),
        fits(N_("为什么重新摊"), reason, REASON_MOST, required=collection.state == "open"),
    ).or_refuse()
    asked = [one for one in shares if one.state != "declined"]
    known = [homes.get(one.id) or Home(one.label, None, one.heads, one.area_dm2, one.share_fen) for one in asked]
    known = [replace(home, label=one.label) for home, one in zip(known, asked, strict=True)]
    rules.good_draft(
        title=collection.title, purpose=collection.purpose, basis=collection.basis, total_fen=total_fen, homes=known
    ).or_refuse()
    new = rules.shares_of(total_fen, collection.basis, known)
    if collection.state == "open":
        sums = [replace(home, share_fen=share) for home, share in zip(known, new, strict=True)]
        rules.may_open(state="draft", total_fen=total_fen, basis=collection.basis, homes=sums).or_refuse()
    anew = sum(_share(one, home, fen) for one, home, fen in zip(asked, known, new, strict=True))
    for one in shares:
        if one.state == "declined":
            one.share_fen = 0
    collection.total_fen = total_fen
    db.session.flush()
    if collection.state == "open":
        tell(matter, "collection_share_anew", f"{collection.title}：重新摊，{anew} 户要重新问", by=by, now=now,
              reason=reason.strip())  # fmt: skip
    return anew


def _share(one: CollectionShare, home: Home, share_fen: int) -> bool:
    """Write down a new share; whether that home is asked again."""
    state = rules.after_sharing(one.state, one.share_fen, share_fen)
    is_asked = state != one.state
    if is_asked:
        one.state, one.agreed_at, one.agreed_how = state, None, ""
    one.heads, one.area_dm2, one.share_fen = home.heads, home.area_dm2, share_fen
    return is_asked


def open_collection(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> Collection:
    """Begin to ask. What is voluntary is kept as it is read out at every door."""
    rules.may_collect(by.roles).or_refuse()
    collection = locked(collection.id)
    shares = queries.shares_of(collection.id)
    homes = [Home(one.label, one.household_id, one.heads, one.area_dm2, one.share_fen) for one in shares]
    first_no(
        may_enter(Stage(matter.stage), taken_on=True),
        rules.may_open(
            state=collection.state, total_fen=collection.total_fen, basis=collection.basis, homes=homes
        ),
    ).or_refuse()  # fmt: skip
    law = rules.BY_AREA if collection.basis == "area" else ""
    collection.state, collection.opened_at, collection.voluntary_words = "open", now, rules.VOLUNTARY + law
    if not matter.costs_money:
        matter.costs_money = True
    tell(
        matter, "collection_open", f"开始挨家商量：{collection.title}，交不交由每户自己定", by=by, now=now, public=True
    )
    return collection


def agree(
    share: CollectionShare, *, how: str, seen_fen: int | None = None, by: Actor, now: datetime
) -> CollectionShare:
    """A home says yes to its share; ``seen_fen`` is the sum it was shown."""
    first_no(
        rules.may_collect(by.roles), rules.may_answer(collection=_state_of(share), state=share.state),
        rules.good_answer(agreed=True, how=how, reason=""),
    ).or_refuse()  # fmt: skip
    wanted = share.share_fen if seen_fen is None else seen_fen
    swap(share, ("asked", "declined", "agreed"), CollectionShare.share_fen == wanted, state="agreed", agreed_at=now,
          agreed_how=how, answered_label=by.label, declined_reason="")  # fmt: skip
    return share


def decline(share: CollectionShare, *, reason: str = "", by: Actor, now: datetime) -> CollectionShare:
    """A home says no, or takes its yes back before it paid. It owes nothing and need not say why."""
    first_no(
        rules.may_collect(by.roles), rules.may_answer(collection=_state_of(share), state=share.state),
        rules.good_answer(agreed=False, how="", reason=reason),
    ).or_refuse()  # fmt: skip
    swap(share, ("asked", "declined", "agreed"), state="declined", agreed_at=None, agreed_how="",
          answered_label=by.label, declined_reason=reason.strip())  # fmt: skip
    return share


def pay(
    share: CollectionShare, collection: Collection, matter: Matter, *, how: str, by: Actor, now: datetime,
    id: UUID | None = None,
) -> CollectionShare:  # fmt: skip
    """A home that agreed pays its share and gets a numbered receipt; the account gets the line.

    The collection is locked first: nobody ends it under a payment, and the second click finds the first one's line.
    """
    collection = locked(collection.id)
    db.session.refresh(share)
    if id is not None and entry_stands(id, share, "in"):
        return share
    first_no(
        rules.may_collect(by.roles), may_enter(Stage(matter.stage), taken_on=True),
        rules.may_pay(collection=collection.state, state=share.state, share_fen=share.share_fen, how=how),
    ).or_refuse()  # fmt: skip
    collection.last_receipt += 1
    receipt = f"{collection.number}-{collection.last_receipt:03d}"
    swap(
        share, ("agreed",), state="paid", paid_fen=share.share_fen, paid_at=now, paid_how=how, receipt_no=receipt,
        taken_by=by.id, taken_label=by.label,
    )  # fmt: skip
    book(share, collection, side="in", amount_fen=share.paid_fen, voucher=receipt, by=by, now=now, id=id)
    return share


def undo_payment(
    share: CollectionShare, collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime
) -> CollectionShare:
    """A payment was written down by mistake: its line is struck, its receipt is void, the home has agreed and not paid.

    The number of the receipt is never used again.
    """
    first_no(
        rules.may_collect(by.roles), rules.may_undo(collection=_state_of(share), state=share.state, reason=reason)
    ).or_refuse()
    line, receipt = queries.living_entry(share.id, "in"), share.receipt_no
    swap(share, ("paid",), state="agreed", paid_fen=0, paid_at=None, paid_how="", receipt_no="", taken_by=None,
          taken_label="", refund_fen=0)  # fmt: skip
    cross_out(line, reason, by=by, now=now)
    tell(matter, "collection_undo", f"{collection.title}：撤回收据 {receipt}", by=by, now=now, reason=reason.strip())
    return share


def _state_of(share: CollectionShare) -> str:
    # Shared among those at the doors, and it waits for whoever is ending the collection at this moment.
    return str(
        db.session.scalar(
            select(Collection.state)
            .where(Collection.community_id == current_community(), Collection.id == share.collection_id)
            .with_for_update(read=True)
        )
    )
