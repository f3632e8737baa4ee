"""What the worker does with exports of the ledger: write one after the other, begin again what died, let files go.

Progress lives in short transactions of its own, so that a page can read it. A worker that is killed at any moment
leaves a run that the clock's next round begins again; its half-written file never stands under a name.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from flask_babel import force_locale

from app import clock
from app.faces.look import say
from app.matter.files import FileStore
from app.matter.house import house
from app.matter.ledger import Reader
from app.matter.ledger_filter import Wanted
from app.people.permissions import Permission, holds
from app.people.queries import account_with_roles
from app.people.roles import OFFICE_STAFF
from app.records import ledger_export as exports
from app.records.documents.filename import paper_filename
from app.records.ledger_asked import wanted_of
from app.records.ledger_book import write_book
from app.words import N_
from tenants.database import db
from tenants.queue import enqueue
from tenants.scope import Scope, current, current_community

log = structlog.get_logger()
EXPORT = "app.faces.jobs.ledger:export"
#: Seconds between two signs of life.
EVERY = 0.5


class Stopped(Exception):
    """The run ended meanwhile: somebody cancelled it, or another worker took it up."""


@dataclass(frozen=True)
class Task:
    """What a run needs, read before it begins."""

    id: UUID
    attempt: int
    wanted: Wanted
    asked_by: UUID | None


def export() -> None:
    """Write every export of the bound hall that waits. Safe to call at any time, and twice."""
    while (task := _claimed()) is not None:
        _one(task)


def tend() -> None:
    """What the clock does: send for what waits, and let the files go that nobody may take any more."""
    now = clock.now()
    gone = exports.lapse(now=now)
    if exports.waits(now=now):
        here = current()
        enqueue(Scope("community", street=here.street, community=here.community), EXPORT)
    db.session.commit()
    for file_id in gone:
        store().forget(current_community(), file_id)


def store() -> FileStore:
    """The files of this deployment."""
    return FileStore(Path(current_app.config["DATA_DIR"]))


def reader_of(account_id: UUID | None, now: datetime) -> Reader | None:
    """Whoever asked, as they may read today; None where they may not take the ledger away any more.

    A child's matter is opened for a reason and a day, on the page; no workbook carries it.
    """
    found = account_with_roles(account_id, clock.local(now).date()) if account_id else None
    if found is None or not holds(found[1], Permission.LEDGER_EXPORT):
        return None
    return Reader(found[0].id, bool(found[1] & OFFICE_STAFF))


def file_name(wanted: Wanted, now: datetime) -> str:
    """``2026-06-05_南盐道_议事台账_2026年_v1.xlsx`` (domain.md section 4)."""
    part = say(N_("选出来的"))
    if not wanted.filters and wanted.tab == "all":
        part = say(N_("全部"))
    elif not wanted.filters.keys() - {"year", "month"} and wanted.tab == "all":
        part = say(N_("%(year)s年"), {"year": wanted.year})
        part += say(N_("%(month)s月"), {"month": wanted.month}) if wanted.month else ""
    day = clock.local(now).date()
    return paper_filename(day, house().short, say(N_("议事台账")), part, 1, suffix=".xlsx")


def _claimed() -> Task | None:
    row = exports.claim(now=clock.now())
    task = Task(row.id, row.attempts, wanted_of(row.asked), row.asked_by) if row else None
    db.session.commit()
    return task


def _one(task: Task) -> None:
    now = clock.now()
    try:
        with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
            _write(task, now)
    except Stopped:
        db.session.rollback()
    except Exception:
        db.session.rollback()
        exports.silence(task.id, task.attempt)
        db.session.commit()
        raise


def _write(task: Task, now: datetime) -> None:
    reader = reader_of(task.asked_by, now)
    if reader is None:
        exports.give_up(task.id, task.attempt, exports.NO_ACCOUNT, now=now)
        db.session.commit()
        return
    beat, here = Beat(task), current_community()
    with store().filling(here, task.id) as path:
        rows = write_book(path, task.wanted, reader, now=now, calendar=house().calendar, say=say, beat=beat)
        size = path.stat().st_size
        beat(rows, force=True)
    name = file_name(task.wanted, now)
    if not exports.finish(task.id, task.attempt, rows=rows, size=size, file_name=name, now=clock.now()):
        store().forget(here, task.id)
        raise Stopped
    db.session.commit()


class Beat:
    """Writes how far a run is, in a transaction of its own; raises when the run should stop."""

    def __init__(self, task: Task) -> None:
        self._task, self._last = task, 0.0

    def __call__(self, done: int, *, force: bool = False) -> None:
        moment = time.monotonic()
        if moment - self._last < EVERY and not force:
            return
        self._last = moment
        statement: Any = exports.beat_statement(self._task.id, self._task.attempt, done, clock.now())
        with db.engines[None].begin() as conn:
            if conn.execute(statement).first() is None:
                raise Stopped
