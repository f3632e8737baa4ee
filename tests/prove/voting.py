"""One resident's way through the doors, and what the superuser finds in the tables afterwards."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Connection

from app.flow.decide.models import Ballot, BoxPaper, RollEntry, Vote
from tests.journeys.wire import Answer, Wire

CODE = re.compile(r"\b([2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{2})\b")
T = TypeVar("T")


@dataclass
class Seen:
    """How long each request took, in milliseconds, and the code on a secret receipt."""

    waits: dict[str, float] = field(default_factory=dict)
    code: str = ""

    def timed(self, kind: str, ask: Callable[[], T], due: float = 0.0) -> T:
        """Ask, and keep how long that took since it was due."""
        begun = due or time.monotonic()
        answer = ask()
        self.waits[kind] = (time.monotonic() - begun) * 1000
        return answer


def vote_named(wire: Wire, poll: UUID, choice: str, *, due: float = 0.0) -> Seen:
    """Open the sheet, vote, read the receipt."""
    seen, path = Seen(), f"/polls/{poll}"
    page = seen.timed("sheet", lambda: wire.get(path), due)
    assert page.status == 200, page.words[:400]
    done = seen.timed("vote", lambda: wire.post(path, {"q1": choice}, seen=page))
    receipt(wire, seen, done, path)
    return seen


def vote_secret(wire: Wire, poll: UUID, choice: str, *, due: float = 0.0) -> Seen:
    """Open the sheet, be asked a second time, vote, read the receipt with its code."""
    seen, path = Seen(), f"/polls/{poll}"
    page = seen.timed("sheet", lambda: wire.get(path), due)
    assert page.status == 200, page.words[:400]
    again = seen.timed("asked", lambda: wire.post(f"{path}/check", {"q1": choice}, seen=page))
    assert again.status == 200, again.words[:400]
    done = seen.timed("vote", lambda: wire.post(path, {"q1": choice}, seen=again))
    found = CODE.search(receipt(wire, seen, done, path).words)
    assert found, "no code on the receipt"
    seen.code = found[1]
    return seen


def receipt(wire: Wire, seen: Seen, done: Answer, path: str) -> Answer:
    """The page a voter is sent on to."""
    assert done.status == 303, (done.status, done.words[:400])
    assert done.location == f"{path}/receipt"
    told = seen.timed("receipt", lambda: wire.get(done.location))
    assert told.status == 200, told.words[:400]
    return told


def votes_of(conn: Connection, poll: UUID) -> list[tuple[Any, ...]]:
    """Every vote of a poll's only question as person, choice and seq, straight from the tables."""
    vote, roll, ballot = Vote.__table__, RollEntry.__table__, Ballot.__table__
    wanted = (
        select(roll.c.person_id, vote.c.choice, vote.c.seq)
        .join(roll, (roll.c.community_id == vote.c.community_id) & (roll.c.id == vote.c.voter_id))
        .join(ballot, (ballot.c.community_id == vote.c.community_id) & (ballot.c.id == vote.c.ballot_id))
        .where(ballot.c.poll_id == poll)
    )
    return [tuple(row) for row in conn.execute(wanted)]


def box_of(conn: Connection, poll: UUID) -> tuple[Counter[str], set[UUID]]:
    """The papers in a box by choice, and the persons whose line says that they voted."""
    paper, roll = BoxPaper.__table__, RollEntry.__table__
    papers = Counter(conn.execute(select(paper.c.choice).where(paper.c.poll_id == poll)).scalars())
    marked = select(roll.c.person_id).where(roll.c.poll_id == poll, roll.c.channel != "")
    return papers, set(conn.execute(marked).scalars())
