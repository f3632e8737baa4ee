"""Contact days, open hours, home visits: the rhythm, the coming days, the log of each, and what was heard there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from app import clock
from app.errors import Missing, Refused, Verdict
from app.flow.collect import hearing
from app.flow.collect.channels import ListeningDay, ListeningSeries
from app.flow.collect.hearing import Coming
from app.flow.collect.models import Proposal
from app.matter.house import house
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.places import Building, Estate
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

TAKEN = N_("已经有一个叫「%(name)s」的了，换个名字。")


@dataclass(frozen=True)
class Occasion:
    """A coming day of a series; ``log`` is its log where one was begun (or called off)."""

    series: ListeningSeries
    coming: Coming
    log: ListeningDay | None = None

    @property
    def is_off(self) -> bool:
        """Nobody sits there on that day."""
        return self.coming.is_off or (self.log is not None and self.log.state == "called_off")

    @property
    def why(self) -> str:
        """Why nobody does."""
        return self.log.words if self.log is not None and self.log.state == "called_off" else self.coming.note


@dataclass(frozen=True)
class Day:
    """One log with what is shown of it; ``heard`` counts the leads and proposals it brought."""

    log: ListeningDay
    series: str
    building: str
    heard: int

    @property
    def name(self) -> str:
        """The series' name, or the kind's own key where it stood alone."""
        return self.series or hearing.KIND_LABELS[self.log.kind]


def all_series() -> list[ListeningSeries]:
    """Every rhythm that still goes on, with its place; one statement."""
    return list(
        db.session.scalars(
            select(ListeningSeries)
            .options(joinedload(ListeningSeries.venue))
            .where(ListeningSeries.community_id == current_community(), ListeningSeries.ended_at.is_(None))
            .order_by(ListeningSeries.name)
        )
    )


def find_series(series_id: UUID) -> ListeningSeries:
    """The rhythm; raises ``Missing``."""
    found = db.session.scalar(
        select(ListeningSeries)
        .options(joinedload(ListeningSeries.venue))
        .where(ListeningSeries.community_id == current_community(), ListeningSeries.id == series_id)
    )
    if found is None:
        raise Missing(N_("没有这个坐班的日子。"))
    return found


def occasions(now: datetime, series: Sequence[ListeningSeries] | None = None) -> list[Occasion]:
    """The coming days of every rhythm in the order of time, those that are off with the reason; two statements."""
    series = all_series() if series is None else series
    begin, until = clock.at(clock.local(now).date(), 0), now + hearing.AHEAD
    days = db.session.scalars(
        select(ListeningDay).where(
            ListeningDay.community_id == current_community(), ListeningDay.series_id.is_not(None),
            ListeningDay.held_at >= begin, ListeningDay.held_at <= until,
        )
    )  # fmt: skip
    logs = {(day.series_id, day.held_at): day for day in days}
    calendar = house().calendar
    found = [
        Occasion(one, at, logs.get((one.id, at.at)))
        for one in series
        for at in hearing.coming(one.rrule, one.starts, begin - timedelta(seconds=1), calendar, until=until)
    ]
    return sorted(found, key=lambda occasion: (occasion.coming.at, occasion.series.name))


def soonest(now: datetime, most: int, each: int = 2) -> list[Occasion]:
    """What residents read: the next days, at most ``each`` of one rhythm, so that a weekly one hides no monthly one."""
    shown: dict[UUID, int] = {}
    found = []
    for occasion in occasions(now):
        over = hearing.ends_at(occasion.coming.at, occasion.series.ends) < now
        if over or shown.get(occasion.series.id, 0) >= each:
            continue
        shown[occasion.series.id] = shown.get(occasion.series.id, 0) + 1
        found.append(occasion)
    return found[:most]


def add_series(values: dict[str, Any], *, id: UUID | None = None, by: Actor, now: datetime) -> ListeningSeries:
    """Settle a rhythm. ``values``: name, kind, rrule, starts, ends, venue_id, place, host. Raises ``Refused``."""
    if values["kind"] not in hearing.REPEATED:
        raise Refused(N_("是哪一种，请选一样。"))
    wrong = hearing.good_series(
        values["name"], values["rrule"], values["starts"], values["ends"], values["place"], values["host"]
    )
    _first(wrong).or_refuse()
    name = values["name"].strip()
    taken = select(ListeningSeries.id).where(
        ListeningSeries.community_id == current_community(), ListeningSeries.name == name
    )
    if db.session.scalar(taken):
        raise Refused(TAKEN, name=name)
    series = ListeningSeries(
        id=id or uuid7(), kind=values["kind"], name=name, rrule=values["rrule"], starts=values["starts"],
        ends=values["ends"], venue_id=values["venue_id"], place=values["place"].strip(), host=values["host"].strip(),
    )  # fmt: skip
    db.session.add(series)
    db.session.flush()
    log_change("listening", "series", by=by, now=now, subject_id=series.id, after=f"{name} {series.rrule}")
    return series


def end_series(series: ListeningSeries, *, by: Actor, now: datetime) -> ListeningSeries:
    """Let a rhythm end; its logs stay."""
    if series.ended_at is None:
        series.ended_at = now
        log_change("listening", "end", by=by, now=now, subject_id=series.id, before=series.name)
        db.session.flush()
    return series


def open_log(
    values: dict[str, Any], *, series: ListeningSeries | None = None, id: UUID | None = None, by: Actor, now: datetime
) -> ListeningDay:
    """Begin the log of a day. ``values``: kind, held_at, place, host, host_id, building_id, visitors, words.

    A day of a rhythm has one log: the second call finds the first one's.
    """
    kind = series.kind if series else values["kind"]
    _check(kind, values["held_at"], values, now)
    if series is not None:
        begun = _log_of(series, values["held_at"])
        if begun is not None:
            return begun
    day = ListeningDay(
        id=id or uuid7(), series_id=series.id if series else None, kind=kind, held_at=values["held_at"],
        place=values["place"].strip(), building_id=values["building_id"], host_id=values["host_id"],
        host_label=values["host"].strip(), visitors=values["visitors"], words=values["words"].strip(), created_at=now,
    )  # fmt: skip
    db.session.add(day)
    db.session.flush()
    return day


def call_off(series: ListeningSeries, held_at: datetime, reason: str, *, by: Actor, now: datetime) -> ListeningDay:
    """Say that nobody sits there on one coming day, and why; residents read it on the page of hours."""
    reason = reason.strip()
    if not reason or len(reason) > hearing.REASON:
        raise Refused(N_("为什么停这一次，写一句话（%(limit)s 个字以内）。"), limit=hearing.REASON)
    planned = {occasion.coming.at for occasion in occasions(now, [series])}
    if held_at not in planned:
        raise Refused(N_("这一天本来就不坐班。"))
    begun = _log_of(series, held_at)
    if begun is not None and begun.state == "called_off":
        return begun
    if begun is not None:
        raise Refused(N_("这一天已经开始记了，停不了。"))
    day = ListeningDay(
        id=uuid7(), series_id=series.id, kind=series.kind, held_at=held_at, place=series.place, host_label=series.host,
        words=reason, state="called_off", created_at=now,
    )  # fmt: skip
    db.session.add(day)
    log_change("listening", "log", by=by, now=now, subject_id=series.id, after=f"{held_at:%Y-%m-%d} {reason}")
    db.session.flush()
    return day


def find_day(day_id: UUID, *, hold: bool = False) -> Day:
    """One log with the name of its rhythm, its building and how much was heard; raises ``Missing``."""
    wanted = _days().where(ListeningDay.id == day_id)
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise Missing(N_("没有这次记录。"))
    if hold:
        db.session.refresh(row[0], with_for_update=True)
    return _day(row)


def days_of(first: date, following: date) -> list[Day]:
    """The logs of a month, the oldest first; one statement."""
    rows = db.session.execute(
        _days()
        .where(ListeningDay.held_at >= clock.at(first, 0), ListeningDay.held_at < clock.at(following, 0))
        .order_by(ListeningDay.held_at, ListeningDay.created_at)
    )
    return [_day(row) for row in rows]


def heard_at(day_id: UUID) -> list[Matter]:
    """The matters that came out of a day, the oldest first."""
    return list(
        db.session.scalars(
            select(Matter)
            .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id))
            .where(Matter.community_id == current_community(), Proposal.listening_id == day_id)
            .order_by(Matter.collected_at, Matter.number)
        )
    )


def change_log(day: ListeningDay, values: dict[str, Any], *, by: Actor, now: datetime) -> ListeningDay:
    """Put a log right while it is open: place, host, visitors, words."""
    hearing.may_change(day.state).or_refuse()
    _check(day.kind, day.held_at, values, now)
    day.place, day.host_label, day.host_id = values["place"].strip(), values["host"].strip(), values["host_id"]
    day.visitors, day.words, day.building_id = values["visitors"], values["words"].strip(), values["building_id"]
    db.session.flush()
    return day


def close_log(day: ListeningDay, *, by: Actor, now: datetime) -> ListeningDay:
    """Finish a log; a second click finds it finished."""
    if day.state != "done":
        hearing.may_change(day.state).or_refuse()
        day.state = "done"
        log_change("listening", "log", by=by, now=now, subject_id=day.id, after=f"{day.host_label} {day.visitors}")
        db.session.flush()
    return day


def _check(kind: str, held_at: datetime, values: dict[str, Any], now: datetime) -> None:
    _first(
        hearing.good_log(
            kind, held_at, now, place=values["place"], host=values["host"], visitors=values["visitors"],
            words=values["words"],
        )
    ).or_refuse()  # fmt: skip


def _first(wrong: dict[str, Verdict]) -> Verdict:
    return next(iter(wrong.values()), Verdict(True))


def _log_of(series: ListeningSeries, held_at: datetime) -> ListeningDay | None:
    return db.session.scalar(
        select(ListeningDay).where(
            ListeningDay.community_id == current_community(), ListeningDay.series_id == series.id,
            ListeningDay.held_at == held_at,
        )
    )  # fmt: skip


def _days() -> Any:
    heard = (
        select(func.count())
        .where(Proposal.community_id == ListeningDay.community_id, Proposal.listening_id == ListeningDay.id)
        .correlate(ListeningDay)
        .scalar_subquery()
    )
    here = ListeningDay.community_id
    return (
        select(ListeningDay, ListeningSeries.name, Building.name, Estate.name, heard)
        .outerjoin(
            ListeningSeries, and_(ListeningSeries.community_id == here, ListeningSeries.id == ListeningDay.series_id)
        )
        .outerjoin(Building, and_(Building.community_id == here, Building.id == ListeningDay.building_id))
        .outerjoin(Estate, and_(Estate.community_id == here, Estate.id == Building.estate_id))
        .where(ListeningDay.community_id == current_community())
    )


def _day(row: Any) -> Day:
    log, series, building, estate, heard = row
    return Day(log, series or "", " ".join(part for part in (estate, building) if part), heard)
