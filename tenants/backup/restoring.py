"""The way back: a whole street into an empty database, or one hall into a street that goes on running.

An archive is read from end to end before anything is touched, and proved again while it is written. All rows go in one
transaction, which compares the hash of what it wrote with the archive before it commits.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from ..provisioning import owner_engine
from . import files, tables
from .making import Place, verify
from .parts import Part, Reader
from .sealed import Opener
from .tables import TableFacts

#: What only the street decides about a hall; an old archive must neither open a closed hall nor rename one.
STREETS_OWN = ("id", "street_id", "slug", "code", "opened_at", "suspended_at", "suspended_reason", "closed_at")


class CannotRestore(Exception):
    """The archive is whole, but does not fit here; ``kind`` says why, ``values`` fill the sentence."""

    def __init__(self, kind: str, **values: object) -> None:
        super().__init__(kind)
        self.kind, self.values = kind, values


@dataclass
class Restored:
    """What was written: rows per table, files, and the community for a single hall."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    community: int | None = None
    street: int | None = None


@dataclass
class _Counted:
    """Rows that pass by on their way into a table, counted and hashed."""

    content: Iterable[bytes]
    rows: int = 0

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.content:
            self.rows += piece.count(b"\n")
            self.digest.update(piece)
            yield piece


def insist_on_empty(place: Place) -> None:
    """Refuse a database with any row and a data folder with any file: a street is never poured over another."""
    with owner_engine(place.owner_url) as engine, engine.begin() as conn:
        tables.prepare(conn)
        for table in tables.tables(conn):
            if conn.execute(text(f'select exists (select 1 from public."{table.name}")')).scalar():
                raise CannotRestore("not_empty", table=table.name)
    if next(files.names(place.data), None) is not None:
        raise CannotRestore("files_there", folder=str(place.data / "files"))


def whole_street(place: Place, path: Path) -> Restored:
    """Write everything into a database that has the archive's tables and not one row.

    :raises CannotRestore: when it is not empty, or holds other tables. :raises BadArchive: for a damaged archive.
    """
    insist_on_empty(place)
    done = Restored()
    written: list[Path] = []
    try:
        with _opened(place, path) as (conn, reader):
            known = {table.name: table for table in tables.tables(conn)}
            for part in reader:
                if part.kind == "table":
                    table = _table(known, part)
                    done.rows[table.name] = _load(conn, table, part.head["columns"], part.content())
                else:
                    files.put(place.data, part.name, part.content())
                    written.append(place.data / "files" / part.name)
                    done.files += 1
            _insist_on_keys(conn)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    with owner_engine(place.owner_url) as engine, engine.begin() as conn:
        conn.exec_driver_sql("ANALYZE")
    return done


def one_hall(place: Place, path: Path, slug: str) -> Restored:
    """Put one hall back as the archive has it; no row and no file of another hall or of the street is touched.

    The hall's own line in the registry is held meanwhile, so whoever writes in this hall waits, and nobody else.
    :raises CannotRestore: when the archive has no such hall, another schema, or rows that point to what the street
        has removed since.
    """
    begun = time.time()
    hall = hall_in(verify(path, place.key), place.host, slug)
    done = Restored(community=hall["id"], street=hall["street_id"])
    kept: set[str] = set()
    try:
        with _opened(place, path) as (conn, reader):
            _hold(conn, hall)
            ordered = [table for table in tables.tables(conn) if table.hall_column]
            for table in reversed(ordered):
                if table.name != "community":
                    conn.exec_driver_sql(f'DELETE FROM public."{table.name}" WHERE community_id = {int(hall["id"])}')
            known = {table.name: table for table in ordered}
            for part in reader:
                if part.kind == "table":
                    _one_halls_rows(conn, known, part, hall, done)
                elif part.name.startswith(f"{hall['id']}/"):
                    files.put(place.data, part.name, part.content())
                    kept.add(part.name)
            _insist_on_keys(conn, hall["id"])
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        raise CannotRestore("street_changed", rule=name) from error
    done.files = len(kept)
    _forget_others(place.data, hall["id"], kept, begun)
    return done


