"""What was found out before sitting down: site notes, options with cost, who is touched, and the canvass."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Guest, Tenant, db, tfk


class SiteNote(Tenant, db.Model):
    """What somebody saw on the spot."""

    matter_id: Mapped[UUID]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), Index(None, "community_id", "matter_id", "at"))


class Option(Tenant, db.Model):
    """One way to do it: what, how much (fen), who pays, how long, what people fear. An invited expert reads them."""

    __access__: ClassVar[Access] = Access(guest=Guest("s", "matter_id", "case"))

    matter_id: Mapped[UUID]
    label: Mapped[str]
    words: Mapped[str]
    cost_fen: Mapped[int]
    cost_approx: Mapped[bool] = mapped_column(default=False)
    payer: Mapped[str]
    days: Mapped[str] = mapped_column(default="")
    worry: Mapped[str] = mapped_column(default="")
    dropped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "matter_id", "label"),
            CheckConstraint("cost_fen >= 0", name="cost_is_not_negative"),
            CheckConstraint("payer <> ''", name="somebody_pays"),
            CheckConstraint("words <> '' and label <> ''", name="it_says_what"),
        )


class Stakeholder(Tenant, db.Model):
    """Whom the matter touches, in words that name no private person (「3 号楼 36 户」)."""

    matter_id: Mapped[UUID]
    name: Mapped[str]
    households: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), UniqueConstraint("community_id", "matter_id", "name"))


class Canvass(Tenant, db.Model):
    """R10: households reached, for and against. It informs and never passes anything."""

    matter_id: Mapped[UUID]
    question: Mapped[str]
    target: Mapped[int]
    reached: Mapped[int]
    in_favour: Mapped[int]
    against: Mapped[int]
    tries: Mapped[int]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint("reached <= target and in_favour + against <= reached", name="sums"),
            CheckConstraint("in_favour >= 0 and against >= 0 and target >= 1", name="figures"),
            # R10: nobody counts as not reached after fewer than three tries at different hours.
            CheckConstraint("tries >= 1 and (reached = target or tries >= 3)", name="tries"),
            Index(None, "community_id", "matter_id"),
        )
