"""Alembic's environment: the owner migrates, never a scope role; policies are synced in the same transaction."""

from __future__ import annotations

import os

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, inspect, pool

from app import models  # noqa: F401  (mapped tables must be known)
from tenants.database import db
from tenants.policies import OWNER, sync


def _url() -> str:
    return os.environ.get("DATABASE_OWNER_URL") or str(current_app.config["SQLALCHEMY_DATABASE_URI"])


def run() -> None:
    """Migrate with short lock waits, so that a busy table stops the migration and not the office."""
    engine = create_engine(_url(), poolclass=pool.NullPool)
    with engine.begin() as conn:
        conn.exec_driver_sql(f"SET ROLE {OWNER}")
        conn.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        context.configure(connection=conn, target_metadata=db.metadata, compare_type=True, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
        # On the way down to nothing, and while a revision is being written, there are no tables to protect yet.
        if set(inspect(conn).get_table_names()) >= set(db.metadata.tables):
            sync(conn)
    engine.dispose()


run()
