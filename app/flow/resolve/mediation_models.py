"""Mediation (纠纷调解): a track of its own for the parties only. The street reads no row of it, only a hall's counts.

Source: domain.md section 4 (调解协议书, file of a mediation) and the People's Mediation Act sections 20 to 33.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk


class Mediation(Tenant, db.Model):
    """One dispute on the mediation track. ``mediator_neutral`` is the mediator's own statement before beginning."""

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    dispute: Mapped[str]
    applied_by: Mapped[str]
    mediator_id: Mapped[UUID | None]
    mediator_label: Mapped[str] = mapped_column(default="")
    mediator_unit: Mapped[str] = mapped_column(default="")
    mediator_neutral: Mapped[bool] = mapped_column(default=False)
    rights_told_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    opened_label: Mapped[str]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    routes_told_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "matter_id"),
            CheckConstraint(one_of("applied_by", ("party", "both", "committee")), name="applied_by"),
            CheckConstraint(one_of("state", ("open", "agreed", "failed", "withdrawn")), name="state"),
            CheckConstraint("state = 'open' or ended_at is not null", name="ended_is_dated"),
            # Section 26: where mediation fails, the parties are told of arbitration, administration and courts.
            CheckConstraint("state <> 'failed' or (end_reason <> '' and routes_told_at is not null)",
                            name="failed_tells_the_routes"),
            Index(None, "community_id", "ended_at"),
        )  # fmt: skip


class MediationPerson(Tenant, db.Model):
    """Somebody at the table: a party of side A or B, or a supporter whom the parties agreed to (section 20).

    ``guardian`` names who stands beside a party under eighteen; ``agreed_how`` says how both sides agreed to a
    supporter.
    """

    __access__: ClassVar[Access] = Access(street="")

    mediation_id: Mapped[UUID]
    side: Mapped[str]
    name: Mapped[str]
    relation: Mapped[str] = mapped_column(default="")
    contact_sealed: Mapped[str | None]
    household_id: Mapped[UUID | None]
    guardian: Mapped[str] = mapped_column(default="")
    agreed_at: Mapped[datetime | None]
    agreed_how: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_label: Mapped[str]
    left_at: Mapped[datetime | None]
    left_reason: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("mediation_id", "mediation"),
            tfk("household_id", "household"),
            CheckConstraint(one_of("side", ("a", "b", "supporter")), name="side"),
            CheckConstraint("name <> ''", name="has_a_name"),
            CheckConstraint(
                "side <> 'supporter' or (agreed_at is not null and agreed_how <> '')", name="supporter_by_consent"
            ),
            Index(None, "community_id", "mediation_id"),
        )


class MediationRecord(Tenant, db.Model):
    """The record of one talk: when, where, who was there, what was said and how far it came."""

    __access__: ClassVar[Access] = Access(street="")

    mediation_id: Mapped[UUID]
    held_at: Mapped[datetime]
    place: Mapped[str]
    present: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime]
    entered_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (tfk("mediation_id", "mediation"), Index(None, "community_id", "mediation_id", "held_at"))


class Agreement(Tenant, db.Model):
    """A mediation agreement (调解协议书), written or spoken. A new version replaces only an unsigned one.

    ``signed`` lists who signed, how and on which day (``{who, side, name, how, on}``; ``who`` is the person's id or
    ``mediator``). It is in force once the parties and the mediator signed and the committee sealed it (section 29), a
    spoken one when the parties agreed (section 30); from then on both may ask the court to confirm it for 30 days
    (section 33). ``replaces`` are the terms (ids) a supplement takes the place of.
    """

    __access__: ClassVar[Access] = Access(street="")

    mediation_id: Mapped[UUID]
    number: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    form: Mapped[str] = mapped_column(default="written")
    facts: Mapped[str]
    responsibility: Mapped[str] = mapped_column(default="")
    way: Mapped[str] = mapped_column(default="")
    late_reason: Mapped[str] = mapped_column(default="")
    supplements_id: Mapped[UUID | None]
    replaces: Mapped[list[Any]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime]
    made_label: Mapped[str]
    signed: Mapped[list[Any]] = mapped_column(JSON, default=list)
    signed_on: Mapped[date | None]
    sealed_on: Mapped[date | None]
    sealed_label: Mapped[str] = mapped_column(default="")
    court_until: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    replaced_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("mediation_id", "mediation"),
            tfk("supplements_id", "agreement"),
            UniqueConstraint("community_id", "number", "version"),
            CheckConstraint("sealed_on is null or signed_on is not null", name="sealed_was_signed"),
            CheckConstraint(one_of("form", ("written", "oral")), name="form"),
            Index(None, "community_id", "mediation_id"),
        )


class AgreementTerm(Tenant, db.Model):
    """One thing a party owes the other: what, how much, where, by when; and whether it was performed.

    The words and the sum stand here and nowhere else. ``commitment_id`` is the nameless promise of the matter that
    keeps its clock once the agreement is in force; done there is done here. ``replaced_at``: a supplement says
    otherwise.
    """

    __access__: ClassVar[Access] = Access(street="")

    agreement_id: Mapped[UUID]
    position: Mapped[int]
    # Who sits at the table is no person of the register, so the column does not look like one.
    person_id: Mapped[UUID] = mapped_column("owed_by_id")
    what: Mapped[str]
    pay_fen: Mapped[int] = mapped_column(default=0)
    place: Mapped[str] = mapped_column(default="")
    due: Mapped[date]
    done_on: Mapped[date | None]
    done_words: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_label: Mapped[str] = mapped_column(default="")
    commitment_id: Mapped[UUID | None]
    replaced_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("agreement_id", "agreement"),
            tfk("owed_by_id", "mediation_person"),
            tfk("commitment_id", "commitment"),
            UniqueConstraint("community_id", "agreement_id", "position"),
            CheckConstraint("what <> '' and pay_fen >= 0", name="it_owes_something"),
            CheckConstraint("done_on is null or checked_at is not null", name="done_was_checked"),
            Index(None, "community_id", "due"),
        )
