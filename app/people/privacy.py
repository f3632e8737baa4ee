"""What a hall holds about people and answers for: proofs of residence, consents, requests, and who looked at whom."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, Witness, db, tfk, to_one


class PhoneCode(Tenant, db.Model):
    """A one-time code for one phone. Where no channel is configured the code waits, sealed, for staff to read out.

    It is the one thing about people that a hall may remove for good: a spent code says nothing that must be kept.
    """

    __access__: ClassVar[Access] = Access(community="siud", street="")

    phone_index: Mapped[str]
    phone_sealed: Mapped[str]
    code_hmac: Mapped[str]
    code_sealed: Mapped[str | None]
    receipt: Mapped[str] = mapped_column(default="not_configured")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    told_label: Mapped[str] = mapped_column(default="")
    told_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            CheckConstraint(
                "receipt in ('queued', 'printed', 'sent', 'delivered', 'failed', 'not_configured')", name="receipt"
            ),
            Index(None, "community_id", "phone_index", "asked_at"),
            Index(None, "community_id", "asked_at"),
        )


class ResidencyProof(Tenant, db.Model):
    """That a person lives here, by one of three ways: 户码, phone, staff vouching. Never by an identity card.

    Its person may have it removed for good: once the person is erased it would only say who lived where.
    """

    __access__: ClassVar[Access] = Access(community="siud", street="")

    person_id: Mapped[UUID]
    kind: Mapped[str]
    household_id: Mapped[UUID | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    person = to_one("ResidencyProof", "person_id", "Person", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("person_id", "person"),
            tfk("household_id", "household"),
            tfk("by_id", "account"),
            CheckConstraint("kind in ('household_code', 'phone', 'vouched')", name="kind"),
            CheckConstraint("kind <> 'vouched' or by_id is not null", name="somebody_vouches"),
            CheckConstraint("kind <> 'household_code' or household_id is not null", name="a_code_names_a_household"),
            UniqueConstraint("community_id", "person_id", "kind"),
        )


class PrivacyNotice(Tenant, db.Model):
    """One version of the hall's privacy notice; versions follow each other and stay readable."""

    __access__: ClassVar[Access] = Access(community="si")

    version: Mapped[int]
    words: Mapped[str]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("community_id", "version"),)


class Consent(Tenant, db.Model):
    """One consent given or taken back, in order; append-only. ``about`` says to what (PIPL sections 13–17, 25, 31)."""

    __access__: ClassVar[Access] = Access(community="si", street="")

    person_id: Mapped[UUID | None]
    matter_id: Mapped[UUID | None]
    about: Mapped[str]
    given: Mapped[bool]
    notice_version: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(default="web")
    by_label: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("person_id", "person"),
            tfk("matter_id", "matter"),
            CheckConstraint(
                "about in ('notice', 'read_back', 'guardian', 'own_minor', 'name_public', 'photo_public', 'sign',"
                " 'contact')",
                name="about",
            ),
            Index(None, "community_id", "person_id", "at"),
            Index(None, "community_id", "matter_id"),
        )


class PrivacyRequest(Tenant, db.Model):
    """Somebody wants to see, take along, correct or delete what the hall holds about them (PIPL sections 44–50)."""

    __access__: ClassVar[Access] = Access(street="")

    number: Mapped[str]
    kind: Mapped[str]
    person_id: Mapped[UUID | None]
    contact_sealed: Mapped[str | None]
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    channel: Mapped[str] = mapped_column(default="web")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(default="")
    handled_label: Mapped[str] = mapped_column(default="")
    handled_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("person_id", "person"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint("kind in ('see', 'export', 'correct', 'delete')", name="kind"),
            CheckConstraint("state in ('open', 'done', 'refused')", name="state"),
            CheckConstraint("state = 'open' or (outcome <> '' and handled_at is not null)", name="handled_says_how"),
            Index(None, "community_id", "state", "due_at"),
        )


class Look(Tenant, db.Model):
    """Somebody looked at a person's data, or at a child's matter: who, at what, why. Append-only.

    The street writes its rows as the witness of that one matter and may only read them afterwards; that the secretary
    has been told of one stands in :class:`LookTold`. ``person_id`` names whose data it was, where it was one person's.
    """

    __access__: ClassVar[Access] = Access(community="si", street="s", witness=Witness("i", "matter_id", "case"))

    matter_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    subject: Mapped[str]
    reason: Mapped[str]
    viewer_kind: Mapped[str]
    viewer_id: Mapped[UUID]
    viewer_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("person_id", "person"),
            CheckConstraint("subject in ('identity', 'content', 'minor', 'phone', 'export')", name="subject"),
            CheckConstraint("viewer_kind in ('staff', 'street')", name="viewer_kind"),
            CheckConstraint("length(reason) >= 2", name="it_says_why"),
            Index(None, "community_id", "at"),
            Index(None, "street_id", "at"),
            Index(None, "community_id", "matter_id", "viewer_id", "at"),
        )


class LookTold(Tenant, db.Model):
    """That the hall's secretary has been told of a look by the street; once each."""

    __access__: ClassVar[Access] = Access(street="")

    look_id: Mapped[UUID]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (tfk("look_id", "look"), UniqueConstraint("community_id", "look_id"))
