"""The tables of one revision, for a street that comes back from a backup."""

from __future__ import annotations

from pathlib import Path

import click
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import text

from app.faces.cli.migrating import migrate
from app.faces.probes import head_revision
from tenants import provisioning
from tenants.backup.restoring import CannotRestore
from tenants.catalogue import audit
from tenants.policies import OWNER, sync


def bring_to(owner_url: str, revision: str) -> None:
    """Roles, database and the tables of just this revision; the caller knows that no table there has a row.

    :raises CannotRestore: for a revision that this program does not know yet.
    """
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError:
        raise CannotRestore("newer", archive=revision) from None
    provisioning.create_database(owner_url)
    if _present(owner_url) not in (revision, None):
        _begin_anew(owner_url)
    migrate(current_app._get_current_object(), revision)  # type: ignore[attr-defined]


def bring_to_head(owner_url: str) -> None:
    """Whatever was added to the schema since; then policies and grants, and the check that they hold."""
    if _present(owner_url) != head_revision():
        migrate(current_app._get_current_object())  # type: ignore[attr-defined]
    with provisioning.owner_engine(owner_url) as engine, engine.begin() as conn:
        conn.exec_driver_sql(f"SET ROLE {OWNER}")
        sync(conn)
        problems = audit(conn)
    if problems:
        raise click.ClickException("; ".join(problems))


def _folder() -> Path:
    return Path(current_app.root_path).parent / "migrations"


def _present(owner_url: str) -> str | None:
    with provisioning.owner_engine(owner_url) as engine, engine.begin() as conn:
        if not conn.execute(text("select to_regclass('public.alembic_version')")).scalar():
            return None
        found: str | None = conn.execute(text("select version_num from public.alembic_version")).scalar()
        return found


def _begin_anew(owner_url: str) -> None:
    """Empty tables of another revision give way."""
    with provisioning.owner_engine(owner_url) as engine, engine.begin() as conn:
        conn.exec_driver_sql("DROP SCHEMA public CASCADE")
        conn.exec_driver_sql(f"CREATE SCHEMA public AUTHORIZATION {OWNER}")
        conn.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")
