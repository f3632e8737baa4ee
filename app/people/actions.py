"""Signing in and keeping accounts. The caller commits, also after a refusal that counts a wrong try."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.errors import NotAllowed, Refused
from app.people import rules, strangers
from app.people.models import Account, StreetAccount
from app.people.secrets import hash_password, password_fits
from app.words import N_
from tenants.database import db
from tenants.scope import current, current_community, current_street

WRONG = N_("登录名或密码不对，请再看看。每输错 5 次要歇一阵，一次比一次久。")


class WrongOldPassword(Refused):
    """The password that was to be replaced does not fit; every other refusal is about the new one."""


class WrongPassword(NotAllowed):
    """The login or the password is wrong; the count of tries was changed and must be committed."""


def find_login(login: str) -> Account | StreetAccount | None:
    """The account behind a login of the bound hall or street."""
    if current().kind == "street":
        return db.session.scalar(
            select(StreetAccount).where(StreetAccount.street_id == current_street(), StreetAccount.login == login)
        )
    return db.session.scalar(
        select(Account).where(
            Account.community_id == current_community(), Account.login == login, Account.kind == "staff"
        )
    )


def sign_in(login: str, password: str, *, now: datetime) -> Account | StreetAccount:
    """The account, or :class:`WrongPassword`; a resting one raises ``Refused`` with the minutes left.

    A login that nobody has, or that was closed, answers and rests like any other. Where a second step is set up the
    wrong tries stay counted until its code is right too.
    """
    login = login.strip().lower()
    account = find_login(login)
    if account is None or account.disabled_at:
        strangers.may_try(login, now).or_refuse()
        password_fits(None, password)
        strangers.count_failure(login, now)
        raise WrongPassword(WRONG)
    rules.may_try(account.locked_until, now).or_refuse()
    if not password_fits(account.password_hash, password):
        count_failure(account, now)
        raise WrongPassword(WRONG)
    if account.totp_since is None:
        account.failed, account.locked_until = 0, None
    return account


def count_failure(account: Account | StreetAccount, now: datetime) -> None:
    """One more wrong password or code of this account."""
    # Many tries at the same moment are counted one by one, or they would all count as the first, and the one that
    # comes after the fifth must not open the account again.
    db.session.refresh(account, with_for_update=True)
    if rules.may_try(account.locked_until, now):
        account.failed, account.locked_until = rules.after_failure(account.failed, now)


def change_password(account: Account | StreetAccount, old: str, new: str) -> None:
    """Set an own new password; every other session of the account ends."""
    if not password_fits(account.password_hash, old):
        raise WrongOldPassword(N_("现在的密码不对。"))
    rules.good_password(new, account.login).or_refuse()
    account.password_hash = hash_password(new)
    account.must_change = False
    account.epoch += 1
