"""Where: grid, estate, building, unit, household, and the venues of a hall."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, Tenant, db, tfk, to_one


class Grid(Tenant, db.Model):
    """A grid (网格) of the community. What is closed here stays in the register for the sake of what happened there."""

    name: Mapped[str]
    closed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("community_id", "name"),)


class Estate(Tenant, db.Model):
    """An estate or courtyard (小区、楼院)."""

    name: Mapped[str]
    closed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (UniqueConstraint("community_id", "name"),)


class Building(Tenant, db.Model):
    """A building (楼栋) with its number of units (单元)."""

    name: Mapped[str]
    sort: Mapped[int] = mapped_column(default=0)
    estate_id: Mapped[UUID]
    grid_id: Mapped[UUID]
    units: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]

    grid: Mapped[Grid] = to_one("Building", "grid_id", "Grid", viewonly=True)
    estate: Mapped[Estate] = to_one("Building", "estate_id", "Estate", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("estate_id", "estate"),
            tfk("grid_id", "grid"),
            UniqueConstraint("community_id", "estate_id", "name"),
            CheckConstraint("units between 1 and 30", name="units"),
        )


class Household(Tenant, db.Model):
    """A household (户). Its code (户码) is kept only as an HMAC; a lost slip is replaced, never shown again."""

    __access__: ClassVar[Access] = Access(street="")

    building_id: Mapped[UUID]
    unit: Mapped[int]
    room: Mapped[str]
    code_hmac: Mapped[str | None]
    code_at: Mapped[datetime | None]
    code_revoked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    building: Mapped[Building] = to_one("Household", "building_id", "Building", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("building_id", "building"),
            UniqueConstraint("community_id", "building_id", "unit", "room"),
            UniqueConstraint("community_id", "code_hmac"),
        )


class Venue(Tenant, db.Model):
    """A place of the hall: room, pavilion, doorway, tree …, or a collection point (民意收集点).

    ``grid_id`` is the grid it stands in; what moves about or is online is in none.
    """

    kind: Mapped[str]
    name: Mapped[str]
    place: Mapped[str]
    hours: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None]
    grid_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("grid_id", "grid"),
            UniqueConstraint("community_id", "name"),
            # The code stands on printed posters, so it is given once and never to another place.
            UniqueConstraint("community_id", "code"),
            Index(None, "community_id", "kind"),
        )
