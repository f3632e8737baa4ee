"""Sealing the logs: what waits is taken in order, hashed, and closed with a seal that holds on to the one before it.

One hall is sealed by one worker at a time; a worker that dies leaves the queue as it was. Nothing here changes a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, exists, func, insert, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.records.audit_sources import SOURCES, Versions, moment_column
from tenants.chain import FIRST, GONE, Line, digest_of, hash_of, micros, text_of
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current, current_community, current_street
from tenants.seals import Seal, SealAnchor, SealQueue, StreetSeal, StreetSealQueue

#: Lines of one seal; measured as the cheapest size (tenancy §3.7).
BATCH = 500
#: Marks in the queue what was written before there was one.
ADOPTED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Chain:
    """The logs of the bound hall, or of the bound street: where its lines wait, where its seals lie."""

    kind: str
    owner: int
    queue: Table
    seals: Table
    sources: Mapping[str, Versions]

    @property
    def name(self) -> str:
        """Stands in every hash, so that no seal can be moved to another chain."""
        return f"{self.kind}:{self.owner}"

    def mine(self, table: Table) -> Any:
        """The condition that a row is this chain's."""
        return table.c[f"{self.kind}_id"] == self.owner

    def table(self, source: str) -> Table:
        """The log of that name."""
        return db.metadata.tables[source]

    def key(self) -> dict[str, Any]:
        """The key of a new row beside its id."""
        street = {"street_id": current_street()}
        return street if self.kind == "street" else {"community_id": self.owner, **street}


@dataclass(frozen=True)
class Newest:
    """The last seal of a chain."""

    no: int
    at: datetime
    hash: str
    total: int


def chain_here() -> Chain:
    """The chain of whoever is bound: a hall or the street."""
    if current().kind == "street":
        return Chain("street", current_street(), _t(StreetSealQueue), _t(StreetSeal), SOURCES["street"])
    return Chain("community", current_community(), _t(SealQueue), _t(Seal), SOURCES["community"])


def _t(model: Any) -> Table:
    table: Table = model.__table__
    return table


def newest(chain: Chain) -> Newest | None:
    """The last seal, or None before the first."""
    seal = chain.seals.c
    row = db.session.execute(
        select(seal.no, seal.at, seal.hash, seal.total).where(chain.mine(chain.seals)).order_by(seal.no.desc()).limit(1)
    ).first()
    return Newest(*row) if row else None


def waiting(chain: Chain) -> int:
    """How many lines no seal covers yet."""
    return int(db.session.scalar(select(func.count()).select_from(chain.queue).where(chain.mine(chain.queue))) or 0)


def seal_some(*, now: datetime) -> int:
    """Seal up to five hundred lines of the bound chain; returns how many. 0: nothing waits, or another worker is at it.

    The caller commits after each call, so that seals of a long queue stand one by one.
    """
    chain = chain_here()
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"seal:{chain.name}", 0)))):
        return 0
    before = newest(chain)
    if before is None:
        _adopt(chain)
    queued = _oldest(chain)
    if not queued:
        return 0
    adopted = queued[0].queued_at == ADOPTED
    # What was there before the first seal is sealed by itself: it alone may be older than the seals before it.
    queued = [row for row in queued if (row.queued_at == ADOPTED) == adopted]
    lines = sorted(_lines(chain, {(row.source, row.row_id) for row in queued}, now), key=lambda line: line.order)
    _write(chain, before, lines, now, adopted)
    db.session.execute(
        delete(chain.queue).where(chain.mine(chain.queue), chain.queue.c.id.in_([row.id for row in queued]))
    )
    return len(lines)


def _oldest(chain: Chain) -> Sequence[Any]:
    row = chain.queue.c
    wanted = select(row.id, row.source, row.row_id, row.queued_at).where(
        chain.mine(chain.queue), row.source.in_(chain.sources)
    )
    return db.session.execute(wanted.order_by(row.queued_at, row.id).limit(BATCH)).all()


def _adopt(chain: Chain) -> None:
    """Before the first seal: put in the queue what was written before there was a queue."""
    parts = [
        select(literal(source).label("source"), table.c.id).where(chain.mine(table))
        for source in chain.sources
        for table in [chain.table(source)]
    ]
    old = union_all(*parts).subquery()
    key = chain.key()
    waits = exists().where(
        chain.mine(chain.queue), chain.queue.c.source == old.c.source, chain.queue.c.row_id == old.c.id
    )
    rows = select(
        *(literal(value) for value in key.values()), func.gen_random_uuid(), old.c.source, old.c.id, literal(ADOPTED)
    ).where(~waits)
    names = [*key, "id", "source", "row_id", "queued_at"]
    # The mapper's default would make one id for all rows.
    db.session.execute(insert(chain.queue).from_select(names, rows, include_defaults=False))


