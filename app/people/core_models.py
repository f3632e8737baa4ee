"""Core residents (能人): each community's own register of able people, kept with consent, unread by the street."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, db, tfk


class CoreResident(Tenant, db.Model):
    """One able resident who agreed to be listed. ``roles`` is what they do (楼院长、议事员、志愿者 …) as words.

    ``found_by`` is how they were found (走访, 活动, 自荐). Nobody is listed without a consent of their own, dated and
    with the way it was given; taking it back empties the row but for the day (``left_at``). Who registered by
    themselves waits until somebody of the hall has met them (``confirmed_at``). ``suggested`` lists what the hall put
    them forward for, as ``{"role", "at", "by"}``.
    """

    __access__: ClassVar[Access] = Access(street="")

    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    account_id: Mapped[UUID | None]
    building_id: Mapped[UUID | None]
    skills: Mapped[str] = mapped_column(default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    found_by: Mapped[str] = mapped_column(default="visit")
    hours: Mapped[str] = mapped_column(default="")
    name_public: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime]
    consent_how: Mapped[str]
    consent_label: Mapped[str]
    listed_at: Mapped[datetime]
    listed_label: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_label: Mapped[str] = mapped_column(default="")
    suggested: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    left_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            tfk("building_id", "building"),
            CheckConstraint("found_by in ('visit', 'event', 'self', 'recommended')", name="found_by"),
            CheckConstraint("consent_how in ('paper', 'spoken', 'online')", name="consent_how"),
            CheckConstraint("left_at is null or left_reason <> ''", name="left_says_why"),
            # Taking the consent back takes the person out of the row; the row itself stays to be counted.
            CheckConstraint(
                "left_at is null or (name = '' and phone_sealed is null and phone_index is null and skills = '')",
                name="left_names_nobody",
            ),
            CheckConstraint("left_at is not null or name <> ''", name="listed_has_a_name"),
            Index(None, "community_id", "listed_at"),
            Index(None, "community_id", "phone_index"),
        )


class CoreTraining(Tenant, db.Model):
    """One training of the hall for its core residents; ``attended`` are the ids of those who came."""

    __access__: ClassVar[Access] = Access(street="")

    day: Mapped[date]
    topic: Mapped[str]
    teacher: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=60)
    attended: Mapped[list[Any]] = mapped_column(JSON, default=list)
    entered_at: Mapped[datetime]
    entered_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "day", "topic"),
            CheckConstraint("topic <> '' and minutes between 10 and 600", name="it_is_a_training"),
        )
