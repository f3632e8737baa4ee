"""E-mail by the office's own SMTP server.

What the server said before the text was handed over surely left nothing behind, so it may be tried again. When the line
breaks between the text and the server's word on it, nobody can know: that is ``unsure`` and a person decides. The
Message-ID is made of the delivery's id, so that a mailbox that gets one twice shows it once.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from app.notices.letters import Letter, Outcome, Receipt
from app.words import N_

#: Seconds to wait for one answer of the server.
PATIENCE = 20.0
NOT_REACHED = N_("邮件服务器没连上")
NOT_LET_IN = N_("邮件服务器没认这个账号")
NO_SUCH_BOX = N_("对方邮箱不收")
BUSY = N_("邮件服务器让过一会儿再来")
NOT_TAKEN = N_("邮件服务器没收这封信")
LINE_BROKE = N_("信交出去以后断了线，不知道收没收下")


@dataclass(frozen=True)
class Mail:
    """``tls`` is starttls, ssl or nothing (a server on the same machine)."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: str = "starttls"
    name: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Mail:
        """As the environment says (``SMTP_*``)."""
        return cls(
            config["SMTP_HOST"], config["SMTP_PORT"], config["SMTP_FROM"], config["SMTP_USER"],
            config["SMTP_PASSWORD"], config["SMTP_TLS"], config["BASE_HOST"].partition(":")[0],
        )  # fmt: skip

    def is_configured(self, to: str = "") -> bool:
        """A server and an address to send from."""
        return bool(self.host and self.sender)

    def send(self, letter: Letter) -> Outcome:
        """Hand the letter to the server."""
        if not self.is_configured():
            return Outcome(Receipt.NOT_CONFIGURED)
        try:
            text = self._text(letter)
        except ValueError:
            # An address that no header may hold.
            return Outcome(Receipt.FAILED, NO_SUCH_BOX)
        try:
            server = self._door()
        except smtplib.SMTPAuthenticationError:
            return Outcome(Receipt.FAILED, NOT_LET_IN, again=True)
        except (OSError, smtplib.SMTPException):
            return Outcome(Receipt.FAILED, NOT_REACHED, again=True)
        try:
            return self._hand_over(server, letter.to, text)
        finally:
            server.close()

    def _door(self) -> smtplib.SMTP:
        if self.tls == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, text: bytes) -> Outcome:
        try:
            for code, _words in (server.mail(self.sender), server.rcpt(to)):
                if code >= 500:
                    return Outcome(Receipt.FAILED, NO_SUCH_BOX)
                if code >= 400:
                    return Outcome(Receipt.FAILED, BUSY, again=True)
        except (OSError, smtplib.SMTPException):
            return Outcome(Receipt.FAILED, NOT_REACHED, again=True)
        try:
            code, words = server.data(text)
        except smtplib.SMTPDataError as error:
            # The server did not even want to begin with the text.
            return Outcome(Receipt.FAILED, NOT_TAKEN, again=error.smtp_code < 500)
        except (OSError, smtplib.SMTPException):
            return Outcome(Receipt.UNSURE, LINE_BROKE)
        if code >= 400:
            return Outcome(Receipt.FAILED, NOT_TAKEN, again=code < 500)
        return Outcome(Receipt.SENT, reference=words.decode("utf-8", "replace")[:120])

    def _text(self, letter: Letter) -> bytes:
        # Servers want each line to end as their own protocol ends lines.
        message = EmailMessage(policy=SMTP)
        box, _at, domain = self.sender.rpartition("@")
        message["From"] = Address(self.name, box, domain)
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        # Plain letters only on the line: not every office's server takes others.
        message.set_content(letter.words, cte="base64")
        return message.as_bytes()
