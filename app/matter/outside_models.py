"""Departments and outside units, and the letters and tasks the street sends them (商请函, 部门交办)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db, tfk

EVENTS = ("received", "reminded", "visited", "replied", "closed", "void")


class OutsideUnit(StreetRow, db.Model):
    """A department of the district (takes tasks) or an outside unit (gets letters of request, e.g. the railway)."""

    name: Mapped[str]
    kind: Mapped[str]
    duty: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    retired_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    added_label: Mapped[str]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "name"),
            CheckConstraint(one_of("kind", ("department", "external")), name="kind"),
        )


class RequestLetter(Tenant, db.Model):
    """One letter of request (商请函) or departmental task (交办) the street sent out about one matter of a hall.

    Written by the street and never changed; where it stands follows from its events. A second letter names the first.
    """

    __access__: ClassVar[Access] = Access(community="s", street="si")

    matter_id: Mapped[UUID]
    escalation_id: Mapped[UUID | None]
    unit_id: Mapped[UUID]
    unit_name: Mapped[str]
    kind: Mapped[str]
    number: Mapped[str]
    subject: Mapped[str]
    words: Mapped[str]
    sent_on: Mapped[date]
    reply_due: Mapped[date]
    second_of_id: Mapped[UUID | None]
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("escalation_id", "escalation"),
            tfk("second_of_id", "request_letter"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint(one_of("kind", ("letter", "task")), name="kind"),
            CheckConstraint("subject <> '' and words <> '' and reply_due >= sent_on", name="it_asks_by_a_day"),
            Index(None, "community_id", "matter_id"),
            Index(None, "street_id", "reply_due"),
        )


class LetterEvent(Tenant, db.Model):
    """What became of a letter: received, urged, site visited, replied (with the reply's number), closed, void."""

    __access__: ClassVar[Access] = Access(community="s", street="si")

    letter_id: Mapped[UUID]
    seq: Mapped[int]
    kind: Mapped[str]
    day: Mapped[date]
    words: Mapped[str] = mapped_column(default="")
    reply_no: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def extra_args(cls):
        return (
            tfk("letter_id", "request_letter"),
            UniqueConstraint("community_id", "letter_id", "seq"),
            CheckConstraint(one_of("kind", EVENTS), name="kind"),
            CheckConstraint("kind <> 'replied' or words <> ''", name="a_reply_says_something"),
        )
