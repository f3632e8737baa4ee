"""Pure rules of signing in: lockout, password quality, idle time (domain §5, 等保 level 2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.words import N_

TRIES = 5
LOCK = timedelta(minutes=15)


def may_try(locked_until: datetime | None, now: datetime) -> Verdict:
    """Whether a password may be tried now; after five wrong ones the account rests for fifteen minutes."""
    if locked_until and locked_until > now:
        minutes = max(1, -(-int((locked_until - now).total_seconds()) // 60))
        return no(N_("密码连续输错 5 次，先歇 %(minutes)s 分钟再试，或请社区书记帮您解锁。"), minutes=minutes)
    return yes()


def after_failure(failed: int, now: datetime) -> tuple[int, datetime | None]:
    """The new count of wrong tries and, at the fifth, until when the account rests."""
    failed += 1
    return (0, now + LOCK) if failed >= TRIES else (failed, None)


def good_password(password: str, login: str) -> Verdict:
    """At least ten characters, at least two kinds of them, and not the login."""
    if not 10 <= len(password) <= 128:
        return no(N_("密码要 10 到 128 个字。"))
    if login and login.lower() in password.lower():
        return no(N_("密码里不要带登录名。"))
    kinds = [any(c.isdigit() for c in password), any(c.isalpha() for c in password)]
    kinds.append(any(not c.isalnum() for c in password))
    if sum(kinds) < 2:
        return no(N_("密码里字母、数字、符号至少要有两样。"))
    return yes()


def is_idle(seen: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether a staff session was left alone for longer than ``limit``."""
    return now - seen > limit
