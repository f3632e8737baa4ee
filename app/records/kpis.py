"""All indicators of a street over any days, counted live: hall by hall, each in the hall's own binding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy import select

from app.matter.workdays import start_of
from app.records.counts import HallCounts, sum_counts
from app.records.hall_figures import count_hall
from app.records.indicators import NOTHING, Figure
from tenants.database import db
from tenants.registry import Community
from tenants.scope import Scope, bound, current_street


@dataclass(frozen=True)
class Hall:
    """One open hall of the street."""

    id: int
    slug: str
    name: str
    hall: str


def halls(only: str | None = None, *, since: datetime | None = None) -> list[Hall]:
    """The bound street's open halls in the order in which they were opened, or the one with the slug ``only``.

    ``since`` takes in those that were closed after that moment: they belong to the days before.
    """
    closed = Community.closed_at.is_(None)
    if since is not None:
        closed = closed | (Community.closed_at > since)
    mine = [Community.street_id == current_street(), closed]
    if only is not None:
        mine.append(Community.slug == only)
    rows = db.session.execute(
        select(Community.id, Community.slug, Community.name, Community.hall).where(*mine).order_by(Community.id)
    )
    return [Hall(*row) for row in rows]


@contextmanager
def in_hall(hall: Hall) -> Iterator[None]:
    """Work in one hall of the bound street with a session of its own; the caller's transaction is left as it is.

    Nothing is committed at the end; whoever writes commits inside.
    """
    street = current_street()
    # A session belongs to an application context, so a fresh one comes with a connection of its own.
    with current_app.app_context(), bound(Scope("community", street=street, community=hall.id)):
        try:
            yield
        finally:
            db.session.remove()


def count_street(first: date, last: date, *, now: datetime, only: str | None = None) -> dict[Hall, HallCounts]:
    """What every open hall of the bound street counts of itself over ``first`` to ``last``, both included."""
    found = {}
    for hall in halls(only, since=start_of(first)):
        with in_hall(hall):
            found[hall] = count_hall(first, last, now=now)
    return found


def total_of(counted: Iterable[HallCounts]) -> HallCounts:
    """The street's own counts."""
    return sum_counts(counted)


def shown(figure: Figure) -> str:
    """A figure as it is printed: ``87.5%``, ``3.5 小时``, ``—``, or why it is not shown."""
    if figure.hidden:
        return figure.hidden
    if figure.number == NOTHING:
        return NOTHING
    return f"{figure.number}%" if figure.is_share else f"{figure.number} {figure.unit}"
