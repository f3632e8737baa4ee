"""The bot of a hall's own WeCom group (domain.md section 6): text of at most 2,048 bytes, never @all.

Each hall has its own group and so its own address (``WECOM_WEBHOOKS``, slug=address): one hall's news is no reading
matter for its neighbours. A bot takes 20 messages a minute; a hall sends one a day, and when the bot says that it was
too much, the message waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.notices.channel_http import post_json
from app.notices.delivery_rules import wecom_text
from app.notices.letters import Letter, Outcome, Receipt
from app.words import N_

NOT_REACHED = N_("企业微信没连上")
NO_WORD = N_("企业微信没回话，不知道发没发")
BUSY = N_("群机器人发得太密，过一会儿再发")
TURNED_DOWN = N_("企业微信没收这一条")
TOO_OFTEN = 45009


@dataclass(frozen=True)
class Wecom:
    """``webhooks`` are the addresses by the hall's slug; they hold a key and are never shown or logged."""

    webhooks: Mapping[str, str]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Wecom:
        """As the environment says (``WECOM_WEBHOOKS``)."""
        return cls(config["WECOM_WEBHOOKS"])

    def is_configured(self, to: str = "") -> bool:
        """Whether this hall has a bot; without a hall, whether any has."""
        return bool(self.webhooks.get(to)) if to else bool(self.webhooks)

    def send(self, letter: Letter) -> Outcome:
        """Post one text to the hall's group."""
        url = self.webhooks.get(letter.to)
        if not url:
            return Outcome(Receipt.NOT_CONFIGURED)
        body = json.dumps({"msgtype": "text", "text": {"content": wecom_text(letter.words)}}, ensure_ascii=False)
        answer = post_json(url, body.encode(), {})
        if not answer.reached:
            return Outcome(Receipt.FAILED, NOT_REACHED, again=True)
        if answer.status == 0 or answer.status >= 500:
            return Outcome(Receipt.UNSURE, NO_WORD)
        code = answer.data.get("errcode")
        if answer.status == 429 or code == TOO_OFTEN:
            return Outcome(Receipt.FAILED, BUSY, again=True)
        if answer.status >= 300 or code != 0:
            return Outcome(Receipt.FAILED, TURNED_DOWN, reference=str(code or answer.status)[:40])
        return Outcome(Receipt.SENT)
