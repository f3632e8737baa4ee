"""What others say to a public matter: comments, support, and reports of what should not stand there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db, tfk

REPORT_REASONS = ("privacy", "abuse", "false", "advert", "illegal", "other")


class Comment(Tenant, db.Model):
    """A comment. Nobody reads it before a person of the hall has (先审后发); what is hidden says so and why.

    ``signs`` are the words of the street's list that were found; ``mark`` is a blind index of who wrote it. From
    ``ended_at`` (hidden or withdrawn) the words are kept for six months, then purged.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    mark: Mapped[str]
    shown_name: Mapped[str] = mapped_column(default="")
    by_staff: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str]
    signs: Mapped[list[Any]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(default="waiting")
    reason: Mapped[str] = mapped_column(default="")
    decided_label: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    written_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("account_id", "account"),
            tfk("person_id", "person"),
            CheckConstraint(one_of("state", ("waiting", "shown", "hidden", "withdrawn")), name="state"),
            CheckConstraint("state not in ('shown', 'hidden') or decided_at is not null", name="a_person_decided"),
            CheckConstraint("state <> 'hidden' or reason <> ''", name="hidden_says_why"),
            CheckConstraint("(state in ('hidden', 'withdrawn')) = (ended_at is not null)", name="an_end_has_a_day"),
            Index(None, "community_id", "matter_id", "state", "written_at"),
            Index(None, "community_id", "mark", "state"),
            Index(None, "community_id", "state", "written_at"),
        )


class Support(Tenant, db.Model):
    """Somebody stands behind a public matter, once; it describes interest and decides nothing."""

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    mark: Mapped[str]
    account_id: Mapped[UUID | None]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "matter_id", "mark"),
        )


class Report(Tenant, db.Model):
    """Somebody says that a matter, a comment or a picture should not stand there."""

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    reason: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    mark: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    outcome: Mapped[str] = mapped_column(default="")
    handled_label: Mapped[str] = mapped_column(default="")
    handled_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint(one_of("subject", ("matter", "comment", "photo")), name="subject"),
            CheckConstraint(one_of("reason", REPORT_REASONS), name="reason"),
            CheckConstraint(one_of("state", ("open", "kept", "hidden")), name="state"),
            CheckConstraint("state = 'open' or (outcome <> '' and handled_at is not null)", name="handled_says_how"),
            UniqueConstraint("community_id", "subject", "subject_id", "mark"),
            Index(None, "community_id", "state", "at"),
        )


class WordList(StreetRow, db.Model):
    """One version of the street's list of words that hold a text back for a second look."""

    version: Mapped[int]
    words: Mapped[list[Any]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(default="")
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "version"),)


class ModerationTally(Tenant, db.Model):
    """How many texts a hall let stand and hid in a month: all that the street sees of moderation."""

    month: Mapped[str]
    waiting: Mapped[int] = mapped_column(default=0)
    shown: Mapped[int] = mapped_column(default=0)
    hidden: Mapped[int] = mapped_column(default=0)
    reports: Mapped[int] = mapped_column(default=0)

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("community_id", "month"),)
