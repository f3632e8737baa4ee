"""Opening a street and its halls: roles, database, registry rows. Run by the owner's login, never by the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL, Connection, Engine, make_url

from .brand import load_pack
from .database import db
from .hosts import RESERVED, SLUG
from .policies import GUEST_LOGIN, LOGIN, OWNER, sync
from .registry import Community, Street
from .scope import ROLES, Scope, bound

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
    if not conn.execute(text("select rolsuper from pg_roles where rolname = current_user")).scalar():
        conn.exec_driver_sql(f"GRANT {OWNER}, cm_keeper TO CURRENT_USER")


def create_database(owner_url: str, passwords: dict[str, str] | None = None) -> None:
    """Create roles and, where absent, the database named in ``owner_url``, owned by ``cm_owner``."""
    url: URL = make_url(owner_url)
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as conn:
            create_roles(conn, passwords)
            found = conn.execute(text("select 1 from pg_database where datname = :n"), {"n": url.database}).scalar()
            if not found:
                conn.exec_driver_sql(f'CREATE DATABASE "{url.database}" OWNER {OWNER} TEMPLATE template0 ENCODING UTF8')
    finally:
        engine.dispose()
    with owner_engine(owner_url) as engine, engine.begin() as conn:
        conn.exec_driver_sql(f"ALTER SCHEMA public OWNER TO {OWNER}")
        conn.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


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
        conn.execute(Street.__table__.insert().values(**row, brand=brand))
        return int(street_id)


def open_community(*, street_id: int, slug: str, code: str, name: str, now: datetime, **more: Any) -> int:
    """Open a community's hall with its brand pack (or the street's default look); returns its id.

    Raises ``ValueError`` for a slug that is reserved, taken or no host label, and for a code that is taken.
    """
    if slug in RESERVED or not SLUG.match(slug):
        raise ValueError(f"{slug!r} cannot be a host name of a hall")
    pack = load_pack(slug)
    with bound(Scope("keeper", street=street_id)), db.engines["keeper"].begin() as conn:
        taken = select(Community.id).where(
            Community.street_id == street_id, (Community.slug == slug) | (Community.code == code)
        )
        if conn.execute(taken).first():
            raise ValueError(f"{slug!r} or {code!r} is taken in this street")
        community_id = (conn.execute(select(func.max(Community.id))).scalar() or 0) + 1
        row: dict[str, Any] = {
            "id": community_id,
            "street_id": street_id,
            "slug": slug,
            "code": code,
            "name": name,
            "hall": pack.hall,
            "motto": pack.motto,
            "brand": pack.as_dict(),
            "settings": {},
            "opened_at": now,
        }
        conn.execute(Community.__table__.insert().values(**(row | more)))
        return int(community_id)
