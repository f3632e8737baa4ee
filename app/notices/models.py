"""The outbox: who must hear of what, by which channel, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk


class Message(Tenant, db.Model):
    """One message to one reader about one timeline entry. ``receipt`` says only what the channel really did."""

    __tablename__ = "outbox"
    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    timeline_id: Mapped[UUID]
    to_kind: Mapped[str]
    to_id: Mapped[UUID | None]
    to_label: Mapped[str]
    channel: Mapped[str] = mapped_column(default="outbox")
    words: Mapped[str]
    receipt: Mapped[str] = mapped_column(default="queued")
    created_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str] = mapped_column(default="")
    read_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        receipts = ("queued", "printed", "sent", "delivered", "failed", "not_configured")
        return (
            tfk("matter_id", "matter"),
            tfk("timeline_id", "timeline"),
            UniqueConstraint("community_id", "timeline_id", "to_kind", "to_label"),
            CheckConstraint(one_of("receipt", receipts), name="receipt"),
            Index(None, "community_id", "created_at"),
        )


class Reminder(Tenant, db.Model):
    """One step of urging (催办) that a thing with a day has reached: soon, due, late by so much, climbed to the street.

    The key is the memory: whatever the scheduler missed is made up for, and nothing is said twice. ``day`` is the day
    the step belonged to, ``said_on`` the day it was said.
    """

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    due: Mapped[date]
    step: Mapped[str]
    day: Mapped[date]
    said_on: Mapped[date]
    to_id: Mapped[UUID | None]
    to_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint(one_of("kind", ("matter", "task", "order", "asset")), name="kind"),
            CheckConstraint(one_of("step", ("soon", "due", "late", "later", "climb", "review")), name="step"),
            # A later day (延期) begins anew: the day is part of the key.
            UniqueConstraint("community_id", "kind", "subject_id", "due", "step"),
            Index(None, "community_id", "said_on"),
            Index(None, "street_id", "step", "said_on"),
        )


class Digest(Tenant, db.Model):
    """All that one person must be urged about on one day, in one message. ``lines`` are the reminders in words."""

    __access__: ClassVar[Access] = Access(street="")

    day: Mapped[date]
    to_key: Mapped[str]
    to_id: Mapped[UUID | None]
    to_label: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    channel: Mapped[str] = mapped_column(default="outbox")
    receipt: Mapped[str] = mapped_column(default="queued")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    handled_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        receipts = ("queued", "printed", "sent", "delivered", "failed", "not_configured")
        return (
            tfk("to_id", "account"),
            UniqueConstraint("community_id", "day", "to_key"),
            CheckConstraint(one_of("receipt", receipts), name="receipt"),
            Index(None, "community_id", "to_id", "day"),
        )
