"""Durable casts a second, against the bare INSERT rate of the same server in the same run.

Sixteen processes on each side, forked from this one, each with one connection and nothing else to do, in turns of the
same length. The bare side sends a single-row INSERT into a plain table with the columns of ``vote`` (no index, no key,
no policy, the owner's login) that the server commits by itself; the other side calls ``cast_vote`` and commits, as the
restricted login under the hall's binding. Both speak through SQLAlchemy, because client and server share two cores and
what the library costs must lie on both sides; the rate by the driver alone is printed beside it. The median of three
rounds counts.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app import clock
from app.flow.decide.voting import cast_vote
from deploy.supervise.settings import published
from tenants.database import db, uuid7
from tests.prove.town import Town, open_second_hall, settle

CLIENTS, ROUNDS, SECONDS, WARM = 16, 3, 4.0, 0.5
VOTERS = 6_000
SLUG = "jishu"
BOUND = 0.30
Fork = multiprocessing.get_context("fork")
CHOICES = ("yes", "no", "abstain")
COLUMNS = "community_id, id, street_id, ballot_id, voter_id, choice, channel, seq, at"
VALUES = ":here, :id, :street, :ballot, :voter, :choice, 'online', :seq, :at"
INSERT = f"insert into proof.plain_vote ({COLUMNS}) values ({VALUES})"
Once = Callable[[], Any]


def test_durable_casts_against_bare_inserts(town: Town, figure: Callable[[str], None]) -> None:
    open_second_hall(town, SLUG, "JS", "计数社区")
    hall = Town(town.program, SLUG, [], matters=500)
    hall.residents = settle(hall, SLUG, VOTERS, signed_in=False)
    ballots = []
    for number in range(ROUNDS):
        poll = hall.open_poll(f"第 {number + 1} 次计数", "named", hall.residents)
        ballots.append(hall.question_of(poll))
    with owner(hall) as line:
        line.execute("create schema proof")
        line.execute("create table proof.plain_vote as table vote with no data")
        # A server in use has looked at its tables within a minute of their growing; this one has had no minute yet.
        line.execute("analyze")
    rounds = []
    for ballot in ballots:
        bare, most, cast = (rate(hall, side, ballot) for side in (bare_inserts, driver_inserts, casts))
        rounds.append(cast / bare)
        figure(
            f"durable: {cast:5.0f} casts/s, {bare:5.0f} bare INSERTs/s, ratio {cast / bare:.2f} "
            f"({most:5.0f}/s and {cast / most:.2f} by the driver alone)"
        )
    middle = statistics.median(rounds)
    figure(f"durable: 16 clients, median of {ROUNDS} rounds {middle:.2f} (bound {BOUND:.2f})")
    assert middle >= BOUND


@contextmanager
def owner(hall: Town) -> Iterator[psycopg.Connection[Any]]:
    """A bare connection of the owner's login, whom no policy binds; every statement is a transaction of its own."""
    url = make_url((published(hall.program.folder) or {})["DATABASE_OWNER_URL"])
    where = str(url.query["host"])
    with psycopg.connect(host=where, user=url.username, dbname=url.database, autocommit=True) as line:
        yield line


def _row(hall: Town, ballot: UUID, voters: list[Any], at: int) -> dict[str, Any]:
    """The values of one vote."""
    return {
        "here": 1, "id": uuid7(), "street": 1, "ballot": ballot, "voter": voters[at % len(voters)].account,
        "choice": CHOICES[at % 3], "seq": 1 + at // len(voters), "at": clock.now(),
    }  # fmt: skip


@contextmanager
def bare_inserts(hall: Town, ballot: UUID, number: int) -> Iterator[Once]:
    """One single-row INSERT through the library that the program uses, committed by the server itself."""
    voters, turn = hall.residents[number::CLIENTS], count()
    engine = hall.eyes().execution_options(isolation_level="AUTOCOMMIT")
    with hall.program.app.app_context(), engine.connect() as line:  # type: ignore[union-attr]  for clock.now()
        statement = text(INSERT)
        yield lambda: line.execute(statement, _row(hall, ballot, voters, next(turn)))


@contextmanager
def driver_inserts(hall: Town, ballot: UUID, number: int) -> Iterator[Once]:
    """The same by the database driver alone: what the server can do at most."""
    voters, turn = hall.residents[number::CLIENTS], count()
    statement = re.sub(r":(\w+)", r"%(\1)s", INSERT)
    with hall.program.app.app_context(), owner(hall) as line:  # type: ignore[union-attr]
        yield lambda: line.execute(statement, _row(hall, ballot, voters, next(turn)))


@contextmanager
def casts(hall: Town, ballot: UUID, number: int) -> Iterator[Once]:
    """One ``cast_vote`` and its commit, each voter once before anybody votes again."""
    voters, turn = hall.residents[number::CLIENTS], count()
    with hall.program.inside(hall.slug):

        def cast() -> None:
            at = next(turn)
            voter = voters[at % len(voters)].account
            cast_vote(ballot, voter, CHOICES[at % 3], 1 + at // len(voters), now=clock.now())
            db.session.commit()

        yield cast


def rate(hall: Town, side: Callable[..., Any], ballot: UUID) -> float:
    """Commits a second of all clients together, between the end of the warm-up and the last whistle."""
    # A connection must not be shared over a fork.
    hall.program.leave()
    whistle, done = Fork.Barrier(CLIENTS), Fork.Queue()
    clients = [Fork.Process(target=_client, args=(hall, side, ballot, n, whistle, done)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    made = [done.get(timeout=60) for _client in clients]
    for client in clients:
        client.join()
    return sum(made) / SECONDS


def _client(hall: Town, side: Callable[..., Any], ballot: UUID, number: int, whistle: Any, done: Any) -> None:
    with side(hall, ballot, number) as once:
        whistle.wait(60)
        begin = time.monotonic() + WARM
        while time.monotonic() < begin:
            once()
        made, end = 0, begin + SECONDS
        while time.monotonic() < end:
            once()
            made += 1
        done.put(made)
