"""Opening a street and its halls: roles, database, registry rows.

Roles, database and streets need the owner's login, which the web never has. A hall is opened by its street (scope
``opener``), so its row is written by the program's own login, on a page as in the shell.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import IntegrityError

from .brand import Brand, load_pack
from .database import db
from .policies import GUEST_LOGIN, LOGIN, OWNER, sync
from .registry import Community, Street
from .scope import ROLES, Scope, bound
from .slugs import is_slug

#: Statements a scope role may never run for longer; a page that needs more is a wrong page.
STATEMENT_TIMEOUT = "15s"
LOCK_TIMEOUT = "5s"


def create_roles(conn: Connection, passwords: dict[str, str] | None = None) -> None:
    """Create the owner, the scope roles and the logins; safe to run again. NOINHERIT works alike on 15 to 18."""
    passwords = passwords or {}
    have = set(conn.execute(text("select rolname from pg_roles where rolname like 'cm\\_%'")).scalars())
    for role in (OWNER, *ROLES.values()):
        if role not in have:
            conn.exec_driver_sql(f"CREATE ROLE {role} NOLOGIN NOINHERIT NOBYPASSRLS")
    for login in (LOGIN, GUEST_LOGIN):
        if login not in have:
            conn.exec_driver_sql(f"CREATE ROLE {login} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
        if passwords.get(login):
            quoted = passwords[login].replace("'", "''")
            conn.exec_driver_sql(f"ALTER ROLE {login} PASSWORD '{quoted}'")
        conn.exec_driver_sql(f"ALTER ROLE {login} SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        conn.exec_driver_sql(f"ALTER ROLE {login} SET lock_timeout = '{LOCK_TIMEOUT}'")
    conn.exec_driver_sql(f"GRANT cm_community, cm_street, cm_witness, cm_teller, cm_opener, cm_door TO {LOGIN}")
    conn.exec_driver_sql(f"GRANT cm_guest TO {GUEST_LOGIN}")
    if not _is_superuser(conn):
        conn.exec_driver_sql(f"GRANT {OWNER}, cm_keeper TO CURRENT_USER")


def _is_superuser(conn: Connection) -> bool:
    return bool(conn.execute(text("select rolsuper from pg_roles where rolname = current_user")).scalar())


def create_database(owner_url: str, passwords: dict[str, str] | None = None) -> None:
    """Create roles and, where absent, the database named in ``owner_url``, owned by ``cm_owner``."""
    url: URL = make_url(owner_url)
    # A cluster made on a machine without a language is SQL_ASCII, and its answers would arrive as bare bytes.
    told = {"client_encoding": "utf8"}
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT", connect_args=told)
    try:
        with engine.connect() as conn:
            create_roles(conn, passwords)
            found = conn.execute(text("select 1 from pg_database where datname = :n"), {"n": url.database}).scalar()
            if not found:
                conn.exec_driver_sql(f'CREATE DATABASE "{url.database}" {_making(conn)}')
    finally:
        engine.dispose()
    with owner_engine(owner_url) as engine, engine.begin() as conn:
        # The schema first, the database last: an owner that inherits nothing could not take the schema over by itself,
        # and a login that is no superuser may hand over only what it still holds.
        conn.exec_driver_sql(f'GRANT CREATE ON DATABASE "{url.database}" TO {OWNER}')
        conn.exec_driver_sql(f"ALTER SCHEMA public OWNER TO {OWNER}")
        conn.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        conn.exec_driver_sql(f'ALTER DATABASE "{url.database}" OWNER TO {OWNER}')


def _making(conn: Connection) -> str:
    """How a database is made that knows Chinese letters, also on a cluster whose own locale is plain C."""
    plain = conn.execute(
        text("select datctype in ('C', 'POSIX') from pg_database where datname = 'template0'")
    ).scalar()
    locale = " LOCALE 'C.UTF-8'" if plain else ""
    return f"TEMPLATE template0 ENCODING UTF8{locale}"


@contextmanager
def owner_engine(owner_url: str) -> Iterator[Engine]:
    """An engine of the owner's login, closed at the end of the block."""
    engine = create_engine(owner_url)
    try:
        yield engine
    finally:
        engine.dispose()


