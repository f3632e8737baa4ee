"""Which periods are kept counted: this month, this quarter, this year, and the months before for the trend. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

#: How many months a trend shows, this one among them.
MONTHS = 12


@dataclass(frozen=True)
class Period:
    """``key`` is 2026-11, 2026Q4 or 2026; both days belong to it."""

    key: str
    first: date
    last: date

    def has(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first <= day <= self.last


def month_of(day: date) -> Period:
    """The month around a day."""
    first = day.replace(day=1)
    return Period(f"{first:%Y-%m}", first, _end(first, 1))


def quarter_of(day: date) -> Period:
    """The quarter around a day."""
    number = (day.month + 2) // 3
    first = date(day.year, 3 * number - 2, 1)
    return Period(f"{day.year}Q{number}", first, _end(first, 3))


def year_of(day: date) -> Period:
    """The year around a day."""
    return Period(f"{day.year}", date(day.year, 1, 1), date(day.year, 12, 31))


def periods(today: date) -> list[Period]:
    """Month, quarter and year of today, then the eleven months before, the newest first."""
    found = [month_of(today), quarter_of(today), year_of(today)]
    day = today.replace(day=1)
    for _ in range(MONTHS - 1):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(month_of(day))
    return found


def _end(first: date, months: int) -> date:
    day = first
    for _ in range(months):
        day = (day + timedelta(days=31)).replace(day=1)
    return day - timedelta(days=1)
