"""Carrying out: how far it is, and who looked at it. What was promised stands with the resolution."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Guest, Tenant, db, tfk


class ProgressNote(Tenant, db.Model):
    """A line of progress (进展); a public one reaches the proposer. ``done_count`` is how far the task was then.

    Pictures of before and after hang on the commitment (``attachment.about`` is ``task_before`` or ``task_after``).
    """

    __access__: ClassVar[Access] = Access(guest=Guest("si", "commitment_id", "invitation"))

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID | None]
    words: Mapped[str]
    public: Mapped[bool] = mapped_column(default=True)
    done_count: Mapped[int | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            Index(None, "community_id", "matter_id", "at"),
        )


class Verification(Tenant, db.Model):
    """A look at the work by a grid worker and one resident, never by the doer (domain §2, verifying)."""

    matter_id: Mapped[UUID]
    round: Mapped[int]
    passed: Mapped[bool]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    resident_name: Mapped[str]
    resident_household_id: Mapped[UUID | None]
    resident_door: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("resident_household_id", "household"),
            CheckConstraint("resident_name <> ''", name="a_resident_was_there"),
            Index(None, "community_id", "matter_id"),
        )


class ExtensionRequest(Tenant, db.Model):
    """The owner of a task asks for a later day; somebody else of the hall grants or refuses it with a reason."""

    __access__: ClassVar[Access] = Access(guest=Guest("si", "commitment_id", "invitation"))

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID]
    due: Mapped[date]
    reason: Mapped[str]
    asked_by: Mapped[UUID | None]
    asked_label: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="asked")
    decided_by: Mapped[UUID | None]
    decided_label: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            CheckConstraint(one_of("state", ("asked", "granted", "refused", "withdrawn")), name="state"),
            CheckConstraint("reason <> ''", name="it_says_why"),
            # One question at a time: the next one waits for the answer.
            Index(
                "uq_extension_request_open", "community_id", "commitment_id", unique=True,
                postgresql_where="state = 'asked'",
            ),
        )  # fmt: skip


class TaskLink(Tenant, db.Model):
    """The link by which an owner outside the hall answers for one task, without an account. Only its mark is kept.

    The guest's binding names the commitment where an expert's names the invitation, so both see one matter alone.
    """

    __access__: ClassVar[Access] = Access(street="", guest=Guest("su", "key_hash", "key"))

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID]
    key_hash: Mapped[str]
    to_label: Mapped[str]
    made_by: Mapped[UUID | None]
    made_label: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_label: Mapped[str] = mapped_column(default="")
    opened: Mapped[int] = mapped_column(default=0)
    last_opened_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            UniqueConstraint("community_id", "key_hash"),
            Index(None, "community_id", "commitment_id"),
        )


class Asset(Tenant, db.Model):
    """What a matter leaves behind (晾衣架, 爱心椅): how many, where, who promised to look after it, and how."""

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID | None]
    what: Mapped[str]
    count: Mapped[int]
    unit: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    building_id: Mapped[UUID | None]
    upkeep: Mapped[str]
    keeper: Mapped[str]
    keeper_kind: Mapped[str] = mapped_column(default="person")
    promised_on: Mapped[date]
    check_months: Mapped[int | None]
    next_check: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="in_use")
    ended_on: Mapped[date | None]
    ended_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            tfk("building_id", "building"),
            CheckConstraint("count > 0", name="count"),
            CheckConstraint("keeper <> '' and upkeep <> ''", name="somebody_looks_after_it"),
            CheckConstraint(one_of("keeper_kind", ("person", "property", "partner", "external")), name="keeper_kind"),
            CheckConstraint(one_of("state", ("in_use", "broken", "removed")), name="state"),
            CheckConstraint(
                "state <> 'removed' or (ended_on is not null and ended_reason <> '')", name="removal_says_why"
            ),
            CheckConstraint("check_months between 1 and 60", name="check_months"),
            Index(None, "community_id", "next_check"),
            Index(None, "community_id", "matter_id"),
        )


class AssetCheck(Tenant, db.Model):
    """Somebody looked at what was left behind: it is fine, or what is the matter with it."""

    __access__: ClassVar[Access] = Access(community="si")

    asset_id: Mapped[UUID]
    on: Mapped[date]
    fine: Mapped[bool]
    words: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("asset_id", "asset"),
            CheckConstraint("fine or words <> ''", name="a_fault_says_what"),
            Index(None, "community_id", "asset_id", "at"),
        )


class WorkPlan(Tenant, db.Model):
    """An annual or thematic plan (年度计划): one resolution, many dated tasks. The tasks are the matter's promises.

    One that was drawn up by mistake is withdrawn with its reason; then the matter may carry another one.
    """

    matter_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    theme: Mapped[str] = mapped_column(default="")
    starts: Mapped[date]
    ends: Mapped[date]
    public: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    made_label: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_label: Mapped[str] = mapped_column(default="")
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint(one_of("kind", ("annual", "thematic")), name="kind"),
            CheckConstraint("title <> ''", name="it_has_a_title"),
            CheckConstraint("ends > starts", name="ends_after_it_starts"),
            CheckConstraint("withdrawn_at is null or withdrawn_reason <> ''", name="withdrawn_says_why"),
            Index(
                "uq_work_plan_now", "community_id", "matter_id", unique=True, postgresql_where="withdrawn_at is null"
            ),
            Index(None, "community_id", "starts"),
        )
