"""One-time codes that show whose phone a number is: the second of three proofs of living here (domain.md section 5).

Where no channel for text messages is set up, which is how a hall begins, nothing is sent and nothing claims to be: the
code waits, sealed, on the staff's outbox page until somebody rings the number and reads it out. The code and the number
are erased as soon as the code is used or has run out; only the blind index stays, for counting.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import func, select, update

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.phones import (
    DIGITS,
    TRIES,
    VALID,
    masked_phone,
    may_ask_code,
    may_try_code,
    phone_problem,
    tidy_digits,
    tidy_phone,
)
from app.people.privacy import Look, PhoneCode
from app.people.secrets import blind, seal, unseal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

log = structlog.get_logger()
#: The counter of wrong tries at the edge (``app.faces.limits``).
GUESS = "phone"
BY_STAFF = N_(
    "本社区没有接短信，短信没有发。请在 10 分钟里打社区电话报这个手机号，工作人员会打回这个号码，把验证码念给您。"
)
NOT_THROUGH = N_("短信没有发成。请在 10 分钟里打社区电话报这个手机号，工作人员会打回这个号码，把验证码念给您。")
BY_TEXT = N_("验证码交给短信平台了，10 分钟里有效。一两分钟还没收到，就打社区电话问一问。")
WRONG = N_("验证码不对，请再看一遍，还能试 %(left)s 次。")
NOT_ASKED = N_("这个手机号没有要过验证码，或者已经用过了，请再要一个。")


class WrongPhoneCode(Refused):
    """The code is not the one. The try is counted in the row, so whoever catches this must not roll back."""


class CodeChannel(Protocol):
    """A way to a phone: text messages, where the street has a contract and a registered signature."""

    def send(self, phone: str, code: str) -> str:
        """Hand the code over and say what really happened: queued, sent, delivered, failed or not_configured."""
        ...


class Sealed:
    """The offline channel: the code stays in the house until somebody of the staff reads it out."""

    def send(self, phone: str, code: str) -> str:
        """Nothing left the house."""
        return "not_configured"


def code_channel() -> CodeChannel:
    """The channel a deployment set up under ``phone_codes.channel``, else the sealed one."""
    found: CodeChannel = current_app.extensions.get("phone_codes.channel") or Sealed()
    return found


def ask_code(phone: str, *, now: datetime) -> PhoneCode:
    """A new code for this phone; the one before it opens nothing any more. Tell the resident :func:`told_how` of it.

    Raises ``Refused`` for a number that cannot be one, within 60 seconds of the last code, after five codes in a day,
    and while the whole hall is asked too often.
    """
    phone = tidy_phone(phone)
    wrong = phone_problem(phone)
    if not phone or wrong is not None:
        raise Refused(wrong.reason, **wrong.values) if wrong else Refused(N_("请写上手机号。"))
    index = blind("phone", phone)
    _one_at_a_time(index)
    forget_spent(now=now)
    may_ask_code(_asked(index, now), _asked_in_the_hall(now), now).or_refuse()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    receipt = _hand_over(phone, code)
    # What left the house needs no second copy here; what did not is read out by the staff.
    kept = seal(code) if receipt in ("not_configured", "failed") else None
    row_id = uuid7()
    row = PhoneCode(
        id=row_id, phone_index=index, phone_sealed=seal(phone), code_hmac=_fingerprint(row_id, code), code_sealed=kept,
        receipt=receipt, asked_at=now, expires_at=now + VALID,
    )  # fmt: skip
    db.session.add(row)
    return row


def told_how(code: PhoneCode) -> str:
    """The honest sentence for the resident (a message id)."""
    if code.receipt == "failed":
        return NOT_THROUGH
    return BY_STAFF if code.receipt == "not_configured" else BY_TEXT


def verify_code(phone: str, code: str, *, now: datetime) -> str:
    """Use up the phone's code and return the phone's mark, a blind index equal to ``Person.phone_index``.

    Raises :class:`WrongPhoneCode` for another code (the try counts: answer with a page, do not roll back) and
    ``Refused`` where there is no code to use any more.
    """
    index = blind("phone", tidy_phone(phone))
    row = db.session.scalar(
        select(PhoneCode)
        .where(PhoneCode.community_id == current_community(), PhoneCode.phone_index == index)
        .order_by(PhoneCode.asked_at.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None or row.used_at is not None:
        raise Refused(NOT_ASKED)
    may_try_code(row.tries, row.expires_at, now).or_refuse()
    if not hmac.compare_digest(row.code_hmac, _fingerprint(row.id, tidy_digits(code))):
        row.tries += 1
        left = may_try_code(row.tries, row.expires_at, now)
        if not left:
            raise WrongPhoneCode(left.reason, **left.values)
        raise WrongPhoneCode(WRONG, left=TRIES - row.tries)
    row.used_at = now
    row.code_hmac, row.code_sealed, row.phone_sealed = "", None, ""
    return index


def waiting_codes(*, now: datetime) -> list[PhoneCode]:
    """The codes somebody of the staff should read out now, the oldest first."""
    rows = db.session.scalars(
        select(PhoneCode)
        .where(
            PhoneCode.community_id == current_community(), PhoneCode.code_sealed.is_not(None),
            PhoneCode.used_at.is_(None), PhoneCode.expires_at > now,
        )
        .order_by(PhoneCode.asked_at)
    ).all()  # fmt: skip
    newest = {row.phone_index: row.id for row in rows}
    return [row for row in rows if newest[row.phone_index] == row.id]


def shown_phone(code: PhoneCode) -> str:
    """138****1234 while the code waits."""
    return masked_phone(unseal(code.phone_sealed)) if code.phone_sealed else ""


def read_code(code_id: UUID, *, by: Actor, now: datetime) -> tuple[str, str]:
    """Number and code in clear for the one who rings and reads it out; the look is logged, the ten minutes begin anew.

    Raises ``Missing`` where there is nothing (any more) to read.
    """
    row = _waiting(code_id, now)
    if by.id is None or row.code_sealed is None:
        raise Missing(N_("这个验证码用过了或者过期了。"))
    look = Look(subject="phone", reason="打电话念验证码", viewer_kind="staff", viewer_id=by.id, viewer_label=by.label)
    look.at = now
    db.session.add(look)
    row.expires_at = now + VALID
    return unseal(row.phone_sealed), unseal(row.code_sealed)


def mark_code_told(code_id: UUID, *, by: Actor, now: datetime) -> PhoneCode:
    """Somebody rang the number and read the code out."""
    row = _waiting(code_id, now)
    if row.told_at is None:
        row.told_label, row.told_at, row.receipt = by.label, now, "delivered"
    return row


def forget_spent(*, now: datetime) -> int:
    """Erase number and code of everything that ran out in the bound hall; returns how many rows that were."""
    gone = db.session.execute(
        update(PhoneCode)
        .where(
            PhoneCode.community_id == current_community(), PhoneCode.expires_at <= now, PhoneCode.phone_sealed != "",
        )
        .values(phone_sealed="", code_sealed=None, code_hmac="")
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _waiting(code_id: UUID, now: datetime) -> PhoneCode:
    row = db.session.scalar(
        select(PhoneCode)
        .where(PhoneCode.community_id == current_community(), PhoneCode.id == code_id)
        .with_for_update()
    )
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise Missing(N_("这个验证码用过了或者过期了。"))
    return row


def _one_at_a_time(index: str) -> None:
    # Two phones asking in the same moment must not both pass the limits; the lock ends with the transaction.
    mark = int.from_bytes(bytes.fromhex(index)[:7], "big")
    db.session.execute(select(func.pg_advisory_xact_lock(mark)))


def _asked(index: str, now: datetime) -> list[datetime]:
    return list(
        db.session.scalars(
            select(PhoneCode.asked_at).where(
                PhoneCode.community_id == current_community(), PhoneCode.phone_index == index,
                PhoneCode.asked_at > now - timedelta(days=1),
            )
        )
    )  # fmt: skip


def _asked_in_the_hall(now: datetime) -> int:
    wanted = select(func.count()).select_from(PhoneCode).where(
        PhoneCode.community_id == current_community(), PhoneCode.asked_at > now - timedelta(hours=1)
    )  # fmt: skip
    return int(db.session.scalar(wanted) or 0)


def _hand_over(phone: str, code: str) -> str:
    try:
        return code_channel().send(phone, code)
    except Exception as error:  # A provider's client fails in its own ways; the staff can still read the code out.
        log.warning("a one-time code could not be handed over", kind=type(error).__name__)
        return "failed"


def _fingerprint(row_id: UUID, code: str) -> str:
    return blind("phone_code", f"{row_id}:{code}")
