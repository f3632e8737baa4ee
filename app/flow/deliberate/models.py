"""The table: series of sittings, one sitting, its agenda, who came, what was said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from app.people.secrets import new_code
from tenants.database import Access, Tenant, db, tfk, to_many, to_one

KINDS = ("council", "hearing", "talk", "joint", "bench", "reps", "residents", "owners", "report")
OUTCOMES = (
    "", "adjourned", "redeliberate", "agreed", "passed", "rejected", "left", "called_off", "polled", "taken_off",
    "reported",
)  # fmt: skip
SEATS = ("expected", "present", "excused", "absent", "left", "withdrawn")
#: What a speaker said of themselves before speaking, where they did.
VIEWS = ("", "for", "against")


def new_scan_code() -> str:
    """The eight letters behind the code at the door: drawn by chance, so only who is in the room can know them."""
    return new_code(8)


class SittingSeries(Tenant, db.Model):
    """A regular sitting (例会), as an RFC 5545 rule: 每月5日 is ``FREQ=MONTHLY;BYMONTHDAY=5``.

    ``on_holiday``: on a day off it is kept, skipped, or moved to the working day before or after.
    """

    name: Mapped[str]
    rrule: Mapped[str]
    starts: Mapped[str]
    venue_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(default="council")
    on_holiday: Mapped[str] = mapped_column(default="keep")
    ended_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("venue_id", "venue"),
            UniqueConstraint("community_id", "name"),
            CheckConstraint(one_of("on_holiday", ("keep", "skip", "before", "after")), name="on_holiday"),
        )


class Sitting(Tenant, db.Model):
    """One sitting. ``base`` is N, fixed when the notice goes out; ``quorum_rule`` is a value of ``rules.Quorum``.

    ``reps`` is R among them (R4). ``told_afterwards``: a bench sitting (板凳会) held on the spot, written down later.
    ``follows_id`` is the sitting that fell short of its quorum and is announced anew. ``live`` is what the projected
    screen shows besides rows of its own: ``{item, speaker, since, seconds, …}``; ``live_no`` grows with every change.
    ``series_on`` is the day of the series it was planned from, as the rule says it. ``changes`` counts how often it was
    put off or called off after the notice (the SEQUENCE of RFC 5545), ``change_words`` is the newest reason in public.
    """

    number: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    place: Mapped[str]
    venue_id: Mapped[UUID | None]
    series_id: Mapped[UUID | None]
    series_on: Mapped[date | None]
    quorum_rule: Mapped[str] = mapped_column(default="half")
    base: Mapped[int]
    reps: Mapped[int] = mapped_column(default=0)
    estate_id: Mapped[UUID | None]
    follows_id: Mapped[UUID | None]
    convener_id: Mapped[UUID | None]
    convener_label: Mapped[str] = mapped_column(default="")
    told_afterwards: Mapped[bool] = mapped_column(default=False)
    live: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    live_no: Mapped[int] = mapped_column(default=0)
    scan_code: Mapped[str | None] = mapped_column(default=new_scan_code)
    state: Mapped[str] = mapped_column(default="planned")
    noticed_at: Mapped[datetime | None]
    changes: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    change_words: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime | None]
    present_at_opening: Mapped[int | None]
    quorate: Mapped[bool | None]
    closed_at: Mapped[datetime | None]
    chair_id: Mapped[UUID | None]
    chair_label: Mapped[str] = mapped_column(default="")
    recorder_id: Mapped[UUID | None]
    recorder_label: Mapped[str] = mapped_column(default="")
    conclusion: Mapped[str] = mapped_column(default="")
    minutes_done_at: Mapped[datetime | None]
    minutes_confirmed_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    agenda: Mapped[list[AgendaItem]] = to_many("Sitting", "AgendaItem", "sitting_id", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("venue_id", "venue"),
            tfk("series_id", "sitting_series"),
            tfk("estate_id", "estate"),
            tfk("follows_id", "sitting"),
            tfk("convener_id", "account"),
            UniqueConstraint("community_id", "number"),
            UniqueConstraint("community_id", "scan_code"),
            CheckConstraint(one_of("kind", KINDS), name="kind"),
            CheckConstraint(one_of("state", ("planned", "noticed", "open", "closed", "called_off")), name="state"),
            CheckConstraint(
                "state <> 'open' or (opened_at is not null and quorate is not null)", name="open_is_counted"
            ),
            CheckConstraint(one_of("quorum_rule", ("half", "two_thirds")), name="quorum_rule"),
            CheckConstraint("state not in ('noticed', 'open') or base > 0", name="noticed_knows_its_base"),
            CheckConstraint("base >= 0", name="base"),
            Index(None, "community_id", "starts_at"),
        )


class AgendaItem(Tenant, db.Model):
    """One matter on the order of business of one sitting. ``conclusion`` is what the chair sums up of it.

    ``options`` is what was put to the table, word for word, as it stood that day: a list of
    ``{label, words, cost_fen, cost_approx, payer}``. ``outcome`` is empty while the matter is still on this table.
    ``papers`` are the ids of the matter's attachments that those invited may read beforehand. ``taken_off`` before the
    notice: the line stays, no page shows it.
    """

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    position: Mapped[int]
    materials: Mapped[str] = mapped_column(default="")
    papers: Mapped[list[str]] = mapped_column(JSON, default=list)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(default="")
    conclusion: Mapped[str] = mapped_column(default="")

    matter = to_one("AgendaItem", "matter_id", "Matter", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "sitting_id", "matter_id"),
            CheckConstraint(
                one_of("outcome", OUTCOMES),
                name="outcome",
            ),
            Index(None, "community_id", "matter_id"),
        )


class Attendance(Tenant, db.Model):
    """The register (到会登记): one seat, whether it is taken. It proves the quorum and is never summed per person.

    ``reply`` is what the invited said beforehand, ``said_by`` who said it (empty: they themselves on their own page),
    ``noted_by`` who of the staff wrote it down; ``how`` is how the coming was written: scan, name or paper. Who was
    ``withdrawn`` before the notice was asked by mistake: the line stays, no page shows it.
    """

    __access__: ClassVar[Access] = Access(street="")

    sitting_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    name: Mapped[str]
    capacity: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    counts: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(default="expected")
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    recused_matter_id: Mapped[UUID | None]
    is_rep: Mapped[bool] = mapped_column(default=False)
    contact_sealed: Mapped[str | None]
    invited_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(default="")
    reply_words: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]
    said_by: Mapped[str] = mapped_column(default="")
    noted_by: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("account_id", "account"),
            tfk("recused_matter_id", "matter"),
            UniqueConstraint("community_id", "sitting_id", "account_id"),
            CheckConstraint(one_of("state", SEATS), name="state"),
            CheckConstraint(one_of("reply", ("", "coming", "not_coming")), name="reply"),
            CheckConstraint("reply = '' or replied_at is not null", name="reply_has_a_day"),
            CheckConstraint(one_of("how", ("", "scan", "name", "paper")), name="how"),
            Index(None, "community_id", "sitting_id"),
        )


class MinutesEntry(Tenant, db.Model):
    """What one speaker said, in order. Speakers are named, so the street has no grant.

    ``version`` grows with each correction: whoever saves names the one they read, and never overwrites another's.
    """

    __access__: ClassVar[Access] = Access(street="")

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID | None]
    position: Mapped[int]
    speaker: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    written_by: Mapped[UUID | None]
    written_label: Mapped[str] = mapped_column(default="")
    edited_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("matter_id", "matter"),
            tfk("written_by", "account"),
            UniqueConstraint("community_id", "sitting_id", "position"),
        )


class RaisedHand(Tenant, db.Model):
    """A hand raised at the table, in the order of raising; down again when the floor was given or it was taken back."""

    __access__: ClassVar[Access] = Access(street="")

    sitting_id: Mapped[UUID]
    attendance_id: Mapped[UUID]
    raised_at: Mapped[datetime]
    lowered_at: Mapped[datetime | None]
    view: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("attendance_id", "attendance"),
            CheckConstraint(one_of("view", VIEWS), name="view"),
            Index(
                "uq_raised_hand_up", "community_id", "sitting_id", "attendance_id", unique=True,
                postgresql_where="lowered_at is null",
            ),
        )  # fmt: skip


class Turn(Tenant, db.Model):
    """One turn at speaking on one topic: three minutes, twice a topic (domain.md section 3, speaking rules).

    ``reason`` is why the chair let somebody speak a third time. ``view`` lets opposite views alternate.
    """

    __access__: ClassVar[Access] = Access(street="")

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID | None]
    attendance_id: Mapped[UUID | None]
    speaker: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    view: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("matter_id", "matter"),
            tfk("attendance_id", "attendance"),
            CheckConstraint("ended_at is null or ended_at >= began_at", name="ended"),
            CheckConstraint(one_of("view", VIEWS), name="view"),
            Index("uq_turn_running", "community_id", "sitting_id", unique=True, postgresql_where="ended_at is null"),
            Index(None, "community_id", "sitting_id"),
        )


class ReportLine(Tenant, db.Model):
    """What a report-back sitting (报告会) heard of one promise: how it stands, and what was answered."""

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID]
    position: Mapped[int]
    stands: Mapped[str]
    heard: Mapped[str] = mapped_column(default="")
    asked: Mapped[str] = mapped_column(default="")
    written_label: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            UniqueConstraint("community_id", "sitting_id", "commitment_id"),
        )
