"""Prepared figures and reports: what each hall counted of itself, what the street summed up, what it reported."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db


class HallCount(Tenant, db.Model):
    """The figures of one hall for one period, counted by the hall itself from its own rows; the street reads the sums.

    ``period`` is a month (``2026-11``), a quarter (``2026Q4``) or a year (``2026``). ``counts`` are the fields of
    ``indicators.HallCounts``, ``themes`` matters by category; ``weight`` is how much the hall needs looking at.
    ``counted_at`` is the figures' age. ``changed_at`` is the hall's newest timeline entry that they include.
    """

    period: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    themes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    weight: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "period"),
            Index(None, "street_id", "period", "weight"),
            CheckConstraint("last >= first", name="it_lasts"),
        )


class StreetCount(StreetRow, db.Model):
    """The sum of the halls' figures for one period, with how many halls are in it and how old the oldest is.

    ``themes`` is ``[{"key", "matters", "communities"}, …]``, the most talked of first.
    """

    __access__: ClassVar[Access] = Access(community="", street="siu")

    period: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    themes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    halls: Mapped[int] = mapped_column(default=0)
    oldest_at: Mapped[datetime | None]
    newest_at: Mapped[datetime | None]
    summed_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("street_id", "period"),)


class StreetReport(StreetRow, db.Model):
    """A report of the street: 工作推进汇报, monthly or quarterly. A finished one keeps its figures for good.

    ``sections`` is the text as edited, ``[{"key": …, "title": …, "words": …}, …]``; ``figures`` the KPI rows with
    numerator, denominator and source; ``cases`` the typical cases chosen, with community and matter number.
    """

    __access__: ClassVar[Access] = Access(community="", street="siu")

    kind: Mapped[str]
    number: Mapped[str]
    period: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    title: Mapped[str]
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    cases: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(default="draft")
    version: Mapped[int] = mapped_column(default=1)
    counted_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_label: Mapped[str]
    changed_at: Mapped[datetime]
    changed_label: Mapped[str]
    finished_at: Mapped[datetime | None]
    finished_by: Mapped[UUID | None]
    finished_label: Mapped[str] = mapped_column(default="")
    void_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "number"),
            CheckConstraint(one_of("kind", ("progress", "monthly", "quarterly")), name="kind"),
            CheckConstraint(one_of("state", ("draft", "finished", "void")), name="state"),
            CheckConstraint("state <> 'finished' or finished_at is not null", name="finished_is_dated"),
            CheckConstraint("state <> 'void' or void_reason <> ''", name="void_says_why"),
            Index(None, "street_id", "made_at"),
        )
