"""Finding people: the signed-in account with its roles in one statement."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.people.actor import Actor
from app.people.duties import CARRIES
from app.people.models import Account, Membership, StreetAccount
from app.people.roles import COMMUNITY_STAFF, Role
from tenants.database import db
from tenants.scope import current_community, current_street


def account_with_roles(account_id: UUID, today: date) -> tuple[Account, frozenset[Role]] | None:
    """The hall's account and the roles it holds today, or None where it is unknown here or disabled."""
    asked = {"here": current_community(), "account": account_id, "today": today}
    rows = db.session.execute(_with_roles(), asked).all()
    if not rows:
        return None
    roles = {Role(role) for _, role in rows if role}
    if rows[0][0].kind == "resident":
        roles.add(Role.RESIDENT)
    return rows[0][0], frozenset(roles)


@cache
def _with_roles() -> Any:
    """Built once and asked with values, because every page of everybody signed in begins with it."""
    here, today = bindparam("here", type_=BigInteger()), bindparam("today", type_=Date())
    valid = and_(
        Membership.community_id == Account.community_id,
        Membership.account_id == Account.id,
        Membership.since <= today,
        or_(Membership.until.is_(None), Membership.until >= today),
    )
    return (
        select(Account, Membership.role)
        .outerjoin(Membership, valid)
        .where(
            Account.community_id == here, Account.id == bindparam("account", type_=Uuid()),
            Account.disabled_at.is_(None),
        )
    )  # fmt: skip


def street_account(account_id: UUID) -> tuple[StreetAccount, frozenset[Role]] | None:
    """The street's account and the duties that somebody of the street holds now; None where it is unknown or disabled.

    One statement: every page of the street begins with it.
    """
    other = aliased(StreetAccount)
    held = (
        select(func.array_agg(other.role.distinct()))
        .where(
            other.street_id == current_street(), other.role.in_([str(role) for role in CARRIES]),
            other.disabled_at.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    row = db.session.execute(
        select(StreetAccount, held).where(
            StreetAccount.street_id == current_street(), StreetAccount.id == account_id,
            StreetAccount.disabled_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    return (row[0], frozenset(Role(role) for role in row[1] or ())) if row else None


def actor_of(account: Account | StreetAccount, roles: frozenset[Role]) -> Actor:
    """The account as somebody who acts. A resident's name never enters the timeline."""
    if isinstance(account, StreetAccount):
        return Actor("street", account.display_name, account.id, roles)
    if account.kind == "resident":
        return Actor("resident", "居民", account.id, roles)
    kind = "staff" if roles & COMMUNITY_STAFF or Role.AFFAIRS_SUPERVISOR in roles else "council"
    return Actor(kind, account.display_name, account.id, roles)


def active_members(role: Role, today: date) -> list[tuple[Account, Membership]]:
    """Accounts holding ``role`` today, council seats in seat order."""
    rows = db.session.execute(
        select(Account, Membership)
        .join(
            Membership,
            and_(Membership.community_id == Account.community_id, Membership.account_id == Account.id),
        )
        .where(
            Account.community_id == current_community(),
            Account.disabled_at.is_(None),
            Membership.role == role,
            Membership.since <= today,
            or_(Membership.until.is_(None), Membership.until >= today),
        )
        .order_by(Membership.seat.nulls_last(), Account.name_key, Account.display_name)
    ).all()
    return [(account, membership) for account, membership in rows]
