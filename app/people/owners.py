"""WHO OWNS: the register of exclusive units (专有部分), their areas and owners, by estate. Area is 0.01 square metre.

Source: Civil Code 278; the court's interpretation sections 8 and 9 (area from the register, else survey, else contract;
several units of one owner, and all unsold units of the developer, are one head and their whole area).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, db, tfk, to_one


class Owner(Tenant, db.Model):
    """One owner of one estate: a person, a company, or the developer with what is not sold or delivered yet.

    ``mark`` tells two owners of the same name apart (the last four of a paper's number, a phone's end, 甲 乙); name and
    mark together are one head. ``person_id`` is set where the owner is known to the hall as a resident.
    """

    __access__: ClassVar[Access] = Access(street="")

    estate_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="person")
    name: Mapped[str]
    mark: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    person_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("estate_id", "estate"),
            tfk("person_id", "person"),
            UniqueConstraint("community_id", "estate_id", "name", "mark"),
            CheckConstraint("kind in ('person', 'company', 'developer')", name="kind"),
            CheckConstraint("name <> ''", name="named"),
        )


class OwnedUnit(Tenant, db.Model):
    """One exclusive unit with its area. A sale ends one row (``until``) and begins another; nothing is overwritten."""

    __access__: ClassVar[Access] = Access(street="")

    estate_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    label: Mapped[str]
    area_dm2: Mapped[int]
    area_source: Mapped[str] = mapped_column(default="register")
    since: Mapped[date]
    until: Mapped[date | None]
    import_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    owner: Mapped[Owner] = to_one("OwnedUnit", "owner_id", "Owner", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("estate_id", "estate"),
            tfk("owner_id", "owner"),
            tfk("household_id", "household"),
            tfk("import_id", "import_run"),
            CheckConstraint("area_dm2 > 0", name="area"),
            CheckConstraint("area_source in ('register', 'survey', 'contract')", name="area_source"),
            CheckConstraint("until is null or until >= since", name="until"),
            Index(
                "uq_owned_unit_now", "community_id", "estate_id", "label", unique=True,
                postgresql_where="until is null",
            ),
            Index(None, "community_id", "owner_id"),
        )  # fmt: skip
