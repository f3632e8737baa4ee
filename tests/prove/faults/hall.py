"""Everybody at work in one hall, and the counting of what they were told."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import text

from app.people.models import Account
from tenants.database import db
from tests.prove.faults import counting
from tests.prove.faults.counting import Books
from tests.prove.faults.crowd import Commenter, Reader, Secret, Voter, Writer
from tests.prove.faults.desk import Clerk, Staff
from tests.prove.faults.street import Client, Street, total
from tests.prove.town import Resident, Town, _sign_in

#: How long anything may take that somebody waits for.
PATIENCE = 120.0


class Crowd:
    """Everybody at work in one hall."""

    def __init__(self, town: Town) -> None:
        self.town, self.street = town, Street()
        people = iter(town.residents)

        def some(count: int) -> list[Resident]:
            return [next(people) for _ in range(count)]

        voters, secret = [some(6) for _ in range(6)], [some(40) for _ in range(2)]
        self.named_poll = town.open_poll("楼道里放不放快递柜", "named", [one for group in voters for one in group])
        self.secret_poll = town.open_poll("选楼院小组长", "secret", [one for group in secret for one in group])
        desk, topic = secretary(town), public_matter(town)
        self.writers = [Writer(town, self.street, n, some(12)) for n in range(1, 6)]
        self.voters = [Voter(town, self.street, n, self.named_poll, group) for n, group in enumerate(voters, 10)]
        self.secret = [Secret(town, self.street, n, self.secret_poll, group) for n, group in enumerate(secret, 20)]
        self.commenters = [Commenter(town, self.street, n, topic, some(30)) for n in (30, 31)]
        self.staff = [Staff(town, self.street, 40, desk, self.writers)]
        self.clerks = [Clerk(town, self.street, 50, desk)]
        self.readers = [Reader(town, self.street, 60), Reader(town, self.street, 61)]

    @property
    def workers(self) -> list[Client]:
        """Everybody who writes."""
        return [*self.writers, *self.voters, *self.secret, *self.commenters, *self.staff, *self.clerks]

    def begin(self) -> None:
        """Let them in."""
        for client in (*self.workers, *self.readers):
            client.start()

    def end(self) -> None:
        """Let everybody finish what they are at."""
        self.street.over.set()
        for client in (*self.workers, *self.readers):
            client.join(PATIENCE)
            assert not client.is_alive(), client

    def until_more(self, more: int) -> None:
        """Wait until so much more was acknowledged."""
        wanted, deadline = total(self.workers) + more, time.monotonic() + PATIENCE
        while total(self.workers) < wanted:
            assert self.street.problems == [], self.street.problems[:5]
            assert time.monotonic() < deadline, f"nobody gets anything done: {self.street.seen}"
            time.sleep(0.1)

    def count(self) -> str:
        """Everything that holds at any moment when nobody works."""
        books = Books(self.town)
        told = [
            counting.matters(books, self.writers), counting.votes(books, self.named_poll, self.voters),
            counting.papers(books, self.secret_poll, self.secret), counting.comments(books, self.commenters),
            counting.taken(books, self.staff),
        ]  # fmt: skip
        books.engine.dispose()
        return ", ".join(told)

    def count_jobs(self) -> str:
        """What jobs owe."""
        books = Books(self.town)
        told = [
            counting.told(books, PATIENCE),
            counting.exports(books, self.clerks, self.town.program.folder, PATIENCE),
            counting.imports(books, self.clerks, PATIENCE),
        ]
        counting.whole(books)
        books.engine.dispose()
        return ", ".join(told)


def secretary(town: Town) -> Resident:
    """The secretary with a password of their own, signed in."""
    with town.program.inside(town.slug):
        account = db.session.query(Account).filter(Account.login == "shuji").one()
        account.must_change = False
        db.session.commit()
        found = Resident(account.id, account.id, account.display_name)
    return _sign_in(town.program, town.slug, [found])[0]


def public_matter(town: Town) -> str:
    """A matter that people may talk about: the poll's own."""
    engine = town.eyes()
    with engine.connect() as conn:
        wanted = text("select id from matter where title like '楼道里放%' order by collected_at limit 1")
        found: UUID = conn.execute(wanted).scalar_one()
    engine.dispose()
    return str(found)
