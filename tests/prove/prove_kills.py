"""``kill -9`` of the database and of the web process while fifty clients vote: what was acknowledged is there.

Each is killed twice. The program starts again what fell; the clients send the same vote again until it is answered.
While everybody holds still between a kill and the next votes, every voter's row is compared with what that voter was
told.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from deploy.supervise import children
from deploy.supervise.places import Places
from tests.journeys.program import Program
from tests.journeys.wire import Answer, Wire
from tests.prove.town import Resident, Town
from tests.prove.voting import box_of, votes_of

NAMED_CLIENTS, SECRET_CLIENTS = 38, 12
CLIENTS = NAMED_CLIENTS + SECRET_CLIENTS
NAMED_VOTERS = 304
BETWEEN_KILLS, VOTES_BETWEEN = 5.0, 100
LOST = (OSError, http.client.HTTPException)
CHOICES = ("yes", "no", "abstain")


class Street:
    """Whether the program stands. Clients wait here after a lost answer; whoever kills waits for them to."""

    def __init__(self) -> None:
        self.stands = threading.Event()
        self.stands.set()
        self.over = threading.Event()
        self.under_way = threading.Semaphore(CLIENTS)
        self.sent_again = 0
        self.problems: list[str] = []

    def until_answered(self, send: Callable[[], Answer]) -> Answer:
        """Send the same request until somebody answers it."""
        while True:
            self.stands.wait()
            try:
                with self.under_way:
                    answer = send()
                if answer.status < 500:
                    return answer
            except LOST:
                pass
            self.sent_again += 1
            time.sleep(0.2)

    def until_still(self) -> None:
        """Wait until no request is under way any more; new ones wait for ``stands``."""
        for _client in range(CLIENTS):
            assert self.under_way.acquire(timeout=60)
        self.under_way.release(CLIENTS)


class Named:
    """One client that speaks for a few voters by turns, each changing their mind again and again."""

    def __init__(self, town: Town, street: Street, poll: UUID, voters: list[Resident], number: int) -> None:
        self.town, self.street, self.path = town, street, f"/polls/{poll}"
        self.dice = random.Random(number)
        self.voters = [(voter, voter.wire(town.program, town.slug)) for voter in voters]
        self.told: dict[UUID, tuple[str, int]] = {}
        self.sent: dict[UUID, tuple[str, int]] = {}
        self.acknowledged = 0

    def run(self) -> None:
        """Vote until it is over; the last vote is answered too."""
        while not self.street.over.is_set():
            for voter, wire in self.voters:
                if not self.street.over.is_set():
                    self._vote(voter, wire)
                    time.sleep(self.dice.uniform(0.1, 0.6))

    def _vote(self, voter: Resident, wire: Wire) -> None:
        page = self.street.until_answered(lambda: wire.get(self.path))
        vote = (self.dice.choice(CHOICES), self.told.get(voter.person, ("", 0))[1] + 1)
        self.sent[voter.person] = vote
        fields = {"q1": vote[0], "seq": str(vote[1])}
        answer = self.street.until_answered(lambda: wire.post(self.path, fields, seen=page))
        if answer.status == 303:
            self.told[voter.person] = vote
            self.acknowledged += 1
        else:
            self.street.problems.append(f"{voter.name} {vote}: {answer.status} {answer.words[:300]}")


class Secret:
    """One client that lets voters cast their one secret paper, one voter after the other."""

    def __init__(self, town: Town, street: Street, poll: UUID, voters: list[Resident], number: int) -> None:
        self.town, self.street, self.path = town, street, f"/polls/{poll}"
        self.dice, self.voters = random.Random(number), voters
        self.told: dict[UUID, str] = {}
        self.sent: dict[UUID, str] = {}

    def run(self) -> None:
        """Let them vote until it is over or everybody has."""
        for voter in self.voters:
            if self.street.over.is_set():
                return
            self._vote(voter, voter.wire(self.town.program, self.town.slug), self.dice.choice(CHOICES))
            time.sleep(self.dice.uniform(0.3, 1.2))

    def _vote(self, voter: Resident, wire: Wire, choice: str) -> None:
        ask = self.street.until_answered
        page = ask(lambda: wire.get(self.path))
        again = ask(lambda: wire.post(f"{self.path}/check", {"q1": choice}, seen=page))
        self.sent[voter.person] = choice
        answer = ask(lambda: wire.post(self.path, {"q1": choice}, seen=again))
        if answer.status == 303 and answer.location.endswith("/receipt"):
            self.told[voter.person] = choice
        else:
            self.street.problems.append(f"{voter.name}: {answer.status} {answer.words[:300]}")


def kill_database(program: Program) -> int:
    """The postmaster and all its children at once; returns how many died."""
    return _kill(children.living_in(Places.of(program.folder).postgres, "postgres"))


def kill_web(program: Program) -> int:
    """gunicorn and its workers."""
    return _kill([pid for pid in program.pids() if b"gunicorn" in _command(pid)])


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _kill(pids: list[int]) -> int:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


class Siege:
    """Both polls, their clients, and the kills between."""

    def __init__(self, town: Town) -> None:
        self.town, self.street = town, Street()
        voters, rest = town.residents[:NAMED_VOTERS], town.residents[NAMED_VOTERS:]
        self.named_poll = town.open_poll("楼道里放不放快递柜", "named", voters)
        self.secret_poll = town.open_poll("选楼院小组长", "secret", rest)
        self.named = [
            Named(town, self.street, self.named_poll, voters[n::NAMED_CLIENTS], n) for n in range(NAMED_CLIENTS)
        ]
        self.secret = [
            Secret(town, self.street, self.secret_poll, rest[n::SECRET_CLIENTS], n) for n in range(SECRET_CLIENTS)
        ]
        self.threads = [threading.Thread(target=one.run, daemon=True) for one in (*self.named, *self.secret)]

    @property
    def acknowledged(self) -> int:
        return sum(one.acknowledged for one in self.named) + sum(len(one.told) for one in self.secret)

    def begin(self) -> None:
        """Let all clients in."""
        for thread in self.threads:
            thread.start()

    def strike(self, kill: Callable[[Program], int]) -> float:
        """Let them vote a while, kill, look at the tables while nobody can vote, start again; seconds it was away."""
        wanted, patience = self.acknowledged + VOTES_BETWEEN, time.monotonic() + 60
        time.sleep(BETWEEN_KILLS)
        while self.acknowledged < wanted:
            assert time.monotonic() < patience, f"too few were voting before a kill: {self.street.problems[:3]}"
            time.sleep(0.1)
        begun = time.monotonic()
        assert kill(self.town.program) >= 3
        self.street.stands.clear()
        self.street.until_still()
        self.town.program.leave()
        while not self._answers():
            assert time.monotonic() < begun + 60, "the program did not come back"
            time.sleep(0.1)
        away = time.monotonic() - begun
        self.compare()
        self.street.stands.set()
        return away

    def _answers(self) -> bool:
        try:
            return Wire(self.town.program, self.town.slug).get("/").status == 200
        except LOST:
            return False

    def end(self) -> None:
        """Let everybody finish the vote they are at."""
        time.sleep(BETWEEN_KILLS)
        self.street.over.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()

    def compare(self) -> None:
        """Every row is what its voter was last told, or the vote that was just under way; no row is there twice."""
        engine = self.town.eyes()
        with engine.connect() as conn:
            votes, (papers, marked) = votes_of(conn, self.named_poll), box_of(conn, self.secret_poll)
        engine.dispose()
        rows = {person: (choice, seq) for person, choice, seq in votes}
        assert len(rows) == len(votes), "a voter with two votes"
        for one in self.named:
            for person, sent in one.sent.items():
                stands = rows.get(person)
                assert stands in {one.told.get(person), sent}, f"told {one.told.get(person)}, sent {sent}: {stands}"
        told, sent = self._secret("told"), self._secret("sent")
        assert set(told) <= marked <= set(sent), "an acknowledged voter is not marked, or a stranger is"
        assert sum(papers.values()) == len(marked), "papers and marked lines differ"

    def _secret(self, what: str) -> dict[UUID, str]:
        return {person: choice for one in self.secret for person, choice in getattr(one, what).items()}


def test_acknowledged_votes_survive_kill_9(town: Town, figure: Callable[[str], None]) -> None:
    siege = Siege(town)
    siege.begin()
    away = [siege.strike(kill) for kill in (kill_database, kill_web, kill_database, kill_web)]
    siege.end()
    siege.compare()
    assert siege.street.problems == []
    assert siege.street.sent_again > 0, "no kill met a vote under way"
    named = [choice for one in siege.named for choice, _seq in one.told.values()]
    papers = siege._secret("told")
    assert siege.town.close(siege.named_poll) == {choice: named.count(choice) for choice in CHOICES}
    declared = siege.town.close(siege.secret_poll)
    assert declared == {choice: list(papers.values()).count(choice) for choice in CHOICES}
    figure(
        f"4 × kill -9 (database, web, database, web), 50 clients: {siege.acknowledged} acknowledged, lost 0, double 0, "
        f"wrong 0; {siege.street.sent_again} sent again; back after {', '.join(f'{s:.1f}' for s in away)} s"
    )
    figure(f"counted afterwards: {len(named)} named voters, {len(papers)} secret papers = lines marked, as declared")
