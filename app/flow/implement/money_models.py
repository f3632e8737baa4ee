"""Money of a matter: what was planned and what came and went, and what households agreed to share. Integer fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk

#: Where money comes from (domain section 2, W4, W6, W7): party service fund, the street, a department, the unit that
#: holds the title, a partner unit, the property manager, the residents by share, the estate's maintenance fund, else.
SOURCES = (
    "party_fund", "street", "department", "title_holder", "partner", "property", "residents", "maintenance_fund",
    "other",
)  # fmt: skip


class MoneyEntry(Tenant, db.Model):
    """One line of a matter's account: planned (``budget``), come in or gone out. Only ever struck out, with a reason.

    ``approx`` says that the sum is an upper bound that nobody counted to the fen (「近60万元」, W6). ``share_id`` names
    the household's share that was paid (``in``) or given back (``out``); a payment stands in the account once.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    commitment_id: Mapped[UUID | None]
    collection_id: Mapped[UUID | None]
    share_id: Mapped[UUID | None]
    side: Mapped[str]
    source: Mapped[str]
    source_name: Mapped[str] = mapped_column(default="")
    amount_fen: Mapped[int]
    approx: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str]
    on: Mapped[date]
    voucher: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_label: Mapped[str] = mapped_column(default="")
    struck_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("commitment_id", "commitment"),
            tfk("collection_id", "collection"),
            tfk("share_id", "collection_share"),
            CheckConstraint(one_of("side", ("budget", "in", "out")), name="side"),
            CheckConstraint(one_of("source", SOURCES), name="source"),
            CheckConstraint("amount_fen > 0", name="amount_fen"),
            CheckConstraint("words <> ''", name="it_says_what_for"),
            CheckConstraint("struck_at is null or struck_reason <> ''", name="struck_says_why"),
            CheckConstraint(
                "share_id is null or (collection_id is not null and side in ('in', 'out'))", name="a_share_s_money"
            ),
            Index(None, "community_id", "matter_id", "on"),
            Index(
                "uq_money_entry_share", "community_id", "share_id", "side", unique=True,
                postgresql_where="struck_at is null",
            ),
        )  # fmt: skip


class Collection(Tenant, db.Model):
    """Money collected from door to door (挨家挨户收费): voluntary, each home agrees for itself, accounts are posted.

    ``basis`` is how the shares were reckoned: by heads, by floor area, a like sum for every home, or as agreed.
    ``number`` stands on every receipt (``NYD-SF-2026-003-012``); ``last_receipt`` counts up and never back.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    number: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str]
    basis: Mapped[str]
    total_fen: Mapped[int]
    state: Mapped[str] = mapped_column(default="draft")
    voluntary_words: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_words: Mapped[str] = mapped_column(default="")
    posted_at: Mapped[datetime | None]
    last_receipt: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    created_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("basis", ("heads", "area", "equal", "agreed")), name="basis"),
            CheckConstraint(one_of("state", ("draft", "open", "closed", "void")), name="state"),
            CheckConstraint("total_fen > 0", name="total_fen"),
            CheckConstraint("state <> 'void' or closing_words <> ''", name="void_says_why"),
            CheckConstraint("state = 'draft' or state = 'void' or voluntary_words <> ''", name="says_it_is_voluntary"),
            Index(None, "community_id", "matter_id"),
        )


class CollectionShare(Tenant, db.Model):
    """One home's share. Nothing is owed before the home agreed; what was paid has a receipt.

    ``refund_fen`` is what the home gets back (a surplus, or all of it when the collection is void), ``refunded_fen``
    what was handed over of it.
    """

    __access__: ClassVar[Access] = Access(street="")

    collection_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    position: Mapped[int]
    label: Mapped[str]
    heads: Mapped[int] = mapped_column(default=1)
    area_dm2: Mapped[int] = mapped_column(default=0)
    share_fen: Mapped[int]
    state: Mapped[str] = mapped_column(default="asked")
    agreed_at: Mapped[datetime | None]
    agreed_how: Mapped[str] = mapped_column(default="")
    answered_label: Mapped[str] = mapped_column(default="")
    declined_reason: Mapped[str] = mapped_column(default="")
    paid_fen: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    paid_how: Mapped[str] = mapped_column(default="")
    receipt_no: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[UUID | None]
    taken_label: Mapped[str] = mapped_column(default="")
    refund_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)
    refunded_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("collection_id", "collection"),
            tfk("household_id", "household"),
            UniqueConstraint("community_id", "collection_id", "position"),
            UniqueConstraint("community_id", "collection_id", "household_id"),
            CheckConstraint(one_of("state", ("asked", "agreed", "declined", "paid")), name="state"),
            CheckConstraint("share_fen >= 0 and heads > 0 and area_dm2 >= 0", name="share"),
            CheckConstraint(
                "state <> 'paid' or (agreed_at is not null and receipt_no <> '')", name="paid_has_a_receipt"
            ),
            CheckConstraint(
                "refund_fen between 0 and paid_fen and refunded_fen between 0 and refund_fen", name="refund"
            ),
            CheckConstraint(
                "state <> 'agreed' or (agreed_at is not null and agreed_how <> '')", name="agreed_for_itself"
            ),
            CheckConstraint("(state = 'paid') = (paid_fen > 0)", name="paid_is_paid"),
        )
