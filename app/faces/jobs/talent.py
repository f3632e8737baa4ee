"""What the worker does with invitations: remind, mark what stayed silent, and count what each expert has on hand."""

from __future__ import annotations

from app import clock
from app.notices.actions import spread_news
from app.talent import load, silence
from tenants.database import db
from tenants.queue import enqueue
from tenants.scope import Scope, current_street


def tend() -> None:
    """Remind whoever has not answered in the bound hall and mark what stayed silent; the hall hears of both."""
    now = clock.now()
    if silence.tend(now=now):
        spread_news(now=now)
        db.session.commit()
        # A hall counts nobody's load but its own; whoever fell silent has one matter less on hand.
        enqueue(Scope("street", street=current_street()), "app.faces.jobs.talent:count_load")


def count_load() -> None:
    """Count for every expert of the bound street what they have on hand."""
    load.count_load(now=clock.now())
