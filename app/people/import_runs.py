"""The life of one import: handed in, checked, confirmed, written, or given up. Nothing here commits.

The row is the truth and the queue only saves waiting: a worker that is killed leaves a run whose last beat is old, and
whoever looks next takes it up again. A step that is taken up too often has something wrong with it and ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select, text, update

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.imports import ImportRun
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: A worker shows a sign of life at least this often; one that was silent for longer is gone.
STALE = timedelta(seconds=60)
#: A file that nobody confirms is not kept for longer.
WAITING = timedelta(days=7)
ATTEMPTS = 4
OPEN = ("uploaded", "checking", "checked", "running")
ENDED = ("refused", "done", "cancelled", "failed")
BROKEN = N_("试了几次都没办成，什么都没有写进去。请过一会儿重新传一次；还不行就打街道电话。")
GONE = N_("上传的文件找不到了，请重新传一次。")
NO_ACCOUNT = N_("传这份表的账号停用了，或者不再管这件事，没有写进去。")


def find_run(run_id: UUID) -> ImportRun:
    """The hall's run; raises ``Missing``."""
    run = db.session.scalar(
        select(ImportRun).where(ImportRun.community_id == current_community(), ImportRun.id == run_id)
    )
    if run is None:
        raise Missing(N_("没有这次导入。"))
    return run


def runs_page(kinds: list[str], page: int) -> tuple[list[ImportRun], int]:
    """One page of runs, the newest first; and how many there are."""
    wanted = select(ImportRun).where(ImportRun.community_id == current_community(), ImportRun.kind.in_(kinds))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(wanted.order_by(ImportRun.created_at.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return list(rows), total


def hand_in(
    kind: str, *, file_name: str, file_id: UUID, sha256: str, by: Actor, now: datetime, id: UUID,
    options: dict[str, Any] | None = None,
) -> ImportRun:  # fmt: skip
    """Keep a file that already lies in the store as a run to be checked."""
    run = ImportRun(
        id=id, kind=kind, file_name=file_name[:120], file_id=file_id, sha256=sha256, options=options or {},
        by_id=by.id, by_label=by.label, created_at=now,
    )  # fmt: skip
    db.session.add(run)
    return run


def confirm(run: ImportRun, *, now: datetime) -> ImportRun:
    """Let a checked run be written; a second click changes nothing."""
    if run.state in ("running", "done"):
        return run
    busy = db.session.scalar(
        select(ImportRun.id).where(
            ImportRun.community_id == current_community(), ImportRun.kind == run.kind, ImportRun.state == "running"
        )
    )
    if busy is not None:
        raise Refused(N_("另一份同样的表正在写，等它写完再来。"))
    if not _swap(run, ("checked",), state="running", done=0, attempts=0, beat_at=None, started_at=now):
        raise Refused(N_("这份表现在不能写：要先查过，而且一处错都没有。"))
    return run


def ask_cancel(run: ImportRun, *, now: datetime) -> ImportRun:
    """End a run that waits at once; one that works stops at its next beat and leaves nothing behind."""
    if run.state in ENDED:
        return run
    # One statement decides, so that a worker that takes the run up this very moment still sees the wish.
    ended = case((ImportRun.state.in_(("uploaded", "checked")), "cancelled"), else_=ImportRun.state)
    dated = case((ImportRun.state.in_(("uploaded", "checked")), now), else_=ImportRun.finished_at)
    _swap(run, OPEN, state=ended, finished_at=dated, cancel_asked_at=now)
    db.session.refresh(run)
    return run


def claim(*, now: datetime) -> ImportRun | None:
    """Take up the oldest run that waits for a worker: a new one, or one whose worker fell silent.

    A run that was taken up too often ends as ``failed``, one that should stop as ``cancelled``.
    """
    while True:
        run = db.session.scalar(
            select(ImportRun)
            .where(
                ImportRun.community_id == current_community(),
                or_(ImportRun.state == "uploaded", ImportRun.state.in_(("checking", "running")) & _is_silent(now)),
            )
            .order_by(ImportRun.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if run is None:
            return None
        if run.cancel_asked_at is None and run.attempts < ATTEMPTS:
            run.state = "checking" if run.state == "uploaded" else run.state
            run.started_at, run.beat_at, run.attempts = run.started_at or now, now, run.attempts + 1
            db.session.flush()
            return run
        end(run, "cancelled" if run.cancel_asked_at else "failed", now=now, words=BROKEN)
        db.session.flush()


def _is_silent(now: datetime) -> Any:
    # A beat of a time that has not come is no sign of life either: it was noted while the clock was ahead.
    return or_(ImportRun.beat_at.is_(None), ~ImportRun.beat_at.between(now - STALE, now + STALE))


def end(run: ImportRun, state: str, *, now: datetime, words: str = "", values: dict[str, Any] | None = None) -> None:
    """Close a run; one that failed says why in the list of errors."""
    run.state, run.finished_at = state, now
    if state in ("failed", "refused") and words:
        run.errors = [{"row": 0, "column": "—", "words": words, "values": values or {}}]
        run.error_count = max(1, run.error_count)


def finish(run: ImportRun, from_state: str, *, now: datetime, **changes: Any) -> bool:
    """The last statement of a step; False where the run was cancelled meanwhile, and the caller rolls back."""
    return _swap(run, (from_state,), only_if_wanted=True, beat_at=now, **changes)


def lock_kind(kind: str) -> bool:
    """Hold the right to write this kind in this hall until the transaction ends; False when somebody else holds it."""
    name = f"import:{current_community()}:{kind}"
    return bool(db.session.scalar(text("select pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}))


def give_up_waiting(*, now: datetime) -> int:
    """Cancel what was checked and never confirmed, so that its file can go; returns how many."""
    waiting = db.session.scalars(
        select(ImportRun).where(
            ImportRun.community_id == current_community(), ImportRun.state == "checked",
            ImportRun.created_at < now - WAITING,
        )
    ).all()  # fmt: skip
    for run in waiting:
        end(run, "cancelled", now=now)
    return len(waiting)


def spent_files() -> list[ImportRun]:
    """Runs that have ended and whose file still lies in the store."""
    return list(
        db.session.scalars(
            select(ImportRun).where(
                ImportRun.community_id == current_community(), ImportRun.finished_at.is_not(None),
                ImportRun.file_gone_at.is_(None),
            )
        )
    )  # fmt: skip


def kept_files() -> set[UUID]:
    """The files that runs of this hall still need: what waits to be written, and the sheets of errors."""
    rows = db.session.execute(
        select(ImportRun.file_id, ImportRun.error_file_id, ImportRun.finished_at).where(
            ImportRun.community_id == current_community()
        )
    ).all()
    return {row.file_id for row in rows if row.finished_at is None} | {
        row.error_file_id for row in rows if row.error_file_id is not None
    }


def _swap(run: ImportRun, states: tuple[str, ...], *, only_if_wanted: bool = False, **changes: Any) -> bool:
    statement = update(ImportRun).where(
        ImportRun.community_id == current_community(), ImportRun.id == run.id, ImportRun.state.in_(states)
    )
    if only_if_wanted:
        statement = statement.where(ImportRun.cancel_asked_at.is_(None))
    swapped = db.session.execute(statement.values(**changes).execution_options(synchronize_session=False))
    db.session.expire(run)
    return bool(swapped.rowcount == 1)  # type: ignore[attr-defined]
