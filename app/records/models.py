"""What this room writes itself: imported history, the street's Word templates, views and exports of the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db, tfk


class OldMatter(Tenant, db.Model):
    """One row of an old ledger (往年台账), kept as it was written. Proposers stand only in masked form (张女士).

    The columns are those of the ledger in domain section 4: ``entered_label`` is 代录人, ``supervised`` 灯色/督办次数,
    ``posted`` 公示起止, ``archived`` 归档, each in the old words.

    ``count_words`` keeps totals such as 「26余」 as text, with ``count_least`` as their lower bound (domain W11).
    ``row_key`` is a fingerprint of year, number, day and title, so that a second import finds the same row.
    """

    year: Mapped[int]
    number: Mapped[str]
    row_key: Mapped[str]
    collected_on: Mapped[date | None]
    channel: Mapped[str] = mapped_column(default="")
    proposer_masked: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    triage: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="")
    accepted_on: Mapped[date | None]
    sitting_on: Mapped[date | None]
    sitting_place: Mapped[str] = mapped_column(default="")
    expected: Mapped[int | None]
    present: Mapped[int | None]
    result: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="")
    promise: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    progress: Mapped[str] = mapped_column(default="")
    closed_on: Mapped[date | None]
    satisfaction: Mapped[str] = mapped_column(default="")
    evaluation: Mapped[str] = mapped_column(default="")
    count_words: Mapped[str] = mapped_column(default="")
    count_least: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    entered_label: Mapped[str] = mapped_column(default="")
    supervised: Mapped[str] = mapped_column(default="")
    posted: Mapped[str] = mapped_column(default="")
    visited_on: Mapped[date | None]
    archived: Mapped[str] = mapped_column(default="")
    import_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("import_id", "import_run"),
            UniqueConstraint("community_id", "row_key"),
            CheckConstraint("year between 1980 and 2100", name="year"),
            CheckConstraint("title <> ''", name="it_says_what"),
            Index(None, "community_id", "year", "collected_on"),
        )


class PaperTemplate(StreetRow, db.Model):
    """A Word file of the street's own that papers of one kind are written into; the newest one not withdrawn counts."""

    kind: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    added_at: Mapped[datetime]
    added_label: Mapped[str]
    withdrawn_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        kinds = "kind in ('minutes', 'summary', 'resolution', 'notice', 'order', 'report')"
        return (UniqueConstraint("street_id", "kind", "version"), CheckConstraint(kinds, name="kind"))


class LedgerView(Tenant, db.Model):
    """A way of looking at the ledger that somebody keeps (存下的看法): filters, columns and order, under a name.

    ``asked`` is ``{"wanted": {…}, "columns": […]}``; the ``is_default`` one opens when its owner comes to the ledger.
    """

    __access__: ClassVar[Access] = Access(community="siud", street="")

    account_id: Mapped[UUID]
    name: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    shared: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "account_id", "name"),
            CheckConstraint("name <> ''", name="it_has_a_name"),
            Index(
                "uq_ledger_view_default", "community_id", "account_id", unique=True, postgresql_where="is_default"
            ),
        )  # fmt: skip


class LedgerExport(Tenant, db.Model):
    """One workbook of the ledger, written in the background; its file lies in the hall's folder until it lapses."""

    __access__: ClassVar[Access] = Access(street="")

    asked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    file_name: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[UUID | None]
    asked_label: Mapped[str]
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)

    @classmethod
    def extra_args(cls):
        return (
            CheckConstraint(
                one_of("state", ("queued", "running", "done", "failed", "cancelled", "lapsed")), name="state"
            ),
            CheckConstraint("done between 0 and greatest(total, done)", name="done"),
            Index(None, "community_id", "asked_at"),
        )
