"""How a message leaves the house. A channel says what it really did; nothing here ever claims more.

Source: domain.md section 6. The offline outbox is always there: it keeps the message and a slip to print and answers
``not_configured``. E-mail, text messages and the hall's group join by the same one method, each with keys of its own
from the environment; without its keys a channel says so and never tries.
"""

from __future__ import annotations

from typing import Protocol

from flask import current_app

from app.notices.channel_mail import Mail
from app.notices.channel_sms import Sms
from app.notices.channel_wecom import Wecom
from app.notices.letters import Letter, Outcome, Receipt
from app.words import N_

__all__ = ["CHANNEL_LABELS", "RECEIPT_LABELS", "Channel", "Letter", "Outcome", "Receipt", "channel_of"]

RECEIPT_LABELS: dict[Receipt, str] = {
    Receipt.QUEUED: N_("等着处理"),
    Receipt.PRINTED: N_("打印成条"),
    Receipt.SENT: N_("已发出"),
    Receipt.DELIVERED: N_("当面或电话说到了"),
    Receipt.FAILED: N_("没发成"),
    Receipt.NOT_CONFIGURED: N_("没接短信，要人去告诉"),
    Receipt.UNSURE: N_("说不准发出去没有"),
}
CHANNEL_LABELS: dict[str, str] = {"mail": N_("邮件"), "sms": N_("短信"), "wecom": N_("企业微信群")}


class Channel(Protocol):
    """One way out."""

    def is_configured(self, to: str = "") -> bool:
        """Whether its keys are there; ``to`` matters where each hall has a key of its own."""
        ...

    def send(self, letter: Letter) -> Outcome:
        """Try to hand the letter over and say what really happened. Never raises for what the other side does."""
        ...


class Outbox:
    """The offline channel: the row in the outbox is all there is until somebody prints it or picks up the phone."""

    def is_configured(self, to: str = "") -> bool:
        """Paper needs no keys, and sends nothing."""
        return False

    def send(self, letter: Letter) -> Outcome:
        """Keep it; nothing left the house."""
        return Outcome(Receipt.NOT_CONFIGURED)


def channel_of(name: str) -> Channel:
    """The channel of this name as this process is configured; an unknown one falls back to the outbox."""
    config = current_app.config
    if name == "mail":
        return Mail.of(config)
    if name == "sms":
        return Sms.of(config)
    return Wecom.of(config) if name == "wecom" else Outbox()
