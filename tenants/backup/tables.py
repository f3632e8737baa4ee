"""Tables as the catalogue knows them, and their rows as COPY writes them: whatever version the schema has.

Rows come in the order of the key, so equal rows always give equal bytes and a hash can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ProgrammingError

#: The version stands in the archive's facts; the schema is made by migrations, never by rows.
NOT_COPIED = ("alembic_version",)
#: What an archive is written with, so that it reads alike on every server.
SPEECH = (
    "SET LOCAL row_security = off", "SET LOCAL statement_timeout = 0", "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'", "SET LOCAL TimeZone = 'UTC'", "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'", "SET LOCAL client_encoding = 'UTF8'",
)  # fmt: skip


class SeesTooLittle(Exception):
    """The login is bound by row-level security: its copy would look whole and be empty. ``args[0]`` is its name."""


@dataclass(frozen=True)
class TableFacts:
    """One table: its columns in order, the columns of its key, and the tables its foreign keys point to."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    needs: frozenset[str]

    @property
    def hall_column(self) -> str:
        """The column that says whose a row is; empty for the street's own tables."""
        if self.name == "community":
            return "id"
        return "community_id" if "community_id" in self.columns else ""

    @property
    def listed(self) -> str:
        """The columns as SQL."""
        return ", ".join(f'"{column}"' for column in self.columns)


def prepare(conn: Connection) -> None:
    """Insist on a login that sees every row, and speak the same to every server. Call it inside the transaction."""
    who, sees = conn.execute(
        text("select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
    ).one()
    if not sees:
        raise SeesTooLittle(who)
    for line in SPEECH:
        conn.exec_driver_sql(line)


def tables(conn: Connection) -> list[TableFacts]:
    """Every table of the program, each after those it points to."""
    columns, keys, needs = (_pairs(conn, query) for query in (_COLUMNS, _KEYS, _NEEDS))
    found = {
        name: TableFacts(name, tuple(there), tuple(keys.get(name, there)), frozenset(needs.get(name, ())) - {name})
        for name, there in columns.items() if name not in NOT_COPIED
    }  # fmt: skip
    ordered: dict[str, TableFacts] = {}
    while len(ordered) < len(found):
        ready = [one for name, one in sorted(found.items()) if name not in ordered and one.needs <= ordered.keys()]
        if not ready:
            raise RuntimeError(f"foreign keys in a circle: {sorted(found.keys() - ordered.keys())}")
        ordered |= {one.name: one for one in ready}
    return list(ordered.values())


def rows_of(conn: Connection, table: TableFacts, community: int | None = None) -> Iterator[memoryview]:
    """All rows, or those of one community, as COPY's text."""
    where = f' WHERE "{table.hall_column}" = {int(community)}' if community is not None else ""
    order = ", ".join(f'"{column}"' for column in table.key)
    query = f'COPY (SELECT {table.listed} FROM public."{table.name}"{where} ORDER BY {order}) TO STDOUT'
    with _cursor(conn).copy(query) as copy:
        yield from (memoryview(piece) for piece in copy)


def put_rows(conn: Connection, table: TableFacts, columns: list[str], content: Iterable[bytes], into: str = "") -> None:
    """Write rows that :func:`rows_of` read; ``into`` names another table of the same columns."""
    listed = ", ".join(f'"{column}"' for column in columns)
    target = f'"{into}"' if into else f'public."{table.name}"'
    with _cursor(conn).copy(f"COPY {target} ({listed}) FROM STDIN") as copy:
        for piece in content:
            copy.write(piece)


def only(content: Iterable[bytes], column: int, value: int) -> Iterator[bytes]:
    """Just the rows with ``value`` in one column; COPY's text has a line a row and a tab between columns, always."""
    wanted, rest = str(value).encode(), b""
    for piece in content:
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if kept := [line for line in lines if line.split(b"\t", column + 1)[column] == wanted]:
            yield b"\n".join(kept) + b"\n"


def write_plainly(conn: Connection) -> None:
    """Rows come back as they were: no trigger may add to them. Foreign keys are triggers too; see :func:`dangling`.

    :raises SeesTooLittle: where only a superuser may say so.
    """
    try:
        conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
    except ProgrammingError as error:
        raise SeesTooLittle(conn.engine.url.username or "") from error


def dangling(conn: Connection, community: int | None = None) -> str:
    """The name of a foreign key that some row breaks, or nothing; of one community's rows, or of all."""
    for name, child, parent, mine, theirs in conn.execute(text(_FOREIGN_KEYS)).all():
        hall = f' AND c."community_id" = {int(community)}' if community is not None else ""
        if hall and "community_id" not in _columns(conn, child):
            continue
        same = " AND ".join(f'p."{b}" = c."{a}"' for a, b in zip(mine, theirs, strict=True))
        there = " AND ".join(f'c."{a}" IS NOT NULL' for a in mine)
        found = conn.exec_driver_sql(
            f'SELECT 1 FROM public."{child}" c WHERE {there}{hall} '
            f'AND NOT EXISTS (SELECT 1 FROM public."{parent}" p WHERE {same}) LIMIT 1'
        )
        if found.first() is not None:
            return str(name)
    return ""


def _columns(conn: Connection, table: str) -> set[str]:
    wanted = text("select attname::text from pg_attribute where attrelid = cast(:table as regclass) and attnum > 0")
    return set(conn.execute(wanted, {"table": f'public."{table}"'}).scalars())


def _cursor(conn: Connection) -> Any:
    driver: Any = conn.connection.driver_connection
    return driver.cursor()


def _pairs(conn: Connection, query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in conn.execute(text(query)):
        found.setdefault(name, []).append(value)
    return found


_COLUMNS = """
    select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0
    and not a.attisdropped and a.attgenerated = '' order by c.relname, a.attnum"""
_KEYS = """
    select t.relname::text, a.attname::text from pg_index x join pg_class t on t.oid = x.indrelid
    cross join lateral unnest(x.indkey::int2[]) with ordinality as part(number, place)
    join pg_attribute a on a.attrelid = t.oid and a.attnum = part.number
    where t.relnamespace = 'public'::regnamespace and x.indisprimary order by t.relname, part.place"""
_NEEDS = """
    select distinct child.relname::text, parent.relname::text from pg_constraint k
    join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace order by 1, 2"""
_FOREIGN_KEYS = """
    select k.conname::text, child.relname::text, parent.relname::text,
    array(select a.attname::text from unnest(k.conkey) with ordinality as part(number, place)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.number order by part.place),
    array(select a.attname::text from unnest(k.confkey) with ordinality as part(number, place)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = part.number order by part.place)
    from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace order by 1"""
