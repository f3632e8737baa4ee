"""What comes round by itself: every hall gets its turn, a fault stays in its hall, nothing piles up."""

from __future__ import annotations

from typing import Any

import pytest
from rq import SimpleWorker

from app.faces.jobs.periodic import PERIODICS, Rounds, scopes
from app.notices.bell import ring
from tenants.database import db
from tenants.queue import StoreAway, enqueue_once, enqueue_round, queue
from tenants.scope import current, current_community
from tests.cast import HOME
from tests.conftest import inside

VISITED: list[Any] = []
BROKEN: list[Any] = []
HERE = "tests.rooms.test_rounds:visit"


def visit() -> None:
    """A work that remembers where it was, and breaks where it is told to."""
    if current_community() in BROKEN:
        raise LookupError("broken on purpose")
    VISITED.append(current_community())


@pytest.fixture(autouse=True)
def _fresh() -> None:
    VISITED.clear()
    BROKEN.clear()


def work_the_queue() -> None:
    jobs = queue()
    SimpleWorker([jobs], connection=jobs.connection, serializer=jobs.serializer).work(burst=True, logging_level="ERROR")


def test_one_job_visits_every_hall(app: Any) -> None:
    with app.app_context():
        halls = [scope.community for scope in scopes(app)]
        assert len(halls) >= 2
        assert len(enqueue_round(scopes(app), HERE)) == 1
        work_the_queue()
    assert halls == VISITED


def test_many_halls_are_several_jobs_and_none_is_left_out(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.queue.ROUND", 1)
    with app.app_context():
        halls = [scope.community for scope in scopes(app)]
        assert len(enqueue_round(scopes(app), HERE)) == len(halls)
        work_the_queue()
    assert sorted(halls) == sorted(VISITED)


def test_a_fault_in_one_hall_costs_its_neighbours_nothing_and_is_tried_again(app: Any) -> None:
    with app.app_context():
        halls = [scope.community for scope in scopes(app)]
        BROKEN.append(halls[0])
        (sent,) = enqueue_round(scopes(app), HERE)
        work_the_queue()
        assert halls[1:] == VISITED
        job = queue().fetch_job(sent)
        assert job is not None
        assert job.retries_left == 2
        assert sent in queue().scheduled_job_registry.get_job_ids()


def test_what_still_waits_is_not_sent_again(app: Any) -> None:
    rounds = Rounds()
    with app.app_context():
        assert rounds.run_due(app, 1e6) == len(PERIODICS)
        assert rounds.run_due(app, 1e6 + 30) == 0, "nothing is due"
        assert rounds.run_due(app, 2e6) == 0, "the worker is away: the first round still waits"
        assert len(queue()) == len(PERIODICS)
        work_the_queue()
        assert len(queue()) == 0
        assert rounds.run_due(app, 2e6) == len(PERIODICS)


def ring_while_at_work() -> None:
    """A work during which something more happens in its hall."""
    VISITED.append(enqueue_once(current(), HERE) is not None)


def test_one_bell_waits_for_a_hall_and_the_next_rings_as_soon_as_it_is_heard(app: Any) -> None:
    with app.app_context():
        first, second = list(scopes(app))[:2]
        assert enqueue_once(first, HERE)
        assert enqueue_once(first, HERE) is None, "the one that waits will find this as well"
        assert enqueue_once(second, HERE), "a neighbour's bell is another one"
        assert len(queue()) == 2
        work_the_queue()
        assert [first.community, second.community] == VISITED
        assert enqueue_once(first, HERE), "it was heard"
        work_the_queue()


def test_what_happens_while_a_bell_is_answered_is_told_by_the_next(app: Any) -> None:
    with app.app_context():
        here = next(scopes(app))
        assert enqueue_once(here, "tests.rooms.test_rounds:ring_while_at_work")
        work_the_queue()
    assert [True, here.community] == VISITED


def test_a_bell_that_could_not_be_sent_does_not_silence_the_next(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_values: Any) -> None:
        raise StoreAway("gone between two words")

    with app.app_context():
        here = next(scopes(app))
        with monkeypatch.context() as patched:
            patched.setattr("tenants.queue.enqueue", away)
            with pytest.raises(StoreAway):
                enqueue_once(here, HERE)
        assert enqueue_once(here, HERE)
        work_the_queue()


def test_a_hundred_acts_ring_once(app: Any) -> None:
    with inside(app, HOME):
        for _ in range(100):
            db.session.info["told"] = True
            ring()
        assert len(queue()) == 1
        work_the_queue()


def test_a_bell_rung_while_the_clock_was_ahead_silences_nothing(app: Any) -> None:
    with app.app_context():
        here = next(scopes(app))
        assert enqueue_once(here, HERE)
        (mark,) = queue().connection.scan_iter(match="yql:*:bell:*")
        queue().empty()
        assert enqueue_once(here, HERE) is None
        queue().connection.expire(mark, 40 * 24 * 3600)
        assert enqueue_once(here, HERE)
        work_the_queue()
