"""What the worker runs. Each function is entered bound to its tenant, does one thing, and may safely run twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.flow.collect import joint
from app.flow.collect.moderation_log import tally
from app.flow.collect.queries import every_file
from app.flow.collect.voices_actions import purge
from app.flow.implement import links, order_telling
from app.flow.resolve import actions as resolving
from app.flow.resolve import queries as resolutions
from app.flow.triage import review
from app.flow.triage.actions import lapse_overdue
from app.matter import climbing, clocks, escalation, joint_hall, looks, outside_telling, retention
from app.matter.files import FileStore
from app.matter.house import forget_houses
from app.notices import reminders
from app.notices.actions import spread_news
from app.notices.channels import channel_of
from app.notices.delivery_rules import ADDRESSED
from app.people.actor import SYSTEM
from app.people.import_runs import kept_files
from app.people.phone_codes import forget_spent
from app.records import ledger_export
from tenants.database import db
from tenants.queue import enqueue, enqueue_round
from tenants.registry import Community
from tenants.scope import Scope, current, current_community, current_street

#: What sends messages out; it stands beside this module and is known here by its name.
DELIVER = "app.faces.jobs.delivery:tend"


def spread() -> None:
    """Tell whoever must hear what the bound hall's timelines have said since last time; what leaves the house goes out
    once that has been committed."""
    if spread_news(now=clock.now()) and any(channel_of(way).is_configured() for way in ADDRESSED):
        db.session.commit()
        enqueue(current(), DELIVER)


def take_up() -> None:
    """Take up what the street has answered to the bound hall's requests, found on its refusals, and ordered."""
    now = clock.now()
    answered = escalation.take_up(now=now) + review.take_up(now=now)
    answered += joint_hall.take_up(now=now)
    # A letter may be what took a request up, so its line comes after the answer's.
    if answered + outside_telling.take_up(now=now) + order_telling.take_up(now=now):
        spread_news(now=now)


def climb() -> None:
    """Send on to the street what the bound hall's community left unanswered past its day."""
    now = clock.now()
    if climbing.climb(now=now):
        spread_news(now=now)


def take_up_looks() -> None:
    """Write into the bound hall's timelines what the street looked at, and tell the secretary."""
    if looks.take_up_looks(now=clock.now()):
        spread_news(now=clock.now())


def new_calendar() -> None:
    """The bound street changed its days off: every hall of it reckons its lights anew."""
    here = current_street()
    # A paused hall reckons its lights anew with its first urging after it is open again.
    halls = db.session.scalars(
        select(Community.id).where(
            Community.street_id == here, Community.closed_at.is_(None), Community.suspended_at.is_(None)
        )
    )
    enqueue_round(
        [Scope("community", street=here, community=hall) for hall in halls], "app.faces.jobs.work:keep_clocks"
    )


def keep_clocks() -> None:
    """Bring the lights of the bound hall in step with the street's calendar."""
    forget_houses()
    clocks.put_right()


def urge() -> None:
    """Urge whoever owes something in the bound hall, once a day; by lights that are in step with the calendar."""
    clocks.put_right()
    reminders.urge(now=clock.now())


def clear_expired() -> None:
    """Clear what the bound hall need not keep any longer; the change log keeps how many rows that were."""
    retention.clear_expired(now=clock.now())


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


def mend_promises() -> None:
    """Bring matters in step with what owners outside the hall reported by link; a guest may not change a matter."""
    links.mend_matters()


def lapse() -> None:
    """Withdraw what waited for its proposer past the day; it may be opened again. One-time codes that ran out go."""
    lapse_overdue(now=clock.now())
    forget_spent(now=clock.now())


def moderate() -> None:
    """Clear the words of comments that were hidden or withdrawn six months ago; count the month for the street."""
    purge(now=clock.now())
    tally(now=clock.now())


def end_sheets() -> None:
    """Close the lists of signatures whose days are over, and tell the proposers of thin ones."""
    joint.end_sheets(now=clock.now())


#: A draft keeps its photos for two days before any row speaks of them; one day more is for a clock that is off.
UNCLAIMED = timedelta(days=3)


def sweep_files() -> None:
    """Remove the files of the bound hall that no row speaks of: photos of drafts that were never handed in."""
    store = FileStore(Path(current_app.config["DATA_DIR"]))
    # The age of a file is the machine's, whatever time a demo plays.
    kept = every_file() | kept_files() | ledger_export.kept_files()
    store.forget_unreferenced(current_community(), kept, older_than=datetime.now(UTC) - UNCLAIMED)
