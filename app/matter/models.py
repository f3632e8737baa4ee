"""THE SPINE: the matter, its append-only timeline, its pictures, its escalations, and the counters of numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Guest, StreetRow, Tenant, db, tfk, to_one

from .situation import OPEN_STAGES, Stage


def one_of(column: str, values: Any) -> str:
    """A CHECK body: the column holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} in ({listed})"


#: What is open, and referrals that still owe a receipt: the condition of the index of clocks, word for word that of
#: ``app.matter.ledger.has_clock``.
HAS_CLOCK = (
    one_of("stage", [str(stage) for stage in Stage if stage in OPEN_STAGES])
    + " or (stage = 'referred' and due_at is not null)"
)


class Matter(Tenant, db.Model):
    """The thing with a life-cycle and a ledger row (事项). Its words and its proposer stand in ``proposal``.

    ``warn_at`` is the moment from which its light is yellow (red from ``due_at``), so that SQL can tell lights apart
    without a calendar; ``follows_id`` is the finished matter out of whose review it grew (新的心愿).
    """

    __access__: ClassVar[Access] = Access(guest=Guest("s", "id", "case"))

    number: Mapped[str]
    title: Mapped[str]
    question: Mapped[str] = mapped_column(default="")
    brief: Mapped[str] = mapped_column(default="")
    stage: Mapped[str]
    stage_since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    suspended_from: Mapped[str | None]
    level: Mapped[str] = mapped_column(default="community")
    visibility: Mapped[str] = mapped_column(default="public")
    triage: Mapped[str | None]
    category: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    channel: Mapped[str]
    point: Mapped[str] = mapped_column(default="")
    power: Mapped[str | None]
    track: Mapped[str] = mapped_column(default="ordinary")
    signers: Mapped[int] = mapped_column(default=1)
    entered_for_another: Mapped[bool] = mapped_column(default=False)
    party_prestudy: Mapped[bool] = mapped_column(default=False)
    is_plain_duty: Mapped[bool] = mapped_column(default=False)
    asked_for_more: Mapped[bool] = mapped_column(default=False)
    review_asked: Mapped[bool] = mapped_column(default=False)
    lapsed: Mapped[bool] = mapped_column(default=False)
    costs_money: Mapped[bool] = mapped_column(default=False)
    reworks: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    is_secretary_project: Mapped[bool] = mapped_column(default=False)
    building_id: Mapped[UUID | None]
    unit: Mapped[int | None]
    place: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None]
    follows_id: Mapped[UUID | None]
    tracking_hmac: Mapped[str]
    collected_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_satisfied: Mapped[int] = mapped_column(default=0)
    supports: Mapped[int] = mapped_column(default=0)
    comments: Mapped[int] = mapped_column(default=0)
    has_minor: Mapped[bool] = mapped_column(default=False)
    opened_reason: Mapped[str] = mapped_column(default="")
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str] = mapped_column(default="")
    escalated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    building = to_one("Matter", "building_id", "Building", viewonly=True)
    owner = to_one("Matter", "owner_id", "Account", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "number"),
            UniqueConstraint("community_id", "tracking_hmac"),
            tfk("building_id", "building"),
            tfk("owner_id", "account"),
            tfk("merged_into_id", "matter"),
            tfk("follows_id", "matter"),
            CheckConstraint(one_of("stage", list(Stage)), name="stage"),
            CheckConstraint(one_of("level", ("grid", "community", "street", "external")), name="level"),
            CheckConstraint(one_of("visibility", ("public", "members", "parties")), name="visibility"),
            CheckConstraint(one_of("triage", ("minor", "urgent", "hard", "major")), name="triage"),
            CheckConstraint(one_of("kind", ("individual", "joint", "organisation")), name="kind"),
            CheckConstraint(one_of("track", ("ordinary", "mediation")), name="track"),
            CheckConstraint(one_of("power", ("council", "residents", "owners", "law")), name="power"),
            # The database pairs a state with its evidence, so no code path can leave a half-made matter behind.
            CheckConstraint("stage <> 'merged' or merged_into_id is not null", name="merged_names_its_target"),
            CheckConstraint("stage <> 'suspended' or suspended_from is not null", name="suspended_remembers"),
            CheckConstraint("stage not in ('closed', 'archived') or closed_at is not null", name="closed_is_dated"),
            CheckConstraint(
                "stage not in ('topic_confirmed','surveying','scheduled','voting','publicized','implementing',"
                "'verifying','reviewing') or (accepted_at is not null and triage is not null)",
                name="taken_up_is_triaged",
            ),
            CheckConstraint(
                "stage not in ('topic_confirmed','surveying','scheduled') or question <> ''", name="topic_is_put"
            ),
            CheckConstraint("hidden_at is null or hidden_reason <> ''", name="hidden_says_why"),
            # A child's matter stands in public only after somebody wrote it anew without the child and said why.
            CheckConstraint(
                "not has_minor or visibility = 'parties' or (visibility = 'public' and opened_reason <> '')",
                name="a_minor_is_for_the_parties",
            ),
            Index(None, "community_id", "stage", "collected_at"),
            Index(None, "community_id", "collected_at"),
            Index(None, "community_id", "due_at"),
            Index(None, "street_id", "collected_at"),
            Index(None, "street_id", "closed_at"),
            Index(None, "community_id", "owner_id"),
            # Few matters follow another or were merged; whoever looks for them must not read all others.
            Index("ix_matter_follows", "community_id", "follows_id", postgresql_where=text("follows_id is not null")),
            Index("ix_matter_merged", "community_id", "merged_into_id",
                  postgresql_where=text("merged_into_id is not null")),
            # How many the list holds is counted from here alone, without reading the rows.
            Index("ix_matter_taken_up", "community_id", "track", postgresql_where=text("accepted_at is not null")),
            # The front page shows what moved last of what was taken up.
            Index(
                "ix_matter_moved", "community_id", "stage_since", "number",
                postgresql_where=text("accepted_at is not null"),
            ),
            # What has a clock is a small part of an old hall; the tabs that look closer count from here alone.
            Index(
                "ix_matter_open", "community_id", "due_at",
                postgresql_include=["stage", "warn_at", "owner_id", "level", "escalated"], postgresql_where=HAS_CLOCK,
            ),
            # All that a filter or an order of the ledger looks at, words aside, so that neither reads the rows.
            Index(
                "ix_matter_ledger", "community_id", "collected_at", "id",
                postgresql_include=[
                    "stage", "due_at", "warn_at", "triage", "category", "level", "channel", "building_id", "owner_id",
                    "escalated", "accepted_at", "closed_at", "rating_count", "rating_satisfied",
                ],
            ),
            # What words are looked for in, and who may find them: the policies keep an index of words from being used,
            # so all words of a hall are read, and here they lie close together.
            Index(
                "ix_matter_words", "community_id", "collected_at", "id",
                postgresql_include=[
                    "number", "title", "place", "building_id", "has_minor", "visibility", "track", "owner_id", "stage",
                ],
            ),
        )  # fmt: skip


