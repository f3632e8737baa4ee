"""WHO SITS: the council by term, sector and seat; the residents' representatives; who may convene a sitting.

Source: domain.md section 1 (17 at 林景 from 辖区单位, 物业 …; convener list 支部书记、网格员、楼长、单元长; one
representative per 20 to 50 households, term as the committee's).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, db, tfk


class CouncilTerm(Tenant, db.Model):
    """One term (届) of the council. ``sectors`` is a list of ``{name, seats}`` in the order they are printed."""

    name: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    sectors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "name"),
            CheckConstraint("ends > starts", name="ends"),
        )


class CouncilSeat(Tenant, db.Model):
    """One candidate for one seat of a term: recommended by somebody, seated only with their own consent.

    ``account_id`` is the login that holds the council membership once the seat is taken.
    """

    __access__: ClassVar[Access] = Access(street="")

    term_id: Mapped[UUID]
    sector: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    account_id: Mapped[UUID | None]
    recommended_by: Mapped[str]
    recommended_on: Mapped[date]
    why: Mapped[str] = mapped_column(default="")
    consent_on: Mapped[date | None]
    consent_how: Mapped[str] = mapped_column(default="")
    seated_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("term_id", "council_term"),
            tfk("account_id", "account"),
            CheckConstraint(
                "seated_on is null or (consent_on is not null and account_id is not null)", name="consented"
            ),
            CheckConstraint("consent_on is null or consent_how <> ''", name="consent_how"),
            CheckConstraint("left_on is null or left_reason <> ''", name="left_with_a_reason"),
            Index(
                "uq_council_seat_account", "community_id", "term_id", "account_id", unique=True,
                postgresql_where="left_on is null and account_id is not null",
            ),
        )  # fmt: skip


class Representative(Tenant, db.Model):
    """A residents' representative (居民代表) or a member of the residents' committee: who votes at R4's meeting.

    ``households`` is how many elected this one (20 to 50 by law); ``account_id`` where they sign in themselves.
    """

    __access__: ClassVar[Access] = Access(street="")

    kind: Mapped[str] = mapped_column(default="rep")
    name: Mapped[str]
    area: Mapped[str] = mapped_column(default="")
    households: Mapped[int] = mapped_column(default=0)
    phone_sealed: Mapped[str | None]
    account_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    since: Mapped[date]
    until: Mapped[date | None]
    position: Mapped[int] = mapped_column(default=0)

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            tfk("person_id", "person"),
            CheckConstraint("kind in ('rep', 'committee')", name="kind"),
            # ``until`` is the last day; a row begun and ended on one day ends the day before it began.
            CheckConstraint("until is null or until >= since - 1", name="until"),
            Index(None, "community_id", "kind"),
        )


class Convener(Tenant, db.Model):
    """One line of the convener list (召集人): who may call a sitting, in which standing, and how to reach them."""

    __access__: ClassVar[Access] = Access(street="")

    account_id: Mapped[UUID | None]
    name: Mapped[str]
    standing: Mapped[str]
    area: Mapped[str] = mapped_column(default="")
    since: Mapped[date]
    until: Mapped[date | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            CheckConstraint(
                "standing in ('secretary', 'grid_worker', 'building_steward', 'unit_steward')", name="standing"
            ),
            CheckConstraint("until is null or until >= since - 1", name="until"),
        )