def read_lines(chain: Chain, source: str, version: int, ids: Iterable[UUID | str]) -> dict[str, tuple[int, str]]:
    """Id → the line's own moment and its canonical text, of those rows that are there."""
    table, names = chain.table(source), chain.sources[source][version]
    columns = [table.c.id, table.c[moment_column(source)], *(table.c[name] for name in names)]
    wanted = select(*columns).where(chain.mine(table), table.c.id.in_([UUID(str(one)) for one in ids]))
    return {
        str(row[0]): (micros(row[1]), text_of(source, version, row[0], row[2:])) for row in db.session.execute(wanted)
    }


def _lines(chain: Chain, wanted: set[tuple[str, UUID]], now: datetime) -> list[Line]:
    found = []
    for source in sorted({source for source, _row_id in wanted}):
        version = len(chain.sources[source]) - 1
        ids = {str(row_id) for name, row_id in wanted if name == source}
        there = read_lines(chain, source, version, ids)
        for row_id in ids:
            # A line that waited and is not there any more was taken away: the seal keeps that it once was.
            at, text = there.get(row_id) or (micros(now), f"{GONE}|{source}|{row_id}")
            found.append(Line(source, version, row_id, at, digest_of(text)))
    return found


def _write(chain: Chain, before: Newest | None, lines: list[Line], now: datetime, adopted: bool) -> None:
    no, prev = (before.no + 1, before.hash) if before else (1, FIRST)
    db.session.execute(insert(chain.seals).values(
        **chain.key(), id=uuid7(), no=no, at=now, prev=prev,
        hash=hash_of(chain.name, no, now, prev, (line.digest for line in lines), adopted=adopted),
        adopted=adopted, lines=len(lines), total=(before.total if before else 0) + len(lines),
        members=[one.as_list() for one in lines],
    ))  # fmt: skip


def anchor(*, now: datetime) -> list[tuple[int, int, str]]:
    """Write each hall's newest seal into the bound street's own log; returns hall, number and hash of what is new.

    Safe to run again: a seal is anchored once.
    """
    here, seal = current_street(), Seal.__table__.c
    last = (
        select(seal.community_id, seal.no, seal.hash, seal.total)
        .where(seal.street_id == here)
        .distinct(seal.community_id)
        .order_by(seal.community_id, seal.no.desc())
    )
    halls = db.session.execute(last).all()
    if not halls:
        return []
    rows = [
        {"community_id": hall.community_id, "street_id": here, "id": uuid7(), "no": hall.no, "hash": hall.hash,
         "total": hall.total, "at": now}
        for hall in halls
    ]  # fmt: skip
    table = _t(SealAnchor)
    made = insert_or_leave(table).values(rows).on_conflict_do_nothing().returning(
        table.c.community_id, table.c.no, table.c.hash
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in db.session.execute(made)]


def oldest_waiting() -> datetime | None:
    """Since when the oldest line of the bound chain has waited; bound to the street, of its halls as well."""
    chain = chain_here()
    tables = [chain.queue] if chain.kind == "community" else [chain.queue, _t(SealQueue)]
    queues = [
        select(func.min(table.c.queued_at).label("since")).where(chain.mine(table), table.c.queued_at > ADOPTED)
        for table in tables
    ]
    since: datetime | None = db.session.scalar(select(func.min(union_all(*queues).subquery().c.since)))
    return since


def anchored(chain: Chain) -> Newest | None:
    """The newest seal of the bound hall that the street holds."""
    row = SealAnchor.__table__.c
    found = db.session.execute(
        select(row.no, row.at, row.hash, row.total)
        .where(row.community_id == chain.owner)
        .order_by(row.no.desc())
        .limit(1)
    ).first()
    return Newest(*found) if found else None


def halls_here() -> Sequence[Any]:
    """Id, slug and name of every hall of the bound street, closed ones too: their logs stay sealed."""
    hall = Community.__table__.c
    wanted = select(hall.id, hall.slug, hall.name).where(hall.street_id == current_street())
    return db.session.execute(wanted.order_by(hall.opened_at, hall.id)).all()


def halls_sealed() -> Sequence[Any]:
    """For every hall of the bound street: name, number, moment and total of its newest seal, and the newest anchor."""
    hall, seal, row, here = Community.__table__.c, Seal.__table__.c, SealAnchor.__table__.c, current_street()
    last = (
        select(seal.community_id, seal.no, seal.at, seal.total)
        .where(seal.street_id == here)
        .distinct(seal.community_id)
        .order_by(seal.community_id, seal.no.desc())
        .subquery()
    )
    held = (
        select(row.community_id, func.max(row.no).label("anchored"))
        .where(row.street_id == here)
        .group_by(row.community_id)
        .subquery()
    )
    wanted = (
        select(hall.name, last.c.no, last.c.at, last.c.total, held.c.anchored)
        .select_from(Community.__table__)
        .outerjoin(last, last.c.community_id == hall.id)
        .outerjoin(held, held.c.community_id == hall.id)
        .where(hall.street_id == here)
    )
    return db.session.execute(wanted.order_by(hall.opened_at, hall.id)).all()
