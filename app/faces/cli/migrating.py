"""``flask db …``: Alembic's own commands, for whoever writes a revision; an office runs ``flask street prepare``."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate, upgrade
from flask_migrate.cli import db as group

from tenants.database import db

__all__ = ["group", "make_ready", "migrate"]


def make_ready(app: Flask) -> None:
    """Alembic is told of the program here and not at every start: only commands need it."""
    Migrate(app, db, directory=str(Path(app.root_path).parent / "migrations"))


def migrate(app: Flask, revision: str = "head") -> None:
    """Migrate up to ``revision``."""
    make_ready(app)
    upgrade(revision=revision)
