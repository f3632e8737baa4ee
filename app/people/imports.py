"""Long work on a file somebody brought (households, old ledgers, work orders): checked first, then all or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, db, tfk

IMPORT_STATES = ("uploaded", "checking", "refused", "checked", "running", "done", "cancelled", "failed")


class ImportRun(Tenant, db.Model):
    """One file on its way in. ``done`` of ``total`` rows are through the present step; ``errors`` are the first few
    hundred ``{row, column, words, values}``, and the sheet under ``error_file_id`` holds all of them; ``summary``
    counts what the dry run found (``new``, ``same``, ``changed``). ``attempts`` counts how often a worker took the
    present step. The file itself is removed as soon as the run has ended (``file_gone_at``), because it may hold names
    and phones.
    """

    __access__: ClassVar[Access] = Access(street="")

    kind: Mapped[str]
    file_name: Mapped[str]
    file_id: Mapped[UUID]
    sha256: Mapped[str]
    state: Mapped[str] = mapped_column(default="uploaded")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error_file_id: Mapped[UUID | None]
    cancel_asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_gone_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        states = ", ".join(f"'{state}'" for state in IMPORT_STATES)
        return (
            tfk("by_id", "account"),
            CheckConstraint("kind in ('households', 'owners', 'reps', 'ledger', 'work_orders')", name="kind"),
            CheckConstraint(f"state in ({states})", name="state"),
            CheckConstraint("done between 0 and total", name="done_of_total"),
            CheckConstraint(
                "state not in ('done', 'cancelled', 'failed', 'refused') or finished_at is not null",
                name="ended_is_dated",
            ),
            Index(None, "community_id", "kind", "created_at"),
        )
