"""The hall's own desk for people: accounts, roles and council seats. Every change is written to the change log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from pypinyin import Style, lazy_pinyin
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.people import rules
from app.people.actor import Actor
from app.people.models import Account, ChangeLog, Membership
from app.people.roles import CAPACITIES, STREET_STAFF, Role
from app.people.secrets import hash_password
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}\Z")


def sort_key(name: str) -> str:
    """Pinyin for sorting; the embedded database has no Chinese collation."""
    return "".join(lazy_pinyin(name, style=Style.TONE3)).lower()


def log_change(
    subject: str, what: str, *, by: Actor, now: datetime, subject_id: UUID | None = None, before: str = "", after: str = ""
) -> None:
    """One line of the hall's change log: who changed what, from what to what."""
    db.session.add(
        ChangeLog(
            at=now, by_id=by.id, by_label=by.label, subject=subject, subject_id=subject_id, what=what, before=before,
            after=after,
        )
    )  # fmt: skip


def find_account(account_id: UUID) -> Account:
    """The hall's account; raises ``Missing``."""
    account = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.id == account_id)
    )
    if account is None:
        raise Missing(N_("没有这个账号。"))
    return account


def add_account(
    login: str, name: str, password: str, roles: Mapping[Role, str], *, by: Actor, now: datetime,
    seat: int | None = None, must_change: bool = False,
) -> Account:  # fmt: skip
    """Add a staff or council account with its roles (role → title). ``seat`` numbers a council seat."""
    login = login.strip().lower()
    if not LOGIN.match(login):
        raise Refused(N_("登录名用 2 到 40 个小写字母、数字、点、横线，字母或数字开头。"))
    if not name.strip():
        raise Refused(N_("姓名要填。"))
    rules.good_password(password, login).or_refuse()
    taken = select(Account.id).where(Account.community_id == current_community(), Account.login == login)
    if db.session.scalar(taken):
        raise Refused(N_("登录名 %(login)s 已经有人用了，换一个。"), login=login)
    account = Account(
        kind="staff", login=login, password_hash=hash_password(password), display_name=name.strip(),
        name_key=sort_key(name), must_change=must_change, created_at=now,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    log_change("account", "add", by=by, now=now, subject_id=account.id, after=f"{login} {name}")
    for role, title in roles.items():
        give_role(account, role, by=by, now=now, title=title, seat=seat if role is Role.COUNCIL_MEMBER else None)
    return account


def give_role(
    account: Account, role: Role, *, by: Actor, now: datetime, title: str = "", seat: int | None = None
) -> Membership:
    """Give an account a standing role from today on; capacities of one occasion are never stored."""
    if role in CAPACITIES or role in STREET_STAFF or role in (Role.RESIDENT, Role.SYSTEM, Role.EXPERT):
        raise Refused(N_("这个角色不能挂在社区账号上。"))
    today = clock.local(now).date()
    current = db.session.scalars(
        select(Membership).where(
            Membership.community_id == current_community(), Membership.until.is_(None),
            (Membership.account_id == account.id) & (Membership.role == role) | (Membership.seat == seat),
        )
    ).all()  # fmt: skip
    if any(m.account_id == account.id and m.role == role for m in current):
        raise Refused(N_("%(name)s 已经有这个角色了。"), name=account.display_name)
    if seat is not None and any(m.seat == seat for m in current):
        raise Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat)
    membership = Membership(account_id=account.id, role=role, title=title, seat=seat, since=today)
    db.session.add(membership)
    log_change("role", "give", by=by, now=now, subject_id=account.id, after=f"{role} {title} {seat or ''}".strip())
    return membership


def end_role(membership_id: UUID, *, by: Actor, now: datetime) -> Membership:
    """End a role with yesterday as its last day; the last secretary of a hall stays."""
    membership = db.session.scalar(
        select(Membership).where(Membership.community_id == current_community(), Membership.id == membership_id)
    )
    if membership is None or membership.until is not None:
        raise Missing(N_("没有这个任职。"))
    if membership.role == Role.SECRETARY and _secretaries() <= 1:
        raise Refused(N_("至少要留一位书记，先给别人加上再撤。"))
    membership.until = clock.local(now).date() - timedelta(days=1)
    log_change("role", "end", by=by, now=now, subject_id=membership.account_id, before=membership.role)
    return membership


def disable_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Close an account at once: every session of it ends with the raised epoch."""
    if account.id == by.id:
        raise Refused(N_("不能停用自己的账号。"))
    if account.disabled_at is None:
        account.disabled_at = now
        account.epoch += 1
        log_change("account", "disable", by=by, now=now, subject_id=account.id)
    return account


def enable_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Open a closed account again."""
    if account.disabled_at is not None:
        account.disabled_at = None
        log_change("account", "enable", by=by, now=now, subject_id=account.id)
    return account


def unlock_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Let an account that mistyped its password try again now."""
    account.failed, account.locked_until = 0, None
    log_change("account", "unlock", by=by, now=now, subject_id=account.id)
    return account


def reset_password(account: Account, password: str, *, by: Actor, now: datetime) -> Account:
    """Set a new first password, to be changed at the next sign-in; other sessions end."""
    rules.good_password(password, account.login).or_refuse()
    account.password_hash = hash_password(password)
    account.must_change = True
    account.epoch += 1
    account.failed, account.locked_until = 0, None
    log_change("account", "password", by=by, now=now, subject_id=account.id)
    return account


def _secretaries() -> int:
    wanted = select(Membership.id).where(
        Membership.community_id == current_community(), Membership.role == Role.SECRETARY, Membership.until.is_(None)
    )
    return len(db.session.scalars(wanted).all())
