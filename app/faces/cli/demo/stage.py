"""The hall's people as those who act, its places, and the clock of a story: day N after the first words at hh:mm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app import clock
from app.people.actor import Actor
from app.people.models import Account, Membership
from app.people.places import Building, Estate, Venue
from app.people.queries import actor_of
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

RESIDENT = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))
LOGINS = {
    "secretary": "shuji", "worker": "shegong", "grid": "wangge", "leader": "wanggezhang", "steward": "louzhang",
    "supervisor": "jiandu",
}  # fmt: skip


@dataclass
class Stage:
    """Who acts in one hall. ``seats`` are the council's members in seat order."""

    people: dict[str, Actor]
    seats: list[Actor]
    venue: Venue

    @classmethod
    def set(cls) -> Stage:
        """Read the bound hall's people in one statement."""
        rows = db.session.execute(
            select(Account, Membership)
            .join(
                Membership,
                (Membership.community_id == Account.community_id) & (Membership.account_id == Account.id),
            )
            .where(Account.community_id == current_community(), Membership.until.is_(None))
            .order_by(Membership.seat)
        ).all()
        actors = {account.login: actor_of(account, frozenset({Role(m.role)})) for account, m in rows}
        seats = [actors[account.login] for account, m in rows if m.seat is not None]
        venue = db.session.scalars(
            select(Venue).where(Venue.community_id == current_community()).order_by(Venue.sort).limit(1)
        ).one()
        return cls({name: actors[login] for name, login in LOGINS.items()}, seats, venue)

    def actor(self, name: str) -> Actor:
        """``secretary``, ``worker`` … or ``seat 3``."""
        if name.startswith("seat "):
            return self.seats[int(name.removeprefix("seat ")) - 1]
        return RESIDENT if name == "resident" else self.people[name]


def building(estate: str, name: str) -> Building:
    """A building of the bound hall by estate and name."""
    return db.session.scalars(
        select(Building)
        .join(Estate, (Estate.community_id == Building.community_id) & (Estate.id == Building.estate_id))
        .where(Building.community_id == current_community(), Estate.name == estate, Building.name == name)
    ).one()


@dataclass
class StoryClock:
    """Time in a story. Where a rule shifts a day, everything after it shifts along (``drift``)."""

    begins: date
    drift: int = 0
    last: datetime | None = None

    def day(self, n: int) -> date:
        """The day ``n`` days after the first words."""
        return self.begins + timedelta(days=n + self.drift)

    def at(self, n: int, time: str) -> datetime:
        """That day at ``hh:mm``, never before what was told last."""
        hour, minute = time.split(":")
        return self.told(clock.at(self.day(n), int(hour), int(minute)))

    def told(self, moment: datetime) -> datetime:
        """``moment``, or the same time on the first day after the last thing told (a holiday has put that off)."""
        while self.last is not None and moment < self.last:
            moment += timedelta(days=1)
        self.last = moment
        return moment

    def later(self, minutes: int) -> datetime:
        """So many minutes after what was told last."""
        if self.last is None:
            raise ValueError("a story begins with a day")
        self.last += timedelta(minutes=minutes)
        return self.last


def begin_on(today: date, ago: tuple[int, int], weekday: int | None) -> date:
    """The day a story began: between ``ago`` (least, most) days before today, on ``weekday`` (0 Monday) where given."""
    least, most = ago
    for days in range(least, most + 1):
        found = today - timedelta(days=days)
        if weekday is None or found.weekday() == weekday:
            return found
    return today - timedelta(days=least)
