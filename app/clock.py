"""The one clock. It is read only at the edges; actions, rules and SQL take ``now`` as an argument.

In demo and test data folders a stored offset moves web, worker and scheduler alike, so that a journey can live
through weeks. A deployment with a database of its own refuses an offset.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app

SHANGHAI = ZoneInfo("Asia/Shanghai")
_FILE = "clock-offset"


class OffsetForbidden(RuntimeError):
    """A clock offset lies in a data folder that serves a real office."""


def init_clock(app: Flask) -> None:
    """Refuse an offset outside demo and test folders."""
    if app.config["MODE"] not in ("demo", "test") and _path(app).exists():
        raise OffsetForbidden(f"{_FILE} lies in DATA_DIR, but this is not a demo: remove the file")


def now() -> datetime:
    """The present moment in UTC, moved by the demo's offset where there is one."""
    return datetime.now(UTC) + offset(current_app)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on a Chinese wall clock."""
    return moment.astimezone(SHANGHAI)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A wall-clock time in Asia/Shanghai as UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def offset(app: Flask) -> timedelta:
    """How far the demo's clock runs ahead; zero in a real office."""
    if app.config["MODE"] not in ("demo", "test"):
        return timedelta(0)
    try:
        found = timedelta(seconds=float(_path(app).read_text()))
    except FileNotFoundError:
        found = timedelta(0)
    except ValueError:
        # Whoever writes the file by hand empties it first: until the number stands there, the last one holds.
        return timedelta(seconds=app.extensions.get(_FILE, 0.0))
    app.extensions[_FILE] = found.total_seconds()
    return found


def advance(app: Flask, by: timedelta) -> timedelta:
    """Move the demo's clock and return the new offset; time never runs backwards."""
    if app.config["MODE"] not in ("demo", "test"):
        raise OffsetForbidden("only a demo or test folder may move its clock")
    if by < timedelta(0):
        raise ValueError("time does not run backwards")
    moved = offset(app) + by
    path = _path(app)
    draft = path.with_suffix(".new")
    draft.write_text(str(moved.total_seconds()))
    os.replace(draft, path)
    return moved


def _path(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / _FILE
