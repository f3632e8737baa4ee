"""The street's own logins: first passwords, closing and opening. Every change stands in the street's log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.people import duties, rules
from app.people.actor import Actor
from app.people.desk import TAKEN, good_identity
from app.people.models import StreetAccount
from app.people.roles import ROLE_LABELS, Role
from app.people.secrets import hash_password
from app.people.settings import MAY, MUST, OWN_FIRST, TWO_STEP, is_two_step_required
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Street
from tenants.scope import current_street


def accounts() -> list[StreetAccount]:
    """Every login of the bound street, those in use first."""
    return list(
        db.session.scalars(
            select(StreetAccount)
            .where(StreetAccount.street_id == current_street())
            .order_by(StreetAccount.disabled_at.is_not(None), StreetAccount.created_at, StreetAccount.login)
        )
    )


def find_account(account_id: UUID) -> StreetAccount:
    """One login; raises ``Missing``."""
    found = db.session.scalar(
        select(StreetAccount).where(StreetAccount.street_id == current_street(), StreetAccount.id == account_id)
    )
    if found is None:
        raise Missing(N_("没有这个账号。"))
    return found


def add_account(
    login: str, name: str, role: Role, password: str, *, by: Actor, now: datetime, id: UUID | None = None
) -> StreetAccount:
    """A login of the street with one role, and a first password to be changed at once."""
    login, name = login.strip().lower(), name.strip()
    good_identity(login, name).or_refuse()
    rules.good_password(password, login).or_refuse()
    duties.may_give(role, to_self=False).or_refuse()
    taken = select(StreetAccount.id).where(StreetAccount.street_id == current_street(), StreetAccount.login == login)
    if db.session.scalar(taken):
        raise Refused(TAKEN, login=login)
    account = StreetAccount(
        id=id or uuid7(), role=role, login=login, display_name=name, password_hash=hash_password(password),
        must_change=True, created_at=now,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    log_street("account", "add", by=by, now=now, after=f"{login} {name} {ROLE_LABELS[role]}")
    return account


def reset_password(account: StreetAccount, password: str, *, by: Actor, now: datetime) -> StreetAccount:
    """A new first password; every session of the account ends."""
    rules.good_password(password, account.login).or_refuse()
    account.password_hash, account.must_change = hash_password(password), True
    account.epoch += 1
    account.failed, account.locked_until = 0, None
    log_street("account", "password", by=by, now=now, after=_label(account))
    return account


def disable_account(account: StreetAccount, *, by: Actor, now: datetime) -> StreetAccount:
    """Close a login at once. Nobody closes their own, and the street keeps an administrator."""
    if account.id == by.id:
        raise Refused(N_("不能停用自己的账号。"))
    if account.disabled_at is None:
        _keep_an_admin(account)
        account.disabled_at = now
        account.epoch += 1
        log_street("account", "disable", by=by, now=now, after=_label(account))
    return account


def enable_account(account: StreetAccount, *, by: Actor, now: datetime) -> StreetAccount:
    """Open a closed login again."""
    if account.disabled_at is not None:
        account.disabled_at = None
        log_street("account", "enable", by=by, now=now, after=_label(account))
    return account


def unlock_account(account: StreetAccount, *, by: Actor, now: datetime) -> StreetAccount:
    """Let a login that mistyped its password try again now."""
    if account.failed or account.locked_until is not None:
        account.failed, account.locked_until = 0, None
        log_street("account", "unlock", by=by, now=now, after=_label(account))
    return account


def change_role(account: StreetAccount, role: Role, *, by: Actor, now: datetime) -> StreetAccount:
    """Give a login another role; its sessions end, so that whoever comes back comes back as what they are now."""
    duties.may_give(role, to_self=account.id == by.id).or_refuse()
    before = Role(account.role)
    if before is role:
        return account
    if before is Role.STREET_ADMIN:
        _keep_an_admin(account)
    account.role = role
    account.epoch += 1
    told = f"{_label(account)} {ROLE_LABELS[before]}"
    log_street("account", "role", by=by, now=now, before=told, after=ROLE_LABELS[role])
    return account


def require_two_step(required: bool, *, by: Actor, has_it: bool, now: datetime) -> None:
    """Ask it of everybody of the street, or no longer. Whoever asks it of others (``has_it``) goes first."""
    if required and not has_it:
        raise Refused(OWN_FIRST)
    street = db.session.scalars(
        select(Street).where(Street.id == current_street()).with_for_update().execution_options(populate_existing=True)
    ).one()
    if is_two_step_required(street.settings) == required:
        return
    street.settings = {**street.settings, TWO_STEP: required}
    log_street("account", "two_step_must", by=by, now=now, after=MUST if required else MAY)


def _keep_an_admin(leaving: StreetAccount) -> None:
    # The rows are locked, so that two administrators who close each other in one moment cannot both succeed.
    able = db.session.scalars(
        select(StreetAccount.id)
        .where(
            StreetAccount.street_id == current_street(), StreetAccount.role == Role.STREET_ADMIN,
            StreetAccount.disabled_at.is_(None),
        )
        .order_by(StreetAccount.id)
        .with_for_update()
    ).all()  # fmt: skip
    if list(able) == [leaving.id]:
        raise Refused(N_("至少要留一位街道管理员，先给别人加上再停。"))


def _label(account: StreetAccount) -> str:
    return f"{account.login} {account.display_name}"
