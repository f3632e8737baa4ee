"""Spreading the news: from timeline entries to messages, once each; and what staff did with a message by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.errors import Missing, Refused
from app.flow.deliberate.models import Attendance
from app.flow.deliberate.queries import ON_REGISTER
from app.matter.models import Matter, TimelineEntry
from app.notices import rules
from app.notices.letters import Receipt
from app.notices.models import Message
from app.notices.queries import WAITING
from app.people.actor import Actor
from app.people.models import Account
from app.people.queries import active_members
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

#: How far back the sweeper looks for entries that nobody was told of.
LOOK_BACK = timedelta(days=3)
BATCH = 200


def spread_news(*, now: datetime) -> int:
    """Write the messages that the bound hall's newest timeline entries ask for; returns how many were new.

    The timeline is the outbox's source and the unique key is its memory, so this may run as often as it likes.
    """
    rows = _untold(now)
    invited = _registers(rows)
    wants_council = any(row.TimelineEntry.verb in rules.COUNCIL_VERBS for row in rows)
    wants_secretary = any(row.TimelineEntry.verb in rules.SECRETARY_VERBS for row in rows)
    council = _members(Role.COUNCIL_MEMBER, now) if wants_council else []
    secretaries = _members(Role.SECRETARY, now) if wants_secretary else []
    messages = [message for row in rows for message in _messages(row, council, now, secretaries, invited)]
    if not messages:
        return 0
    written = db.session.execute(
        insert(Message.__table__).values(messages).on_conflict_do_nothing().returning(Message.__table__.c.id)
    )
    return len(written.all())


def mark_printed(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Somebody printed the slip: with this message whatever else its reader had not been told about the matter."""
    return _handle(message_id, Receipt.PRINTED, "slip", by, now)


def mark_told(message_id: UUID, *, by: Actor, now: datetime) -> Message:
    """Somebody told the reader on the phone or at the door: this message, and what was to be told before it."""
    return _handle(message_id, Receipt.DELIVERED, "phone", by, now)


def mark_read(matter_id: UUID, *, now: datetime) -> int:
    """The proposer opened the tracking page; returns how many messages became read."""
    read = db.session.execute(
        update(Message)
        .where(
            Message.community_id == current_community(), Message.matter_id == matter_id,
            Message.to_kind == rules.PROPOSER, Message.read_at.is_(None),
        )
        .values(read_at=now)
    )  # fmt: skip
    return int(read.rowcount)  # type: ignore[attr-defined]


def _handle(message_id: UUID, receipt: Receipt, channel: str, by: Actor, now: datetime) -> Message:
    message = db.session.scalar(
        select(Message).where(Message.community_id == current_community(), Message.id == message_id)
    )
    if message is None:
        raise Missing(N_("没有这条要告诉的话。"))
    if message.receipt == receipt:
        return message
    if message.receipt == Receipt.DELIVERED:
        raise Refused(N_("这一条已经有人说到了。"))
    handled = {"receipt": receipt, "channel": channel, "handled_at": now, "handled_by": by.label}
    # One slip carries all that one reader has to hear of one matter; what has come up since then still waits.
    before = [*WAITING] if receipt is Receipt.PRINTED else [*WAITING, Receipt.PRINTED]
    db.session.execute(
        update(Message)
        .where(
            Message.community_id == current_community(), Message.matter_id == message.matter_id,
            Message.to_kind == message.to_kind, Message.to_label == message.to_label,
            Message.created_at <= message.created_at, Message.receipt.in_(before) | (Message.id == message.id),
        )
        .values(handled)
        .execution_options(synchronize_session="fetch")
    )  # fmt: skip
    return message


