"""Carrying out: how far it is, and who looked at it. What was promised stands with the resolution."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from tenants.database import Tenant, db, tfk


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
