"""The arithmetic of a sealed log: canonical text, digest of a line, hash of a seal. Pure: no database, no clock.

Measured design: tenancy §3.7. A line's text is built from named columns only and holds moments as whole microseconds
since 1970, so that neither a later column nor the session's settings change what was hashed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

#: What stands before the first seal.
FIRST = "0" * 64
#: The digest of a line that was gone before it was sealed begins with this word.
GONE = "gone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970; the moment must know its zone."""
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def moment_of(count: int) -> datetime:
    """The opposite of :func:`micros`."""
    return datetime.fromtimestamp(count // 1_000_000, UTC).replace(microsecond=count % 1_000_000)


def plain(value: Any) -> Any:
    """One column's value as JSON holds it. Raises ``TypeError`` for a type nobody agreed on."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict | list):
        return value
    raise TypeError(f"no canonical text for {type(value).__name__}")


def text_of(source: str, version: int, row_id: UUID | str, values: Iterable[Any]) -> str:
    """The canonical text of one line: the table, the version of its list of columns, the id, then the values."""
    parts = [source, version, str(row_id), *(plain(value) for value in values)]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_of(chain: str, no: int, at: datetime, prev: str, digests: Iterable[str], *, adopted: bool = False) -> str:
    """The hash of a seal: whose it is, its number and moment, the seal before it, and every digest in order."""
    whole = sha256(f"{chain}|{no}|{micros(at)}|{int(adopted)}|{prev}|".encode())
    for digest in digests:
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One sealed line as a seal lists it. ``at`` is the line's own moment in microseconds."""

    source: str
    version: int
    id: str
    at: int
    digest: str

    @property
    def order(self) -> tuple[int, str, str]:
        """Lines of one seal stand in this order, whoever wrote them down."""
        return (self.at, self.source, self.id)

    def as_list(self) -> list[Any]:
        """For the seal's JSON."""
        return [self.source, self.version, self.id, self.at, self.digest]

    @classmethod
    def read(cls, listed: Sequence[Any]) -> Line:
        """The opposite of :meth:`as_list`."""
        source, version, row_id, at, digest = listed
        return cls(str(source), int(version), str(row_id), int(at), str(digest))


def out_of_order(lines: Sequence[Line]) -> list[Line]:
    """The lines that stand before one that belongs before them; empty for a list in order."""
    found: list[Line] = []
    least: tuple[int, str, str] | None = None
    for line in reversed(lines):
        if least is not None and line.order > least:
            found.append(line)
        least = line.order if least is None else min(least, line.order)
    return found[::-1]
