"""The verbs of collecting money from door to door (挨家挨户收费). The caller commits; money is integer fen.

Every home speaks for itself before it owes anything; nothing here knows of a vote. A payment is one line of the
matter's account with the number of its receipt, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.implement import collection_queries as queries
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_rules import Home, yuan
from app.flow.implement.money_models import Collection, CollectionShare, MoneyEntry
from app.flow.implement.money_rules import may_enter
from app.flow.resolve.rules import REASON_MOST, first_no, fits
from app.matter.actions import next_number, record
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import collection_number
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

CHANGED = N_("这一户刚才别人记过了，或者份额变了，请看一看上面的，再决定记不记。")
GONE = N_("没有这笔收费。")


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
    _tell(matter, "collection_draft", f"拟了一笔挨家收费：{made.title}，{len(homes)} 户", by=by, now=now)
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
    collection = _locked(collection.id)
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
    anew = 0
    for one, home, share in zip(asked, known, new, strict=True):
        state = rules.after_sharing(one.state, one.share_fen, share)
        if state != one.state:
            anew += 1
            one.state, one.agreed_at, one.agreed_how = state, None, ""
        one.heads, one.area_dm2, one.share_fen = home.heads, home.area_dm2, share
    for one in shares:
        if one.state == "declined":
            one.share_fen = 0
    collection.total_fen = total_fen
    db.session.flush()
    if collection.state == "open":
        _tell(matter, "collection_share_anew", f"{collection.title}：重新摊，{anew} 户要重新问", by=by, now=now,
              reason=reason.strip())  # fmt: skip
    return anew


def open_collection(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> Collection:
    """Begin to ask. What is voluntary is kept as it is read out at every door."""
    rules.may_collect(by.roles).or_refuse()
    collection = _locked(collection.id)
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
    _tell(
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
    _swap(share, ("asked", "declined", "agreed"), CollectionShare.share_fen == wanted, state="agreed", agreed_at=now,
          agreed_how=how, answered_label=by.label, declined_reason="")  # fmt: skip
    return share


def decline(share: CollectionShare, *, reason: str = "", by: Actor, now: datetime) -> CollectionShare:
    """A home says no, or takes its yes back before it paid. It owes nothing and need not say why."""
    first_no(
        rules.may_collect(by.roles), rules.may_answer(collection=_state_of(share), state=share.state),
        rules.good_answer(agreed=False, how="", reason=reason),
    ).or_refuse()  # fmt: skip
    _swap(share, ("asked", "declined", "agreed"), state="declined", agreed_at=None, agreed_how="",
          answered_label=by.label, declined_reason=reason.strip())  # fmt: skip
    return share


def pay(
    share: CollectionShare, collection: Collection, matter: Matter, *, how: str, by: Actor, now: datetime,
    id: UUID | None = None,
) -> CollectionShare:  # fmt: skip
    """A home that agreed pays its share and gets a numbered receipt; the account gets the line.

    The collection is locked first: nobody ends it under a payment, and the second click finds the first one's line.
    """
    collection = _locked(collection.id)
    db.session.refresh(share)
    if id is not None and _entry(id) is not None:
        return share
    first_no(
        rules.may_collect(by.roles), may_enter(Stage(matter.stage), taken_on=True),
        rules.may_pay(collection=collection.state, state=share.state, share_fen=share.share_fen, how=how),
    ).or_refuse()  # fmt: skip
    collection.last_receipt += 1
    receipt = f"{collection.number}-{collection.last_receipt:03d}"
    _swap(
        share, ("agreed",), state="paid", paid_fen=share.share_fen, paid_at=now, paid_how=how, receipt_no=receipt,
        taken_by=by.id, taken_label=by.label,
    )  # fmt: skip
    _book(share, collection, side="in", amount_fen=share.paid_fen, voucher=receipt, by=by, now=now, id=id)
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
    _swap(share, ("paid",), state="agreed", paid_fen=0, paid_at=None, paid_how="", receipt_no="", taken_by=None,
          taken_label="", refund_fen=0)  # fmt: skip
    _cross_out(line, reason, by=by, now=now)
    _tell(matter, "collection_undo", f"{collection.title}：撤回收据 {receipt}", by=by, now=now, reason=reason.strip())
    return share


def close_collection(
    collection: Collection, matter: Matter, *, words: str = "", by: Actor, now: datetime
) -> Collection:
    """Stop taking money: every home that agreed has paid. Who declined or said nothing owes nothing."""
    rules.may_collect(by.roles).or_refuse()
    collection = _locked(collection.id)
    unpaid = sum(one.state == "agreed" and one.share_fen > 0 for one in queries.shares_of(collection.id, lock=True))
    first_no(
        rules.may_close(state=collection.state, unpaid=unpaid),
        fits(N_("说明"), words, REASON_MOST, required=False),
    ).or_refuse()
    collection.state, collection.closed_at, collection.closing_words = "closed", now, words.strip()
    _tell(matter, "collection_close", f"{collection.title}：收完了", by=by, now=now)
    return collection


def reopen_collection(collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Collection:
    """Undo the end, as long as nothing hangs on it."""
    rules.may_collect(by.roles).or_refuse()
    collection = _locked(collection.id)
    shares = queries.shares_of(collection.id, lock=True)
    rules.may_reopen(
        state=collection.state, posted=collection.posted_at is not None,
        refunds=sum(one.refunded_fen > 0 for one in shares), reason=reason,
    ).or_refuse()  # fmt: skip
    for one in shares:
        one.refund_fen = 0
    collection.state, collection.closed_at, collection.closing_words = "open", None, ""
    _tell(matter, "collection_reopen", f"{collection.title}：接着收", by=by, now=now, reason=reason.strip())
    return collection


def settle_surplus(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> int:
    """Share what is left among those who paid, by what they paid; returns the surplus in fen."""
    rules.may_collect(by.roles).or_refuse()
    _locked(collection.id)
    whole = _whole(collection.id)
    rules.may_settle(
        state=whole.collection.state, surplus_fen=whole.surplus,
        handed_back=sum(one.refunded_fen > 0 for one in whole.shares),
    ).or_refuse()  # fmt: skip
    for one, back in zip(whole.shares, rules.split(whole.surplus, [one.paid_fen for one in whole.shares]), strict=True):
        one.refund_fen = back
    db.session.flush()
    words = f"{collection.title}：余 {yuan(whole.surplus)} 元，退给交了钱的各户"
    _tell(matter, "collection_surplus", words, by=by, now=now)
    return whole.surplus


def give_back(
    share: CollectionShare, collection: Collection, matter: Matter, *, by: Actor, now: datetime, id: UUID | None = None
) -> CollectionShare:
    """Hand a home what goes back to it; the account gets the line."""
    if id is not None and _entry(id) is not None:
        return share
    rules.may_collect(by.roles).or_refuse()
    if share.refunded_fen or not share.refund_fen or collection.posted_at is not None:
        raise Refused(N_("这一户没有要退的钱，或者已经退了。"))
    may_enter(Stage(matter.stage), taken_on=True).or_refuse()
    _swap(
        share, ("paid",), CollectionShare.refunded_fen == 0, CollectionShare.refund_fen == share.refund_fen,
        refunded_fen=share.refund_fen, refunded_at=now
    )  # fmt: skip
    _book(share, collection, side="out", amount_fen=share.refunded_fen, voucher=share.receipt_no, by=by, now=now, id=id)
    return share


def undo_give_back(
    share: CollectionShare, collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime
) -> CollectionShare:
    """A refund was ticked by mistake, and the account does not hang yet."""
    first_no(rules.may_collect(by.roles), fits(N_("撤回的原因"), reason, REASON_MOST)).or_refuse()
    if not share.refunded_fen or collection.posted_at is not None:
        raise Refused(N_("这一户没有退过钱，或者账已经贴出来了。"))
    _swap(share, ("paid",), CollectionShare.refunded_fen > 0, refunded_fen=0, refunded_at=None)
    _cross_out(queries.living_entry(share.id, "out"), reason, by=by, now=now)
    _tell(matter, "collection_undo", f"{collection.title}：撤回一笔退款", by=by, now=now, reason=reason.strip())
    return share


def void_collection(collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Collection:
    """Give it up with a reason. Everything that was paid goes back, home by home."""
    rules.may_collect(by.roles).or_refuse()
    _locked(collection.id)
    whole = _whole(collection.id)
    collection = whole.collection
    state = "void" if collection.posted_at is not None else collection.state
    rules.may_void(state=state, spent_fen=whole.spent, reason=reason).or_refuse()
    was_asked = collection.state != "draft"
    for one in whole.shares:
        one.refund_fen = one.paid_fen
    collection.state, collection.closed_at, collection.closing_words = "void", now, reason.strip()
    _tell(matter, "collection_void", f"挨家收费作废：{collection.title}", by=by, now=now, reason=reason.strip(),
          public=was_asked)  # fmt: skip
    return collection


def post_collection(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> Collection:
    """Post the account: totals only, no home is named. Nothing of it changes afterwards."""
    rules.may_collect(by.roles).or_refuse()
    _locked(collection.id)
    whole = _whole(collection.id)
    collection = whole.collection
    if collection.posted_at is not None:
        return collection
    first_no(
        rules.may_post(state=collection.state, owing=whole.owing_back),
        rules.nothing_left(state=collection.state, left=whole.count.left),
    ).or_refuse()
    collection.posted_at = now
    _tell(matter, "collection_post", f"{collection.title}，账贴出来了：{summary(whole)}", by=by, now=now, public=True)
    return collection


def summary(whole: queries.Whole | queries.Row) -> str:
    """12 户中 12 户同意，收 4,800.00 元，支 4,750.00 元，余 50.00 元退回."""
    count = whole.count
    back = f"，余 {yuan(count.refunded)} 元退回" if count.refunded else ""
    if whole.collection.state == "void":
        back = f"，作废，收的 {yuan(count.refunded)} 元全部退回" if count.refunded else "，作废，没有收钱"
    return (
        f"{count.homes} 户中 {count.agreed} 户同意，收 {yuan(count.came)} 元，支 {yuan(count.spent)} 元{back}"
    )  # fmt: skip


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


def _book(
    share: CollectionShare, collection: Collection, *, side: str, amount_fen: int, voucher: str, by: Actor,
    now: datetime, id: UUID | None,
) -> None:  # fmt: skip
    db.session.add(
        MoneyEntry(
            id=id or uuid7(), matter_id=collection.matter_id, collection_id=collection.id, share_id=share.id, side=side,
            source="residents", amount_fen=amount_fen, words=collection.title, on=local_day(now), voucher=voucher,
            by_id=by.id, by_label=by.label, at=now,
        )
    )  # fmt: skip
    db.session.flush()


def _cross_out(line: MoneyEntry | None, reason: str, *, by: Actor, now: datetime) -> None:
    if line is not None:
        line.struck_at, line.struck_label, line.struck_reason = now, by.label, reason.strip()
        db.session.flush()


def _entry(entry_id: UUID) -> UUID | None:
    return db.session.scalar(
        select(MoneyEntry.id).where(MoneyEntry.community_id == current_community(), MoneyEntry.id == entry_id)
    )


def _state_of(share: CollectionShare) -> str:
    # Shared among those at the doors, and it waits for whoever is ending the collection at this moment.
    return str(
        db.session.scalar(
            select(Collection.state)
            .where(Collection.community_id == current_community(), Collection.id == share.collection_id)
            .with_for_update(read=True)
        )
    )


def _locked(collection_id: UUID) -> Collection:
    found = db.session.scalar(
        select(Collection)
        .where(Collection.community_id == current_community(), Collection.id == collection_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing(GONE)
    return found


def _whole(collection_id: UUID) -> queries.Whole:
    found = queries.whole(collection_id)
    if found is None:
        raise Missing(GONE)
    return found


def _swap(share: CollectionShare, expected: Sequence[str], *more: Any, **values: Any) -> None:
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


def _tell(
    matter: Matter, verb: str, words: str, *, by: Actor, now: datetime, reason: str = "", public: bool = False
) -> None:
    db.session.flush()
    record(matter, verb, by=by, now=now, words=words, reason=reason, public=public)
