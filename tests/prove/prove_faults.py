"""Faults: ``kill -9`` of every part under load, restarts, a full disk, a jumping clock. What was acknowledged is there.

PROVE_KILLS says how many parts are killed (50); a blow that fells three at once counts three.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from app.faces import standing
from tests.journeys.program import Program
from tests.journeys.wire import Wire
from tests.prove.faults import messages, strikes
from tests.prove.faults.counting import Books
from tests.prove.faults.crowd import Reader
from tests.prove.faults.full_disk import test_a_full_disk  # noqa: F401  (collected here)
from tests.prove.faults.hall import PATIENCE, Crowd
from tests.prove.faults.live_pages import test_open_pages_live_through_the_database  # noqa: F401  (collected here)
from tests.prove.faults.post import Office, open_office
from tests.prove.faults.street import LOST, total
from tests.prove.town import Town, open_town

KILLS = int(os.environ.get("PROVE_KILLS", "50"))
#: Between two blows people get so much done, and at least so many seconds pass: more often than five times a minute
#: nobody starts the same part again.
WORK_BETWEEN, SECONDS_BETWEEN = 12, 5.0
URGE = "app.faces.jobs.work:urge"
#: Messages are struck where no scheduler has just begun anew: its rounds keep the worker busy first.
MESSAGES_AT = 5
WAIT_FOR_A_JOB = ("a job at work", "job in the middle of a message", "database in the middle of a message")
#: The web server goes on through these.
LIVED_THROUGH = ("database", "Valkey", "postmaster alone", "a database connection")


def answers(town: Town) -> bool:
    """Whether hall, database and store are all there again."""
    try:
        wire = Wire(town.program, town.slug)
        return wire.get("/").status == 200 and wire.get("/say").status == 200 and wire.get("/readyz").status == 200
    except LOST:
        return False


def until_back(town: Town, patience: float = 60.0) -> float:
    """Seconds until everything answers again."""
    begun = time.monotonic()
    while not answers(town):
        assert time.monotonic() - begun < patience, town.program.log.read_text("utf-8", "replace")[-3000:]
        time.sleep(0.1)
    return time.monotonic() - begun


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A mail server and a gateway that the street finds in its environment when it starts."""
    with open_office() as (office, found), pytest.MonkeyPatch.context() as env:
        for name, value in found.items():
            env.setenv(name, value)
        yield office


@pytest.fixture(scope="session", autouse=True)
def begun(office: Office) -> Iterator[Program]:
    """The demo street begins to play its past at once; another street's disk is filled meanwhile."""
    with Program.in_a_folder() as program:
        program.begin()
        yield program


@pytest.fixture(scope="session")
def demo(begun: Program) -> Program:
    """The demo street once it is ready."""
    begun.until_ready()
    return begun


@pytest.fixture(scope="session")
def hall(demo: Program) -> Iterator[Town]:
    """A hall of its own in the demo street: many residents, beside twenty others whose jobs go on as ever."""
    yield open_town(demo)


@pytest.fixture(scope="session")
def crowd(hall: Town) -> Crowd:
    """The crowd of the whole siege."""
    return Crowd(hall)


@pytest.fixture(scope="session")
def wishers(hall: Town, crowd: Crowd) -> set[UUID]:
    """Whoever wants to be told by mail or text message; those who bring matters have most to be told."""
    return messages.subscribe(hall, [one for writer in crowd.writers for one in writer.residents[:3]])


def test_kills_under_load(
    hall: Town, crowd: Crowd, office: Office, wishers: set[UUID], figure: Callable[[str], None]
) -> None:
    assert wishers
    crowd.begin()
    crowd.until_more(3 * WORK_BETWEEN)
    killed, blows, away = 0, 0, dict[str, list[float]]()
    every = [*strikes.ROUND[:MESSAGES_AT], *office.rounds(), *strikes.ROUND[MESSAGES_AT:]]
    while killed < KILLS:
        name, blow = every[blows % len(every)]
        crowd.until_more(WORK_BETWEEN)
        time.sleep(SECONDS_BETWEEN)
        master = strikes.web(hall.program)[0]
        fell = blow(hall.program)
        blows += 1
        if not fell:
            # No job happened to be at work, no message on its way.
            assert name in WAIT_FOR_A_JOB, name
            continue
        killed += fell
        away.setdefault(name, []).append(until_back(hall))
        if name.startswith(LIVED_THROUGH):
            assert strikes.web(hall.program)[0] == master, f"the web server did not live through: {name}"
        assert crowd.street.problems == [], (name, crowd.street.problems[:5])
    crowd.until_more(WORK_BETWEEN)
    crowd.end()
    assert crowd.street.problems == []
    assert WAIT_FOR_A_JOB[0] in away, "no job was ever met at work"
    _tell(crowd, blows, killed, away, figure)


