"""What the street tells its communities: a notice, its copy in each hall addressed, and who there has read it."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, StreetRow, Tenant, db, sfk, tfk


class StreetNotice(StreetRow, db.Model):
    """A notice of the street to some or all of its halls. ``halls`` are the ids addressed, empty for all."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    title: Mapped[str]
    words: Mapped[str]
    halls: Mapped[list[int]] = mapped_column(JSON, default=list)
    answer_due: Mapped[date | None]
    made_at: Mapped[datetime]
    made_label: Mapped[str]
    sent_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            CheckConstraint("title <> '' and words <> ''", name="it_says_something"),
            CheckConstraint("withdrawn_at is null or withdrawn_reason <> ''", name="withdrawn_says_why"),
            Index(None, "street_id", "made_at"),
        )


class HallNotice(Tenant, db.Model):
    """The copy of a notice in one hall that it was addressed to; the street's row in the hall's table."""

    __access__: ClassVar[Access] = Access(community="s", street="siu")

    notice_id: Mapped[UUID]
    title: Mapped[str]
    words: Mapped[str]
    answer_due: Mapped[date | None]
    sent_at: Mapped[datetime]
    sent_label: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    urged_at: Mapped[datetime | None]
    urged: Mapped[int] = mapped_column(default=0)

    @classmethod
    def extra_args(cls):
        return (
            sfk("notice_id", "street_notice"),
            UniqueConstraint("community_id", "notice_id"),
            Index(None, "community_id", "sent_at"),
            Index(None, "street_id", "notice_id"),
        )


class NoticeReceipt(Tenant, db.Model):
    """Somebody of the hall read a notice of the street, and what they answered."""

    __access__: ClassVar[Access] = Access(community="siu", street="s")

    hall_notice_id: Mapped[UUID]
    account_id: Mapped[UUID]
    reader_label: Mapped[str]
    read_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("hall_notice_id", "hall_notice"),
            UniqueConstraint("community_id", "hall_notice_id", "account_id"),
            Index(None, "street_id", "read_at"),
        )
