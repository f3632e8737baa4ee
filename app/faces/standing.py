"""How things stand below the pages: queue, worker, scheduler, outbox, seals, backup, room. Asked by probes and metrics.

Every question may raise ``RedisError``, ``SQLAlchemyError`` or ``OSError``; None means that nobody knows.
"""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime
from pathlib import Path

from flask import current_app
from redis.exceptions import RedisError
from rq.registry import FailedJobRegistry

from app.records.audit import oldest_waiting
from tenants.database import db
from tenants.hosts import Unknown, bases, find_site
from tenants.queue import JOBS, queue, redis
from tenants.scope import bound, current

#: What the worker and the scheduler write down each few seconds, as Unix time.
HEARTBEAT, SCHEDULER = "yql:worker:heartbeat", "yql:scheduler:heartbeat"
OUTBOX = "yql:outbox"


def beat(name: str) -> None:
    """Say that this process lives."""
    redis().set(name, time.time(), ex=300)


def worker_age() -> float | None:
    """Seconds since the worker was last heard."""
    return _since(HEARTBEAT)


def scheduler_age() -> float | None:
    """Seconds since the scheduler was last heard."""
    return _since(SCHEDULER)


def _since(name: str) -> float | None:
    heard = redis().get(name)
    return age(float(heard)) if heard is not None else None


def jobs_waiting() -> int:
    """Jobs that nobody has begun."""
    return len(queue())


def jobs_failed() -> int:
    """Jobs that failed more often than they are tried."""
    return int(FailedJobRegistry(queue=queue()).count)


def jobs_ended() -> dict[tuple[str, str], int]:
    """How many jobs of each work were done and failed since the store was made."""
    found = {}
    for name, count in redis().hgetall(JOBS).items():
        work, _, end = name.decode().partition("|")
        found[(work, end)] = int(count)
    return found


def note_outbox(waiting: int) -> None:
    """How many messages of the bound hall wait to be sent; no role may count them over all halls."""
    try:
        if waiting:
            redis().hset(OUTBOX, str(current().community), waiting)
        else:
            redis().hdel(OUTBOX, str(current().community))
    except RedisError:
        return


def outbox_waiting() -> int:
    """Messages that wait to be sent, over all halls, as of each one's last round."""
    return sum(int(count) for count in redis().hvals(OUTBOX))


def seals_lag() -> float:
    """Seconds since the oldest unsealed line of any street was written; 0 where nothing waits."""
    app, oldest = current_app._get_current_object(), None  # type: ignore[attr-defined]
    for base in bases(app):
        try:
            site = find_site(app, base.rsplit(":", 1)[0])
        except Unknown:
            continue
        # A request may have a session of another tenant open; this one is asked apart.
        with bound(site.scope):
            try:
                since = oldest_waiting()
            finally:
                db.session.remove()
        oldest = min(filter(None, (oldest, since)), default=None)
    return age(oldest.timestamp()) or 0.0 if oldest else 0.0


def backup_age() -> float | None:
    """Seconds since the last backup; None where there was none."""
    return age(last_backup(current_app.config["DATA_DIR"]))


def disk_free() -> int:
    """Bytes left in the data folder."""
    return shutil.disk_usage(current_app.config["DATA_DIR"]).free


def last_backup(data_dir: str) -> float | None:
    """Unix time of the last backup, as ``DATA_DIR/backup/last.json`` says; None where there was none."""
    try:
        said = json.loads((Path(data_dir) / "backup" / "last.json").read_text("utf-8"))["at"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if isinstance(said, int | float):
        return float(said)
    try:
        return datetime.fromisoformat(str(said)).timestamp()
    except ValueError:
        return None


def age(since: float | None) -> float | None:
    """Seconds since a moment of the machine's own clock."""
    return None if since is None else max(0.0, time.time() - since)
