"""Text messages through one HTTP gateway, without anybody's SDK (domain.md section 6, row SMS).

The street has the contract: its registered signature, a template whose one variable is the text, and a key by which
each request is signed. A text is one part of 70 characters, signature included, and carries no link: carriers refuse
links in variables. The request names the delivery's id, so that a gateway may recognise a second one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.notices.channel_http import Answer, post_json
from app.notices.delivery_rules import sms_text
from app.notices.letters import Letter, Outcome, Receipt
from app.words import N_

NOT_REACHED = N_("短信平台没连上")
NO_WORD = N_("短信平台没回话，不知道发没发")
BUSY = N_("短信平台让过一会儿再来")
TURNED_DOWN = N_("短信平台没收这一条")
#: What gateways answer when it went well.
FINE = frozenset({"0", "ok", "success", "200"})


@dataclass(frozen=True)
class Sms:
    """``key`` signs; ``app`` names the account at the gateway."""

    url: str
    app: str
    key: str
    sign: str
    template: str

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Sms:
        """As the environment says (``SMS_*``)."""
        return cls(config["SMS_URL"], config["SMS_APP"], config["SMS_KEY"], config["SMS_SIGN"], config["SMS_TEMPLATE"])

    def is_configured(self, to: str = "") -> bool:
        """Address, key, signature and template: carriers let nothing through without the last two."""
        return bool(self.url and self.key and self.sign and self.template)

    def send(self, letter: Letter) -> Outcome:
        """Ask the gateway to send one text."""
        if not self.is_configured():
            return Outcome(Receipt.NOT_CONFIGURED)
        # Gateways refuse a request whose signature is old, so each try is signed anew, by the machine's own clock.
        stamp = str(int(time.time()))
        body = json.dumps(
            {
                "id": str(letter.key), "phone": letter.to, "sign": self.sign, "template": self.template,
                "params": [sms_text(letter.words, self.sign)],
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        signed = hmac.new(self.key.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
        return _outcome(post_json(self.url, body, {"X-App": self.app, "X-Time": stamp, "X-Signature": signed}))


def _outcome(answer: Answer) -> Outcome:
    if not answer.reached:
        return Outcome(Receipt.FAILED, NOT_REACHED, again=True)
    if answer.status in (429, 503):
        return Outcome(Receipt.FAILED, BUSY, again=True)
    if answer.status == 0 or answer.status >= 500:
        return Outcome(Receipt.UNSURE, NO_WORD)
    code = str(answer.data.get("code", "")).lower()
    if answer.status >= 300 or code not in FINE:
        return Outcome(Receipt.FAILED, TURNED_DOWN, reference=code[:40])
    return Outcome(Receipt.SENT, reference=str(answer.data.get("id", ""))[:120])