class TimelineEntry(Tenant, db.Model):
    """One line of a matter's life: who, when, from where to where, why, by which channel. Append-only."""

    __tablename__ = "timeline"
    __access__: ClassVar[Access] = Access(community="si", guest=Guest("si", "matter_id", "case"))

    matter_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    verb: Mapped[str]
    old_stage: Mapped[str | None]
    new_stage: Mapped[str | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_label: Mapped[str]
    channel: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    public: Mapped[bool] = mapped_column(default=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            Index(None, "community_id", "matter_id", "at"),
            Index(None, "community_id", "at"),
        )


class Attachment(Tenant, db.Model):
    """A stored picture, voice or paper; the file lies in the community's folder and is served only after this row was
    read. ``about`` and ``about_id`` say which letter, site note or sheet it belongs to; a voice is typed out by whoever
    triages it (``transcript``)."""

    __access__: ClassVar[Access] = Access(guest=Guest("si", "about_id", "invitation"))

    matter_id: Mapped[UUID]
    kind: Mapped[str]
    media_type: Mapped[str]
    caption: Mapped[str] = mapped_column(default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    size: Mapped[int]
    sha256: Mapped[str]
    small_id: Mapped[UUID | None]
    about: Mapped[str] = mapped_column(default="")
    about_id: Mapped[UUID | None]
    transcript: Mapped[str] = mapped_column(default="")
    transcribed_label: Mapped[str] = mapped_column(default="")
    transcribed_at: Mapped[datetime | None]
    public: Mapped[bool] = mapped_column(default=False)
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), Index(None, "community_id", "matter_id"))


class Escalation(Tenant, db.Model):
    """A level asks the next one. The street answers with a row of its own, which the hall takes up.

    ``answer_due`` is the request's own clock; one that climbed by itself because that ran out names the request below.
    """

    matter_id: Mapped[UUID]
    to_level: Mapped[str]
    from_level: Mapped[str] = mapped_column(default="community")
    reason: Mapped[str]
    grid_attempt: Mapped[str] = mapped_column(default="")
    community_attempt: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    asked_label: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked")
    taken_up_at: Mapped[datetime | None]
    answer_due: Mapped[datetime | None]
    climbed_from_id: Mapped[UUID | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("climbed_from_id", "escalation"),
            CheckConstraint(one_of("to_level", ("community", "street", "external")), name="to_level"),
            CheckConstraint(one_of("state", ("asked", "taken", "sent_back", "answered", "climbed")), name="state"),
            Index(
                "uq_escalation_open",
                "community_id",
                "matter_id",
                unique=True,
                postgresql_where="state in ('asked', 'taken')",
            ),
            Index(None, "street_id", "state", "asked_at"),
        )


class EscalationReply(Tenant, db.Model):
    """What the level asked said to an escalation: taken, sent back or answered. Never changed.

    ``side`` is who wrote it: the hall answers its own grids, the street answers its halls.
    """

    __access__: ClassVar[Access] = Access(community="si", street="si", sided=True)

    escalation_id: Mapped[UUID]
    kind: Mapped[str]
    side: Mapped[str] = mapped_column(default="street")
    words: Mapped[str]
    letter_no: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("escalation_id", "escalation"),
            UniqueConstraint("community_id", "escalation_id", "kind"),
            CheckConstraint(one_of("kind", ("taken", "sent_back", "answered")), name="kind"),
            CheckConstraint(one_of("side", ("community", "street")), name="side"),
        )


class Counter(Tenant, db.Model):
    """The last human number given out, per series and year; growing, never reused."""

    __access__: ClassVar[Access] = Access(street="")

    series: Mapped[str]
    year: Mapped[int]
    value: Mapped[int]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("community_id", "series", "year"),)


class StreetCounter(StreetRow, db.Model):
    """The last number the street itself gave out, per series and year; its papers go to all halls in one series."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    series: Mapped[str]
    year: Mapped[int]
    value: Mapped[int]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "series", "year"),)


class Holiday(StreetRow, db.Model):
    """A day off, or a weekend day that is worked (调休); the street keeps the table."""

    __access__: ClassVar[Access] = Access(community="s", street="siud")

    day: Mapped[date]
    name: Mapped[str]
    is_working: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "day"),)


class StreetBounds(StreetRow, db.Model):
    """What the street allows its halls to set themselves: deadlines, quorum, notice days (JSON of [least, most])."""

    bounds: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id"),)
