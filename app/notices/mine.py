"""What one person of the hall was told in the program: by matter, what is unread first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from app.flow.collect.models import Proposal
from app.matter.models import Matter
from app.notices.models import Message
from app.notices.rules import PROPOSER
from app.people.models import Account
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: How many messages of one matter a page shows; the rest stands in the matter itself.
SHOWN = 12


@dataclass(frozen=True)
class Group:
    """What somebody was told about one matter, the newest first."""

    matter: Matter
    unread: int
    lines: Sequence[Message]


def my_groups(account: Account, *, unread_only: bool, page: int) -> tuple[list[Group], int, int]:
    """One page of groups, how many groups there are, and how many messages are unread; two statements."""
    unread = func.count().filter(Message.read_at.is_(None))
    grouped = select(
        Message.matter_id, func.max(Message.created_at).label("at"), unread.label("unread"),
        func.sum(unread).over().label("all_unread"), func.count().over().label("total"),
    ).where(_mine(account)).group_by(Message.matter_id)  # fmt: skip
    if unread_only:
        grouped = grouped.having(unread > 0)
    wanted = (
        grouped.order_by((unread > 0).desc(), func.max(Message.created_at).desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
        .subquery()
    )
    here = current_community()
    ranked = (
        select(
            Message,
            func.row_number().over(partition_by=Message.matter_id, order_by=Message.created_at.desc()).label("n"),
        )
        .where(_mine(account), Message.matter_id.in_(select(wanted.c.matter_id)))
        .subquery()
    )
    rows = db.session.execute(
        select(wanted, Matter)
        .join(Matter, and_(Matter.community_id == here, Matter.id == wanted.c.matter_id))
        .order_by((wanted.c.unread > 0).desc(), wanted.c.at.desc())
    ).all()
    lines: dict[UUID, list[Message]] = {}
    if rows:
        told = select(Message).join(ranked, and_(Message.community_id == here, Message.id == ranked.c.id))
        for message in db.session.scalars(
            told.where(ranked.c.n <= SHOWN).order_by(Message.created_at.desc(), Message.id.desc())
        ):
            lines.setdefault(message.matter_id, []).append(message)
    groups = [Group(row.Matter, row.unread, lines[row.matter_id]) for row in rows]
    return groups, int(rows[0].total) if rows else 0, int(rows[0].all_unread or 0) if rows else 0


def mark_mine_read(account: Account, *, until: datetime, now: datetime, matter_id: UUID | None = None) -> int:
    """The person has read what was there up to ``until``, of one matter or of all; returns how many that were."""
    found = [_mine(account), Message.read_at.is_(None), Message.created_at <= until]
    if matter_id is not None:
        found.append(Message.matter_id == matter_id)
    read = db.session.execute(
        update(Message).where(*found).values(read_at=now).execution_options(synchronize_session=False)
    )
    return int(read.rowcount)  # type: ignore[attr-defined]


def count_mine(account_id: UUID | None) -> Any:
    """How many messages wait for this account, as a subquery for the menu."""
    return (
        select(func.count())
        .select_from(Message)
        .where(
            Message.community_id == current_community(), Message.to_id == account_id, Message.read_at.is_(None)
        )
        .scalar_subquery()
    )  # fmt: skip


def _mine(account: Account) -> Any:
    """To this account; and to whoever brought a matter, where the account's own person did."""
    own = Message.to_id == account.id
    if account.person_id is not None:
        brought = select(Proposal.matter_id).where(
            Proposal.community_id == current_community(), Proposal.person_id == account.person_id
        )
        own = or_(own, and_(Message.to_kind == PROPOSER, Message.matter_id.in_(brought)))
    return and_(Message.community_id == current_community(), own)
