"""Migrated from scratch and made from metadata must be the same database; also on the oldest PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade
from sqlalchemy import MetaData, Table, create_engine, insert, text

from app import create_app, models  # noqa: F401
from app.faces.cli.migrating import make_ready, migrate
from tenants import provisioning
from tenants.catalogue import audit
from tenants.database import db
from tenants.policies import OWNER, snapshot, sync
from tests import harness
from tests.tenants.rows import row

ROOT = Path(__file__).resolve().parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def migrated(owner: str, redis: str, data_dir: Path, name: str, monkeypatch) -> str:
    url = harness.urls(owner, name)["owner"]
    provisioning.create_database(url)
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    app = create_app(harness.settings(owner, name, redis, data_dir))
    with app.app_context():
        migrate(app)
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
            assert indexes(conn) == indexes(made)
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


#: A named ballot as it stood before a roll hung on a poll: one voter of two has voted.
OLD_ROWS = (("street", "0"), ("community", "0"), ("matter", "9"), ("account", "a"), ("account", "b"))
OLD_ID = "00000000-0000-7000-8000-00000000000"
OLD_BALLOT = f"""
insert into ballot (community_id, street_id, id, matter_id, question, rule, quorum, mode, eligible, present, yes, no,
    abstain, spoiled, state, legal_effect, called_at, teller_label, scrutineer_label, agreement)
values (1, 1, '{OLD_ID}1', '{OLD_ID}9', '同意吗？', 'council_majority', 'half', 'named', 3, 2, 0, 0, 0, 0, 'open',
    'advisory', '2026-06-01T01:00Z', '', '', '');
insert into ballot_roll (community_id, street_id, id, ballot_id, account_id, name, position)
values (1, 1, '{OLD_ID}2', '{OLD_ID}1', '{OLD_ID}a', '甲', 1), (1, 1, '{OLD_ID}3', '{OLD_ID}1', '{OLD_ID}b', '乙', 2);
insert into vote (community_id, street_id, id, ballot_id, account_id, choice, seq, at)
values (1, 1, '{OLD_ID}4', '{OLD_ID}1', '{OLD_ID}b', 'yes', 2, '2026-06-01T02:00Z')
"""
CARRIED = text(
    "select p.title, p.body, p.state, r.name, r.channel, v.choice, v.seq from poll p "
    "join ballot b on b.poll_id = p.id join ballot_roll r on r.poll_id = p.id "
    "left join vote v on v.voter_id = r.id and v.ballot_id = b.id order by r.position"
)


def indexes(conn) -> list[tuple[str, str]]:
    """Every index by its words; autogenerate does not compare their conditions."""
    query = text("select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1")
    return [tuple(row) for row in conn.execute(query) if row[0] != "alembic_version_pkc"]


def test_migrations_run_both_ways(place, monkeypatch):
    name = f"{place['database']}_both"
    url = migrated(place["owner"], place["redis"], place["data_dir"], name, monkeypatch)
    app = create_app(harness.settings(place["owner"], name, place["redis"], place["data_dir"]))
    with app.app_context():
        make_ready(app)
        downgrade(revision="base")
        migrate(app, "0007")
        engine = create_engine(url)
        with engine.begin() as conn:
            conn.exec_driver_sql("set local session_replication_role = replica")
            for name, end in OLD_ROWS:
                old = Table(name, MetaData(), autoload_with=conn)
                whole = row(db.metadata.tables[name], street=1, community=1, row_id=UUID(OLD_ID + end))
                conn.execute(insert(old).values({key: whole[key] for key in whole if key in old.columns}))
            conn.exec_driver_sql(OLD_BALLOT)
        migrate(app)
        for opened in db.engines.values():
            opened.dispose()
    with engine.connect() as conn:
        assert audit(conn) == []
        assert [tuple(row) for row in conn.execute(CARRIED)] == [
            ("同意吗？", "council", "open", "甲", "", None, None),
            ("同意吗？", "council", "open", "乙", "online", "yes", 2),
        ]
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
