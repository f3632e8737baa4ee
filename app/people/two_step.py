"""The second step of signing in: a code from the person's own phone (TOTP, RFC 6238), and ten for when it is lost.

Half minutes are those of the real world, since the phone knows no other clock: ``moment`` is read from the machine's
clock, while ``now`` (rests, logs) is the program's, which a demo may move. The caller commits, also after a refusal
that counts a wrong try.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import any_, func, literal, update
from sqlalchemy.orm.attributes import set_committed_value

from app.errors import NotAllowed, Refused
from app.people import rules
from app.people.actions import WrongOldPassword, count_failure
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, StreetAccount
from app.people.secrets import blind, new_code, password_fits, seal, tidy_code, unseal
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db
from tenants.scope import current_community, current_street

RECOVERY = 10
RECOVERY_LENGTH = 10
REASON = 200
WRONG = N_("验证码不对，或者刚用过了。等手机上换了新的再输；备用码每个只能用一次。")
Anyone = Account | StreetAccount


class WrongCode(NotAllowed):
    """The code is not the one; the count of tries was changed and must be committed."""


def begin(account: Anyone) -> None:
    """Make a new secret, to be confirmed by a code; the one that waited before is worth nothing any more.

    Raises ``Refused`` for residents, who have no password, and where the second step is set up already.
    """
    if account.password_hash is None:
        raise Refused(N_("居民凭户码或手机进来，用不着两步登录。"))
    if account.totp_since is not None:
        raise Refused(N_("两步登录已经开着。换手机，请先关掉再开。"))
    account.totp_sealed = seal(pyotp.random_base32(), _about(account))


def secret_of(account: Anyone) -> str:
    """The secret that waits to be confirmed, or "" where there is none; a confirmed one is never shown again."""
    if account.totp_since is not None or not account.totp_sealed:
        return ""
    return unseal(account.totp_sealed, _about(account))


def address_of(account: Anyone, issuer: str) -> str:
    """What the phone reads from the QR code (``otpauth://totp/…``), all in ASCII."""
    return pyotp.TOTP(secret_of(account)).provisioning_uri(name=account.login, issuer_name=issuer)


def confirm(account: Anyone, typed: str, *, by: Actor, now: datetime, moment: datetime) -> list[str]:
    """Switch the second step on with the first code; the ten codes for a lost phone, to be shown once.

    Every other session of the account ends.
    """
    if not secret_of(account):
        raise Refused(N_("这一步刚才已经办过了，请回去看看现在的样子。"))
    _good_code(account, typed, now=now, moment=moment)
    account.totp_since = now
    account.epoch += 1
    codes = _fresh_codes(account)
    _log(account, "two_step_on", by=by, now=now)
    return codes


def check(account: Anyone, typed: str, *, by: Actor, now: datetime, moment: datetime) -> int | None:
    """Take a code of the phone, or one of the ten; raises :class:`WrongCode`, or ``Refused`` while the account rests.

    Returns how many of the ten are left where one of them was used up, else None.
    """
    rules.may_try(account.locked_until, now).or_refuse()
    if account.totp_since is None:
        raise WrongCode(WRONG)
    plain = tidy_code(typed)
    left = _use_recovery(account, plain) if len(plain) == RECOVERY_LENGTH else None
    if left is None:
        _good_code(account, plain, now=now, moment=moment)
    else:
        _log(account, "recovery_used", by=by, now=now)
    account.failed, account.locked_until = 0, None
    return left


def remove(account: Anyone, password: str, typed: str, *, by: Actor, now: datetime, moment: datetime) -> None:
    """Switch the second step off, with password and code; every other session of the account ends."""
    _both(account, password, typed, by=by, now=now, moment=moment)
    _forget(account)
    _log(account, "two_step_off", by=by, now=now)


def renew_recovery(
    account: Anyone, password: str, typed: str, *, by: Actor, now: datetime, moment: datetime
) -> list[str]:
    """Ten new codes for a lost phone, with password and code; the old ones are worth nothing any more."""
    _both(account, password, typed, by=by, now=now, moment=moment)
    codes = _fresh_codes(account)
    _log(account, "recovery_new", by=by, now=now)
    return codes


def reset(account: Anyone, reason: str, *, by: Actor, now: datetime) -> None:
    """Somebody who keeps the accounts switches it off for a person whose phone is gone. ``reason`` stays in the log.

    The password still has to be known. Nobody does it for themselves: that would be a way around the phone.
    """
    reason = reason.strip()
    if account.id == by.id:
        raise Refused(N_("自己的两步登录不能自己重设，请另一位管账号的人来办。"))
    if not reason:
        raise Refused(N_("为什么重设，要写一句。"))
    if len(reason) > REASON:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=REASON)
    if account.totp_since is None:
        raise Refused(N_("这个账号没有开两步登录。"))
    _forget(account)
    account.failed, account.locked_until = 0, None
    _log(account, "two_step_reset", by=by, now=now, words=reason)


