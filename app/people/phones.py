"""Phone numbers as people give them, and the bounds of one-time codes sent to them. Pure.

Source: domain.md section 5, row 实名 (a verified phone is one of three proofs of living here), section 6, row SMS.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.words import N_

DIGITS = 6
VALID = timedelta(minutes=10)
RESEND = timedelta(seconds=60)
TRIES = 5
A_DAY = 5
#: A hall's telephone cannot be answered more often than this; a flood of requests must not bury the real ones.
HALL_AN_HOUR = 120


def tidy_phone(text: str) -> str:
    """The digits of a phone number, without blanks, dashes, a country code and full-width forms."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s\-()]", "", plain)
    return re.sub(r"^\+?86(?=1\d{10}$)", "", digits)


def phone_problem(phone: str) -> Verdict | None:
    """What is wrong with a phone number, or None; mobiles have 11 digits, fixed lines 7 to 12."""
    digits = tidy_phone(phone)
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit():
        return no(N_("电话里只写数字，请再看看。"))
    if digits.startswith("1"):
        if len(digits) < 11:
            return no(N_("手机号是 11 位，现在只有 %(n)s 位，请补上。"), n=len(digits))
        if len(digits) > 11 or digits[1] in "012":
            return no(N_("手机号是 11 位、13 到 19 开头，请再看看。"))
        return None
    return None if 7 <= len(digits) <= 12 else no(N_("座机写 7、8 位，或者带上区号，请再看看。"))


def masked_phone(phone: str) -> str:
    """138****1234: enough to know one's own number by."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else f"***{phone[-2:]}"


def tidy_digits(text: str) -> str:
    """A one-time code as people type it, without blanks, dashes and full-width forms."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))


def may_ask_code(asked: Sequence[datetime], in_the_hall: int, now: datetime) -> Verdict:
    """Whether this phone may be given another code: ``asked`` are its own of the last 24 hours, ``in_the_hall`` counts
    everybody's of the last hour."""
    newest = max(asked, default=None)
    if newest is not None and now - newest < RESEND:
        wait = int((RESEND - (now - newest)).total_seconds()) + 1
        return no(N_("刚要过验证码，请过 %(seconds)s 秒再要。"), seconds=wait)
    if len(asked) >= A_DAY:
        return no(N_("这个手机号今天要过 %(n)s 次验证码了，请明天再来，或者找网格员当面核实。"), n=A_DAY)
    if in_the_hall >= HALL_AN_HOUR:
        return no(N_("现在要验证码的人太多，请过一会儿再来，或者打社区电话。"))
    return yes()


def may_try_code(tries: int, expires_at: datetime, now: datetime) -> Verdict:
    """Whether a code may still be typed in."""
    if now >= expires_at:
        return no(N_("验证码过了 10 分钟，不能用了，请再要一个。"))
    if tries >= TRIES:
        return no(N_("输错 %(n)s 次了，这个验证码作废，请再要一个。"), n=TRIES)
    return yes()
