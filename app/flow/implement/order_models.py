"""Supervision orders (督办单): issued once, answered by events. Hall and street write lines, nobody changes one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk

EVENTS = (
    "signed",
    "progress",
    "extension_asked",
    "extension_granted",
    "extension_refused",
    "reported",
    "returned",
    "closed",
    "void",
)


class SupervisionOrder(Tenant, db.Model):
    """One order: to whom, what is asked, by which day. ``level`` is who issued it: grid worker, steward, hall, street.

    Where it stands follows from its events (:class:`OrderEvent`), so that the street may issue an order into a hall
    and neither side can rewrite the other's words. A second order (二次督办) names the first.
    """

    __access__: ClassVar[Access] = Access(community="si", street="si")

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID | None]
    number: Mapped[str]
    level: Mapped[str]
    kind: Mapped[str] = mapped_column(default="supervise")
    resolution_number: Mapped[str] = mapped_column(default="")
    lead: Mapped[str]
    lead_id: Mapped[UUID | None]
    support: Mapped[str] = mapped_column(default="")
    demand: Mapped[str]
    due: Mapped[date]
    light: Mapped[str] = mapped_column(default="")
    second_of_id: Mapped[UUID | None]
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID | None]
    issued_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            tfk("second_of_id", "supervision_order"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("level", ("grid", "steward", "community", "street")), name="level"),
            CheckConstraint(one_of("kind", ("assign", "supervise", "rectify")), name="kind"),
            CheckConstraint("demand <> '' and lead <> ''", name="it_asks_somebody"),
            Index(None, "community_id", "matter_id"),
            Index(None, "street_id", "issued_at"),
        )


class OrderEvent(Tenant, db.Model):
    """One line of an order's life. ``side`` is who wrote it: the hall or the street; only the issuer's side closes."""

    __access__: ClassVar[Access] = Access(community="si", street="si", sided=True)

    order_id: Mapped[UUID]
    seq: Mapped[int]
    kind: Mapped[str]
    side: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    due: Mapped[date | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def extra_args(cls):
        return (
            tfk("order_id", "supervision_order"),
            # Two people answering at the same moment cannot both be the next line.
            UniqueConstraint("community_id", "order_id", "seq"),
            CheckConstraint(one_of("kind", EVENTS), name="kind"),
            CheckConstraint(one_of("side", ("community", "street")), name="side"),
            CheckConstraint(
                "kind not in ('extension_asked', 'extension_granted') or due is not null", name="names_a_day"
            ),
            Index(None, "street_id", "at"),
        )
