"""Real engines for the tests: one PostgreSQL and one Valkey per run, one cloned database per worker.

Everything connects as the program's own logins. Only the harness, which clones and resets, uses the superuser.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine, make_url

from app import create_app
from tenants import provisioning
from tenants.database import db
from tests import cast

TEMPLATE = "yiqilai_template"
BASE = "yard.test"


def urls(owner: str, database: str) -> dict[str, str]:
    """The three logins of one test database, as the environment would give them."""
    url = make_url(owner).set(database=database)

    def plain(login: str) -> str:
        return url.set(username=login).render_as_string(hide_password=False)

    return {"owner": plain("postgres"), "login": plain("cm_login"), "guest": plain("cm_guest_login")}


def settings(owner: str, database: str, redis: str, data_dir: Path, **more: Any) -> dict[str, Any]:
    """What ``create_app`` needs to run on a test database."""
    at = urls(owner, database)
    pool = {"pool_size": 2, "max_overflow": 4, "pool_pre_ping": False}
    return {
        "TESTING": True,
        "MODE": "test",
        "DATA_DIR": str(data_dir),
        "BASE_HOST": BASE,
        "TENANT_BY": "host",
        "REDIS_URL": redis,
        "SQLALCHEMY_DATABASE_URI": at["login"],
        "SQLALCHEMY_ENGINE_OPTIONS": pool,
        "SQLALCHEMY_BINDS": {"guest": {"url": at["guest"], **pool}, "keeper": {"url": at["owner"], "pool_size": 1}},
        "ARGON2_FAST": True,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "PROPAGATE_EXCEPTIONS": False,
        "SECRET_KEY": "test",
        "HMAC_KEY": "test",
        "SEAL_KEY": "test",
        **more,
    }


def build_template(owner: str, redis: str, data_dir: Path) -> None:
    """Schema, policies and the cast, once a run; with a copy of every row in the schema ``seed``."""
    at = urls(owner, TEMPLATE)
    provisioning.create_database(at["owner"])
    app = create_app(settings(owner, TEMPLATE, redis, data_dir))
    with app.app_context():
        provisioning.create_schema(at["owner"])
        cast.settle(app, now=datetime(2026, 6, 1, 1, 0, tzinfo=UTC))
        for engine in db.engines.values():
            engine.dispose()
    engine = create_engine(at["owner"])
    with engine.begin() as conn:
        _keep_the_cast(conn)
    engine.dispose()


def _keep_the_cast(conn: Connection) -> None:
    """A copy of every row in the schema ``seed``, and the function that puts the tables back to it."""
    conn.execute(text("create schema seed"))
    # Which transaction last wrote a table: its rows are the copy's own while each of them still comes from there.
    conn.execute(text("create table seed.written_by (name text primary key, xid bigint not null default 0)"))
    steps = []
    for table in db.metadata.sorted_tables:
        name = table.name
        conn.execute(text(f"create table seed.{name} as table public.{name}"))
        rows = conn.execute(text(f"select count(*) from seed.{name}")).scalar()
        if rows:
            conn.execute(text("insert into seed.written_by values (:name)"), {"name": name})
        steps.append(REFILL.format(name=name, rows=rows) if rows else f"delete from public.{name};")
    conn.exec_driver_sql(RESET.format(steps="\n".join(steps)))


#: The server keeps the plan of every step as long as the connection lives, so asking a hundred tables costs little.
RESET = """create function seed.reset() returns void language plpgsql as $reset$
declare mine bigint := mod(pg_current_xact_id()::text::bigint, 4294967296); kept bigint;
begin
    perform set_config('session_replication_role', 'replica', true);
    {steps}
end $reset$"""
REFILL = """
    select xid into kept from seed.written_by where name = '{name}';
    if (select count(*) <> {rows} or count(*) filter (where xmin::text::bigint = kept) <> {rows}
        from public.{name}) then
        delete from public.{name};
        insert into public.{name} select * from seed.{name};
        update seed.written_by set xid = mine where name = '{name}';
    end if;"""


def clone(owner: str, name: str) -> None:
    """A worker's own database from the template."""
    engine = create_engine(make_url(owner).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f'drop database if exists "{name}" with (force)'))
        conn.execute(text(f'create database "{name}" template "{TEMPLATE}" owner cm_owner'))
    engine.dispose()


def reset(engine: Engine) -> None:
    """Back to the cast: every table that was touched is emptied and refilled, without triggers, in one round trip."""
    with engine.begin() as conn:
        conn.exec_driver_sql("select seed.reset()")


@contextmanager
def engines(folder: Path) -> Iterator[tuple[str, str]]:
    """Start both servers; yields the superuser's URL and the Redis URL without a database number."""
    from deploy.supervise.engines import embedded_engines

    with embedded_engines(folder, fsync=False) as running:
        yield running.database_url("postgres", "postgres"), running.redis_url(0).split("?")[0]
