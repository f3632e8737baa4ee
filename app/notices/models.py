"""The outbox: who must hear of what, by which channel, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
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
