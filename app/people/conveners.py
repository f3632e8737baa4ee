"""The convener list (召集人名单): who may call a sitting, in which standing, for which part of the community.

Source: domain.md section 1 (支部书记、网格员、楼长、单元长). ``until`` is the last day on the list. A hall that has not
written its list yet is not struck dumb by that: until the first line stands, those who hold the standing may call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from app import clock
from app.errors import Missing, Refused, Verdict, no, yes
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, Membership
from app.people.roles import Role
from app.people.seat_rules import STANDINGS
from app.people.seats import Convener
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

NAME, AREA = 40, 60
STANDING_OF: Mapping[Role, str] = {
    Role.SECRETARY: "secretary", Role.GRID_LEADER: "grid_worker", Role.GRID_WORKER: "grid_worker",
    Role.BUILDING_STEWARD: "building_steward",
}  # fmt: skip
NOT_LISTED = N_("召集会要在召集人名单上：支部书记、网格员、楼长、单元长。请书记先把您加上。")


def conveners_today(today: date) -> list[Convener]:
    """Who may call a sitting on this day, by standing; one statement."""
    rows = db.session.scalars(select(Convener).where(*_valid(today)).order_by(Convener.since, Convener.name)).all()
    order = list(STANDINGS)
    return sorted(rows, key=lambda row: order.index(row.standing))


def may_convene(account_id: UUID | None, today: date) -> Verdict:
    """Whether this account may call a sitting on this day; at most two statements."""
    listed = conveners_today(today)
    if account_id is not None and any(row.account_id == account_id for row in listed):
        return yes()
    if listed or account_id is None:
        return no(NOT_LISTED)
    return yes() if any(who.account_id == account_id for who in standing_members(today)) else no(NOT_LISTED)


@dataclass(frozen=True)
class Suggested:
    """Somebody whose role makes them a convener and who is not on the list."""

    account_id: UUID
    name: str
    standing: str
    area: str


def standing_members(today: date) -> list[Suggested]:
    """Everybody whose role of today is a convener's standing; one statement."""
    rows = db.session.execute(
        select(Membership.account_id, Account.display_name, Membership.role, Membership.title)
        .join(Account, and_(Account.community_id == Membership.community_id, Account.id == Membership.account_id))
        .where(
            Membership.community_id == current_community(), Membership.role.in_(STANDING_OF),
            Membership.since <= today, or_(Membership.until.is_(None), Membership.until >= today),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name_key)
    ).all()  # fmt: skip
    order = list(STANDINGS)
    found = [Suggested(row[0], row[1], STANDING_OF[Role(row[2])], row[3]) for row in rows]
    return sorted(found, key=lambda who: order.index(who.standing))


def suggestions(today: date, listed: list[Convener]) -> list[Suggested]:
    """Who holds the standing and is not on the list yet."""
    known = {(row.account_id, row.standing) for row in listed}
    return [who for who in standing_members(today) if (who.account_id, who.standing) not in known]


def find_convener(convener_id: UUID) -> Convener:
    """A line of the list; raises ``Missing``."""
    found = db.session.scalar(
        select(Convener).where(Convener.community_id == current_community(), Convener.id == convener_id)
    )
    if found is None:
        raise Missing(N_("召集人名单上没有这一位。"))
    return found


def add_convener(
    values: Mapping[str, Any], *, id: UUID, by: Actor, now: datetime, account_id: UUID | None = None
) -> Convener:
    """A new line. ``values``: name, standing, area, since."""
    line = Convener(id=id, account_id=account_id, **values)
    db.session.add(line)
    db.session.flush()
    log_change("convener", "add", by=by, now=now, subject_id=line.id, after=_words(line))
    return line


def take_over(account_ids: list[UUID], *, by: Actor, now: datetime) -> int:
    """Put suggested people on the list as they stand; returns how many. Who is on it already stays as they are."""
    today = clock.local(now).date()
    wanted = [who for who in suggestions(today, conveners_today(today)) if who.account_id in account_ids]
    for who in wanted:
        values = {"name": who.name, "standing": who.standing, "area": who.area[:AREA], "since": today}
        add_convener(values, id=uuid7(), by=by, now=now, account_id=who.account_id)
    return len(wanted)


def change_convener(line: Convener, values: Mapping[str, Any], *, by: Actor, now: datetime) -> Convener:
    """Correct a line that still stands."""
    if line.until is not None:
        raise Refused(N_("这一位已经不在名单上了，不再改。"))
    before = _words(line)
    for name, value in values.items():
        setattr(line, name, value)
    if _words(line) != before:
        log_change("convener", "change", by=by, now=now, subject_id=line.id, before=before, after=_words(line))
    return line


def end_convener(line: Convener, *, by: Actor, now: datetime) -> Convener:
    """Take somebody off the list from today on."""
    if line.until is None:
        line.until = max(clock.local(now).date(), line.since) - timedelta(days=1)
        log_change("convener", "end", by=by, now=now, subject_id=line.id, before=_words(line))
    return line


def _valid(today: date) -> tuple[Any, ...]:
    return (
        Convener.community_id == current_community(), Convener.since <= today,
        or_(Convener.until.is_(None), Convener.until >= today),
    )  # fmt: skip


def _words(line: Convener) -> str:
    return "｜".join((STANDINGS[line.standing], line.name, line.area, line.since.isoformat()))
