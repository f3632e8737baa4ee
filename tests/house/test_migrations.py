"""Migrated from scratch and made from metadata must be the same database; also on the oldest PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text

from app import create_app, models  # noqa: F401
from tenants import provisioning
from tenants.database import db
from tenants.policies import OWNER, audit, snapshot, sync
from tests import harness

ROOT = Path(__file__).resolve().parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def migrated(owner: str, redis: str, data_dir: Path, name: str, monkeypatch) -> str:
    url = harness.urls(owner, name)["owner"]
    provisioning.create_database(url)
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    app = create_app(harness.settings(owner, name, redis, data_dir))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        for engine in db.engines.values():
            engine.dispose()
    return url


def test_migrations_and_metadata_agree(place, superuser, monkeypatch):
    name = f"{place['database']}_migrated"
    url = migrated(place["owner"], place["redis"], place["data_dir"], name, monkeypatch)
    engine = create_engine(url)
    try:
        with engine.connect() as conn, superuser.connect() as made:
            context = MigrationContext.configure(conn, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == [], "run: ./run flask db revision --autogenerate"
            assert snapshot(conn) == snapshot(made)
            assert checks(conn) == checks(made)
            assert audit(conn) == []
    finally:
        engine.dispose()


def checks(conn) -> list[tuple[str, str]]:
    """Every CHECK by its words; autogenerate does not compare these."""
    query = text(
        "select conname, pg_get_constraintdef(oid) from pg_constraint "
        "where contype='c' and connamespace='public'::regnamespace order by 1"
    )
    return [tuple(row) for row in conn.execute(query)]


def test_migrations_run_both_ways(place, monkeypatch):
    name = f"{place['database']}_both"
    url = migrated(place["owner"], place["redis"], place["data_dir"], name, monkeypatch)
    app = create_app(harness.settings(place["owner"], name, place["redis"], place["data_dir"]))
    with app.app_context():
        downgrade(directory=str(ROOT / "migrations"), revision="base")
        upgrade(directory=str(ROOT / "migrations"))
        for opened in db.engines.values():
            opened.dispose()
    engine = create_engine(url)
    with engine.connect() as conn:
        assert audit(conn) == []
    engine.dispose()


def test_a_second_sync_changes_nothing(superuser):
    with superuser.begin() as conn:
        before = snapshot(conn)
        conn.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
        sync(conn)
        conn.exec_driver_sql("RESET ROLE")
        assert snapshot(conn) == before


@pytest.mark.skipif(not DEBIAN_15.is_dir(), reason="Debian's PostgreSQL 15 is not installed on this machine")
def test_migrations_run_on_postgresql_15(place, monkeypatch):
    """The roles, grants and policies are written for 15 as well as for 18."""
    folder = Path(tempfile.mkdtemp(prefix="pg15-", dir="/tmp"))
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"
    try:
        subprocess.run(
            [*user, str(DEBIAN_15 / "initdb"), "-D", str(data), "-U", "postgres", "--locale=C.UTF-8", "-A", "trust"],
            check=True, capture_output=True,
        )  # fmt: skip
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = [*user, str(DEBIAN_15 / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w"]
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
        try:
            owner = f"postgresql+psycopg://postgres@/postgres?host={folder}"
            url = migrated(owner, place["redis"], place["data_dir"], "yiqilai", monkeypatch)
            engine = create_engine(url)
            with engine.connect() as conn:
                assert int(conn.execute(text("show server_version_num")).scalar()) // 10000 == 15
                assert audit(conn) == []
            engine.dispose()
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        assert sys.platform
