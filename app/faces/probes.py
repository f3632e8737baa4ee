"""The two probes: alive, and ready. They say in words what is wrong and name no secret."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import current_app, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tenants.database import db
from tenants.queue import redis
from tenants.scope import Scope, bound

HEARTBEAT = "yql:worker:heartbeat"
#: A worker that was silent for longer than this many seconds counts as gone.
SILENCE = 60.0


def healthz() -> Any:
    """The process answers."""
    return jsonify(status="ok")


def readyz() -> Any:
    """Database, migrations, queue and worker; 503 with the reasons when one is missing."""
    checks = {"database": _database(), "queue": _queue(), "worker": _worker()}
    ready = all(words == "ok" for words in checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def head_revision() -> str | None:
    """The newest revision of the migrations folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(current_app.root_path).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()


def _database() -> str:
    try:
        with bound(Scope("door")), db.engines[None].begin() as conn:
            version = conn.execute(text("select version_num from alembic_version")).scalar()
    except SQLAlchemyError as error:
        return f"the database does not answer ({type(error).__name__})"
    if version != head_revision():
        return "migrations are not up to date: run ./run flask street prepare"
    return "ok"


def _queue() -> str:
    try:
        redis().ping()
    except RedisError as error:
        return f"the queue does not answer ({type(error).__name__})"
    return "ok"


def _worker() -> str:
    try:
        beat = redis().get(HEARTBEAT)
    except RedisError as error:
        return f"unknown ({type(error).__name__})"
    if beat is None or time.time() - float(beat) > SILENCE:
        return "no worker has reported for a minute: run ./run flask jobs worker"
    return "ok"
