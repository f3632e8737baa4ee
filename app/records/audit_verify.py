"""Verifying a chain line by line, in Python and not by the database that might lie: every fault by table, id and seal.

Source of what is found and what is not: tenancy §3.7. A cut tail shows by the street's anchors alone, so a chain is
never called whole without saying up to which anchor it was held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from app.records.audit import Chain, Newest, chain_here, newest, read_lines
from app.records.audit_sources import moment_column
from app.words import N_
from tenants.chain import FIRST, GONE, Line, digest_of, hash_of, micros, moment_of, out_of_order
from tenants.database import db
from tenants.seals import SealAnchor

#: Findings kept of one verification; whoever burnt a whole log need not fill the memory as well.
SHOWN = 1000
#: A line may be this much older than the seal before the one that covers it: clocks differ, transactions last.
LATE = timedelta(days=1)
#: Rows asked for at a time.
STEP = 5000
WORDS: dict[str, str] = {
    "changed": N_("封好以后被改过"),
    "removed": N_("封好以后被拿走了"),
    "vanished": N_("还没封就不见了"),
    "reordered": N_("次序被动过"),
    "slipped_in": N_("没经过封条塞进来的"),
    "late": N_("写着旧日子，后来才进来的"),
    "seal_missing": N_("这一张封条不见了"),
    "seal_changed": N_("这一张封条被改过"),
    "tail_cut": N_("街道底账上有的封条，这里没有了"),
    "seal_replaced": N_("和街道底账上的对不上，封条被换过"),
}


@dataclass(frozen=True)
class Finding:
    """One fault. ``at`` is the line's own moment; ``seal`` the seal that covers it, 0 for none."""

    kind: str
    source: str = ""
    row_id: str = ""
    at: datetime | None = None
    seal: int = 0
    sealed_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        moments = {name: value.isoformat() if (value := getattr(self, name)) else None for name in ("at", "sealed_at")}
        return asdict(self) | moments


