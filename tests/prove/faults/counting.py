"""Effects against causes, straight from the tables: what was acknowledged is there once, and nothing is there twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from tests.prove.faults.crowd import Commenter, Secret, Voter, Writer
from tests.prove.faults.desk import Clerk, Staff
from tests.prove.town import Town
from tests.prove.voting import box_of, votes_of


class Books:
    """The tables of one hall as the superuser reads them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.engine: Engine = town.eyes()
        with self.engine.connect() as conn:
            wanted = text("select id from community where slug = :slug")
            self.hall = conn.execute(wanted, {"slug": town.slug}).scalar_one()

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What a query finds; ``:hall`` is the hall."""
        with self.engine.connect() as conn:
            return list(conn.execute(text(query), {"hall": self.hall, **values}))

    def column(self, query: str, **values: Any) -> list[Any]:
        """Its first column."""
        return [row[0] for row in self.rows(query, **values)]

    def with_connection(self, work: Callable[[Connection], Any]) -> Any:
        """Run ``work`` on a connection."""
        with self.engine.connect() as conn:
            return work(conn)


def matters(books: Books, writers: list[Writer]) -> str:
    """Every receipt has its matter with just its words; no words twice; the numbers have no hole and no double."""
    said = dict(books.rows("select matter_id::text, words from proposal where community_id = :hall"))
    told = {matter: words for one in writers for matter, words in one.matters.items()}
    sent = {words for one in writers for words in one.sent}
    assert {matter: said.get(matter) for matter in told} == told
    many = Counter(words for words in said.values() if words in sent)
    assert {words for words, times in many.items() if times > 1} == set()
    numbers = books.column(
        "select number from matter m where community_id = :hall and exists "
        "(select 1 from proposal p where p.community_id = m.community_id and p.matter_id = m.id) order by number"
    )
    places = [int(number[-4:]) for number in numbers]
    assert len(set(numbers)) == len(numbers)
    assert places == list(range(places[0], places[0] + len(places))), "a number that nobody was given"
    lines = books.rows(
        "select m.id::text from matter m where community_id = :hall and exists (select 1 from proposal p where "
        "p.community_id = m.community_id and p.matter_id = m.id) and (select count(*) from timeline t where "
        "t.community_id = m.community_id and t.matter_id = m.id and t.verb = 'submit') <> 1"
    )
    assert lines == [], "a matter without its first line, or with two"
    return f"{len(told)} matters ({len(sent)} begun, {sum(one.begun_again for one in writers)} drafts begun anew)"


def votes(books: Books, poll: Any, voters: list[Voter]) -> str:
    """Each voter's row is what that voter was last told, and there is one."""
    rows = books.with_connection(lambda conn: votes_of(conn, poll))
    kept = {person: (choice, seq) for person, choice, seq in rows}
    assert len(kept) == len(rows), "a voter with two votes"
    told = {person: vote for one in voters for person, vote in one.last.items()}
    assert {person: kept.get(person) for person in told} == told
    return f"{sum(one.done for one in voters)} votes of {len(told)} voters by name"


def papers(books: Books, poll: Any, voters: list[Secret]) -> str:
    """As many papers as lines marked, and every acknowledged voter is marked."""
    box, marked = books.with_connection(lambda conn: box_of(conn, poll))
    told = {person: choice for one in voters for person, choice in one.cast.items()}
    assert sum(box.values()) == len(marked)
    assert set(told) == marked
    assert box == Counter(told.values())
    return f"{len(told)} secret papers"


def comments(books: Books, commenters: list[Commenter]) -> str:
    """Every acknowledged comment under its form's id; every form at most once; the counter agrees with the rows."""
    kept = dict(books.rows("select id::text, words from comment where community_id = :hall"))
    told = {once: words for one in commenters for once, words in one.comments.items()}
    sent = {once for one in commenters for once in one.sent}
    assert {once: kept.get(once) for once in told} == told
    assert kept.keys() <= sent
    many = Counter(kept.values())
    assert [words for words, times in many.items() if times > 1] == []
    off = books.rows(
        "select m.id, m.comments, n from matter m join lateral (select count(*) n from comment c where "
        "c.community_id = m.community_id and c.matter_id = m.id and c.state = 'shown') x on true "
        "where m.community_id = :hall and m.comments <> n"
    )
    assert off == [], "a matter's counter of comments differs from its rows"
    return f"{len(told)} comments"


