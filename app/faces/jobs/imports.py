"""What the worker does with the tables people bring: check a file row by row, then write all of it or nothing.

Progress lives in short transactions of its own, so that a page can read it while the one big transaction is open. The
step ends in that big transaction itself: a worker that is killed at any moment leaves either nothing or everything,
and :func:`work`, which the clock also calls, takes up what was left. Only one worker writes one kind in one hall.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import update

from app import clock
from app.errors import DomainError, Missing
from app.faces.look import say
from app.matter.files import FileStore
from app.notices.bell import ring
from app.people import import_runs as runs
from app.people.import_files import BadFile, read_grids
from app.people.import_rules import SHOWN, Given, Judged, Kind, Sheet, Wrong, choose, read_lines
from app.people.imports import ImportRun
from app.people.permissions import holds
from app.people.queries import account_with_roles, actor_of
from app.people.sheets import xlsx_bytes
from app.records.import_kinds import KINDS, NEEDS
from tenants.database import db
from tenants.scope import current_community

log = structlog.get_logger()
#: Seconds between two signs of life; more often would only cost, less often would look like standing still.
EVERY = 0.3


class Cancelled(Exception):
    """Somebody asked to stop; the big transaction is rolled back."""


class Lost(Exception):
    """The run is no longer ours: it ended, or another worker took it up."""


@dataclass(frozen=True)
class Task:
    """What a step needs of its run, read before the big transaction begins."""

    id: UUID
    kind: Kind
    state: str
    file_id: UUID
    file_name: str


def work() -> None:
    """Take up every import of the bound hall that waits, one after the other. Safe to call at any time, and twice."""
    runs.give_up_waiting(now=clock.now())
    db.session.commit()
    while (task := _claimed()) is not None:
        _one(task)
    _forget_files()


def _claimed() -> Task | None:
    run = runs.claim(now=clock.now())
    task = Task(run.id, KINDS[run.kind], run.state, run.file_id, run.file_name) if run else None
    db.session.commit()
    return task


def _one(task: Task) -> None:
    try:
        (_check if task.state == "checking" else _write)(task)
        ring()
    except Cancelled:
        db.session.rollback()
        _end(task, "cancelled")
    except Lost:
        db.session.rollback()
    except DomainError as error:
        # A file that cannot be read and a rule that says no are told to whoever brought it; nothing was written.
        db.session.rollback()
        _end(task, "refused", error.reason, dict(error.values))
    except Exception:
        db.session.rollback()
        _silence(task)
        raise


def _end(task: Task, state: str, words: str = "", values: dict[str, object] | None = None) -> None:
    run = runs.find_run(task.id)
    if run.state == task.state:
        runs.end(run, state, now=clock.now(), words=words, values=values)
    db.session.commit()


def _silence(task: Task) -> None:
    """The next try need not wait until the last beat is old."""
    run = runs.find_run(task.id)
    run.beat_at = None
    db.session.commit()


def _check(task: Task) -> None:
    sheet, judged, _beat = _judged(task)
    now = clock.now()
    found = {
        "total": len(sheet.rows), "done": len(sheet.rows), "summary": _summary(sheet, judged),
        "error_count": len(judged.wrong), "errors": [wrong.as_dict() for wrong in judged.wrong[:SHOWN]],
    }  # fmt: skip
    if judged.wrong:
        file_id = uuid4()
        store().put(current_community(), file_id, error_sheet(judged.wrong))
        found |= {"state": "refused", "finished_at": now, "error_file_id": file_id}
    else:
        found |= {"state": "checked", "attempts": 0}
    _finish(task, found)


def _write(task: Task) -> None:
    if not runs.lock_kind(task.kind.key):
        # Somebody else is at it; the clock comes round again.
        raise Lost
    sheet, judged, beat = _judged(task)
    if judged.wrong:
        # The hall changed between checking and writing.
        _finish(task, {
            "state": "refused", "finished_at": clock.now(), "summary": _summary(sheet, judged),
            "error_count": len(judged.wrong), "errors": [wrong.as_dict() for wrong in judged.wrong[:SHOWN]],
        })  # fmt: skip
        return
    task.kind.write(judged, _given(task, beat))
    _finish(task, {
        "state": "done", "done": len(sheet.rows), "finished_at": clock.now(), "summary": _summary(sheet, judged),
    })  # fmt: skip


def _finish(task: Task, found: dict[str, object]) -> None:
    run = runs.find_run(task.id)
    if not runs.finish(run, task.state, now=clock.now(), **found):
        raise Cancelled if _asked(task.id) else Lost
    db.session.commit()


def _asked(run_id: UUID) -> bool:
    return runs.find_run(run_id).cancel_asked_at is not None


def _judged(task: Task) -> tuple[Sheet, Judged, Beat]:
    try:
        with store().open(current_community(), task.file_id) as file:
            data = file.read()
    except Missing:
        raise BadFile(runs.GONE) from None
    sheet = choose(read_grids(data), task.kind)
    beat = Beat(task.id, task.state, len(sheet.rows))
    beat(0)
    lines, wrong = read_lines(sheet, task.kind.columns, beat if task.state == "checking" else lambda _done: beat(0))
    judged = task.kind.judge(sheet, lines, _given(task, beat))
    together = sorted([*wrong, *judged.wrong], key=lambda bad: bad.row)
    return sheet, Judged(together, judged.summary, judged.plan), beat


def _given(task: Task, beat: Callable[[int], None]) -> Given:
    run, now = runs.find_run(task.id), clock.now()
    found = account_with_roles(run.by_id, clock.local(now).date())
    if found is None or not holds(found[1], NEEDS[run.kind]):
        raise BadFile(runs.NO_ACCOUNT)
    return Given(actor_of(*found), now, run.id, dict(run.options), beat)


def _summary(sheet: Sheet, judged: Judged) -> dict[str, object]:
    return judged.summary | {"sheet": sheet.name, "others": sheet.others[:20], "ignored": sheet.ignored[:20]}


class Beat:
    """Writes how far a step is, in a transaction of its own; raises when the step should stop."""

    def __init__(self, run_id: UUID, state: str, total: int) -> None:
        self.run_id, self.state, self.total = run_id, state, total
        self._last = 0.0

    def __call__(self, done: int) -> None:
        moment = time.monotonic()
        if moment - self._last < EVERY:
            return
        self._last = moment
        statement = (
            update(ImportRun)
            .where(
                ImportRun.community_id == current_community(), ImportRun.id == self.run_id,
                ImportRun.state == self.state,
            )
            .values(total=self.total, done=min(done, self.total), beat_at=clock.now())
            .returning(ImportRun.cancel_asked_at)
        )  # fmt: skip
        with db.engines[None].begin() as conn:
            row = conn.execute(statement).first()
        if row is None:
            raise Lost
        if row.cancel_asked_at is not None:
            raise Cancelled


def error_sheet(wrong: list[Wrong]) -> bytes:
    """Every error by row and column, for the office program; what stood in the cells is not repeated."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        heads = [gettext("第几行"), gettext("哪一列"), gettext("哪里不对")]
        rows = [[bad.row, bad.column, say(bad.words, bad.values)] for bad in wrong]
        return xlsx_bytes(gettext("要改的地方"), heads, rows, widths=(10, 20, 60))


def store() -> FileStore:
    """The files of this deployment."""
    return FileStore(Path(current_app.config["DATA_DIR"]))


def _forget_files() -> None:
    """What was brought may hold names and phones, so it goes as soon as its run has ended."""
    for run in runs.spent_files():
        store().forget(current_community(), run.file_id)
        run.file_gone_at = clock.now()
    db.session.commit()
