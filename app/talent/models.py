"""The street's talent pool (人才库) and the invitations that call one expert to one matter."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Guest, StreetRow, Tenant, db, tfk


class Expert(StreetRow, db.Model):
    """An expert of the pool. Communities read those marked shared; the phone is sealed and read by the street alone.

    ``specialties`` are words a matter is matched by; ``weekdays`` the days they can come (1 Monday to 7 Sunday);
    ``most_open`` how many matters at a time; ``barred_in`` communities (ids) where they live or act for somebody.
    ``open_now`` is what the street last counted over all its halls, because a hall sees its own invitations only;
    ``phone_hint`` the masked phone. Somebody entered twice is kept once: ``merged_into_id`` names the row kept, which
    lists those it stands for in ``also_ids``, so that no hall's invitation has to be changed.
    """

    __access__: ClassVar[Access] = Access(community="s", street="siu", shared_only=True)

    code: Mapped[str]
    name: Mapped[str]
    profession: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    skill: Mapped[str]
    specialties: Mapped[list[str]] = mapped_column(JSON, default=list)
    level: Mapped[str] = mapped_column(default="")
    languages: Mapped[str] = mapped_column(default="")
    hours: Mapped[str] = mapped_column(default="")
    weekdays: Mapped[str] = mapped_column(default="1234567")
    fee: Mapped[str] = mapped_column(default="")
    most_open: Mapped[int] = mapped_column(default=3)
    conflicts: Mapped[str] = mapped_column(default="")
    barred_in: Mapped[list[int]] = mapped_column(JSON, default=list)
    valid_until: Mapped[date | None]
    shared: Mapped[bool] = mapped_column(default=True)
    suspended_at: Mapped[datetime | None]
    phone_hint: Mapped[str] = mapped_column(default="")
    open_now: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None]
    merged_into_id: Mapped[UUID | None]
    also_ids: Mapped[list[str]] = mapped_column(JSON, default=list)

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "code"),
            CheckConstraint("merged_into_id is null or not shared", name="merged_is_hidden"),
        )


class ExpertContact(StreetRow, db.Model):
    """How to reach an expert; only the street may read it."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    expert_id: Mapped[UUID]
    phone_sealed: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "expert_id"),)


class Invitation(Tenant, db.Model):
    """One expert asked to one matter. ``brief`` names no party; ``questions`` is what the hall wants to know.

    ``by_way`` is how the secret travels: by link, as the text of a message, or as a code in a printed letter. A sitting
    the expert is asked to is named in words (``sitting_words``), since a guest reads no sitting of the hall.
    ``reminded_at`` and ``silent_at`` are set by the hall's clock; ``replaces_id`` names the invitation left unanswered.
    A matter that ended first sets ``silent_at`` too. ``asked_again_at``: somebody who stood before a closed door asked
    for a fresh link.
    """

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
    by_way: Mapped[str] = mapped_column(default="link")
    sitting_id: Mapped[UUID | None]
    sitting_words: Mapped[str] = mapped_column(default="")
    sitting_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None]
    reminded_at: Mapped[datetime | None]
    silent_at: Mapped[datetime | None]
    asked_again_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "number"),
            tfk("replaces_id", "invitation"),
            CheckConstraint(one_of("by_way", ("link", "sms", "letter")), name="by_way"),
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


class OpinionDraft(Tenant, db.Model):
    """What the expert has written so far; nobody but the expert reads it, and it goes when the opinion is handed in."""

    __access__: ClassVar[Access] = Access(community="", street="", guest=Guest("siud", "invitation_id", "invitation"))

    invitation_id: Mapped[UUID]
    words: Mapped[str] = mapped_column(default="")
    named: Mapped[bool] = mapped_column(default=True)
    saved_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("invitation_id", "invitation"), UniqueConstraint("community_id", "invitation_id"))


class ExpertSignIn(Tenant, db.Model):
    """The expert's own sign-in to the sitting they were asked to (到会登记), by link."""

    __access__: ClassVar[Access] = Access(community="s", street="", guest=Guest("si", "invitation_id", "invitation"))

    invitation_id: Mapped[UUID]
    sitting_id: Mapped[UUID]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("invitation_id", "invitation"), UniqueConstraint("community_id", "invitation_id", "sitting_id"))


class ExpertRating(Tenant, db.Model):
    """How the hall found the expert's service, once an invitation has ended; the street's record of service."""

    __access__: ClassVar[Access] = Access(community="si")

    invitation_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    grade: Mapped[int]
    words: Mapped[str] = mapped_column(default="")
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("invitation_id", "invitation"),
            UniqueConstraint("community_id", "invitation_id"),
            CheckConstraint("grade between 1 and 5", name="grade"),
            CheckConstraint("grade > 2 or words <> ''", name="low_says_why"),
            Index(None, "street_id", "expert_id"),
        )


class ExpertSuggestion(Tenant, db.Model):
    """A community proposes somebody for the street's pool; the sealed phone is for the street, when it decides."""

    __access__: ClassVar[Access] = Access(community="si")

    name: Mapped[str]
    profession: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    skill: Mapped[str]
    phone_sealed: Mapped[str] = mapped_column(default="")
    why: Mapped[str]
    consent: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            CheckConstraint("consent and name <> '' and why <> ''", name="the_person_agreed"),
            Index(None, "street_id", "at"),
        )


class SuggestionReply(Tenant, db.Model):
    """The street's decision on a suggestion: into the pool (``expert_id``) or not, with a reason. Never changed."""

    __access__: ClassVar[Access] = Access(community="s", street="si")

    suggestion_id: Mapped[UUID]
    approved: Mapped[bool]
    words: Mapped[str] = mapped_column(default="")
    expert_id: Mapped[UUID | None]
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("suggestion_id", "expert_suggestion"),
            UniqueConstraint("community_id", "suggestion_id"),
            CheckConstraint("approved = (expert_id is not null)", name="approved_names_the_expert"),
            CheckConstraint("approved or words <> ''", name="refused_says_why"),
        )