def _tell(crowd: Crowd, blows: int, killed: int, away: dict[str, list[float]], figure: Callable[[str], None]) -> None:
    told, seen = crowd.count(), crowd.street.seen
    figure(
        f"kill -9 of {killed} parts in {blows} blows, {len(crowd.workers)} clients; acknowledged, none lost or double:"
    )
    figure(f"  {told}")
    figure(
        f"while parts were away: {seen['503']} pages that say to try again, {seen['500']} errors, {seen['no answer']} "
        f"connections cut or refused; nobody saw a page for at most {max(one.longest for one in crowd.readers):.1f} s"
    )
    worst = ", ".join(f"{name} {max(seconds):.1f}" for name, seconds in away.items())
    figure(f"back after at most (seconds): {worst}")
    assert seen["503"] > 0, "no kill met anybody"
    assert seen["500"] == 0


def test_every_job_is_done_once(
    hall: Town, crowd: Crowd, office: Office, wishers: set[UUID], figure: Callable[[str], None]
) -> None:
    """The bells of killed workers are lost; sweeps find what they left. Eleven minutes on, all sweeps are due."""
    hall.program.advance("11m")
    figure(f"jobs, effects counted against causes: {crowd.count_jobs()}; every index whole")
    books = Books(hall)
    figure(messages.account_for(books, office, wishers, PATIENCE))
    books.engine.dispose()


def test_a_rolling_restart_loses_nothing(hall: Town, figure: Callable[[str], None]) -> None:
    """SIGTERM to each web process in turn, and to the queue's worker, while people work: not one request fails."""
    crowd = Crowd(hall)
    crowd.readers = [Reader(hall, crowd.street, 70 + n) for n in range(4)]
    crowd.begin()
    crowd.until_more(WORK_BETWEEN)
    replaced = 0
    for _round in range(2):
        for pid in strikes.web(hall.program)[1]:
            os.kill(pid, signal.SIGTERM)
            _until_replaced(hall, pid)
            replaced += 1
            crowd.until_more(WORK_BETWEEN)
    os.kill(strikes.worker(hall.program)[0], signal.SIGTERM)
    crowd.until_more(WORK_BETWEEN)
    crowd.end()
    seen = crowd.street.seen
    assert crowd.street.problems == []
    assert (seen["no answer"], seen["503"], seen["500"], seen["read 503"]) == (0, 0, 0, 0), seen
    figure(
        f"{replaced} web processes and the worker replaced by SIGTERM under load: {sum(seen.values())} requests, 0 lost"
    )


def _until_replaced(hall: Town, pid: int) -> None:
    deadline = time.monotonic() + 30
    while pid in (workers := strikes.web(hall.program)[1]) or len(workers) < 2:
        assert time.monotonic() < deadline, f"{pid} was not replaced: {workers}"
        time.sleep(0.1)


def test_the_clock_jumps_and_comes_back(hall: Town, figure: Callable[[str], None]) -> None:
    """Forty days on and back again, as a machine does whose clock was wrong: people work on, nothing is said twice."""
    crowd = Crowd(hall)
    # Polls end within forty days, and rightly take no votes after it. Whoever commented during the blows may not say
    # more before the community has looked at what waits.
    crowd.voters, crowd.secret, crowd.commenters = [], [], []
    crowd.begin()
    crowd.until_more(WORK_BETWEEN)
    path = hall.program.folder / "clock-offset"
    before = path.read_text() if path.exists() else "0"
    urged = _urged(hall)
    hall.program.advance("40d")
    crowd.until_more(2 * WORK_BETWEEN)
    # The rounds of that later day pass; it may be a day off, on which nobody is urged.
    deadline = time.monotonic() + 2 * PATIENCE
    while _urged(hall) == urged:
        assert time.monotonic() < deadline, "no round came on that later day"
        time.sleep(0.5)
    # In one move, as the program writes it: a file that is emptied first and filled then is no clock in between.
    fresh = path.with_suffix(".back")
    fresh.write_text(before)
    fresh.replace(path)
    crowd.until_more(2 * WORK_BETWEEN)
    crowd.end()
    assert crowd.street.problems == []
    _nothing_is_said_twice(hall)
    figure(f"clock 40 days forward and back under load: {total(crowd.workers)} acts, refused 0, reminders double 0")


def _urged(hall: Town) -> int:
    """How many rounds of urging, among the last of all rounds, were done so far."""
    with hall.program.inside():
        return standing.jobs_ended().get((URGE, "done"), 0)


def _nothing_is_said_twice(hall: Town) -> None:
    books = Books(hall)
    lines: list[Any] = books.rows(
        "select community_id, kind, subject_id, due, step from reminder group by 1, 2, 3, 4, 5 having count(*) > 1"
    )
    assert lines == []
    double = "select community_id, day, to_key from digest group by 1, 2, 3 having count(*) > 1"
    assert books.rows(double) == []
    books.engine.dispose()
