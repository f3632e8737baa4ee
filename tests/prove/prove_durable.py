"""Durable casts a second, against the bare INSERT rate of the same server in the same run.

Sixteen clients on each side, each with one connection and nothing else to do: two processes of eight threads, as the
web server runs, forked from this one; the sides take turns of the same length. The bare side sends a single-row INSERT
into a plain table with the columns of ``vote`` (no index, no key, no policy, the owner's login, no binding) through the
same session and pool as the program and commits it; the other side calls ``cast_vote`` and commits, as the restricted
login under the hall's binding. Clients and server share two cores, so what the library costs must lie on both sides,
or the library would be measured and not the vote. Printed beside it: the same INSERT committed by the server itself,
and by the database driver alone. The median of three rounds counts.
"""

from __future__ import annotations

import gc
import multiprocessing
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app import clock
from app.flow.decide.voting import cast_vote
from deploy.supervise.settings import published
from tenants.database import db, uuid7
from tests.prove.town import Town, open_second_hall, settle

PROCESSES, THREADS = 2, 8
CLIENTS, ROUNDS, SECONDS, WARM = PROCESSES * THREADS, 3, 4.0, 1.0
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
        bare, cast, alone, driver = (rate(hall, side, ballot) for side in (inserts, casts, autocommits, driver_inserts))
        rounds.append(cast / bare)
        figure(
            f"durable: {cast:5.0f} casts/s, {bare:5.0f} bare INSERTs/s, ratio {cast / bare:.2f} "
            f"(autocommit {alone:5.0f}/s, {cast / alone:.2f}; driver alone {driver:5.0f}/s, {cast / driver:.2f})"
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
def inserts(hall: Town, ballot: UUID, number: int) -> Iterator[Once]:
    """One single-row INSERT and its commit, through a session like the program's."""
    voters, turn = hall.residents[number::CLIENTS], count()
    engine = create_engine(published(hall.program.folder)["DATABASE_OWNER_URL"], pool_pre_ping=True)  # type: ignore[index]
    statement = text(INSERT)
    with hall.program.app.app_context(), Session(engine) as session:  # type: ignore[union-attr]  for clock.now()

        def insert() -> None:
            session.execute(statement, _row(hall, ballot, voters, next(turn)))
            session.commit()

        yield insert
    engine.dispose()


@contextmanager
def autocommits(hall: Town, ballot: UUID, number: int) -> Iterator[Once]:
    """The same INSERT on a held connection, committed by the server itself."""
    voters, turn = hall.residents[number::CLIENTS], count()
    engine = hall.eyes().execution_options(isolation_level="AUTOCOMMIT")
    with hall.program.app.app_context(), engine.connect() as line:  # type: ignore[union-attr]
        statement = text(INSERT)
        yield lambda: line.execute(statement, _row(hall, ballot, voters, next(turn)))
    engine.dispose()


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
    # A connection must not be shared over a fork, and what is garbage here is not to be copied over there.
    hall.program.leave()
    gc.collect()
    gc.freeze()
    whistle, done = Fork.Barrier(CLIENTS), Fork.Queue()
    homes = [Fork.Process(target=_home, args=(hall, side, ballot, n, whistle, done)) for n in range(PROCESSES)]
    for home in homes:
        home.start()
    made = [done.get(timeout=60) for _client in range(CLIENTS)]
    for home in homes:
        home.join()
    return sum(made) / SECONDS


def _home(hall: Town, side: Callable[..., Any], ballot: UUID, process: int, whistle: Any, done: Any) -> None:
    numbers = range(process, CLIENTS, PROCESSES)
    clients = [threading.Thread(target=_client, args=(hall, side, ballot, n, whistle, done)) for n in numbers]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


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
