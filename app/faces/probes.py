"""The two probes: alive, and ready. They say in words what is wrong and what to do, and name no secret.

People read Chinese sentences; whoever asks for ``application/json`` gets the same as an object with English ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_babel import gettext as _
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.faces import standing
from app.faces.phrasing import headed
from app.faces.standing import HEARTBEAT
from app.words import N_
from tenants.database import db
from tenants.queue import redis
from tenants.scope import Scope, bound

__all__ = ["HEARTBEAT", "head_revision", "healthz", "readyz"]
#: A worker or a scheduler that was silent for longer than this many seconds counts as gone.
SILENCE = 60.0
#: Seconds after which a line should long be sealed, and a backup should have been made anew.
SEALS_LATE, BACKUP_LATE = 600, 36 * 3600
OUTBOX_LONG, QUEUE_LONG = 500, 1000
ROOM_LEAST, ROOM_LITTLE = 200 * 1024**2, 2 * 1024**3
OK = "ok"

#: Check → its name for people, and for each answer what it means and what to do.
NAMES = {
    "database": N_("数据库"), "queue": N_("任务队列"), "worker": N_("后台任务"), "disk": N_("存东西的地方"),
    "scheduler": N_("定时器"), "seals": N_("记录的封条"), "outbox": N_("要发的消息"), "backlog": N_("排着的任务"),
    "backup": N_("备份"),
}  # fmt: skip
SENTENCES = {
    OK: (N_("好的"), ""),
    "database_away": (
        N_("数据库不答应。看看它开着没有，再看它的日志。"),
        "the database does not answer: see whether it runs, read its log",
    ),
    "migrations": (
        N_("表还没有更新到这一版。运行 ./run flask street prepare"),
        "migrations are not up to date: run ./run flask street prepare",
    ),
    "queue_away": (
        N_("任务队列不答应。看看 Redis 或 Valkey 开着没有。"),
        "the queue does not answer: see whether Redis or Valkey runs",
    ),
    "worker_gone": (
        N_("后台任务一分钟没动静了，通知和统计都停着。运行 ./run flask jobs worker"),
        "no worker has reported for a minute: run ./run flask jobs worker",
    ),
    "disk_full": (
        N_("只剩不到 200 MB，马上就交不上东西了。请先清理或者加盘。"),
        "less than 200 MB are left: make room or add a disk",
    ),
    "disk_low": (N_("只剩不到 2 GB，请安排清理或者加盘。"), "less than 2 GB are left: plan to make room"),
    "scheduler_gone": (
        N_("定时器一分钟没动静了，到期提醒不会自己来。运行 ./run flask jobs scheduler"),
        "no scheduler has reported for a minute: run ./run flask jobs scheduler",
    ),
    "seals_late": (
        N_("有记录等了十分钟还没封。看看后台任务，也可以运行 ./run flask audit seal"),
        "lines have waited for a seal for ten minutes: see the worker, or run ./run flask audit seal",
    ),
    "outbox_long": (
        N_("有五百多条消息等着发，看看短信和邮件的接口通不通。"),
        "more than 500 messages wait: see whether the channels answer",
    ),
    "backlog_long": (
        N_("排着一千多个任务，后台忙不过来。等一等，或者再开一个后台任务。"),
        "more than 1000 jobs wait: wait, or start another worker",
    ),
    "backup_none": (
        N_("还没有备份过。运行 ./run flask backup make"),
        "there is no backup yet: run ./run flask backup make",
    ),
    "backup_late": (
        N_("一天半没有备份了。运行 ./run flask backup make，再看看定时备份。"),
        "the last backup is older than a day and a half: run ./run flask backup make, see its timer",
    ),
    "unknown": (N_("问不到。先把上面不好的修好。"), "unknown: mend what is wrong above first"),
}


def healthz() -> Any:
    """The process answers."""
    if wants_json():
        return jsonify(status="ok")
    return Response(_("好的，程序开着。") + "\n", mimetype="text/plain")


def readyz() -> Any:
    """What must work for people to be served, 503 when it does not; and what should be looked at soon."""
    needed = {name: _asked(check) for name, check in NEEDED.items()}
    watched = {name: _asked(check) for name, check in WATCHED.items()}
    ready = all(found == OK or found == "disk_low" for found in needed.values())
    if wants_json():
        checks = {name: OK if found == OK else SENTENCES[found][1] for name, found in needed.items()}
        warnings = {name: SENTENCES[found][1] for name, found in watched.items() if found != OK}
        answer = jsonify(status="ready" if ready else "not ready", **checks, warnings=warnings)
    else:
        head = _("好的，可以用。") if ready else _("现在不能用，先修打叉的。")
        lines = [_line("✓" if found == OK else "✗" if found != "disk_low" else "!", name, found)
                 for name, found in needed.items()]  # fmt: skip
        lines += [_line("✓" if found == OK else "!", name, found) for name, found in watched.items()]
        answer = Response("\n".join([head, *lines]) + "\n", mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if ready else 503


def wants_json() -> bool:
    """Whether the program or script that asks wants an object."""
    return request.accept_mimetypes.best_match(["text/plain", "application/json"], "text/plain") == "application/json"


def _line(mark: str, name: str, found: str) -> str:
    return headed(f"{mark} {_(NAMES[name])}", _(SENTENCES[found][0]))


def _asked(check: Callable[[], str]) -> str:
    try:
        return check()
    except (RedisError, SQLAlchemyError, OSError):
        return "unknown"


@cache
def head_revision() -> str | None:
    """The newest revision of the migrations folder, read from the files' own lines: Alembic costs a start too much."""
    known, followed = set(), set()
    for path in (Path(current_app.root_path).parent / "migrations" / "versions").glob("*.py"):
        source = path.read_text("utf-8")
        known |= set(re.findall(r"^revision(?:: str)? = ['\"]([^'\"]+)['\"]", source, re.MULTILINE))
        followed |= set(re.findall(r"^down_revision(?:: [^=]+)? = ['\"]([^'\"]+)['\"]", source, re.MULTILINE))
    heads = known - followed
    return heads.pop() if len(heads) == 1 else None


