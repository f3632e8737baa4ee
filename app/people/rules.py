"""Pure rules of signing in: rests after wrong tries, password quality, how long a session lives, the second step.

Source: domain section 5 (等保 level 2), OWASP ASVS 4.0.3 sections 2.2, 2.8 and 3.3, RFC 6238 for the second step.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.words import N_

TRIES = 5
LOCK = timedelta(minutes=15)
#: Each rest is twice as long as the one before it, up to sixteen times the first: four hours.
DOUBLINGS = 4
#: A session of the staff ends after so long, however busy it was.
LONGEST_SESSION = timedelta(hours=12)
#: Between the password and the code somebody looks for their phone, not longer.
HALFWAY = timedelta(minutes=5)
#: Seconds that one code stands for (RFC 6238); the one before and the one after are taken too, for clocks that differ.
STEP, DRIFT = 30, 1
A_DAY = 24 * 3600 // STEP
#: How many sessions that signed out are remembered by themselves; beyond it all of the account end together.
ENDED_MOST = 20


def may_try(locked_until: datetime | None, now: datetime) -> Verdict:
    """Whether a password or a code may be tried now; after every five wrong ones it rests, longer each time.

    A rest longer than any can be was given by a clock that was wrong, and binds nobody.
    """
    if locked_until and now < locked_until <= now + LOCK * 2**DOUBLINGS:
        minutes = max(1, -(-int((locked_until - now).total_seconds()) // 60))
        return no(N_("连着输错了 5 次，先歇 %(minutes)s 分钟再试；急用就请管账号的人帮您解锁。"), minutes=minutes)
    return yes()


def after_failure(failed: int, now: datetime) -> tuple[int, datetime | None]:
    """The new count of wrong tries since the last good one and, at every fifth, until when the account rests."""
    failed += 1
    if failed % TRIES:
        return failed, None
    return failed, now + LOCK * 2 ** min(failed // TRIES - 1, DOUBLINGS)


def good_password(password: str, login: str) -> Verdict:
    """At least twelve characters, at least two kinds of them, and not the login."""
    if not 12 <= len(password) <= 128:
        return no(N_("密码要 12 到 128 个字。"))
    if login and login.lower() in password.lower():
        return no(N_("密码里不要带登录名。"))
    kinds = [any(c.isdigit() for c in password), any(c.isalpha() for c in password)]
    kinds.append(any(not c.isalnum() for c in password))
    if sum(kinds) < 2:
        return no(N_("密码里字母、数字、符号至少要有两样。"))
    return yes()


def is_idle(seen: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether a staff session was left alone for longer than ``limit``; one seen later than now was never seen."""
    return abs(now - seen) > limit


def is_worn_out(entered: datetime, now: datetime) -> bool:
    """Whether a staff session began too long ago, or at a time that has not come: then nobody knows how long ago."""
    return abs(now - entered) > LONGEST_SESSION


def is_halfway(since: datetime, now: datetime) -> bool:
    """Whether somebody who gave the right password may still give the code."""
    return timedelta(0) <= now - since <= HALFWAY


def step_of(moment: datetime) -> int:
    """The half minute of ``moment``, counted from 1970 (RFC 6238, T0 = 0)."""
    return int(moment.timestamp()) // STEP


def steps_around(moment: datetime) -> range:
    """The half minutes whose codes are taken at ``moment``."""
    return range(step_of(moment) - DRIFT, step_of(moment) + DRIFT + 1)


def fitting_step(codes: Mapping[int, str], typed: str, last: int) -> int | None:
    """The half minute whose code was typed, or None; one that was used before, or is older than one used, is not.

    A code that was used more than a day from now was used while the clock was wrong: it would lock its owner out.
    """
    last = 0 if last > max(codes) + A_DAY else last
    found = None
    # All are compared, so that the time it takes tells nothing.
    for step, code in codes.items():
        if hmac.compare_digest(code.encode(), typed.encode()) and step > last:
            found = step
    return found


def must_set_up(*, required: bool, is_staff: bool, has_it: bool) -> bool:
    """Whether somebody has to set the second step up before anything else."""
    return required and is_staff and not has_it