def taken(books: Books, staff: list[Staff]) -> str:
    """Every matter taken on stands so, with one line that says it."""
    wanted = {matter for one in staff for matter in one.taken}
    found = dict(books.rows(
        "select m.id::text, (select count(*) from timeline t where t.community_id = m.community_id and "
        "t.matter_id = m.id and t.verb = 'accept') from matter m where community_id = :hall "
        "and accepted_at is not null and exists (select 1 from proposal p where p.community_id = m.community_id "
        "and p.matter_id = m.id)"
    ))  # fmt: skip
    assert wanted <= found.keys()
    assert set(found.values()) <= {1}
    return f"{len(wanted)} acts of staff"


def told(books: Books, patience: float) -> str:
    """Whoever must hear has been told of every matter, each line once to each; no news waits for ever."""
    owed = (
        "select distinct m.id from matter m join proposal p on p.community_id = m.community_id and p.matter_id = m.id "
        "where m.community_id = :hall and not exists (select 1 from outbox o where o.community_id = m.community_id "
        "and o.matter_id = m.id)"
    )
    _until(lambda: not books.rows(owed), patience, lambda: f"untold: {len(books.rows(owed))}")
    double = books.rows(
        "select timeline_id, to_kind, to_label from outbox where community_id = :hall and timeline_id is not null "
        "group by 1, 2, 3 having count(*) > 1"
    )
    assert double == []
    return f"{books.column('select count(*) from outbox where community_id = :hall')[0]} messages, none twice"


def exports(books: Books, clerks: list[Clerk], data: Path, patience: float) -> str:
    """Every workbook that was asked for stands whole on the disk; none was left lying half-written."""
    wanted = {once for one in clerks for once in one.exports}
    states = "select id::text, state, attempts, size from ledger_export where community_id = :hall"

    def moving() -> list[Any]:
        return [row for row in books.rows(states) if row[1] in ("queued", "running")]

    _until(lambda: not moving(), patience, lambda: f"exports still waiting: {moving()}")
    rows = {row[0]: row for row in books.rows(states)}
    assert wanted <= rows.keys()
    ended = Counter(rows[once][1] for once in wanted)
    assert set(ended) <= {"done"}, rows
    for once in wanted:
        assert (data / "files" / str(books.hall) / once).stat().st_size == rows[once][3]
    again = sum(rows[once][2] - 1 for once in wanted)
    return f"{len(wanted)} workbooks (begun again {again} times)"


def imports(books: Books, clerks: list[Clerk], patience: float) -> str:
    """Every confirmed table is written once: each of its rooms is there, and is there once."""
    wanted = {once: rooms for one in clerks for once, rooms in one.imports.items()}
    states = "select id::text, state from import_run where community_id = :hall and id::text = any(:ids)"

    def moving() -> list[Any]:
        return [row for row in books.rows(states, ids=list(wanted)) if row[1] not in ("done", "failed", "refused")]

    _until(lambda: not moving(), patience, lambda: f"imports still waiting: {moving()}")
    ended = dict(books.rows(states, ids=list(wanted)))
    assert {once for once in wanted if ended.get(once) != "done"} == set(), ended
    rooms = Counter(books.column("select room from household where community_id = :hall and length(room) = 5"))
    for once, those in wanted.items():
        assert {room: rooms[room] for room in those} == dict.fromkeys(those, 1), once
    return f"{len(wanted)} tables of {sum(map(len, wanted.values()))} households"


def whole(books: Books) -> None:
    """PostgreSQL's own check of every index and heap of the hall's busiest tables, and no transaction left hanging."""
    with books.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("create extension if not exists amcheck"))
        wanted = text(
            "select c.oid::regclass::text, bt_index_check(c.oid, true) from pg_class c join pg_am a on a.oid = c.relam "
            "join pg_index i on i.indexrelid = c.oid where a.amname = 'btree' and "
            "c.relnamespace = 'public'::regnamespace and i.indisvalid"
        )
        checked = len(conn.execute(wanted).all())
        conn.execute(text("drop extension amcheck"))
    assert checked > 100
    assert books.rows("select 1 from pg_prepared_xacts") == []


def _until(holds: Callable[[], bool], patience: float, words: Callable[[], str]) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, words()
        time.sleep(0.5)
