"""The vote: a ballot, its roll, its papers. Secret papers hold no voter; the roll and the box are separate tables."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk


class Ballot(Tenant, db.Model):
    """One question put to one body. N and P are fixed when the vote is called; the counts when it is closed."""

    matter_id: Mapped[UUID]
    sitting_id: Mapped[UUID | None]
    question: Mapped[str]
    rule: Mapped[str]
    quorum: Mapped[str] = mapped_column(default="half")
    mode: Mapped[str]
    eligible: Mapped[int]
    present: Mapped[int]
    yes: Mapped[int] = mapped_column(default=0)
    no: Mapped[int] = mapped_column(default=0)
    abstain: Mapped[int] = mapped_column(default=0)
    spoiled: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="open")
    passed: Mapped[bool | None]
    legal_effect: Mapped[str] = mapped_column(default="advisory")
    called_at: Mapped[datetime]
    called_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    teller_id: Mapped[UUID | None]
    teller_label: Mapped[str] = mapped_column(default="")
    scrutineer_id: Mapped[UUID | None]
    scrutineer_label: Mapped[str] = mapped_column(default="")
    agreement: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("sitting_id", "sitting"),
            tfk("teller_id", "account"),
            tfk("scrutineer_id", "account"),
            CheckConstraint(one_of("quorum", ("half", "two_thirds")), name="quorum"),
            CheckConstraint("teller_id is null or teller_id <> scrutineer_id", name="two_people_count"),
            CheckConstraint(one_of("mode", ("named", "hands", "consensus")), name="mode"),
            CheckConstraint(one_of("state", ("open", "closed", "void")), name="state"),
            CheckConstraint("present <= eligible and yes + no + abstain + spoiled <= present", name="sums"),
            CheckConstraint(
                "state <> 'closed' or (passed is not null and closed_at is not null)", name="closed_is_counted"
            ),
            Index("uq_ballot_open", "community_id", "matter_id", unique=True, postgresql_where="state = 'open'"),
            Index(None, "community_id", "matter_id"),
        )


class RollEntry(Tenant, db.Model):
    """Who may vote on this ballot."""

    __tablename__ = "ballot_roll"
    __access__: ClassVar[Access] = Access(street="")

    ballot_id: Mapped[UUID]
    account_id: Mapped[UUID]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    @classmethod
    def extra_args(cls):
        return (
            tfk("ballot_id", "ballot"),
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "ballot_id", "account_id"),
        )


class Vote(Tenant, db.Model):
    """One named vote. A later ``seq`` of the same voter replaces an earlier one until the ballot closes."""

    __access__: ClassVar[Access] = Access(street="")

    ballot_id: Mapped[UUID]
    account_id: Mapped[UUID]
    choice: Mapped[str]
    seq: Mapped[int]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("ballot_id", "ballot"),
            tfk("account_id", "account"),
            UniqueConstraint("community_id", "ballot_id", "account_id"),
            CheckConstraint(one_of("choice", ("yes", "no", "abstain")), name="choice"),
        )


class Stance(Tenant, db.Model):
    """R9: what one named stakeholder says in a bench sitting; a condition counts only when it is met."""

    __access__: ClassVar[Access] = Access(street="")

    ballot_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str]
    stance: Mapped[str] = mapped_column(default="not_asked")
    condition: Mapped[str] = mapped_column(default="")
    condition_met: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        stances = ("not_asked", "agree", "conditional", "oppose", "unreached")
        return (
            tfk("ballot_id", "ballot"),
            UniqueConstraint("community_id", "ballot_id", "name"),
            CheckConstraint(one_of("stance", stances), name="stance"),
            CheckConstraint("stance <> 'conditional' or condition <> ''", name="a_condition_has_words"),
        )
