"""Reading the hall's accounts for the secretary's desk: a page of them, and one with its roles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from app.people.models import Account, Membership
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: What stands in the filter: staff and council, residents, or those whom nobody may use.
KINDS = ("staff", "resident", "disabled")


def accounts_page(*, kind: str, role: str, words: str, page: int) -> tuple[list[dict[str, Any]], int]:
    """One page of accounts in the order of their names, each with its present roles; and how many there are."""
    wanted = _wanted(kind, role, words)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    accounts = db.session.scalars(
        wanted.order_by(Account.name_key, Account.display_name, Account.created_at)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    held = memberships_of([account.id for account in accounts])
    return [{"account": account, "roles": held.get(account.id, [])} for account in accounts], total


def _wanted(kind: str, role: str, words: str) -> Select[tuple[Account]]:
    wanted = select(Account).where(Account.community_id == current_community())
    if kind == "disabled":
        wanted = wanted.where(Account.disabled_at.is_not(None))
    else:
        wanted = wanted.where(Account.kind == ("resident" if kind == "resident" else "staff"))
    if role in set(Role):
        held = select(Membership.account_id).where(
            Membership.community_id == current_community(), Membership.role == role, Membership.until.is_(None)
        )
        wanted = wanted.where(Account.id.in_(held))
    if words:
        like = func.lower(words)
        # strpos, not LIKE: a typed % or _ is a letter like any other.
        wanted = wanted.where(
            or_(func.strpos(func.lower(Account.display_name), like) > 0,
                and_(Account.kind == "staff", func.strpos(Account.login, like) > 0))
        )  # fmt: skip
    return wanted


def memberships_of(account_ids: Sequence[UUID]) -> dict[UUID, list[Membership]]:
    """The present roles of these accounts, in the order of the vocabulary; one statement."""
    order = list(Role)
    found: dict[UUID, list[Membership]] = {}
    rows = db.session.scalars(
        select(Membership).where(
            Membership.community_id == current_community(),
            Membership.account_id.in_(account_ids),
            Membership.until.is_(None),
        )
    ).all()
    for membership in sorted(rows, key=lambda m: (order.index(Role(m.role)), m.since)):
        found.setdefault(membership.account_id, []).append(membership)
    return found


def is_locked(account: Account, now: datetime) -> bool:
    """Whether wrong passwords keep this account waiting."""
    return account.locked_until is not None and account.locked_until > now


def council_page() -> list[tuple[Membership, Account]]:
    """The council in the order of its seats; one statement."""
    rows = db.session.execute(
        select(Membership, Account)
        .join(Account, and_(Account.community_id == Membership.community_id, Account.id == Membership.account_id))
        .where(
            Membership.community_id == current_community(),
            Membership.role == Role.COUNCIL_MEMBER,
            Membership.until.is_(None),
        )
        .order_by(Membership.seat.nulls_last(), Account.name_key)
    ).all()
    return [(membership, account) for membership, account in rows]


def past_roles(account_id: UUID) -> list[Membership]:
    """Roles that ended, the newest first; a role given and taken back on one day is left out."""
    rows = db.session.scalars(
        select(Membership)
        .where(
            Membership.community_id == current_community(),
            Membership.account_id == account_id,
            Membership.until >= Membership.since,
        )
        .order_by(Membership.until.desc())
        .limit(PAGE)
    ).all()
    return list(rows)
