"""What a hall goes by at the desk: lists in versions and their narrowing, replies, reviews, mergers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db, tfk

REPLY_USES = ("accepted", "needs_info", "not_accepted", "referred", "merged", "answered")


class StreetList(StreetRow, db.Model):
    """One version of the street's encouraged or negative list; a version is never changed, only followed by the next.

    ``items``: encouraged ``{code, label, examples}``; negative ``{code, label, way, door, signs, urgent}``.
    """

    __access__: ClassVar[Access] = Access(community="s", street="si")

    kind: Mapped[str]
    version: Mapped[int]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(default="")
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "kind", "version"),
            CheckConstraint(one_of("kind", ("encouraged", "negative")), name="kind"),
        )


class HallList(Tenant, db.Model):
    """How one hall narrows the street's list: classes it does not take on, doors it can name more closely.

    ``dropped`` holds codes of the encouraged list; ``notes`` maps a code to the hall's own words (a phone, an office).
    """

    __access__: ClassVar[Access] = Access(community="si")

    kind: Mapped[str]
    version: Mapped[int]
    dropped: Mapped[list[str]] = mapped_column(JSON, default=list)
    notes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "kind", "version"),
            CheckConstraint(one_of("kind", ("encouraged", "negative")), name="kind"),
        )


class ReplyText:
    """What a reply template says, and at which answer it is offered."""

    use: Mapped[str]
    title: Mapped[str]
    words: Mapped[str]
    sort: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]

    @classmethod
    def offered_by(cls, key: str) -> tuple[Any, ...]:
        """Whoever offers it, told by ``key``, offers each title once for a use."""
        return (
            UniqueConstraint(key, "use", "title"),
            CheckConstraint(one_of("use", REPLY_USES), name="use"),
            CheckConstraint("words <> '' and title <> ''", name="it_has_words"),
        )


class StreetReply(ReplyText, StreetRow, db.Model):
    """A reply template that the street offers to all its halls."""

    @classmethod
    def extra_args(cls):
        return cls.offered_by("street_id")


class HallReply(ReplyText, Tenant, db.Model):
    """A reply template of one hall."""

    @classmethod
    def extra_args(cls):
        return cls.offered_by("community_id")


class ReviewRequest(Tenant, db.Model):
    """The proposer asks the street to look at a refusal, once (domain section 2, row ``not_accepted``)."""

    matter_id: Mapped[UUID]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    taken_up_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "matter_id"),
            CheckConstraint("reason <> ''", name="it_says_why"),
            Index(None, "street_id", "asked_at"),
        )


class ReviewOpinion(Tenant, db.Model):
    """What the street found. Written by the street, never changed; the hall's own action takes it up."""

    __access__: ClassVar[Access] = Access(community="s", street="si")

    request_id: Mapped[UUID]
    upheld: Mapped[bool]
    words: Mapped[str]
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("request_id", "review_request"),
            UniqueConstraint("community_id", "request_id"),
            CheckConstraint("words <> ''", name="it_has_words"),
        )


class Merger(Tenant, db.Model):
    """One putting together of two matters, and its undoing."""

    matter_id: Mapped[UUID]
    into_id: Mapped[UUID]
    reason: Mapped[str]
    by_label: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_label: Mapped[str] = mapped_column(default="")
    undone_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("into_id", "matter"),
            CheckConstraint("matter_id <> into_id", name="two_matters"),
            CheckConstraint("undone_at is null or undone_reason <> ''", name="undoing_says_why"),
            Index("uq_merger_standing", "community_id", "matter_id", unique=True, postgresql_where="undone_at is null"),
            Index(None, "community_id", "into_id"),
        )
