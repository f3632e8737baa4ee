"""WHO OWNS: the register of exclusive units (专有部分), their areas and owners, by estate. Area is 0.01 square metre.

Source: Civil Code 278; the court's interpretation sections 8 and 9 (area from the register, else survey, else contract;
several units of one owner, and all unsold units of the developer, are one head and their whole area).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from app.people.owner_rules import natural_key
from tenants.database import Access, Tenant, db, tfk, to_one


def _sort_of_label(context: DefaultExecutionContext) -> str:
    return natural_key(context.get_current_parameters()["label"])


class Owner(Tenant, db.Model):
    """One owner of one estate: a person, a company, or the developer with what is not sold or delivered yet.

    ``mark`` tells two owners of the same name apart (the last four of a paper's number, a phone's end, 甲 乙); name and
    mark together are one head. ``person_id`` is set where the owner is known to the hall as a resident.
    ``merged_into_id`` says that this name was found to be another owner's; such a row holds no unit any more and only
    answers for its name, so that the old table can be brought in again.
    """

    __access__: ClassVar[Access] = Access(street="")

    estate_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="person")
    name: Mapped[str]
    mark: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    person_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("estate_id", "estate"),
            tfk("person_id", "person"),
            tfk("merged_into_id", "owner"),
            UniqueConstraint("community_id", "estate_id", "name", "mark"),
            # All unsold units are one head, so an estate has one developer.
            Index(
                "uq_owner_developer", "community_id", "estate_id", unique=True,
                postgresql_where="kind = 'developer' and merged_into_id is null",
            ),
            CheckConstraint("kind in ('person', 'company', 'developer')", name="kind"),
            CheckConstraint("name <> ''", name="named"),
        )  # fmt: skip


class OwnedUnit(Tenant, db.Model):
    """One exclusive unit with its area. A sale ends one row and begins another; ``until`` is the last day of the old.

    ``sort`` puts 3 号楼 before 10 号楼 and is the same for every spelling of one label.
    """

    __access__: ClassVar[Access] = Access(street="")

    estate_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    label: Mapped[str]
    sort: Mapped[str] = mapped_column(default=_sort_of_label)
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
            # A row that was begun and ended on one day ends the day before it began.
            CheckConstraint("until is null or until >= since - 1", name="until"),
            Index(
                "uq_owned_unit_now", "community_id", "estate_id", "label", unique=True,
                postgresql_where="until is null",
            ),
            Index(None, "community_id", "owner_id"),
        )  # fmt: skip
