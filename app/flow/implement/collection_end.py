"""The end of a collection: ending it, giving back, giving it up, posting its account. The caller commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.errors import Missing, Refused
from app.flow.implement import collection_queries as queries
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_rows import GONE, book, cross_out, entry_stands, locked, swap, tell
from app.flow.implement.collection_rules import yuan
from app.flow.implement.money_models import Collection, CollectionShare
from app.flow.implement.money_rules import may_enter
from app.flow.resolve.rules import REASON_MOST, first_no, fits
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db


def close_collection(
    collection: Collection, matter: Matter, *, words: str = "", by: Actor, now: datetime
) -> Collection:
    """Stop taking money: every home that agreed has paid. Who declined or said nothing owes nothing."""
    rules.may_collect(by.roles).or_refuse()
    collection = locked(collection.id)
    unpaid = sum(one.state == "agreed" and one.share_fen > 0 for one in queries.shares_of(collection.id, lock=True))
    first_no(
        rules.may_close(state=collection.state, unpaid=unpaid),
        fits(N_("说明"), words, REASON_MOST, required=False),
    ).or_refuse()
    collection.state, collection.closed_at, collection.closing_words = "closed", now, words.strip()
    tell(matter, "collection_close", f"{collection.title}：收完了", by=by, now=now)
    return collection


def reopen_collection(collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Collection:
    """Undo the end, as long as nothing hangs on it."""
    rules.may_collect(by.roles).or_refuse()
    collection = locked(collection.id)
    shares = queries.shares_of(collection.id, lock=True)
    rules.may_reopen(
        state=collection.state, posted=collection.posted_at is not None,
        refunds=sum(one.refunded_fen > 0 for one in shares), reason=reason,
    ).or_refuse()  # fmt: skip
    for one in shares:
        one.refund_fen = 0
    collection.state, collection.closed_at, collection.closing_words = "open", None, ""
    tell(matter, "collection_reopen", f"{collection.title}：接着收", by=by, now=now, reason=reason.strip())
    return collection


def settle_surplus(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> int:
    """Share what is left among those who paid, by what they paid; returns the surplus in fen."""
    rules.may_collect(by.roles).or_refuse()
    locked(collection.id)
    whole = whole_of(collection.id)
    rules.may_settle(
        state=whole.collection.state, surplus_fen=whole.surplus,
        handed_back=sum(one.refunded_fen > 0 for one in whole.shares),
    ).or_refuse()  # fmt: skip
    for one, back in zip(whole.shares, rules.split(whole.surplus, [one.paid_fen for one in whole.shares]), strict=True):
        one.refund_fen = back
    db.session.flush()
    words = f"{collection.title}：余 {yuan(whole.surplus)} 元，退给交了钱的各户"
    tell(matter, "collection_surplus", words, by=by, now=now)
    return whole.surplus


def give_back(
    share: CollectionShare, collection: Collection, matter: Matter, *, by: Actor, now: datetime, id: UUID | None = None
) -> CollectionShare:
    """Hand a home what goes back to it; the account gets the line."""
    if id is not None and entry_stands(id, share, "out"):
        return share
    rules.may_collect(by.roles).or_refuse()
    if share.refunded_fen or not share.refund_fen or collection.posted_at is not None:
        raise Refused(N_("这一户没有要退的钱，或者已经退了。"))
    may_enter(Stage(matter.stage), taken_on=True).or_refuse()
    swap(
        share, ("paid",), CollectionShare.refunded_fen == 0, CollectionShare.refund_fen == share.refund_fen,
        refunded_fen=share.refund_fen, refunded_at=now
    )  # fmt: skip
    book(share, collection, side="out", amount_fen=share.refunded_fen, voucher=share.receipt_no, by=by, now=now, id=id)
    return share


def undo_give_back(
    share: CollectionShare, collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime
) -> CollectionShare:
    """A refund was ticked by mistake, and the account does not hang yet."""
    first_no(rules.may_collect(by.roles), fits(N_("撤回的原因"), reason, REASON_MOST)).or_refuse()
    if not share.refunded_fen or collection.posted_at is not None:
        raise Refused(N_("这一户没有退过钱，或者账已经贴出来了。"))
    swap(share, ("paid",), CollectionShare.refunded_fen > 0, refunded_fen=0, refunded_at=None)
    cross_out(queries.living_entry(share.id, "out"), reason, by=by, now=now)
    tell(matter, "collection_undo", f"{collection.title}：撤回一笔退款", by=by, now=now, reason=reason.strip())
    return share


def void_collection(collection: Collection, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Collection:
    """Give it up with a reason. Everything that was paid goes back, home by home."""
    rules.may_collect(by.roles).or_refuse()
    locked(collection.id)
    whole = whole_of(collection.id)
    collection = whole.collection
    state = "void" if collection.posted_at is not None else collection.state
    rules.may_void(state=state, spent_fen=whole.spent, reason=reason).or_refuse()
    was_asked = collection.state != "draft"
    for one in whole.shares:
        one.refund_fen = one.paid_fen
    collection.state, collection.closed_at, collection.closing_words = "void", now, reason.strip()
    tell(matter, "collection_void", f"挨家收费作废：{collection.title}", by=by, now=now, reason=reason.strip(),
          public=was_asked)  # fmt: skip
    return collection


def post_collection(collection: Collection, matter: Matter, *, by: Actor, now: datetime) -> Collection:
    """Post the account: totals only, no home is named. Nothing of it changes afterwards."""
    rules.may_collect(by.roles).or_refuse()
    locked(collection.id)
    whole = whole_of(collection.id)
    collection = whole.collection
    if collection.posted_at is not None:
        return collection
    first_no(
        rules.may_post(state=collection.state, owing=whole.owing_back),
        rules.nothing_left(state=collection.state, left=whole.count.left),
    ).or_refuse()
    collection.posted_at = now
    tell(matter, "collection_post", f"{collection.title}，账贴出来了：{summary(whole)}", by=by, now=now, public=True)
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


def whole_of(collection_id: UUID) -> queries.Whole:
    """The collection with its doors; raises ``Missing``."""
    found = queries.whole(collection_id)
    if found is None:
        raise Missing(GONE)
    return found
