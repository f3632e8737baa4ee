"""The table: series of sittings, one sitting, its agenda, who came, what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk, to_many, to_one

OUTCOMES = ("", "adjourned", "redeliberate", "agreed", "passed", "rejected", "left", "called_off")


class SittingSeries(Tenant, db.Model):
    """A regular sitting (例会), as an RFC 5545 rule: 每月5日 is ``FREQ=MONTHLY;BYMONTHDAY=5``."""

    name: Mapped[str]
    rrule: Mapped[str]
    starts: Mapped[str]
    venue_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(default="council")
    ended_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (tfk("venue_id", "venue"), UniqueConstraint("community_id", "name"))


class Sitting(Tenant, db.Model):
    """One sitting. ``base`` is N, fixed when the notice goes out; ``quorum_rule`` is a value of ``rules.Quorum``."""

    number: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    place: Mapped[str]
    venue_id: Mapped[UUID | None]
    series_id: Mapped[UUID | None]
    quorum_rule: Mapped[str] = mapped_column(default="half")
    base: Mapped[int]
    state: Mapped[str] = mapped_column(default="planned")
    noticed_at: Mapped[datetime | None]
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
    created_at: Mapped[datetime]

    agenda: Mapped[list[AgendaItem]] = to_many("Sitting", "AgendaItem", "sitting_id", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("venue_id", "venue"),
            tfk("series_id", "sitting_series"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("kind", ("council", "hearing", "talk", "joint", "bench")), name="kind"),
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
    """One matter on the order of business of one sitting.

    ``options`` is what was put to the table, word for word, as it stood that day: a list of
    ``{label, words, cost_fen, cost_approx, payer}``. ``outcome`` is empty while the matter is still on this table.
    """

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID]
    position: Mapped[int]
    materials: Mapped[str] = mapped_column(default="")
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(default="")

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
    """The register (到会登记): one seat, whether it is taken. It proves the quorum and is never summed per person."""

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

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("account_id", "account"),
            tfk("recused_matter_id", "matter"),
            UniqueConstraint("community_id", "sitting_id", "account_id"),
            CheckConstraint(one_of("state", ("expected", "present", "excused", "absent", "left")), name="state"),
            Index(None, "community_id", "sitting_id"),
        )


class MinutesEntry(Tenant, db.Model):
    """What one speaker said, in order. Speakers are named, so the street has no grant."""

    __access__: ClassVar[Access] = Access(street="")

    sitting_id: Mapped[UUID]
    matter_id: Mapped[UUID | None]
    position: Mapped[int]
    speaker: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("sitting_id", "sitting"),
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "sitting_id", "position"),
        )