def left_codes(account: Anyone) -> int:
    """How many of the ten are still unused."""
    return len(account.recovery)


def _both(account: Anyone, password: str, typed: str, *, by: Actor, now: datetime, moment: datetime) -> None:
    rules.may_try(account.locked_until, now).or_refuse()
    if not password_fits(account.password_hash, password):
        count_failure(account, now)
        raise WrongOldPassword(N_("现在的密码不对。"))
    check(account, typed, by=by, now=now, moment=moment)


def _good_code(account: Anyone, typed: str, *, now: datetime, moment: datetime) -> None:
    rules.may_try(account.locked_until, now).or_refuse()
    maker = pyotp.TOTP(unseal(str(account.totp_sealed), _about(account)))
    codes = {step: maker.generate_otp(step) for step in rules.steps_around(moment)}
    step = rules.fitting_step(codes, tidy_code(typed), account.totp_step)
    if step is None or not _use_step(account, step):
        count_failure(account, now)
        raise WrongCode(WRONG)


def _use_step(account: Anyone, step: int) -> bool:
    """Compare and swap: of two browsers that type one code in the same moment only one gets in."""
    model: Any = type(account)
    used = _change(account, ~model.totp_step.between(step, step + rules.A_DAY), totp_step=step)
    if used:
        set_committed_value(account, "totp_step", step)
    return used


def _use_recovery(account: Anyone, plain: str) -> int | None:
    model: Any = type(account)
    mark = _mark(account, plain)
    if not _change(account, literal(mark) == any_(model.recovery), recovery=func.array_remove(model.recovery, mark)):
        return None
    db.session.refresh(account, ["recovery"])
    return left_codes(account)


def _change(account: Anyone, still: Any, **values: Any) -> bool:
    model: Any = type(account)
    here = model.street_id == current_street()
    if isinstance(account, Account):
        here = model.community_id == current_community()
    changed = db.session.execute(
        update(model).where(here, model.id == account.id, still).values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _fresh_codes(account: Anyone) -> list[str]:
    codes = [new_code(RECOVERY_LENGTH) for _number in range(RECOVERY)]
    account.recovery = [_mark(account, code) for code in codes]
    return codes


def _forget(account: Anyone) -> None:
    account.totp_sealed, account.totp_since, account.recovery = None, None, []
    account.epoch += 1


def _about(account: Anyone) -> str:
    return f"totp:{account.id}"


def _mark(account: Anyone, code: str) -> str:
    # Fifty bits under a secret key: a slow hash adds nothing, and ten of them would cost a second at every try.
    return blind("recovery", f"{account.id}:{code}")


def _log(account: Anyone, what: str, *, by: Actor, now: datetime, words: str = "") -> None:
    if isinstance(account, Account):
        log_change("account", what, by=by, now=now, subject_id=account.id, after=words)
    else:
        log_street("account", what, by=by, now=now, after=f"{account.login} {account.display_name} {words}".strip())
