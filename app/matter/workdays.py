"""Working days as the street keeps them: weekends, public holidays, and weekends that are worked (调休).

Source: Civil Code sections 201 and 203 (the start day is not counted; a last day on a holiday rolls to the next working
day; the last day ends at 24:00). Days are days in Asia/Shanghai; moments are timezone-aware.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.matter.deadlines import Deadline

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: The last second of a day, so that the moment still shows the day itself as the date due.
END_OF_DAY = time(23, 59, 59)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: ``holidays`` are off whatever the weekday, ``working_weekends`` are worked."""

    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Return whether ``day`` is worked; a day in both lists is a holiday."""
        if day in self.holidays:
            return False
        return day.weekday() < SATURDAY or day in self.working_weekends

    def roll(self, day: date) -> date:
        """Return ``day``, or the next working day when it is not one."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, start: date, n: int) -> date:
        """Return the ``n``-th working day after ``start``, which is not counted; with 0, ``start`` rolled on."""
        if n < 0:
            raise ValueError(f"working days are counted forward: {n}")
        if n == 0:
            return self.roll(start)
        day = start
        for _ in range(n):
            day = self.roll(day + timedelta(days=1))
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after ``start`` up to and including ``end``; 0 when ``end`` is earlier."""
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=ahead)) for ahead in range(1, span + 1))


def local_day(moment: datetime) -> date:
    """Return the day in Asia/Shanghai; raises ValueError for a moment without a timezone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a timezone has no day")
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """Return the last second of ``day`` in Asia/Shanghai, as UTC."""
    return datetime.combine(day, END_OF_DAY, tzinfo=SHANGHAI).astimezone(UTC)


def start_of(day: date) -> datetime:
    """Return the first moment of ``day`` in Asia/Shanghai, as UTC."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI).astimezone(UTC)


def due(start: datetime, deadline: Deadline, calendar: Calendar) -> datetime:
    """Return the last moment (UTC) that is still in time; hours are exact, days end with the local day."""
    day = local_day(start)
    if deadline.unit == "hours":
        return start.astimezone(UTC) + timedelta(hours=deadline.amount)
    if deadline.unit == "days":
        return end_of(calendar.roll(day + timedelta(days=deadline.amount)))
    return end_of(calendar.add_working_days(day, deadline.amount))


def notice_is_long_enough(posted: datetime, sitting: datetime, notice: Deadline) -> bool:
    """Return whether a sitting was announced ``notice`` (in days) ahead.

    A notice period is a least time, not a last day, so it does not roll over a weekend: a hall that sits on every 5th
    also sits on a Sunday.
    """
    return (local_day(sitting) - local_day(posted)).days >= notice.amount
