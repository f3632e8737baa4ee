"""Matters that cross communities (跨社区): led by the street, each community taking part through rows of its own.

No row is shared by two tenants. What the street leads and says stands in street rows that its halls may read once
they are opened; the invitation is the street's row in the hall's table, the part is the hall's own row.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, StreetRow, Tenant, db, sfk, tfk

STAGES = (
    "drafting", "inviting", "deliberating", "decided", "not_passed", "implementing", "closed", "suspended",
    "terminated",
)  # fmt: skip
#: The ballot rules whose heads can be laid side by side: yes or no, counted by heads (domain.md section 3).
BALLOT_RULES = ("council_majority", "council_two_thirds", "reps_meeting", "residents_meeting", "household_ballot")


class JointMatter(StreetRow, db.Model):
    """One matter the street leads. ``rule`` is how the votes are gathered, chosen before anybody votes:

    ``each`` every community passes its own vote; ``sum`` over half of all present say yes; ``both``.
    ``ballot_rule`` is the body and rule each hall votes by; an invitation may name another one where nothing is added
    up. ``question`` may not change once a community votes. ``shared`` opens it to the halls and to the public.
    """

    __access__: ClassVar[Access] = Access(community="s", street="siu", shared_only=True)

    number: Mapped[str]
    title: Mapped[str]
    question: Mapped[str]
    brief: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    rule: Mapped[str]
    ballot_rule: Mapped[str] = mapped_column(default="council_majority")
    stage: Mapped[str] = mapped_column(default="drafting")
    stage_since: Mapped[datetime]
    due: Mapped[date | None]
    shared: Mapped[bool] = mapped_column(default=False)
    lead_id: Mapped[UUID | None]
    lead_label: Mapped[str]
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    gathered_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    outcome_words: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    suspended_from: Mapped[str | None]
    review_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "number"),
            CheckConstraint(one_of("rule", ("each", "sum", "both")), name="rule"),
            CheckConstraint(one_of("ballot_rule", BALLOT_RULES), name="ballot_rule"),
            CheckConstraint(one_of("stage", STAGES), name="stage"),
            CheckConstraint(
                "stage <> 'suspended' or (suspended_from is not null and review_on is not null)",
                name="suspended_remembers",
            ),
            CheckConstraint("stage not in ('terminated') or end_reason <> ''", name="terminated_says_why"),
            CheckConstraint(
                "stage not in ('decided', 'not_passed') or gathered_at is not null", name="gathered_is_dated"
            ),
        )


class JointNote(StreetRow, db.Model):
    """One line of a joint matter's life, written by the lead. Append-only."""

    __access__: ClassVar[Access] = Access(community="", street="si")

    joint_id: Mapped[UUID]
    at: Mapped[datetime]
    verb: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    public: Mapped[bool] = mapped_column(default=True)
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def extra_args(cls):
        return (sfk("joint_id", "joint_matter"), Index(None, "street_id", "joint_id", "at"))


class JointTask(StreetRow, db.Model):
    """What the lead promised after the vote: who does what by when, and what came of it."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    joint_id: Mapped[UUID]
    position: Mapped[int]
    what: Mapped[str]
    who: Mapped[str]
    due: Mapped[date]
    first_due: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    done_on: Mapped[date | None]
    done_words: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_label: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            sfk("joint_id", "joint_matter"),
            CheckConstraint(one_of("state", ("open", "done", "verified", "dropped")), name="state"),
            CheckConstraint("state in ('open', 'dropped') or done_on is not null", name="done_is_dated"),
            Index(None, "street_id", "joint_id", "position"),
        )


class JointInvite(Tenant, db.Model):
    """The street asks one community to take part; withdrawn by a second row of kind ``withdrawn``.

    ``ballot_rule`` is the one this hall votes by, ``matter_id`` the hall's own matter out of which the lead grew.
    """

    __access__: ClassVar[Access] = Access(community="s", street="si")

    joint_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="invited")
    words: Mapped[str] = mapped_column(default="")
    answer_due: Mapped[date | None]
    ballot_rule: Mapped[str] = mapped_column(default="council_majority")
    matter_id: Mapped[UUID | None]
    by_id: Mapped[UUID]
    by_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            sfk("joint_id", "joint_matter"),
            tfk("matter_id", "matter"),
            UniqueConstraint("community_id", "joint_id", "kind"),
            CheckConstraint(one_of("ballot_rule", BALLOT_RULES), name="ballot_rule"),
            CheckConstraint(one_of("kind", ("invited", "withdrawn")), name="kind"),
            Index(None, "street_id", "joint_id"),
        )


class JointPart(Tenant, db.Model):
    """A community's part in a joint matter: its own matter, its own roll, its own tally. Written by the hall alone.

    ``eligible`` N, ``present`` P, ``yes``, ``no``, ``abstain`` are counts of heads of this hall's own ballot.
    ``heard`` lists the lead's stages that this hall's worker has written into its own timeline.
    """

    joint_id: Mapped[UUID]
    matter_id: Mapped[UUID | None]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime]
    answered_label: Mapped[str]
    ballot_id: Mapped[UUID | None]
    eligible: Mapped[int | None]
    present: Mapped[int | None]
    yes: Mapped[int | None]
    no: Mapped[int | None]
    abstain: Mapped[int | None]
    spoiled: Mapped[int | None]
    quorate: Mapped[bool | None]
    passed: Mapped[bool | None]
    voted_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    handed_in_label: Mapped[str] = mapped_column(default="")
    heard: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            sfk("joint_id", "joint_matter"),
            tfk("matter_id", "matter"),
            tfk("ballot_id", "ballot"),
            UniqueConstraint("community_id", "joint_id"),
            CheckConstraint(one_of("state", ("joined", "declined", "voted")), name="state"),
            CheckConstraint("state <> 'declined' or reason <> ''", name="declined_says_why"),
            CheckConstraint("state = 'declined' or matter_id is not null", name="joined_has_its_matter"),
            CheckConstraint(
                "state <> 'voted' or (yes + no + abstain + spoiled <= present and present <= eligible"
                " and passed is not null and handed_in_at is not null)",
                name="voted_adds_up",
            ),
            Index(None, "street_id", "joint_id"),
        )
