"""The written result: the resolution, what it promises, its public posting, and what people said against it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Guest, Tenant, db, tfk


class Resolution(Tenant, db.Model):
    """A numbered resolution (决议书). ``tally`` keeps rule, N, P, Y/X/A, base and effect as they were that day.

    Once ``signed_at`` stands, nothing is changed: a correction is a new ``version`` under the same number, with its
    reason, and the earlier one stays readable. ``tasks`` are the tasks as this version's paper says them, a list of
    ``{what, who, due, planned_fen}`` (due as ISO day); the living promises are :class:`Commitment`.
    """

    matter_id: Mapped[UUID]
    ballot_id: Mapped[UUID | None]
    sitting_id: Mapped[UUID | None]
    number: Mapped[str]
    title: Mapped[str]
    basis: Mapped[str]
    words: Mapped[str]
    tally: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tasks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    legal_effect: Mapped[str]
    dissent: Mapped[str] = mapped_column(default="")
    dissent_answer: Mapped[str] = mapped_column(default="")
    signed_by: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    replaced_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    corrects_id: Mapped[UUID | None]
    correction_reason: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        effects = ("advisory", "residents_decision", "owners_decision", "agreement", "consultation_only")
        return (
            tfk("matter_id", "matter"),
            tfk("ballot_id", "ballot"),
            tfk("sitting_id", "sitting"),
            tfk("corrects_id", "resolution"),
            UniqueConstraint("community_id", "number", "version"),
            CheckConstraint(
                "version = 1 or (corrects_id is not null and correction_reason <> '')", name="corrected_why"
            ),
            CheckConstraint(one_of("legal_effect", effects), name="legal_effect"),
            CheckConstraint("dissent = '' or dissent_answer <> ''", name="dissent_is_answered"),
            Index(
                "uq_resolution_valid", "community_id", "matter_id", unique=True, postgresql_where="replaced_at is null"
            ),
        )


class PartyStudy(Tenant, db.Model):
    """The party organisation's study before a matter goes to a larger body (Residents' Committees Act section 30)."""

    matter_id: Mapped[UUID]
    organisation: Mapped[str]
    studied_on: Mapped[date]
    words: Mapped[str]
    chaired_by: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    made_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), Index(None, "community_id", "matter_id"))


class Ratification(Tenant, db.Model):
    """A matter before the residents', representatives' or owners' meeting: its sitting, its poll, its result.

    ``item`` is the one of the nine items of Civil Code section 278 an owners' question falls under. A ``dropped`` one
    was asked of the wrong body, or the body had no quorum; ``reason`` says so, and the matter may be asked again.
    """

    matter_id: Mapped[UUID]
    resolution_id: Mapped[UUID]
    body: Mapped[str]
    rule: Mapped[str]
    question: Mapped[str]
    item: Mapped[int | None]
    estate_id: Mapped[UUID | None]
    sitting_id: Mapped[UUID | None]
    poll_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="preparing")
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("resolution_id", "resolution"),
            tfk("estate_id", "estate"),
            tfk("sitting_id", "sitting"),
            tfk("poll_id", "poll"),
            CheckConstraint(one_of("body", ("residents", "reps", "owners", "households")), name="body"),
            CheckConstraint(one_of("state", ("preparing", "passed", "failed", "dropped")), name="state"),
            CheckConstraint(
                "(body = 'owners' and estate_id is not null and item is not null and item between 1 and 9) or "
                "(body <> 'owners' and estate_id is null and item is null)", name="owners_name_the_item",
            ),
            CheckConstraint(
                one_of("rule", ("residents_meeting", "reps_meeting", "owners_ordinary", "owners_special")), name="rule"
            ),
            CheckConstraint("state <> 'dropped' or reason <> ''", name="dropped_says_why"),
            CheckConstraint(
                "state not in ('passed', 'failed') or (poll_id is not null and settled_at is not null)",
                name="settled_by_a_poll",
            ),
            Index(
                "uq_ratification_now", "community_id", "matter_id", unique=True,
                postgresql_where="state = 'preparing'",
            ),
        )  # fmt: skip


class Posting(Tenant, db.Model):
    """A public posting (公示): objections may come until ``objections_until``; it hangs at least fifteen days."""

    matter_id: Mapped[UUID]
    resolution_id: Mapped[UUID]
    number: Mapped[str]
    starts: Mapped[date]
    objections_until: Mapped[date]
    ends: Mapped[date]
    place: Mapped[str]
    how_to_object: Mapped[str]
    state: Mapped[str] = mapped_column(default="up")
    posted_at: Mapped[datetime]
    taken_down_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("resolution_id", "resolution"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("state", ("up", "ended", "withdrawn")), name="state"),
            # 居民委员会组织法 §34: what was settled by deliberation hangs for fifteen days or more.
            CheckConstraint("ends - starts >= 15", name="hangs_fifteen_days"),
            CheckConstraint("objections_until > starts and objections_until <= ends", name="objections_inside"),
            Index(None, "community_id", "matter_id"),
        )


class Objection(Tenant, db.Model):
    """What somebody says against a posting; every one gets an answer."""

    posting_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    words: Mapped[str]
    person_id: Mapped[UUID | None]
    contact_sealed: Mapped[str | None]
    at: Mapped[datetime]
    reply: Mapped[str] = mapped_column(default="")
    upheld: Mapped[bool | None]
    replied_at: Mapped[datetime | None]
    replied_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("posting_id", "posting"),
            tfk("matter_id", "matter"),
            CheckConstraint("replied_at is null or (reply <> '' and upheld is not null)", name="a_reply_has_words"),
            Index(None, "community_id", "matter_id"),
        )


class Commitment(Tenant, db.Model):
    """A promise (承诺): who will do what by which day, measured in what (300 把, 8 处), and what it costs (fen).

    ``owner_kind`` says whether a person, the property manager, a partner unit or an external body by letter
    (``letter_no``) owes it; the phone of somebody outside is sealed. ``done_count`` of ``target`` ``unit`` is done.

    It stands here and not with the carrying out because a resolution makes it: ``resolution_id`` is None only where
    the hall just does a thing (书记项目, plain duty).
    """

    __access__: ClassVar[Access] = Access(guest=Guest("su", "id", "invitation"))

    matter_id: Mapped[UUID]
    resolution_id: Mapped[UUID | None]
    position: Mapped[int]
    what: Mapped[str]
    who: Mapped[str]
    owner_id: Mapped[UUID | None]
    owner_kind: Mapped[str] = mapped_column(default="person")
    contact_sealed: Mapped[str] = mapped_column(default="")
    letter_no: Mapped[str] = mapped_column(default="")
    due: Mapped[date]
    first_due: Mapped[date]
    unit: Mapped[str] = mapped_column(default="")
    target: Mapped[int | None]
    done_count: Mapped[int] = mapped_column(default=0)
    extension_reason: Mapped[str] = mapped_column(default="")
    extension_by: Mapped[str] = mapped_column(default="")
    planned_fen: Mapped[int] = mapped_column(default=0)
    actual_fen: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")
    done_at: Mapped[datetime | None]
    evidence: Mapped[str] = mapped_column(default="")
    round: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("resolution_id", "resolution"),
            tfk("owner_id", "account"),
            UniqueConstraint("community_id", "matter_id", "position"),
            CheckConstraint(one_of("state", ("open", "done", "verified", "dropped")), name="state"),
            CheckConstraint(one_of("owner_kind", ("person", "property", "partner", "external")), name="owner_kind"),
            CheckConstraint("target is null or (target > 0 and unit <> '')", name="target_has_a_unit"),
            CheckConstraint("done_count >= 0", name="done_count"),
            CheckConstraint(
                "state not in ('done', 'verified') or (done_at is not null and evidence <> '')", name="done_is_shown"
            ),
            CheckConstraint(
                "due = first_due or (extension_reason <> '' and extension_by <> '')", name="extension_is_reasoned"
            ),
            Index(None, "community_id", "due"),
        )
