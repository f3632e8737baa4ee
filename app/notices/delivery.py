"""One message on its way out: claimed before it is tried, so that it never goes out twice.

A claim is a compare-and-swap that is committed before the channel is asked. Whoever dies between claim and receipt
leaves ``sending`` behind; after a while that becomes ``unsure``, is shown to the staff and is never sent again by
itself, because nobody can know whether it went out. Nothing here writes words, names or addresses to a log.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update

from app import clock
from app.errors import Missing, Refused
from app.notices import delivery_rules as rules
from app.notices.delivery_making import UNTOLD
from app.notices.letters import Letter, Outcome, Receipt
from app.notices.models import Delivery, Message, Preference
from app.notices.preferences import contact_of, reachable
from app.people.actor import Actor
from app.people.desk import log_change
from app.words import N_
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_community

CHANGED_MIND = N_("本人改了收消息的办法，没有再发")
CUT_SHORT = N_("发到一半断了，不知道对方收没收到")
#: What one job sends of one hall.
BATCH = 50


def due(*, now: datetime, limit: int = BATCH) -> list[tuple[UUID, str]]:
    """What may go out now and by which channel, the oldest first."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.channel)
        .where(Delivery.community_id == current_community(), Delivery.state == "queued", Delivery.next_at <= now)
        .order_by(Delivery.next_at, Delivery.created_at)
        .limit(limit)
    )
    return [(row.id, row.channel) for row in rows]


def waits(*, now: datetime) -> bool:
    """Whether anything may go out now."""
    return bool(due(now=now, limit=1))


def count_queued() -> int:
    """How many messages of the bound hall wait to go out, now or at their hour."""
    wanted = select(func.count()).select_from(Delivery)
    waiting = wanted.where(Delivery.community_id == current_community(), Delivery.state == "queued")
    return int(db.session.scalar(waiting) or 0)


def claim(delivery_id: UUID, *, now: datetime) -> Letter | None:
    """Take one for this worker alone; None where another one was faster, or where it may not go out any more.

    The caller commits before it asks the channel.
    """
    taken = db.session.scalar(
        update(Delivery)
        .where(
            Delivery.community_id == current_community(), Delivery.id == delivery_id, Delivery.state == "queued",
            Delivery.next_at <= now,
        )
        .values(state="sending", claimed_at=now, attempts=Delivery.attempts + 1, problem="")
        .returning(Delivery)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if taken is None:
        return None
    to = _address(taken)
    if not to:
        taken.state, taken.problem = "failed", CHANGED_MIND
        return None
    return Letter(taken.id, to, taken.subject, taken.words, taken.created_at)


def settle(delivery_id: UUID, outcome: Outcome, *, claimed_at: datetime, now: datetime) -> bool:
    """Write down what the channel said; False where the claim was no longer ours."""
    delivery = db.session.scalar(
        select(Delivery)
        .where(
            Delivery.community_id == current_community(), Delivery.id == delivery_id, Delivery.state == "sending",
            Delivery.claimed_at == claimed_at,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if delivery is None:
        return False
    delivery.problem, delivery.reference = outcome.problem, outcome.reference
    again = rules.next_try(delivery.attempts, now) if outcome.again else None
    if outcome.receipt is Receipt.SENT:
        _arrived(delivery, now)
    elif again is not None:
        delivery.state, delivery.next_at = "queued", _outside_quiet(delivery, again)
    else:
        delivery.state = str(outcome.receipt)
    return True


def doubt_the_dead(*, now: datetime) -> int:
    """What was claimed and never answered for is unsure from now on; returns how many those were.

    A clock that was ahead has left claims of a time to come, and turns that would come only then: both are set right.
    """
    db.session.execute(
        update(Delivery)
        .where(
            Delivery.community_id == current_community(), Delivery.state == "queued",
            Delivery.next_at > now + rules.FARTHEST,
        )
        .values(next_at=now)
    )  # fmt: skip
    found = db.session.execute(
        update(Delivery)
        .where(
            Delivery.community_id == current_community(), Delivery.state == "sending",
            ~Delivery.claimed_at.between(now - rules.DEAD, now + rules.DEAD),
        )
        .values(state="unsure", problem=CUT_SHORT)
    )  # fmt: skip
    return int(found.rowcount)  # type: ignore[attr-defined]


def send_again(delivery_id: UUID, *, by: Actor, now: datetime) -> Delivery:
    """Somebody of the staff decided that it shall be tried once more. Its id, and so its Message-ID, stay the same."""
    delivery = _found(delivery_id)
    if delivery.state not in rules.MENDABLE:
        raise Refused(N_("这一条不用再发。"))
    if delivery.source == "invitation":
        # Neither the code nor the expert's number is kept anywhere.
        raise Refused(N_("邀请码不留底，请到那份邀请的页面上做个新链接再发。"))
    log_change("delivery", "again", by=by, now=now, subject_id=delivery.id, before=delivery.state)
    delivery.state, delivery.attempts, delivery.next_at, delivery.problem = "queued", 0, now, ""
    return delivery


def mark_arrived(delivery_id: UUID, *, by: Actor, now: datetime) -> Delivery:
    """Somebody asked the reader: it did arrive."""
    delivery = _found(delivery_id)
    if delivery.state != "unsure":
        raise Refused(N_("这一条不用再问。"))
    log_change("delivery", "arrived", by=by, now=now, subject_id=delivery.id, before=delivery.state)
    delivery.problem = ""
    _arrived(delivery, now)
    return delivery


def deliveries_page(*, state: str, channel: str, page: int, size: int) -> tuple[list[Delivery], int]:
    """One page of what went out, the newest first, and how many there are."""
    found = [Delivery.community_id == current_community()]
    if state in rules.STATE_LABELS:
        found.append(Delivery.state == state)
    if channel in rules.WAYS:
        found.append(Delivery.channel == channel)
    rows = db.session.execute(
        select(Delivery, func.count().over())
        .where(*found)
        .order_by(Delivery.created_at.desc(), Delivery.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    return [row[0] for row in rows], int(rows[0][1]) if rows else 0


def _arrived(delivery: Delivery, now: datetime) -> None:
    delivery.state, delivery.sent_at = "sent", now
    if not delivery.carries:
        return
    db.session.execute(
        update(Message)
        .where(
            Message.community_id == current_community(), Message.id.in_([UUID(one) for one in delivery.carries]),
            or_(Message.receipt.in_(UNTOLD), Message.receipt == "printed"),
        )
        .values(receipt="sent", channel=delivery.channel, handled_at=now)
    )  # fmt: skip


def _address(delivery: Delivery) -> str:
    """Looked up at the last moment: an address that was taken back meanwhile is not used."""
    if delivery.account_id is None:
        return db.session.scalar(select(Community.slug).where(Community.id == current_community())) or ""
    row = db.session.execute(
        reachable().where(Preference.account_id == delivery.account_id, Preference.way == delivery.channel)
    ).first()
    return contact_of(row[0]) if row else ""


def _outside_quiet(delivery: Delivery, moment: datetime) -> datetime:
    wish = db.session.scalar(
        select(Preference).where(
            Preference.community_id == current_community(), Preference.account_id == delivery.account_id
        )
    )
    hours = (wish.quiet_from, wish.quiet_to) if wish else (21, 8)
    return rules.after_quiet(clock.local(moment), *hours)


def _found(delivery_id: UUID) -> Delivery:
    delivery = db.session.scalar(
        select(Delivery)
        .where(Delivery.community_id == current_community(), Delivery.id == delivery_id)
        .with_for_update()
    )
    if delivery is None:
        raise Missing(N_("没有这条消息。"))
    return delivery