def hall_in(manifest: dict[str, Any], host: str, slug: str) -> dict[str, Any]:
    """The hall's entry in an archive's list."""
    if manifest["slug"] not in ("", slug):
        raise CannotRestore("other_hall", slug=manifest["slug"])
    found = [hall for hall in manifest["halls"] if hall["slug"] == slug and hall["host"] == host]
    if not found:
        raise CannotRestore("no_hall", slug=slug)
    return dict(found[0])


@contextmanager
def _opened(place: Place, path: Path) -> Iterator[tuple[Connection, Reader]]:
    """One transaction beside an archive that fits its schema; the end of the block proves the archive and commits."""
    with path.open("rb") as source, owner_engine(place.owner_url) as engine, engine.begin() as conn:
        tables.prepare(conn)
        opener = Opener(source, place.key)
        reader = Reader(opener)
        present = conn.execute(text("select version_num from alembic_version")).scalar_one()
        if present != opener.facts["revision"]:
            raise CannotRestore("revision", archive=opener.facts["revision"], here=present)
        tables.write_plainly(conn)
        yield conn, reader
        opener.insist_on_end()


def _insist_on_keys(conn: Connection, community: int | None = None) -> None:
    if broken := tables.dangling(conn, community):
        raise CannotRestore("street_changed", rule=broken)


def _hold(conn: Connection, hall: dict[str, Any]) -> None:
    # Every new row of a hall takes a share of this line by its foreign key, so holding it keeps new rows out.
    held = conn.execute(
        text("select slug, street_id from community where id = :id for update"), {"id": hall["id"]}
    ).one_or_none()
    taken = conn.execute(
        text("select 1 from community where street_id = :street and slug = :slug and id <> :id"),
        {"street": hall["street_id"], "slug": hall["slug"], "id": hall["id"]},
    ).scalar()
    if taken or (held and held.street_id != hall["street_id"]):
        raise CannotRestore("slug_taken", slug=hall["slug"])


def _one_halls_rows(
    conn: Connection, known: dict[str, TableFacts], part: Part, hall: dict[str, Any], done: Restored
) -> None:
    if part.name not in known and not {"community_id"} & set(part.head["columns"]):
        return
    table = _table(known, part)
    mine = tables.only(part.content(), part.head["columns"].index(table.hall_column), hall["id"])
    if table.name == "community":
        _registry_line(conn, table, part.head["columns"], mine)
    else:
        done.rows[table.name] = _load(conn, table, part.head["columns"], mine, hall["id"])


def _registry_line(conn: Connection, table: TableFacts, columns: list[str], mine: Iterable[bytes]) -> None:
    conn.exec_driver_sql("CREATE TEMP TABLE restored_hall (LIKE public.community) ON COMMIT DROP")
    tables.put_rows(conn, table, columns, mine, into="restored_hall")
    own = [column for column in columns if column not in STREETS_OWN]
    pairs = ", ".join(f'"{column}" = r."{column}"' for column in own)
    changed = conn.exec_driver_sql(
        f"UPDATE public.community c SET {pairs} FROM restored_hall r WHERE c.id = r.id"
    ).rowcount
    if not changed:
        listed = ", ".join(f'"{column}"' for column in columns)
        conn.exec_driver_sql(f"INSERT INTO public.community ({listed}) SELECT {listed} FROM restored_hall")


def _load(
    conn: Connection, table: TableFacts, columns: list[str], content: Iterable[bytes], community: int | None = None
) -> int:
    """Write rows, read them back and compare; returns how many."""
    passed = _Counted(content)
    tables.put_rows(conn, table, columns, passed)
    stands = hashlib.sha256()
    for piece in tables.rows_of(conn, table, community):
        stands.update(piece)
    if stands.digest() != passed.digest.digest():
        raise CannotRestore("differs", table=table.name)
    return passed.rows


def _table(known: dict[str, TableFacts], part: Part) -> TableFacts:
    table = known.get(part.name)
    if table is None or list(table.columns) != list(part.head["columns"]):
        raise CannotRestore("other_tables", table=part.name)
    return table


def _forget_others(data: Path, community: int, kept: set[str], begun: float) -> None:
    """Remove what the hall stored after the archive was made; what somebody stores meanwhile is newer and stays."""
    for name in list(files.names(data, community)):
        path = data / "files" / name
        with suppress(FileNotFoundError):
            if name not in kept and path.stat().st_mtime < begun:
                path.unlink()
