"""What was found out before sitting down: site notes, options with cost, who is touched, and the canvass."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Guest, Tenant, db, tfk


class SiteNote(Tenant, db.Model):
    """What somebody saw on the spot. A wrong one is hidden with its reason, never deleted."""

    matter_id: Mapped[UUID]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str] = mapped_column(default="")
    hidden_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint("hidden_at is null or hidden_reason <> ''", name="hidden_says_why"),
            Index(None, "community_id", "matter_id", "at"),
        )


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
    removed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), UniqueConstraint("community_id", "matter_id", "name"))


class Canvass(Tenant, db.Model):
    """R10: households reached, for and against. It informs and never passes anything.

    An open one is counted from its doors; the figures of its own columns are written when it is closed. One that was
    opened by mistake is dropped with its reason and counts nowhere.
    """

    matter_id: Mapped[UUID]
    question: Mapped[str]
    state: Mapped[str] = mapped_column(default="closed")
    closed_at: Mapped[datetime | None]
    dropped_reason: Mapped[str] = mapped_column(default="")
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
            CheckConstraint("state <> 'closed' or (tries >= 1 and (reached = target or tries >= 3))", name="tries"),
            CheckConstraint(one_of("state", ("closed", "open", "dropped")), name="state"),
            CheckConstraint("state <> 'dropped' or dropped_reason <> ''", name="dropped_says_why"),
            Index(None, "community_id", "matter_id"),
            Index("uq_canvass_open", "community_id", "matter_id", unique=True, postgresql_where="state = 'open'"),
        )


class CanvassDoor(Tenant, db.Model):
    """One household of a canvass: how often somebody knocked, and what the household said. Never shown in public."""

    __access__: ClassVar[Access] = Access(street="")

    canvass_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    label: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def extra_args(cls):
        return (
            tfk("canvass_id", "canvass"),
            tfk("household_id", "household"),
            CheckConstraint(one_of("answer", ("", "for", "against", "no_opinion")), name="answer"),
            CheckConstraint("(answer = '') = (answered_at is null)", name="an_answer_is_dated"),
            CheckConstraint("tries >= 0", name="tries"),
            UniqueConstraint("community_id", "canvass_id", "label"),
        )


class CanvassTry(Tenant, db.Model):
    """One knock at one door, with its hour: three tries at different hours make a household unreached (R10).

    An empty ``answer`` means that nobody opened. A knock written at the wrong door is taken back by one that names it
    (``undoes_id``); both stay.
    """

    __access__: ClassVar[Access] = Access(community="si", street="")

    door_id: Mapped[UUID]
    channel: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    undoes_id: Mapped[UUID | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("door_id", "canvass_door"),
            tfk("undoes_id", "canvass_try"),
            CheckConstraint(one_of("channel", ("door", "phone", "chain")), name="channel"),
            CheckConstraint(one_of("answer", ("", "for", "against", "no_opinion")), name="answer"),
            UniqueConstraint("community_id", "undoes_id"),
            Index(None, "community_id", "door_id"),
        )
