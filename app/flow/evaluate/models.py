"""Did it help? Return visits, ratings in five grades, and the hall's own evaluation."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
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
    the survey sheet (满意度调查表), ``knows`` its question whether they have heard of the result, ``wish`` a new wish.
    """

    __access__: ClassVar[Access] = Access(street="")

    matter_id: Mapped[UUID]
    round: Mapped[int]
    grade: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    rater: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    who: Mapped[str] = mapped_column(default="")
    result: Mapped[int | None]
    speed: Mapped[int | None]
    attitude: Mapped[int | None]
    knows: Mapped[bool | None]
    wish: Mapped[str] = mapped_column(default="")
    followed_at: Mapped[datetime | None]
    followed_by: Mapped[UUID | None]
    followed_label: Mapped[str] = mapped_column(default="")
    followed_words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            # ``rater`` is an opaque key (account, visitor cookie or slip number): one voice a round.
            UniqueConstraint("community_id", "matter_id", "round", "rater"),
            CheckConstraint("grade between 1 and 5", name="grade"),
            CheckConstraint("grade > 2 or reason <> ''", name="a_low_grade_has_a_reason"),
            CheckConstraint(one_of("who", ("", "proposer", "signer", "neighbour")), name="who"),
            CheckConstraint(
                "result between 1 and 5 and speed between 1 and 5 and attitude between 1 and 5", name="parts"
            ),
            CheckConstraint("followed_at is null or followed_words <> ''", name="a_follow_up_says_what"),
        )


class Evaluation(Tenant, db.Model):
    """The hall judges the effect (评估)."""

    matter_id: Mapped[UUID]
    round: Mapped[int]
    words: Mapped[str]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("matter_id", "matter"), UniqueConstraint("community_id", "matter_id", "round"))
