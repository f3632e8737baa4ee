"""What was said: the proposal behind a matter, in the speaker's own words."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, Witness, db, tfk, to_one

#: What kind of body hands a proposal in (S4: organisation proposals; domain.md section 1).
ORGANISATION_KINDS = ("property", "owners_committee", "merchants", "partner", "other")


class Proposal(Tenant, db.Model):
    """A proposal (提案): words and wish as spoken, who spoke, and who typed. A merged matter keeps its proposals."""

    __access__: ClassVar[Access] = Access(street="", witness=Witness("s", "matter_id", "case"))

    matter_id: Mapped[UUID]
    kind: Mapped[str]
    words: Mapped[str]
    wish: Mapped[str] = mapped_column(default="")
    person_id: Mapped[UUID | None]
    organisation: Mapped[str] = mapped_column(default="")
    organisation_kind: Mapped[str] = mapped_column(default="")
    organisation_role: Mapped[str] = mapped_column(default="")
    signers: Mapped[int] = mapped_column(default=1)
    entered_by: Mapped[UUID | None]
    entered_label: Mapped[str] = mapped_column(default="")
    read_back: Mapped[bool] = mapped_column(default=False)
    guardian_consent: Mapped[bool] = mapped_column(default=False)
    guardian_sealed: Mapped[str | None]
    own_consent: Mapped[bool] = mapped_column(default=False)
    venue_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    opening_id: Mapped[UUID | None]
    letter_no: Mapped[int | None]
    listening_id: Mapped[UUID | None]
    work_order_id: Mapped[UUID | None]
    said_at: Mapped[datetime]

    person = to_one("Proposal", "person_id", "Person", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("person_id", "person"),
            tfk("entered_by", "account"),
            CheckConstraint(one_of("kind", ("individual", "joint", "organisation")), name="kind"),
            CheckConstraint(one_of("organisation_kind", ("", *ORGANISATION_KINDS)), name="organisation_kind"),
            # Typing for someone counts only after the words were read back to them (domain §6, 代录).
            CheckConstraint("entered_by is null or read_back", name="typed_words_are_read_back"),
            tfk("venue_id", "venue"),
            tfk("campaign_id", "campaign"),
            tfk("opening_id", "letterbox_opening"),
            tfk("listening_id", "listening_day"),
            tfk("work_order_id", "work_order"),
            CheckConstraint("signers >= 1", name="somebody_signs"),
            CheckConstraint("(opening_id is null) = (letter_no is null)", name="a_letter_has_a_number"),
            UniqueConstraint("community_id", "opening_id", "letter_no"),
            Index(None, "community_id", "matter_id"),
            Index(None, "community_id", "campaign_id"),
        )
