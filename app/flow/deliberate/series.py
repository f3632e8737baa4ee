"""Regular sittings (例会): settled once, shown with the days that are moved around holidays, planned one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, true

from app.clock import SHANGHAI, local
from app.errors import Missing, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.models import Sitting, SittingSeries
from app.flow.deliberate.rules import SittingKind
from app.matter.house import house
from app.matter.rhythm import LONGEST_HOLIDAY, Occurrence, OnHoliday, occurrences
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.places import Venue
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: How many coming days of a series the desk shows.
SHOWN = 6
#: What may be settled to happen again and again; a bench sitting happens when it is needed.
REPEATED = tuple(kind for kind in SittingKind if kind not in (SittingKind.BENCH, *rules.BY_NUMBER))


@dataclass(frozen=True)
class Coming:
    """A coming day of a series; ``planned`` says that a sitting stands for it already."""

    day: Occurrence
    planned: bool = False


@dataclass(frozen=True)
class Running:
    """A series with its place and its coming days; ``planned`` and ``told`` are the days a sitting stands for, among
    them those whose notice went out.
    """

    series: SittingSeries
    place: str
    days: list[Coming] = field(default_factory=list)
    planned: frozenset[date] = frozenset()
    told: frozenset[date] = frozenset()

    @property
    def next_free(self) -> Coming | None:
        """The first day that is held and has no sitting yet."""
        return next((one for one in self.days if one.day.at is not None and not one.planned), None)


def add_series(
    name: str, rrule: str, starts: str, venue_id: UUID | None = None, kind: str = "council", *,
    on_holiday: str = OnHoliday.KEEP, by: Actor, now: datetime,
) -> SittingSeries:  # fmt: skip
    """Settle a regular sitting: ``FREQ=MONTHLY;BYMONTHDAY=5`` at ``14:30``. Refuses a rule nobody could keep."""
    series = SittingSeries(**_checked(name, rrule, starts, venue_id, kind, on_holiday))
    _only_one(series.name, None)
    db.session.add(series)
    db.session.flush()
    log_change("series", "add", by=by, now=now, subject_id=series.id, after=_words(series))
    return series


def change_series(
    series: SittingSeries, name: str, rrule: str, starts: str, venue_id: UUID | None, kind: str, *, on_holiday: str,
    by: Actor, now: datetime,
) -> SittingSeries:  # fmt: skip
    """Settle it otherwise from now on; sittings that are planned stay as they are."""
    if series.ended_at is not None:
        raise Refused(N_("这个例会已经不再排了。"))
    values, before = _checked(name, rrule, starts, venue_id, kind, on_holiday), _words(series)
    _only_one(values["name"], series.id)
    for column, value in values.items():
        setattr(series, column, value)
    db.session.flush()
    if _words(series) != before:
        log_change("series", "change", by=by, now=now, subject_id=series.id, before=before, after=_words(series))
    return series


def end_series(series: SittingSeries, *, by: Actor, now: datetime) -> SittingSeries:
    """Let it end; sittings that were planned from it stay, and its name is free again only for itself."""
    if series.ended_at is None:
        series.ended_at = now
        log_change("series", "end", by=by, now=now, subject_id=series.id, before=_words(series))
        db.session.flush()
    return series


def next_dates(series: SittingSeries, after: datetime, n: int = 3) -> list[datetime]:
    """The next ``n`` moments strictly after ``after`` at which people sit, moved around days off, in Asia/Shanghai."""
    return [one.at for one in coming_days(series, after, n) if one.at is not None]


def coming_days(
    series: SittingSeries, after: datetime, n: int = SHOWN, until: datetime | None = None
) -> list[Occurrence]:
    """The same days whole: with those that are skipped, and with the reason for each that is not as the rule says."""
    return occurrences(
        series.rrule, series.starts, after, house().calendar, series.on_holiday, n=n, until=until
    )  # fmt: skip


def day_of_series(series: SittingSeries, starts_at: datetime) -> date | None:
    """The day of the series, as its rule says it, on which a sitting at ``starts_at`` falls; None between its days."""
    begin = datetime.combine(local(starts_at).date(), time.min, tzinfo=SHANGHAI)
    until = begin + timedelta(days=1)
    found = coming_days(series, begin - timedelta(seconds=1), 2, until)
    return next((one.on for one in found if one.at and local(one.at).date() == begin.date()), None)


def running(now: datetime, n: int = SHOWN) -> list[Running]:
    """Every series that goes on with its next ``n`` days (none with 0); one statement."""
    rows = db.session.execute(
        select(SittingSeries, Venue.name, _days_with_a_sitting(now), _days_with_a_sitting(now, told=True))
        .outerjoin(Venue, and_(Venue.community_id == SittingSeries.community_id, Venue.id == SittingSeries.venue_id))
        .where(SittingSeries.community_id == current_community(), SittingSeries.ended_at.is_(None))
        .order_by(SittingSeries.name)
    ).all()
    found = []
    for series, place, planned, told in rows:
        days = coming_days(series, now, n) if n else []
        stand = frozenset(planned or ())
        coming = [Coming(one, one.on in stand) for one in days]
        found.append(Running(series, place or "", coming, stand, frozenset(told or ())))
    return found


def _days_with_a_sitting(now: datetime, *, told: bool = False) -> Any:
    public = or_(Sitting.noticed_at.is_not(None), Sitting.opened_at.is_not(None))
    return (
        select(func.array_agg(Sitting.series_on))
        .where(
            Sitting.community_id == SittingSeries.community_id, Sitting.series_id == SittingSeries.id,
            Sitting.series_on >= local(now).date() - LONGEST_HOLIDAY, public if told else true(),
        )
        .correlate(SittingSeries)
        .scalar_subquery()
    )  # fmt: skip


def find_running(series_id: UUID, now: datetime) -> Running:
    """One series that goes on; raises ``Missing``."""
    for one in running(now):
        if one.series.id == series_id:
            return one
    raise Missing(N_("没有这个例会。"))


def title_of(series: SittingSeries, at: datetime) -> str:
    """``7 月例会``: the month before a name that says its rhythm."""
    name = series.name.removeprefix("每月")
    return f"{local(at).month} 月{name}"[:60]


def _checked(
    name: str, rrule: str, starts: str, venue_id: UUID | None, kind: str, on_holiday: str
) -> dict[str, Any]:  # fmt: skip
    if not name.strip() or len(name.strip()) > 40:
        raise Refused(N_("例会要有个名字，40 个字以内。"))
    try:
        rules.series_rule(rrule)
        rules.time_of_day(starts)
    except ValueError:
        raise Refused(N_("开会的日子写得不对，比如每月 5 日 14:30。")) from None
    if kind not in REPEATED:
        raise Refused(N_("这样的会不是定期开的。"))
    return {
        "name": name.strip(), "rrule": rrule, "starts": starts, "venue_id": venue_id, "kind": str(SittingKind(kind)),
        "on_holiday": str(OnHoliday(on_holiday)),
    }  # fmt: skip


def _only_one(name: str, own: UUID | None) -> None:
    taken = db.session.scalar(
        select(SittingSeries.id).where(SittingSeries.community_id == current_community(), SittingSeries.name == name)
    )
    if taken and taken != own:
        raise Refused(N_("已经有一个叫「%(name)s」的例会了。"), name=name)


def _words(series: SittingSeries) -> str:
    return "｜".join((series.name, series.rrule, series.starts, series.on_holiday, series.kind))
