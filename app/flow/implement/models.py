"""Carrying out: who does what by when, how far it is, and who looked at it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Tenant, db, tfk


class Commitment(Tenant, db.Model):
    """A promise (承诺): who will do what by which day, and what it costs (fen)."""

    matter_id: Mapped[UUID]
    resolution_id: Mapped[UUID | None]
    position: Mapped[int]
    what: Mapped[str]
    who: Mapped[str]
    owner_id: Mapped[UUID | None]
    due: Mapped[date]
    first_due: Mapped[date]
    extension_reason: Mapped[str] = mapped_column(default="")
    extension_by: Mapped[str] = mapped_column(default="")
    planned_fen: Mapped[int] = mapped_column(default=0)
    actual_fen: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")
    done_at: Mapped[datetime | None]
    evidence: Mapped[str] = mapped_column(default="")
    round: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("resolution_id", "resolution"),
            tfk("owner_id", "account"),
            UniqueConstraint("community_id", "matter_id", "position"),
            CheckConstraint(one_of("state", ("open", "done", "verified", "dropped")), name="state"),
            CheckConstraint("state not in ('done', 'verified') or (done_at is not null and evidence <> '')", name="done_is_shown"),
            CheckConstraint("due = first_due or (extension_reason <> '' and extension_by <> '')", name="extension_is_reasoned"),
            Index(None, "community_id", "due"),
        )


class ProgressNote(Tenant, db.Model):
    """A line of progress (进展); it reaches the proposer."""

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID | None]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            Index(None, "community_id", "matter_id", "at"),
        )


class Verification(Tenant, db.Model):
    """A look at the work by a grid worker and one resident, never by the doer (domain §2, verifying)."""

    matter_id: Mapped[UUID]
    round: Mapped[int]
    passed: Mapped[bool]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    resident_name: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint("resident_name <> ''", name="a_resident_was_there"),
            Index(None, "community_id", "matter_id"),
        )
