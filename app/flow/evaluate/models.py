"""Did it help? Return visits, ratings in five grades, and the hall's own evaluation."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Tenant, db, tfk


class ReturnVisit(Tenant, db.Model):
    """Somebody went back and asked (回访): at the door, by phone, at a meeting."""

    matter_id: Mapped[UUID]
    round: Mapped[int]
    how: Mapped[str] = mapped_column(default="door")
    words: Mapped[str]
    reached: Mapped[int]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            CheckConstraint(one_of("how", ("door", "phone", "meeting")), name="how"),
            Index(None, "community_id", "matter_id"),
        )


class Rating(Tenant, db.Model):
    """One rating, 5 非常满意 … 1 非常不满意 (domain §4). A low one says why, and somebody follows it up.

    ``who`` is proposer, signer or neighbour where that is known; ``result``, ``speed`` and ``attitude`` are grades of
    the survey sheet (满意度调查表), ``knows`` its question whether they have heard of the result, ``wish`` a new wish
    and ``wish_matter_id`` what became of it. ``rater`` is the opaque key of one voice, ``marks`` are all the keys the
    same voice is known by (account, person, phone, household, slip), so that it is heard once by whatever way.
    ``followed_how`` is public where nobody could be called: then the words are read by everybody. A struck rating was
    typed wrongly: it stays as a row and counts no more.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    round: Mapped[int]
    grade: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    rater: Mapped[str]
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    slip: Mapped[int | None]
    batch_id: Mapped[UUID | None]
    entered_by: Mapped[UUID | None]
    entered_label: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    who: Mapped[str] = mapped_column(default="")
    result: Mapped[int | None]
    speed: Mapped[int | None]
    attitude: Mapped[int | None]
    knows: Mapped[bool | None]
    wish: Mapped[str] = mapped_column(default="")
    wish_matter_id: Mapped[UUID | None]
    followed_at: Mapped[datetime | None]
    followed_by: Mapped[UUID | None]
    followed_label: Mapped[str] = mapped_column(default="")
    followed_words: Mapped[str] = mapped_column(default="")
    followed_how: Mapped[str] = mapped_column(default="")
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[UUID | None]
    struck_label: Mapped[str] = mapped_column(default="")
    struck_reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("wish_matter_id", "matter"),
            # One voice a round; a struck one may be given again.
            Index(
                "uq_rating_one_voice", "community_id", "matter_id", "round", "rater", unique=True,
                postgresql_where="struck_at is null",
            ),
            Index("ix_rating_low", "community_id", "matter_id", postgresql_where="grade <= 2 and followed_at is null"),
            CheckConstraint(one_of("source", ("web", "visit", "phone", "paper")), name="source"),
            CheckConstraint("grade between 1 and 5", name="grade"),
            CheckConstraint("grade > 2 or reason <> ''", name="a_low_grade_has_a_reason"),
            CheckConstraint(one_of("who", ("", "proposer", "signer", "neighbour")), name="who"),
            CheckConstraint(
                "result between 1 and 5 and speed between 1 and 5 and attitude between 1 and 5", name="parts"
            ),
            CheckConstraint("followed_at is null or followed_words <> ''", name="a_follow_up_says_what"),
            CheckConstraint(one_of("followed_how", ("", "door", "phone", "meeting", "public")), name="followed_how"),
            CheckConstraint("struck_at is null or struck_reason <> ''", name="struck_says_why"),
        )  # fmt: skip


class Evaluation(Tenant, db.Model):
    """The hall judges the effect (评估成效), by itself or in a sitting: reached, partly, or missed."""

    matter_id: Mapped[UUID]
    round: Mapped[int]
    words: Mapped[str]
    effect: Mapped[str] = mapped_column(default="")
    sitting_id: Mapped[UUID | None]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("sitting_id", "sitting"),
            UniqueConstraint("community_id", "matter_id", "round"),
            CheckConstraint(one_of("effect", ("", "reached", "partly", "missed")), name="effect"),
        )
