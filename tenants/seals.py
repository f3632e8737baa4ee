"""The sealed logs: what waits for its seal, the seals of a hall and of the street, and the anchors between them.

Every append-only table puts its new rows into the queue by a trigger (``policies``), in the transaction that writes
them, so no way of writing can leave one out. A job seals what waits. Nobody holds UPDATE or DELETE on a seal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .database import Access, Guest, StreetRow, Tenant, Witness, db


class Waiting:
    """A line that no seal covers yet; ``queued_at`` is the machine's time, not the demo's."""

    source: Mapped[str]
    row_id: Mapped[UUID]
    queued_at: Mapped[datetime]


class Sealed:
    """One seal. ``members`` lists its lines as ``chain.Line``; ``total`` counts up to this seal.

    The first seals may have ``adopted`` lines that were written before anything was sealed.
    """

    __unsealed__: ClassVar[str] = "it is the chain itself"

    no: Mapped[int]
    at: Mapped[datetime]
    prev: Mapped[str]
    hash: Mapped[str]
    lines: Mapped[int]
    total: Mapped[int]
    adopted: Mapped[bool] = mapped_column(default=False)
    members: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)

    @classmethod
    def chained_by(cls, key: str) -> tuple[Any, ...]:
        """The seals of one chain, told by ``key``, are numbered, and none is empty."""
        return (UniqueConstraint(key, "no"), CheckConstraint("lines > 0 and total >= lines", name="counts"))


class SealQueue(Waiting, Tenant, db.Model):  # type: ignore[name-defined,misc]
    """One waiting line of a hall's logs."""

    __access__: ClassVar[Access] = Access(
        community="sid", street="si", opener="i", guest=Guest("i", "", ""), witness=Witness("i", "", "")
    )

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        return (Index(None, "community_id", "queued_at"), Index(None, "street_id", "queued_at"))


class StreetSealQueue(Waiting, StreetRow, db.Model):  # type: ignore[name-defined,misc]
    """One waiting line of the street's logs."""

    __access__: ClassVar[Access] = Access(community="", street="sid", opener="i")

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        return (Index(None, "street_id", "queued_at"),)


class Seal(Sealed, Tenant, db.Model):  # type: ignore[name-defined,misc]
    """One seal of a hall's logs."""

    __access__: ClassVar[Access] = Access(community="si", street="s")

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        return cls.chained_by("community_id")


class StreetSeal(Sealed, StreetRow, db.Model):  # type: ignore[name-defined,misc]
    """One seal of the street's own logs, the anchors of its halls among them."""

    __access__: ClassVar[Access] = Access(community="", street="si")

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        return cls.chained_by("street_id")


class SealAnchor(Tenant, db.Model):  # type: ignore[name-defined,misc]
    """The newest seal of a hall as the street saw it on one day; it lies in the street's chain, out of the hall's hand.

    Without it nobody could tell a log whose last seals were cut off from one that never had them.
    """

    __access__: ClassVar[Access] = Access(community="s", street="si")
    __sealed_by__: ClassVar[str] = "street"

    no: Mapped[int]
    hash: Mapped[str]
    total: Mapped[int]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("community_id", "no"),)
