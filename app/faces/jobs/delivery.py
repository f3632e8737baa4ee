"""What the worker does with messages that go out: make them ready, send them one by one, doubt what died on the way.

Every step is a transaction of its own. The claim stands in the database before the channel is asked, so a second
worker at the same moment, a job that rq starts again and a machine that loses power never send anything twice.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from flask_babel import force_locale

from app import clock
from app.faces import standing
from app.notices import delivery
from app.notices.channels import channel_of
from app.notices.delivery_making import prepare
from app.notices.letters import Outcome
from tenants.database import db
from tenants.queue import enqueue
from tenants.scope import current

SEND = "app.faces.jobs.delivery:send"
TEND = "app.faces.jobs.delivery:tend"


def tend() -> None:
    """Make ready what is new, doubt what died, and send for the sender. Safe to call at any time, and twice.

    Other people's servers are asked in a job of its own: one that does not answer must not hold up the round of halls.
    """
    now = clock.now()
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        prepare(now=now)
    delivery.doubt_the_dead(now=now)
    waits = delivery.waits(now=now)
    standing.note_outbox(delivery.count_queued())
    db.session.commit()
    if waits:
        enqueue(current(), SEND)


def send() -> None:
    """Send what may go out of the bound hall. A channel that does not answer is left alone until the next round."""
    silent: set[str] = set()
    for delivery_id, channel in delivery.due(now=clock.now()):
        outcome = None if channel in silent else _one(delivery_id, channel)
        if outcome is not None and outcome.again:
            silent.add(channel)


def _one(delivery_id: UUID, channel: str) -> Outcome | None:
    claimed_at = clock.now()
    letter = delivery.claim(delivery_id, now=claimed_at)
    db.session.commit()
    if letter is None:
        return None
    outcome = channel_of(channel).send(letter)
    delivery.settle(delivery_id, outcome, claimed_at=claimed_at, now=clock.now())
    db.session.commit()
    return outcome