def create_schema(owner_url: str) -> None:
    """Tables and policies straight from metadata, for tests; the drift test compares it with the migrations."""
    with owner_engine(owner_url) as engine, engine.begin() as conn:
        conn.exec_driver_sql(f"SET ROLE {OWNER}")
        db.metadata.create_all(conn)
        sync(conn)


def open_street(*, host: str, name: str, short: str, phone: str, now: datetime) -> int:
    """Open a street office, or return the id of the one on this host. Needs the keeper's engine."""
    with bound(Scope("keeper")), db.engines["keeper"].begin() as conn:
        found = conn.execute(select(Street.id).where(Street.host == host)).scalar()
        if found is not None:
            return int(found)
        street_id = (conn.execute(select(func.max(Street.id))).scalar() or 0) + 1
        brand = load_pack("street").as_dict()
        row = {"id": street_id, "host": host, "name": name, "short": short, "phone": phone, "opened_at": now}
        conn.execute(Street.__table__.insert().values(**row, brand=brand, settings={}))
        return int(street_id)


class Taken(ValueError):
    """Another hall of the street has this ``field`` (``slug`` or ``code``)."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the {field} is taken in this street")
        self.field = field


def fresh_ids() -> Iterator[int]:
    """Ids for a new hall, to be tried one after the other: milliseconds since 1970.

    An opener sees no other street's halls, so it cannot count them; the clock keeps the order of ids that of opening.
    """
    first = time.time_ns() // 1_000_000
    yield from range(first, first + 100)


def is_id_taken(error: IntegrityError) -> bool:
    """Whether another hall, perhaps of another street, was opened in this very millisecond; the next id then serves."""
    return _broken_rule(error) in ("pk_community", "uq_community_street_id_id")


def taken_field(error: IntegrityError) -> str:
    """``slug`` or ``code`` where a hall of the same street already has it; empty for any other error."""
    rules = {"uq_community_street_id_slug": "slug", "uq_community_street_id_code": "code"}
    return rules.get(_broken_rule(error), "")


def _broken_rule(error: IntegrityError) -> str:
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")


def community_row(
    community_id: int, street_id: int, *, slug: str, code: str, name: str, brand: Brand, now: datetime, **more: Any
) -> dict[str, Any]:
    """The values of a new hall's row: its names from ``brand``, and every rule as the street set it (no own settings).

    Raises ``ValueError`` for a slug that is reserved or no host label.
    """
    if not is_slug(slug):
        raise ValueError(f"{slug!r} cannot be a host name of a hall")
    row: dict[str, Any] = {
        "id": community_id, "street_id": street_id, "slug": slug, "code": code, "name": name, "hall": brand.hall,
        "motto": brand.motto, "brand": brand.as_dict(), "settings": {}, "opened_at": now,
    }  # fmt: skip
    return row | more


def open_community(*, street_id: int, slug: str, code: str, name: str, now: datetime, **more: Any) -> int:
    """Open a community's hall with its brand pack (or the street's default look) and nobody in it; returns its id.

    For the demo and for tests, which people the hall themselves; an office opens one with ``people.halls.open_hall``.
    Raises ``ValueError`` for a slug that is reserved, taken or no host label, and for a code that is taken.
    """
    brand = load_pack(slug)
    for community_id in fresh_ids():
        row = community_row(community_id, street_id, slug=slug, code=code, name=name, brand=brand, now=now, **more)
        scope = Scope("opener", street=street_id, community=community_id)
        try:
            with bound(scope), db.engines[None].begin() as conn:
                conn.execute(Community.__table__.insert().values(**row))
        except IntegrityError as error:
            if is_id_taken(error):
                continue
            if field := taken_field(error):
                raise Taken(field) from error
            raise
        return community_id
    raise RuntimeError("no free id for a hall within a tenth of a second")