def _database() -> str:
    try:
        with bound(Scope("door")), db.engines[None].begin() as conn:
            version = conn.execute(text("select version_num from alembic_version")).scalar()
    except SQLAlchemyError:
        return "database_away"
    return OK if version == head_revision() else "migrations"


def _queue() -> str:
    try:
        redis().ping()
    except RedisError:
        return "queue_away"
    return OK


def _worker() -> str:
    silent = standing.worker_age()
    return OK if silent is not None and silent <= SILENCE else "worker_gone"


def _disk() -> str:
    free = standing.disk_free()
    return "disk_full" if free < ROOM_LEAST else "disk_low" if free < ROOM_LITTLE else OK


def _scheduler() -> str:
    silent = standing.scheduler_age()
    return OK if silent is not None and silent <= SILENCE else "scheduler_gone"


def _seals() -> str:
    return OK if standing.seals_lag() <= SEALS_LATE else "seals_late"


def _outbox() -> str:
    return OK if standing.outbox_waiting() <= OUTBOX_LONG else "outbox_long"


def _backlog() -> str:
    return OK if standing.jobs_waiting() <= QUEUE_LONG else "backlog_long"


def _backup() -> str:
    old = standing.backup_age()
    return "backup_none" if old is None else OK if old <= BACKUP_LATE else "backup_late"


NEEDED: dict[str, Callable[[], str]] = {"database": _database, "queue": _queue, "worker": _worker, "disk": _disk}
WATCHED: dict[str, Callable[[], str]] = {
    "scheduler": _scheduler, "seals": _seals, "outbox": _outbox, "backlog": _backlog, "backup": _backup,
}  # fmt: skip
