"""Where a voice comes in besides the page: calls for ideas, the letterbox, days of listening, work orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk, to_one

LISTENING_KINDS = ("contact_day", "open_hour", "home_visit", "event")
WORK_ORDER_TYPES = ("consult", "help", "complaint", "report", "suggest")


class Campaign(Tenant, db.Model):
    """A call for ideas (宣传发动: 金点子, 社区治理我来说). ``code`` stands in its short address."""

    title: Mapped[str]
    theme: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    code: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "code"),
            CheckConstraint("ends >= starts", name="ends_after_it_starts"),
            CheckConstraint("title <> '' and theme <> ''", name="it_says_what_about"),
        )


class LetterboxOpening(Tenant, db.Model):
    """One opening of a letterbox (话匣子信箱) by two people; every letter found gets a number (domain section 6).

    ``found`` counts everything that lay in the box. A letter becomes a matter under its number; what cannot become one
    (blank, an advertisement, not to be read) keeps its number in ``aside`` as ``{"no", "reason", "by"}``; ``blank``
    counts those.
    """

    number: Mapped[str]
    venue_id: Mapped[UUID]
    opened_at: Mapped[datetime]
    first_id: Mapped[UUID]
    first_label: Mapped[str]
    second_id: Mapped[UUID]
    second_label: Mapped[str]
    found: Mapped[int]
    blank: Mapped[int] = mapped_column(default=0)
    aside: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]

    venue = to_one("LetterboxOpening", "venue_id", "Venue", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("venue_id", "venue"),
            tfk("first_id", "account"),
            tfk("second_id", "account"),
            UniqueConstraint("community_id", "number"),
            CheckConstraint("first_id <> second_id", name="two_people_open_it"),
            CheckConstraint("found between 0 and 500 and blank between 0 and found", name="letters"),
            Index(None, "community_id", "opened_at"),
        )


class ListeningSeries(Tenant, db.Model):
    """A day or hour on which somebody listens again and again (社情民意联系日, 周二说事, 书记居民面对面).

    ``rrule`` is an RFC 5545 rule (每周二 is ``FREQ=WEEKLY;BYDAY=TU``); ``starts`` and ``ends`` are ``HH:MM``.
    """

    name: Mapped[str]
    kind: Mapped[str]
    rrule: Mapped[str]
    starts: Mapped[str]
    ends: Mapped[str]
    venue_id: Mapped[UUID | None]
    place: Mapped[str] = mapped_column(default="")
    host: Mapped[str]
    ended_at: Mapped[datetime | None]

    venue = to_one("ListeningSeries", "venue_id", "Venue", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("venue_id", "venue"),
            UniqueConstraint("community_id", "name"),
            CheckConstraint(one_of("kind", ("contact_day", "open_hour")), name="kind"),
        )


class ListeningDay(Tenant, db.Model):
    """The log of one occasion of listening: a contact day, an open hour, a home visit, an event.

    ``visitors`` counts people who came or doors that opened. Hosts are named; whom they met is written in the leads.
    """

    series_id: Mapped[UUID | None]
    kind: Mapped[str]
    held_at: Mapped[datetime]
    place: Mapped[str]
    building_id: Mapped[UUID | None]
    host_id: Mapped[UUID | None]
    host_label: Mapped[str]
    visitors: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("series_id", "listening_series"),
            tfk("building_id", "building"),
            tfk("host_id", "account"),
            CheckConstraint(one_of("kind", LISTENING_KINDS), name="kind"),
            CheckConstraint(one_of("state", ("open", "done", "called_off")), name="state"),
            CheckConstraint("visitors between 0 and 5000", name="visitors"),
            UniqueConstraint("community_id", "series_id", "held_at"),
            Index(None, "community_id", "held_at"),
        )


class WorkOrder(Tenant, db.Model):
    """An order from the 12345 hotline or another system, with the fields of domain section 6; its number stays theirs.

    It carries a caller's phone (sealed), so the street has no grant; ``matter_id`` is the matter it became.
    """

    __access__: ClassVar[Access] = Access(street="")

    source: Mapped[str] = mapped_column(default="12345")
    external_no: Mapped[str]
    received_at: Mapped[datetime]
    caller_masked: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str | None]
    type: Mapped[str]
    content: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    dispatch_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    handler: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]
    visit_rating: Mapped[str] = mapped_column(default="")
    return_reason: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None]
    matter_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("import_id", "import_run"),
            UniqueConstraint("community_id", "source", "external_no"),
            CheckConstraint(one_of("type", WORK_ORDER_TYPES), name="type"),
            CheckConstraint("replied_at is null or result <> ''", name="a_reply_has_words"),
            CheckConstraint("returned_at is null or return_reason <> ''", name="a_return_has_a_reason"),
            Index(None, "community_id", "due_at"),
            Index(None, "community_id", "matter_id"),
        )
