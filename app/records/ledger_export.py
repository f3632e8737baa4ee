"""The life of one export of the ledger: asked for, written in the background, taken, lapsed. Nothing here commits.

The row is the truth and the queue only saves waiting: a worker that is killed leaves a run whose last beat is old, and
whoever looks next begins it again. A number of attempts tells the new worker from the old one, should that still live.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from app.errors import Missing, Refused
from app.matter.ledger import Reader
from app.matter.ledger_filter import Wanted, count_of
from app.people.actor import Actor
from app.records.ledger_book import old_rows
from app.records.models import LedgerExport
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: So many rows are handed over at once; more are written in the background.
AT_ONCE = 2000
#: What a hall's machine writes without standing still for long.
MOST = 200_000
#: A worker shows a sign of life at least this often; one that was silent for longer is gone.
STALE = timedelta(seconds=60)
#: The file holds what only staff may read, so it does not lie about for longer.
KEPT = timedelta(days=7)
ATTEMPTS = 4
WAITING, MOVING = "queued", ("queued", "running")
GONE = N_("没有这份导出，或者不是您导的。")
BROKEN = N_("试了几次都没写成。请过一会儿再导一次；还不行就打街道电话。")
NO_ACCOUNT = N_("要这份表的账号停用了，或者不再管台账，没有写。")


def rows_of(wanted: Wanted, reader: Reader, now: datetime) -> int:
    """How many lines the workbook would hold, old ledgers included; two statements."""
    old = db.session.scalar(select(func.count()).select_from(old_rows(wanted).subquery())) or 0
    return count_of(wanted, reader, now) + old


def ask_export(
    wanted: Wanted, reader: Reader, *, title: str, by: Actor, now: datetime, id: UUID
) -> LedgerExport:  # fmt: skip
    """Ask for a workbook. The same person's own one that is still being written is enough of the same thing."""
    standing: LedgerExport | None = db.session.get(LedgerExport, (current_community(), id))
    if standing is not None:
        return standing
    total = rows_of(wanted, reader, now)
    if not total:
        raise Refused(N_("照这些条件一件都没有，没什么可导的。"))
    if total > MOST:
        raise Refused(N_("有 %(n)s 行，一份最多 %(most)s 行。请按年导。"), n=total, most=MOST)
    row = LedgerExport(
        id=id, asked=wanted.as_dict(), title=title[:120], total=total, asked_by=by.id, asked_label=by.label,
        asked_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def find_export(export_id: UUID, reader: Reader) -> LedgerExport:
    """The hall's export as far as this reader may take it; raises ``Missing``.

    The office reads every matter, so it may take every workbook; anybody else takes their own, which holds no more
    than they may read.
    """
    row = db.session.scalar(_mine(reader).where(LedgerExport.id == export_id))
    if row is None:
        raise Missing(GONE)
    return row


def exports_page(reader: Reader, page: int) -> tuple[list[LedgerExport], int]:
    """One page of exports, the newest first; and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(_mine(reader).subquery())) or 0
    rows = db.session.scalars(
        _mine(reader).order_by(LedgerExport.asked_at.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return list(rows), total


def _mine(reader: Reader) -> Any:
    chosen = select(LedgerExport).where(LedgerExport.community_id == current_community())
    return chosen if reader.is_office else chosen.where(LedgerExport.asked_by == reader.id)


def cancel_export(export: LedgerExport, *, now: datetime) -> bool:
    """Stop it; a worker that is at it notices at its next beat and leaves nothing. False where it had ended."""
    return _swap(export.id, MOVING, state="cancelled", finished_at=now)


def claim(*, now: datetime) -> LedgerExport | None:
    """Take up the oldest export that waits: a new one, or one whose worker fell silent. Too often tried is failed."""
    while True:
        row = db.session.scalar(
            select(LedgerExport)
            .where(
                LedgerExport.community_id == current_community(),
                or_(LedgerExport.state == "queued", (LedgerExport.state == "running") & _is_silent(now)),
            )
            .order_by(LedgerExport.asked_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if row is None:
            return None
        if row.attempts < ATTEMPTS:
            row.state, row.beat_at, row.attempts, row.done = "running", now, row.attempts + 1, 0
            db.session.flush()
            return row
        row.state, row.problem, row.finished_at = "failed", BROKEN, now
        db.session.flush()


def waits(*, now: datetime) -> bool:
    """Whether anything waits for a worker in the bound hall; one statement."""
    found = select(LedgerExport.id).where(
        LedgerExport.community_id == current_community(),
        or_(LedgerExport.state == "queued", (LedgerExport.state == "running") & _is_silent(now)),
    )
    return db.session.scalar(found.limit(1)) is not None


def _is_silent(now: datetime) -> Any:
    # A beat of a time that has not come is no sign of life either: it was noted while the clock was ahead.
    return or_(LedgerExport.beat_at.is_(None), ~LedgerExport.beat_at.between(now - STALE, now + STALE))


def beat_statement(export_id: UUID, attempt: int, done: int, now: datetime) -> Any:
    """The sign of life of this very attempt; it returns nothing when somebody stopped it or took it over."""
    return (
        update(LedgerExport)
        .where(
            LedgerExport.community_id == current_community(), LedgerExport.id == export_id,
            LedgerExport.state == "running", LedgerExport.attempts == attempt,
        )
        .values(done=done, total=func.greatest(LedgerExport.total, done), beat_at=now)
        .returning(LedgerExport.id)
    )  # fmt: skip


def finish(export_id: UUID, attempt: int, *, rows: int, size: int, file_name: str, now: datetime) -> bool:
    """The workbook stands in the store; False when the run was stopped meanwhile, and the file must go."""
    return _swap(
        export_id, ("running",), attempt=attempt, state="done", done=rows, total=rows, size=size, file_name=file_name,
        finished_at=now, beat_at=now, expires_at=now + KEPT,
    )  # fmt: skip


def give_up(export_id: UUID, attempt: int, problem: str, *, now: datetime) -> None:
    """End it with what is to be done about it."""
    _swap(export_id, ("running",), attempt=attempt, state="failed", problem=problem, finished_at=now)


def silence(export_id: UUID, attempt: int) -> None:
    """The next try need not wait until the last beat is old."""
    _swap(export_id, ("running",), attempt=attempt, beat_at=None)


def count_download(export: LedgerExport, *, now: datetime) -> None:
    """Somebody takes the file; refused once it is gone."""
    if export.state != "done" or (export.expires_at is not None and export.expires_at <= now):
        raise Refused(N_("这份表还没写好，或者已经过了七天删掉了。再导一次就行。"))
    export.downloads = LedgerExport.downloads + 1


def lapse(*, now: datetime) -> list[UUID]:
    """Mark what has lain for a week, and return the files that must go."""
    rows = db.session.scalars(
        select(LedgerExport).where(
            LedgerExport.community_id == current_community(), LedgerExport.state == "done",
            LedgerExport.expires_at <= now,
        )
    ).all()  # fmt: skip
    for row in rows:
        row.state = "lapsed"
    db.session.flush()
    return [row.id for row in rows]


def kept_files() -> set[UUID]:
    """The workbooks that may still be taken; a file goes by the id of its export."""
    return set(
        db.session.scalars(
            select(LedgerExport.id).where(
                LedgerExport.community_id == current_community(), LedgerExport.state.in_(("running", "done"))
            )
        )
    )


def _swap(export_id: UUID, states: tuple[str, ...], *, attempt: int | None = None, **changes: Any) -> bool:
    statement = update(LedgerExport).where(
        LedgerExport.community_id == current_community(), LedgerExport.id == export_id, LedgerExport.state.in_(states)
    )
    if attempt is not None:
        statement = statement.where(LedgerExport.attempts == attempt)
    swapped = db.session.execute(statement.values(**changes).execution_options(synchronize_session=False))
    db.session.expire_all()
    return bool(swapped.rowcount == 1)  # type: ignore[attr-defined]
