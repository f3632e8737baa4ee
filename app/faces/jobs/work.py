"""What the worker runs. Each function is entered bound to its tenant, does one thing, and may safely run twice."""

from __future__ import annotations

from app import clock
from app.errors import Refused
from app.flow.resolve import actions as resolving
from app.flow.resolve import queries as resolutions
from app.flow.triage.actions import lapse_overdue
from app.matter import escalation
from app.notices.actions import spread_news
from app.people.actor import SYSTEM
from tenants.database import db


def spread() -> None:
    """Tell whoever must hear what the bound hall's timelines have said since last time."""
    spread_news(now=clock.now())


def take_up() -> None:
    """Take up what the street has answered to the bound hall's requests."""
    if escalation.take_up(now=clock.now()):
        spread_news(now=clock.now())


def end_postings() -> None:
    """Let the windows for objections end, and take down what has hung to its last day.

    A posting with an unanswered or upheld objection is left alone: it waits for people, not for the clock.
    """
    now = clock.now()
    today = clock.local(now).date()
    for matter in resolutions.ended_windows(today):
        try:
            with db.session.begin_nested():
                resolving.end_window(matter, by=SYSTEM, now=now)
        except Refused:
            continue
    for posting in resolutions.expired_postings(today):
        with db.session.begin_nested():
            resolving.take_down(posting, by=SYSTEM, now=now)


def lapse() -> None:
    """Withdraw what waited for its proposer past the day; it may be opened again."""
    lapse_overdue(now=clock.now())
