"""How a proposal was met: accepted with its way, sent back, refused with the right door, referred, merged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Tenant, db, tfk


class Screening(Tenant, db.Model):
    """One triage decision. A refusal always carries a code, a human reason and the right door to knock on."""

    matter_id: Mapped[UUID]
    outcome: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    list_version: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    door: Mapped[str] = mapped_column(default="")
    receipt: Mapped[str] = mapped_column(default="")
    call_back_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        outcomes = ("accepted", "needs_info", "not_accepted", "referred", "merged", "answered")
        return (
            tfk("matter_id", "matter"),
            CheckConstraint(one_of("outcome", outcomes), name="outcome"),
            CheckConstraint("outcome in ('accepted') or reason <> ''", name="a_no_has_a_reason"),
            CheckConstraint(
                "outcome <> 'not_accepted' or (code <> '' and door <> '')", name="a_refusal_shows_the_door"
            ),
            CheckConstraint("outcome <> 'not_accepted' or code ~ '^N[0-9]{2}$'", name="a_refusal_is_on_the_list"),
            CheckConstraint("outcome <> 'referred' or door <> ''", name="a_referral_names_the_taker"),
            CheckConstraint("outcome <> 'referred' or call_back_at is not null", name="a_referral_is_called_back"),
            Index(None, "community_id", "matter_id", "at"),
        )
