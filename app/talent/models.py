"""The street's talent pool (人才库) and the invitations that call one expert to one matter."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Guest, StreetRow, Tenant, db, tfk


class Expert(StreetRow, db.Model):
    """An expert of the pool. Communities read those marked shared; the phone is sealed and read by the street alone."""

    __access__: ClassVar[Access] = Access(community="s", street="siu", shared_only=True)

    code: Mapped[str]
    name: Mapped[str]
    profession: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    skill: Mapped[str]
    hours: Mapped[str] = mapped_column(default="")
    conflicts: Mapped[str] = mapped_column(default="")
    valid_until: Mapped[date | None]
    shared: Mapped[bool] = mapped_column(default=True)
    suspended_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "code"),)


class ExpertContact(StreetRow, db.Model):
    """How to reach an expert; only the street may read it."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    expert_id: Mapped[UUID]
    phone_sealed: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "expert_id"),)


class Invitation(Tenant, db.Model):
    """One expert asked to one matter. ``brief`` names no party; ``questions`` is what the hall wants to know."""

    __access__: ClassVar[Access] = Access(guest=Guest("su", "id", "invitation"))

    number: Mapped[str]
    matter_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    expert_name: Mapped[str]
    profession: Mapped[str]
    brief: Mapped[str]
    questions: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="sent")
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")
    handed_in_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("state", ("sent", "accepted", "declined", "handed_in", "revoked")), name="state"),
            CheckConstraint("state <> 'handed_in' or handed_in_at is not null", name="handed_in_is_dated"),
            Index(None, "community_id", "matter_id"),
            Index(None, "street_id", "expert_id"),
        )


class InvitationKey(Tenant, db.Model):
    """A secret of an invitation, as SHA-256: the link in the message, or the cookie it was exchanged for."""

    __access__: ClassVar[Access] = Access(community="siu", street="", guest=Guest("siu", "key_hash", "key"))

    invitation_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    kind: Mapped[str]
    key_hash: Mapped[str]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("invitation_id", "invitation"),
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "key_hash"),
            CheckConstraint(one_of("kind", ("link", "cookie")), name="kind"),
        )


class InvitationOpening(Tenant, db.Model):
    """A log line: somebody opened the link. The one thing that a GET may write (DESIGN §2)."""

    __access__: ClassVar[Access] = Access(community="s", street="", guest=Guest("si", "invitation_id", "invitation"))

    invitation_id: Mapped[UUID]
    at: Mapped[datetime]
    outcome: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (tfk("invitation_id", "invitation"), Index(None, "community_id", "invitation_id"))


class Opinion(Tenant, db.Model):
    """The expert's opinion, as handed in; it stands in the record and is never changed."""

    __access__: ClassVar[Access] = Access(community="s", guest=Guest("si", "invitation_id", "invitation"))

    invitation_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    words: Mapped[str]
    expert_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("invitation_id", "invitation"),
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "invitation_id"),
            Index(None, "community_id", "matter_id"),
        )