@dataclass
class Report:
    """What a verification found. ``count`` goes on where ``findings`` stops."""

    chain: str
    seals: int = 0
    lines: int = 0
    waiting: int = 0
    newest: Newest | None = None
    anchored: int = 0
    count: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Note a fault."""
        self.count += 1
        if len(self.findings) < SHOWN:
            self.findings.append(finding)

    @property
    def is_whole(self) -> bool:
        """Nothing was found."""
        return self.count == 0


Progress = Callable[[int, int], None]


@dataclass
class _Walk:
    chain: Chain
    report: Report
    expected: int = 1
    prev: str = FIRST
    prev_at: datetime | None = None
    total: int = 0
    adopts: bool = True
    sealed: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    hashes: dict[int, str] = field(default_factory=dict)


def verify(progress: Progress = lambda _done, _total: None, *, strict_dates: bool = True) -> Report:
    """Verify the bound chain against its rows and, for a hall, against the street's anchors.

    ``strict_dates`` counts lines that bear an older date than the seal before theirs; a demo plays its past at once.
    """
    chain = chain_here()
    report = Report(chain.name, newest=newest(chain))
    walk = _Walk(chain, report)
    total = report.newest.total if report.newest else 0
    for row in _seals(chain):
        _one_seal(walk, row, strict_dates)
        progress(report.lines, total)
    if chain.kind == "community":
        _against_anchors(walk)
    _unsealed(walk)
    return report


def _seals(chain: Chain, after: int = 0) -> Iterator[Any]:
    while True:
        seal = chain.seals.c
        wanted = select(seal.no, seal.at, seal.prev, seal.hash, seal.lines, seal.total, seal.adopted, seal.members)
        rows = db.session.execute(
            wanted.where(chain.mine(chain.seals), seal.no > after).order_by(seal.no).limit(20)
        ).all()
        yield from rows
        if len(rows) < 20:
            return
        after = rows[-1].no


def _one_seal(walk: _Walk, row: Any, strict_dates: bool) -> None:
    report, lines = walk.report, [Line.read(one) for one in row.members]
    for missing in range(walk.expected, row.no):
        report.add(Finding("seal_missing", seal=missing))
    gap = row.no != walk.expected
    wrong = out_of_order(lines)
    true_hash = hash_of(walk.chain.name, row.no, row.at, row.prev, (line.digest for line in lines), adopted=row.adopted)
    is_altered = true_hash != row.hash or row.lines != len(lines) or (row.adopted and walk.prev_at and not walk.adopts)
    if not gap:
        is_altered = is_altered or row.prev != walk.prev or row.total != walk.total + len(lines)
    for line in wrong:
        report.add(_about("reordered", line, row))
    bad = _against_rows(walk, row, lines)
    if is_altered and not wrong and not bad:
        report.add(Finding("seal_changed", seal=row.no, sealed_at=row.at))
    if strict_dates and walk.prev_at is not None and not row.adopted:
        # A seal that bears an earlier moment than the one before it says itself that the clock was set back.
        oldest = micros(min(walk.prev_at, row.at) - LATE)
        for line in lines:
            if line.at < oldest:
                report.add(_about("late", line, row))
    walk.expected, walk.prev, walk.prev_at = row.no + 1, row.hash, row.at
    walk.total, walk.adopts = row.total, row.adopted
    walk.hashes[row.no] = row.hash
    report.seals += 1
    report.lines += len(lines)


def _against_rows(walk: _Walk, row: Any, lines: list[Line]) -> int:
    """Compare each line with its row; returns how many differ."""
    groups: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in lines:
        groups[(line.source, line.version)].append(line)
        walk.sealed[line.source].add(UUID(line.id).bytes)
    bad: list[Finding] = []
    for (source, version), members in groups.items():
        there = read_lines(walk.chain, source, version, [line.id for line in members])
        for line in members:
            found = there.get(line.id)
            if line.digest == digest_of(f"{GONE}|{source}|{line.id}"):
                bad.append(_about("vanished", line, row))
            elif found is None:
                bad.append(_about("removed", line, row))
            elif digest_of(found[1]) != line.digest:
                bad.append(_about("changed", line, row))
    for finding in bad:
        walk.report.add(finding)
    return len(bad)


def _about(kind: str, line: Line, row: Any) -> Finding:
    return Finding(kind, line.source, line.id, moment_of(line.at), row.no, row.at)


def _against_anchors(walk: _Walk) -> None:
    anchor = SealAnchor.__table__.c
    wanted = select(anchor.no, anchor.hash, anchor.at).where(anchor.community_id == walk.chain.owner)
    for row in db.session.execute(wanted.order_by(anchor.no)):
        walk.report.anchored = max(walk.report.anchored, row.no)
        found = walk.hashes.get(row.no)
        if found is None and row.no >= walk.expected:
            walk.report.add(Finding("tail_cut", seal=row.no, sealed_at=row.at))
        elif found is not None and found != row.hash:
            walk.report.add(Finding("seal_replaced", seal=row.no, sealed_at=row.at))


def _unsealed(walk: _Walk) -> None:
    """Rows that no seal covers and that do not wait for one either."""
    chain = walk.chain
    strange = [
        (source, row_id, at)
        for source in chain.sources
        for row_id, at in _ids(chain, source)
        if row_id.bytes not in walk.sealed[source]
    ]
    queue = chain.queue.c
    waits = {(row.source, row.row_id) for row in db.session.execute(
        select(queue.source, queue.row_id).where(chain.mine(chain.queue)))}  # fmt: skip
    walk.report.waiting = len(waits)
    if not strange:
        return
    # Whatever was sealed while this verification ran is neither in the queue any more nor in the seals read above.
    since = {(line.source, line.id) for row in _seals(chain, walk.expected - 1) for line in map(Line.read, row.members)}
    for source, row_id, at in strange:
        if (source, row_id) not in waits and (source, str(row_id)) not in since:
            walk.report.add(Finding("slipped_in", source, str(row_id), at))


def _ids(chain: Chain, source: str) -> Iterator[tuple[UUID, datetime]]:
    table, last = chain.table(source), None
    while True:
        wanted = select(table.c.id, table.c[moment_column(source)]).where(chain.mine(table))
        if last is not None:
            wanted = wanted.where(and_(table.c.id > last))
        rows = db.session.execute(wanted.order_by(table.c.id).limit(STEP)).all()
        for row in rows:
            yield row[0], row[1]
        if len(rows) < STEP:
            return
        last = rows[-1][0]
