"""A joint proposal (联名): the sheet that invites signers by link or QR, and the signatures on it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk


class SigningSheet(Tenant, db.Model):
    """The invitation to sign one matter: ``code`` stands in its link, ``threshold`` is what the hall asked that day."""

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    code: Mapped[str]
    threshold: Mapped[int]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "matter_id"),
            UniqueConstraint("community_id", "code"),
            CheckConstraint("threshold >= 2", name="threshold"),
        )


class Signature(Tenant, db.Model):
    """One person's signature, once per matter. ``mark`` is a blind index of who signed, so that nobody signs twice.

    A withdrawn one stays as a row with its day; the same person may sign again, which makes it valid anew.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    mark: Mapped[str]
    person_id: Mapped[UUID | None]
    household_id: Mapped[UUID | None]
    channel: Mapped[str]
    proof: Mapped[str]
    is_proposer: Mapped[bool] = mapped_column(default=False)
    entered_label: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("person_id", "person"),
            tfk("household_id", "household"),
            CheckConstraint(one_of("channel", ("link", "qr", "account", "paper")), name="channel"),
            CheckConstraint(one_of("proof", ("household_code", "phone", "vouched", "none")), name="proof"),
            UniqueConstraint("community_id", "matter_id", "mark"),
            Index(None, "community_id", "person_id"),
        )