def _untold(now: datetime) -> Sequence[Any]:
    told = exists().where(Message.community_id == TimelineEntry.community_id, Message.timeline_id == TimelineEntry.id)
    return db.session.execute(
        select(
            TimelineEntry, Matter.number, Matter.title, Matter.visibility, Matter.owner_id, Matter.signers,
            Account.display_name,
        )
        .join(Matter, and_(Matter.community_id == TimelineEntry.community_id, Matter.id == TimelineEntry.matter_id))
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.at > now - LOOK_BACK,
            TimelineEntry.at <= now, ~told,
            TimelineEntry.verb.in_(_HEARD) | TimelineEntry.new_stage.is_not(None),
        )
        .order_by(TimelineEntry.at, TimelineEntry.seq)
        .limit(BATCH)
    ).all()  # fmt: skip


_HEARD = (
    rules.PROPOSER_VERBS | rules.OWNER_VERBS | rules.SITTING_VERBS | rules.SECRETARY_VERBS | rules.ORDER_VERBS
)  # fmt: skip
#: Whom each line invites, by the line's id.
Invited = dict[UUID, list[tuple[UUID | None, str]]]


def _registers(rows: Sequence[Any]) -> Invited:
    """Everybody on the registers of the sittings these lines invite to, in one statement or none."""
    entries = [row.TimelineEntry for row in rows]
    # An expert's letter is an invitation too, and to no sitting.
    calling = [entry for entry in entries if entry.data.get("invitation") and "sitting" in entry.data]
    if not calling:
        return {}
    lines = db.session.execute(
        select(Attendance.sitting_id, Attendance.id, Attendance.account_id, Attendance.name, Attendance.capacity)
        .where(
            Attendance.community_id == current_community(),
            Attendance.sitting_id.in_({UUID(entry.data["sitting"]) for entry in calling}), ON_REGISTER,
        )
        .order_by(Attendance.position, Attendance.name)
    ).all()  # fmt: skip
    found: Invited = {}
    for entry in calling:
        only = entry.data.get("lines")
        found[entry.id] = [
            (line.account_id, f"{line.name}（{line.capacity}）" if line.capacity else line.name)
            for line in lines
            if str(line.sitting_id) == entry.data["sitting"] and (only is None or str(line.id) in only)
        ]
    return found


def _members(role: Role, now: datetime) -> list[tuple[UUID, str]]:
    members = active_members(role, clock.local(now).date())
    return [(account.id, account.display_name) for account, _membership in members]


def _messages(
    row: Any, council: list[tuple[UUID, str]], now: datetime, secretaries: Sequence[tuple[UUID, str]] = (),
    invited: Invited | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    entry = row.TimelineEntry
    seen = rules.Entry(
        verb=entry.verb, new_stage=entry.new_stage, words=entry.words, public=entry.public,
        is_private=row.visibility != "public", actor_id=entry.actor_id, number=row.number, title=row.title,
        owner_id=row.owner_id, owner_name=row.display_name or "", reason=entry.reason or entry.data.get("inside", ""),
        invitation=entry.data.get("invitation", ""),
        told=tuple((UUID(account), name) for account, name in entry.data.get("told", ())), signers=row.signers,
    )  # fmt: skip
    called = (
        (invited or {}).get(entry.id, []) if entry.verb in rules.SITTING_VERBS and "sitting" in entry.data else None
    )
    return [_message(entry, seen, reader, now) for reader in rules.readers(seen, council, secretaries, called)]


def _message(entry: TimelineEntry, seen: rules.Entry, reader: rules.Reader, now: datetime) -> dict[str, Any]:
    message = Message(
        matter_id=entry.matter_id, timeline_id=entry.id, to_kind=reader.kind, to_id=reader.id, to_label=reader.label,
        channel="outbox", words=rules.words_for(seen, reader),
    )  # fmt: skip
    return {
        "community_id": current_community(), "street_id": current_street(), "id": uuid7(),
        "matter_id": message.matter_id, "timeline_id": message.timeline_id, "to_kind": message.to_kind,
        "to_id": message.to_id, "to_label": message.to_label, "channel": message.channel, "words": message.words,
        "receipt": str(Receipt.NOT_CONFIGURED), "created_at": now, "handled_by": "",
    }  # fmt: skip
