"""When a message may go out, how often it is tried, and what fits into each channel. Pure.

Source: domain.md section 6: one part of a text message holds 70 characters and no link, a group bot takes 2,048 bytes
and is never to call everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Verdict, no
from app.people.phones import masked_phone, phone_problem, tidy_phone
from app.words import N_

WAYS: dict[str, str] = {
    "page": N_("在这里看，有人来说"),
    "mail": N_("发邮件"),
    "sms": N_("发短信"),
    "wecom": N_("看社区的企业微信群"),
}
#: The ways with an address of the person's own.
ADDRESSED = ("mail", "sms")
STATE_LABELS: dict[str, str] = {
    "queued": N_("等着发"),
    "sending": N_("正在发"),
    "sent": N_("已发出"),
    "failed": N_("没发成"),
    "unsure": N_("说不准发出去没有"),
    "not_configured": N_("未配置，没有发"),
}
#: What somebody of the staff may send once more.
MENDABLE = ("failed", "unsure", "not_configured")
#: How long after each try the next one comes; after the last nobody tries any more by itself.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
#: Whoever claimed a message and has not said what became of it for so long, is dead.
DEAD = timedelta(minutes=10)
#: No turn is ever given later than this from now: the longest wait, and the quiet hours behind it.
FARTHEST = WAITS[-1] + timedelta(days=1)
#: News older than this is not sent any more; it stands on the page.
STALE = timedelta(days=3)
#: One message a day goes out after this hour, or from an hour later on where nobody was urged.
DIGEST_HOUR = 8
SMS_PART, WECOM_BYTES, MAIL_MOST = 70, 2048, 120
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When the try after ``attempts`` ones may come; None when there were enough."""
    return now + WAITS[attempts - 1] if 1 <= attempts <= len(WAITS) else None


def after_quiet(moment: datetime, quiet_from: int, quiet_to: int) -> datetime:
    """The first moment from ``moment`` (in the reader's time zone) outside the quiet hours.

    They run from ``quiet_from`` o'clock to ``quiet_to``, through midnight where the first is later; none where both
    are the same.
    """
    ends = moment.replace(hour=quiet_to, minute=0, second=0, microsecond=0)
    if quiet_from == quiet_to:
        return moment
    if quiet_from < quiet_to:
        return ends if quiet_from <= moment.hour < quiet_to else moment
    if moment.hour >= quiet_from:
        return ends + timedelta(days=1)
    return ends if moment.hour < quiet_to else moment


def sms_text(words: str, sign: str) -> str:
    """``words`` as the one variable of a text message: no link, and with 【sign】 one part long."""
    plain = re.sub(r"\s+", " ", _LINK.sub("", words)).strip()
    room = SMS_PART - len(sign) - 2
    if len(plain) <= room:
        return plain
    cut = plain[: room - 1]
    # A sentence that ends early reads better than one that breaks off.
    end = max(cut.rfind("。"), cut.rfind("；"))
    return cut[: end + 1] if end >= room // 2 else cut.rstrip("，、： ") + "…"


def wecom_text(words: str) -> str:
    """``words`` within the bytes of one message, whole lines where there are lines; nobody is called by @."""
    plain = words.replace("@", "＠")
    if len(plain.encode()) <= WECOM_BYTES:
        return plain
    kept: list[str] = []
    room = WECOM_BYTES - len("\n…".encode())
    for line in plain.split("\n"):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    if kept:
        return "\n".join([*kept, "…"])
    return plain.encode()[: WECOM_BYTES - len("…".encode())].decode("utf-8", "ignore") + "…"


def contact_problem(way: str, contact: str) -> Verdict | None:
    """What is wrong with an address of this way, or None."""
    if way == "mail":
        if len(contact) > MAIL_MOST or not _MAIL.fullmatch(contact):
            return no(N_("邮箱写成 名字@网站 的样子，请再看看。"))
        return None
    if way == "sms":
        digits = tidy_phone(contact)
        if (wrong := phone_problem(digits)) is not None:
            return wrong
        return None if digits.startswith("1") else no(N_("短信只能发到手机，请写 11 位手机号。"))
    return None


def masked_contact(way: str, contact: str) -> str:
    """Enough of an address to know one's own by."""
    if way == "mail":
        name, _at, domain = contact.rpartition("@")
        return f"{name[:1]}***@{domain}"
    return masked_phone(contact) if way == "sms" else ""


@dataclass(frozen=True)
class Told:
    """One message of a reader as the daily letter sees it."""

    words: str
    at: datetime


def daily_text(lines: Sequence[str], news: Sequence[Told], labels: Mapping[str, str]) -> str:
    """The one message of a day: what is urged first, then the news, the oldest first. ``labels``: urged, news, foot."""
    found = []
    if lines:
        found += [labels["urged"], *(f"· {line}" for line in lines), ""]
    if news:
        found += [labels["news"], *(f"· {told.words}" for told in sorted(news, key=lambda told: told.at)), ""]
    return "\n".join([*found, labels["foot"]])
