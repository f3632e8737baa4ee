"""What is handed to a channel and what the channel answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Receipt(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    PRINTED = "printed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Letter:
    """One message on its way out. ``key`` is the same at every try, so that whoever gets it twice can tell.

    ``to`` is the address of the channel: a mail address, a phone, the hall's slug for its group.
    """

    key: UUID
    to: str
    subject: str
    words: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What the channel really did. ``again`` says that surely nothing was sent and a later try makes sense.

    ``problem`` is said to the staff in words and names no person; ``reference`` is the other side's own number.
    """

    receipt: Receipt
    problem: str = ""
    reference: str = ""
    again: bool = False
