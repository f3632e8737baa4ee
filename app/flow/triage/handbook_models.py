"""The Proposal Handbook (《社区提案指导手册》): the street writes it, every hall shows the version in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, StreetRow, db


class Handbook(StreetRow, db.Model):
    """One version; ``sections`` is ``[{"title": …, "words": …}, …]``. The newest one published (``shared``) counts."""

    __access__: ClassVar[Access] = Access(community="s", street="siu", shared_only=True)

    version: Mapped[int]
    title: Mapped[str]
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    shared: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    changed_label: Mapped[str]
    published_at: Mapped[datetime | None]
    published_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "version"),
            CheckConstraint("not shared or published_at is not null", name="published_is_dated"),
        )
