"""How a message leaves the house. A channel says what it really did; nothing here ever claims more.

Source: domain.md section 6. Only the offline outbox exists: it keeps the message and a slip to print and answers
``not_configured``. A channel with keys of its own (SMS, a messenger) joins by the same one method.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from app.notices.models import Message
from app.words import N_


class Receipt(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    PRINTED = "printed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"


RECEIPT_LABELS: dict[Receipt, str] = {
    Receipt.QUEUED: N_("等着处理"),
    Receipt.PRINTED: N_("打印成条"),
    Receipt.SENT: N_("已发出"),
    Receipt.DELIVERED: N_("当面或电话说到了"),
    Receipt.FAILED: N_("没发成"),
    Receipt.NOT_CONFIGURED: N_("没接短信，要人去告诉"),
}


class Channel(Protocol):
    """One way out."""

    def send(self, message: Message) -> Receipt:
        """Try to hand the message over and say what really happened."""
        ...


class Outbox:
    """The offline channel: the row in the outbox is all there is until somebody prints it or picks up the phone."""

    def send(self, message: Message) -> Receipt:
        """Keep it; nothing left the house."""
        return Receipt.NOT_CONFIGURED


CHANNELS: dict[str, Channel] = {"outbox": Outbox()}


def channel_of(name: str) -> Channel:
    """The channel of this name; one that is not set up falls back to the outbox."""
    return CHANNELS.get(name, CHANNELS["outbox"])
