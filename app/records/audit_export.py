"""A chain as a file that anybody can verify without a database, and verifying it.

JSON lines: a head, then each seal followed by the canonical texts of its lines, then the hash of everything before.
Whoever keeps a file holds an anchor that nobody at the office can reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from app.records.audit import Chain, chain_here, read_lines
from app.records.audit_verify import Finding, Report
from tenants.chain import Line, digest_of, hash_of, micros, moment_of, out_of_order
from tenants.database import db

FORMAT = "yiqilai-audit/1"


class BadFile(ValueError):
    """Not a file of ours, or one whose shape is broken."""


def export(name: str, *, since: datetime | None, until: datetime | None, now: datetime, words: bool) -> Iterator[bytes]:
    """The bound chain's seals made within ``since`` … ``until`` as lines of bytes; ``words`` adds the lines' texts."""
    chain, whole, seals, lines = chain_here(), sha256(), 0, 0
    head = {
        "format": FORMAT, "chain": chain.name, "name": name, "made_at": now.isoformat(), "words": words,
        "since": since and since.isoformat(), "until": until and until.isoformat(),
    }  # fmt: skip
    for piece in _pieces(chain, head, since, until, words):
        seals += "seal" in piece
        lines += len(piece.get("members", ()))
        row = _row(piece)
        whole.update(row)
        yield row
    yield _row({"end": whole.hexdigest(), "seals": seals, "lines": lines})


def _row(piece: dict[str, Any]) -> bytes:
    return json.dumps(piece, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _pieces(
    chain: Chain, head: dict[str, Any], since: datetime | None, until: datetime | None, words: bool
) -> Iterator[dict[str, Any]]:
    yield head
    seal, last = chain.seals.c, 0
    while True:
        wanted = select(chain.seals).where(chain.mine(chain.seals), seal.no > last)
        if since is not None:
            wanted = wanted.where(seal.at >= since)
        if until is not None:
            wanted = wanted.where(seal.at <= until)
        row = db.session.execute(wanted.order_by(seal.no).limit(1)).first()
        if row is None:
            return
        yield {
            "seal": row.no, "at": micros(row.at), "prev": row.prev, "hash": row.hash, "adopted": row.adopted,
            "total": row.total, "members": row.members,
        }  # fmt: skip
        if words:
            yield from _texts(chain, [Line.read(one) for one in row.members])
        last = row.no


def _texts(chain: Chain, lines: list[Line]) -> Iterator[dict[str, Any]]:
    there: dict[tuple[str, str], str] = {}
    for source, version in sorted({(line.source, line.version) for line in lines}):
        ids = [line.id for line in lines if (line.source, line.version) == (source, version)]
        there |= {(source, row_id): text for row_id, (_at, text) in read_lines(chain, source, version, ids).items()}
    for line in lines:
        yield {"text": there.get((line.source, line.id))}


def verify_file(rows: Iterable[bytes]) -> tuple[dict[str, Any], Report, dict[int, str]]:
    """Verify an exported file: its head, what was found, and the hash of each seal by its number.

    Raises :class:`BadFile` for anything that is no such file. Needs neither database nor clock.
    """
    reader = _Reader()
    for number, row in enumerate(rows, start=1):
        try:
            reader.take(row)
        except BadFile:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise BadFile(f"line {number} cannot be read: {type(error).__name__}") from error
    if reader.head is None:
        raise BadFile("the file is empty")
    reader.close()
    return reader.head, reader.report, reader.hashes


class _Reader:
    def __init__(self) -> None:
        self.head: dict[str, Any] | None = None
        self.report = Report("")
        self.hashes: dict[int, str] = {}
        self.whole = sha256()
        self.texts: list[tuple[Line, int, datetime]] = []
        self.last: dict[str, Any] | None = None
        self.ended = False

    def take(self, row: bytes) -> None:
        piece = json.loads(row)
        if self.head is None:
            if piece["format"] != FORMAT:
                raise BadFile("not an exported log")
            self.head = piece
            self.report.chain = str(piece["chain"])
        elif self.ended:
            raise BadFile("something stands behind the end")
        elif "end" in piece:
            self.ended = True
            counted = (piece["seals"], piece["lines"]) == (self.report.seals, self.report.lines)
            if piece["end"] != self.whole.hexdigest() or not counted:
                self.report.add(Finding("file_changed"))
        elif "seal" in piece:
            self._seal(piece)
        else:
            self._text(piece["text"])
        self.whole.update(row)

    def close(self) -> None:
        if not self.ended:
            self.report.add(Finding("file_cut"))
        self._texts_done()

    def _seal(self, piece: dict[str, Any]) -> None:
        self._texts_done()
        no, at, lines = int(piece["seal"]), moment_of(piece["at"]), [Line.read(one) for one in piece["members"]]
        digests = (line.digest for line in lines)
        true_hash = hash_of(self.report.chain, no, at, piece["prev"], digests, adopted=piece["adopted"])
        follows = self.last is None or piece["prev"] == self.last["hash"]
        for missing in range(self.last["seal"] + 1 if self.last else no, no):
            self.report.add(Finding("seal_missing", seal=missing))
            follows = True
        wrong = out_of_order(lines)
        for line in wrong:
            self.report.add(Finding("reordered", line.source, line.id, moment_of(line.at), no, at))
        if (true_hash != piece["hash"] or not follows) and not wrong:
            self.report.add(Finding("seal_changed", seal=no, sealed_at=at))
        self.last, self.hashes[no] = piece, piece["hash"]
        self.report.seals += 1
        self.report.lines += len(lines)
        if self.head and self.head["words"]:
            self.texts = [(line, no, at) for line in lines]

    def _text(self, text: str | None) -> None:
        line, no, at = self.texts.pop(0)
        if text is None or digest_of(text) != line.digest:
            kind = "removed" if text is None else "changed"
            self.report.add(Finding(kind, line.source, line.id, moment_of(line.at), no, at))

    def _texts_done(self) -> None:
        for line, no, at in self.texts:
            self.report.add(Finding("removed", line.source, line.id, moment_of(line.at), no, at))
        self.texts = []


def against_database(hashes: dict[int, str], report: Report) -> None:
    """Hold the bound chain against an exported file: seals that it had and that are gone or are others now."""
    chain = chain_here()
    seal = chain.seals.c
    there = {row.no: row.hash for row in db.session.execute(select(seal.no, seal.hash).where(chain.mine(chain.seals)))}
    for no, known in hashes.items():
        if there.get(no) != known:
            report.add(Finding("seal_replaced" if no in there else "tail_cut", seal=no))
