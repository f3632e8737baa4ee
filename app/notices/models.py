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
            Index(None, "community_id", "matter_id"),
            Index(
                "ix_outbox_untold", "community_id", "created_at",
                postgresql_where="receipt in ('queued', 'not_configured', 'failed', 'printed')",
            ),
            # A person's own list, and the figure beside it in the menu of every desk page.
            Index("ix_outbox_mine", "community_id", "to_id", "created_at", postgresql_where="to_id is not null"),
            Index(
                "ix_outbox_unread", "community_id", "to_id",
                postgresql_where="to_id is not null and read_at is null",
            ),
        )  # fmt: skip


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
            CheckConstraint(one_of("kind", ("matter", "task", "order", "asset", "ask")), name="kind"),
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


class Preference(Tenant, db.Model):
    """By which way somebody of the hall wants to hear, and when not (``quiet_from`` to ``quiet_to``, hours of the day).

    ``contact_sealed`` is the address of that way (mail, phone); empty means the hall's page and the printed slip. It is
    used only while ``agreed_at`` stands; a resident's newest consent in the log (``contact``) must say the same.
    """

    __access__: ClassVar[Access] = Access(street="")

    account_id: Mapped[UUID]
    way: Mapped[str] = mapped_column(default="page")
    contact_sealed: Mapped[str | None]
    digest_only: Mapped[bool] = mapped_column(default=True)
    quiet_from: Mapped[int] = mapped_column(default=21)
    quiet_to: Mapped[int] = mapped_column(default=8)
    agreed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "account_id"),
            CheckConstraint(one_of("way", ("page", "mail", "sms", "wecom")), name="way"),
            CheckConstraint("quiet_from between 0 and 23 and quiet_to between 0 and 23", name="hours"),
            CheckConstraint("contact_sealed is null or agreed_at is not null", name="a_contact_is_agreed_to"),
        )


class Delivery(Tenant, db.Model):
    """One message on its way out by one channel: queued, tried, and what the channel really said. Kept on record.

    ``source`` is ``message`` or ``digest``; the unique key is what keeps a second worker from sending it again.
    ``account_id`` is whose preference it goes by, empty for the hall's own group. ``to_masked`` is the address as it
    may be shown, ``words`` are what was sent, ``carries`` the ids of the messages in them.
    """

    __access__: ClassVar[Access] = Access(street="")

    source: Mapped[str]
    source_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    channel: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    carries: Mapped[list[str]] = mapped_column(JSON, default=list)
    to_masked: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "source", "source_id", "channel"),
            CheckConstraint(one_of("source", ("message", "digest", "invitation")), name="source"),
            CheckConstraint(one_of("channel", ("mail", "sms", "wecom")), name="channel"),
            CheckConstraint(
                one_of("state", ("queued", "sending", "sent", "failed", "unsure", "not_configured")), name="state"
            ),
            CheckConstraint("state <> 'sent' or sent_at is not null", name="sent_is_dated"),
            Index(None, "community_id", "state", "next_at"),
            Index(None, "community_id", "created_at"),
        )
