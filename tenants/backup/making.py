"""Making an archive: one repeatable snapshot of the tables, then the files, sealed while they are read.

A file is stored before its row is committed, so every file that the snapshot speaks of lies on the disk by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.engine import Connection

from ..provisioning import owner_engine
from ..whole import UNFINISHED, whole
from . import files, tables
from .parts import Reader, Writer
from .sealed import BadArchive, Opener, Sealer, read_header

SUFFIX = ".yqb"
FORMAT = 1


class NoSuchHall(LookupError):
    """No community of this slug on this host."""


@dataclass(frozen=True)
class Place:
    """What is backed up or written back: the owner's address, the data folder, the backup key, the street's host."""

    owner_url: str
    data: Path
    key: str
    host: str


@dataclass(frozen=True)
class Made:
    """A finished archive; ``manifest`` is its list of parts."""

    path: Path
    sha256: str
    size: int
    manifest: dict[str, Any]


def make(
    place: Place, folder: Path, *, slug: str = "", keys: dict[str, str], version: str, now: datetime | None = None,
    tell: Callable[[str], None] = lambda _name: None,
) -> Made:  # fmt: skip
    """Write one archive into ``folder`` and read it back; nothing stands under its name before that.

    ``keys`` are fingerprints of the program's keys, never keys. ``tell`` hears the name of each table.
    :raises NoSuchHall: for a slug that is no hall. :raises SeesTooLittle: for a login under row-level security.
    """
    at = now or datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"yiqilai-{slug or 'street'}-{at:%Y%m%dT%H%M%SZ}{SUFFIX}"
    with whole(path) as draft:
        with draft.open("wb") as out:
            _write(out, place, slug, {"made_at": at.isoformat(timespec="seconds")}, keys, version, tell)
        manifest = verify(draft, place.key)
    return Made(path, _sum(path), path.stat().st_size, manifest)


def verify(path: Path, key: str) -> dict[str, Any]:
    """Read an archive from end to end and return its list.

    :raises BadArchive: when it is not whole, not ours, or not sealed with this key.
    """
    with path.open("rb") as source:
        opener = Opener(source, key)
        reader = Reader(opener)
        for part in reader:
            part.skip()
        opener.insist_on_end()
    return {**opener.facts, **reader.manifest}


def facts_of(path: Path) -> dict[str, Any]:
    """What an archive says openly about itself; proved only by :func:`verify`."""
    with path.open("rb") as source:
        return read_header(source)[0]


def archives(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every archive of a folder with its open facts, the newest first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}") if folder.is_dir() else []:
        with suppress(BadArchive, OSError):
            found.append((path, facts_of(path)))
    yield from sorted(found, key=lambda one: (str(one[1].get("made_at", "")), one[0].name), reverse=True)


def thin_out(folder: Path, slug: str, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` archives of a hall, or of the street; returns what went.

    What an interrupted run left half-written goes as well, once it is a day old.
    """
    of_kind = [path for path, facts in archives(folder) if facts.get("slug", "") == slug]
    gone = of_kind[keep:]
    yesterday = datetime.now(UTC).timestamp() - 24 * 3600
    gone += [path for path in folder.glob(f"{UNFINISHED}*") if path.stat().st_mtime < yesterday]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def note_last(data: Path, made: Made) -> None:
    """Leave word for the monitoring: when the newest archive was made, where, its hash and size."""
    home = data / "backup"
    home.mkdir(mode=0o700, exist_ok=True)
    told = {"at": made.manifest["made_at"], "file": str(made.path), "sha256": made.sha256, "bytes": made.size}
    with whole(home / "last.json") as draft:
        draft.write_text(json.dumps(told, ensure_ascii=False) + "\n", "utf-8")


def _write(
    out: BinaryIO, place: Place, slug: str, facts: dict[str, Any], keys: dict[str, str], version: str,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    with owner_engine(place.owner_url) as engine:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
            tables.prepare(conn)
            community = hall_id(conn, place.host, slug) if slug else None
            revision = conn.execute(text("select version_num from alembic_version")).scalar_one()
            facts |= {"format": FORMAT, "slug": slug, "revision": revision}
            sealer = Sealer(out, place.key, facts)
            writer = Writer(sealer)
            for table in tables.tables(conn):
                if community is None or table.hall_column:
                    tell(table.name)
                    rows = tables.rows_of(conn, table, community)
                    writer.add("table", table.name, rows, columns=table.columns)
            told = {"community": community, "halls": _halls(conn), "keys": keys, "program": version}
            told["postgres"] = conn.execute(text("show server_version")).scalar_one()
        for name in files.names(place.data, community):
            if (content := files.content(place.data, name)) is not None:
                writer.add("file", name, content)
    writer.end(told)
    sealer.close()


def hall_id(conn: Connection, host: str, slug: str) -> int:
    """The id of a hall of the street on ``host``, open or not."""
    wanted = text(
        "select c.id from community c join street s on s.id = c.street_id where s.host = :host and c.slug = :slug"
    )
    found = conn.execute(wanted, {"host": host, "slug": slug}).scalar()
    if found is None:
        raise NoSuchHall(slug)
    return int(found)


def _halls(conn: Connection) -> list[dict[str, Any]]:
    wanted = text(
        "select c.id, c.slug, c.name, c.street_id, s.host from community c join street s on s.id = c.street_id "
        "order by c.id"
    )
    return [dict(row._mapping) for row in conn.execute(wanted)]


def _sum(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
