"""The registry: which street offices and which halls there are.

These two tables are the root of every key. The ``door`` scope may read just the row that a host names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .database import Access, db


class Street(db.Model):  # type: ignore[name-defined,misc]
    """A street office (街道办事处). ``host`` is the base host of its halls, without port."""

    __tablename__ = "street"
    __kind__: ClassVar[str] = "registry"
    __access__: ClassVar[Access] = Access(community="s", street="su")

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    host: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    brand: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    opened_at: Mapped[datetime]


class Community(db.Model):  # type: ignore[name-defined,misc]
    """A community (社区) and its hall (议事厅). ``code`` is fixed at provisioning and leads every number.

    A suspended hall shows a notice instead of its pages; an archived one (``closed_at``) is gone from every list and
    keeps all its rows. Both can be restored.
    """

    __tablename__ = "community"
    __kind__: ClassVar[str] = "registry"
    # A hall paints and describes itself; whether it is open is the street's to say.
    __access__: ClassVar[Access] = Access(
        community="su", street="s", opener="siu",
        columns=("hall", "motto", "phone", "address", "hours", "brand", "settings"),
    )  # fmt: skip
    __table_args__ = (
        UniqueConstraint("street_id", "id"),
        UniqueConstraint("street_id", "slug"),
        UniqueConstraint("street_id", "code"),
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'", name="slug_is_a_label"),
        CheckConstraint("suspended_at is null or suspended_reason <> ''", name="suspended_says_why"),
        CheckConstraint("code ~ '^[A-Z]{2,6}$'", name="code_is_2_to_6_letters"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))
    slug: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    hall: Mapped[str]
    motto: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    hours: Mapped[str] = mapped_column(default="")
    brand: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    opened_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
