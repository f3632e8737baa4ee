"""The vote: a poll, its ballots, its roll, its papers and its box.

A *poll* is one sheet handed to one body; each *ballot* on it is one question. A show of hands or a consensus at the
table is a ballot without a poll. Who may vote stands on the roll. A named vote hangs on its line of the roll; a secret
paper lies in the box and knows neither voter nor moment (domain.md section 3, tenancy.md section 3.8).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.matter.models import one_of
from tenants.database import Access, Teller, Tenant, db, tfk

BODIES = ("council", "residents", "reps", "owners", "households", "invited")
SUBJECTS = ("persons", "money_shares", "owners", "siting_or_style", "other")
OUTCOMES = ("", "passed", "failed", "no_quorum", "tie", "run_off")
CHANNELS = ("online", "paper", "hands")
EFFECTS = ("advisory", "residents_decision", "owners_decision", "agreement", "consultation_only")


class Poll(Tenant, db.Model):
    """One sheet of questions put to one body. N, R and S are fixed from the roll when it opens.

    ``draft`` is being prepared, ``open`` takes votes, ``counting`` takes none and the tellers enter papers, ``closed``
    has its result. ``who_may`` says in words who may vote, before it opens. ``changeable``: a named vote may be changed
    online until the voting ends. ``run_off_of`` is the poll whose tie this one settles. Areas are 0.01 square metre.
    """

    matter_id: Mapped[UUID]
    sitting_id: Mapped[UUID | None]
    run_off_of: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[str]
    subject: Mapped[str] = mapped_column(default="other")
    mode: Mapped[str]
    online: Mapped[bool] = mapped_column(default=True)
    paper: Mapped[bool] = mapped_column(default=False)
    hands: Mapped[bool] = mapped_column(default=False)
    changeable: Mapped[bool] = mapped_column(default=True)
    lot_announced: Mapped[bool] = mapped_column(default=False)
    who_may: Mapped[str] = mapped_column(default="")
    estate_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="draft")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")
    eligible: Mapped[int] = mapped_column(default=0)
    reps: Mapped[int] = mapped_column(default=0)
    eligible_area_dm2: Mapped[int] = mapped_column(default=0)
    last_serial: Mapped[int] = mapped_column(default=0)
    teller_id: Mapped[UUID | None]
    teller_label: Mapped[str] = mapped_column(default="")
    scrutineer_id: Mapped[UUID | None]
    scrutineer_label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("matter_id", "matter"),
            tfk("sitting_id", "sitting"),
            tfk("run_off_of", "poll"),
            tfk("estate_id", "estate"),
            tfk("teller_id", "account"),
            tfk("scrutineer_id", "account"),
            CheckConstraint(one_of("body", BODIES), name="body"),
            CheckConstraint(one_of("subject", SUBJECTS), name="subject"),
            CheckConstraint(one_of("mode", ("named", "secret")), name="mode"),
            CheckConstraint(one_of("state", ("draft", "open", "counting", "closed", "void")), name="state"),
            CheckConstraint("online or paper or hands", name="some_way_in"),
            # A hand raised in a room is seen by everybody.
            CheckConstraint("mode <> 'secret' or not hands", name="secret_is_not_by_hand"),
            CheckConstraint("state in ('draft', 'void') or opened_at is not null", name="open_has_a_day"),
            CheckConstraint("state not in ('counting', 'closed') or ended_at is not null", name="ended_has_a_day"),
            CheckConstraint("state <> 'closed' or closed_at is not null", name="closed_has_a_day"),
            CheckConstraint("state <> 'void' or void_reason <> ''", name="void_says_why"),
            CheckConstraint("teller_id is null or teller_id <> scrutineer_id", name="two_people_count"),
            CheckConstraint("eligible >= 0 and reps >= 0 and reps <= eligible and eligible_area_dm2 >= 0", name="base"),
            Index(
                "uq_poll_running", "community_id", "matter_id", unique=True,
                postgresql_where="state in ('open', 'counting')",
            ),
            Index(None, "community_id", "state"),
        )  # fmt: skip


class Ballot(Tenant, db.Model):
    """One question put to one body. N and P are fixed when the vote is called; the counts when it is closed.

    ``draft`` belongs to a poll that has not opened. A question stays ``open`` while the papers of its poll are counted.
    ``options`` (R8) is a list of ``{key, label, words, cost_fen, attachment_id}``; empty means yes, no, abstain.
    ``counts`` is ``{channel: {choice: n}}`` over every channel, ``spoiled`` among the choices; ``issued`` and
    ``returned`` are papers and other ballots given out and come back. Areas (R6) are 0.01 square metre.
    """

    matter_id: Mapped[UUID]
    sitting_id: Mapped[UUID | None]
    poll_id: Mapped[UUID | None]
    position: Mapped[int] = mapped_column(default=1)
    question: Mapped[str]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rule: Mapped[str]
    quorum: Mapped[str] = mapped_column(default="half")
    mode: Mapped[str]
    eligible: Mapped[int]
    present: Mapped[int]
    reps: Mapped[int] = mapped_column(default=0)
    issued: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    yes: Mapped[int] = mapped_column(default=0)
    no: Mapped[int] = mapped_column(default=0)
    abstain: Mapped[int] = mapped_column(default=0)
    spoiled: Mapped[int] = mapped_column(default=0)
    eligible_area_dm2: Mapped[int] = mapped_column(default=0)
    present_area_dm2: Mapped[int] = mapped_column(default=0)
    yes_area_dm2: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    winner: Mapped[str] = mapped_column(default="")
    run_off: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(default="open")
    outcome: Mapped[str] = mapped_column(default="")
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
            tfk("poll_id", "poll"),
            tfk("teller_id", "account"),
            tfk("scrutineer_id", "account"),
            CheckConstraint(one_of("quorum", ("half", "two_thirds")), name="quorum"),
            CheckConstraint("teller_id is null or teller_id <> scrutineer_id", name="two_people_count"),
            CheckConstraint(one_of("mode", ("named", "hands", "secret", "consensus")), name="mode"),
            CheckConstraint(one_of("state", ("draft", "open", "closed", "void")), name="state"),
            CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
            CheckConstraint(one_of("legal_effect", EFFECTS), name="legal_effect"),
            CheckConstraint("present <= eligible and yes + no + abstain + spoiled <= present", name="sums"),
            CheckConstraint("present_area_dm2 <= eligible_area_dm2 and yes_area_dm2 <= present_area_dm2", name="areas"),
            CheckConstraint("returned <= issued", name="returned_were_issued"),
            CheckConstraint(
                "state <> 'closed' or (passed is not null and closed_at is not null)", name="closed_is_counted"
            ),
            Index(
                "uq_ballot_open", "community_id", "matter_id", unique=True,
                postgresql_where="state = 'open' and poll_id is null",
            ),
            Index("uq_ballot_of_poll", "community_id", "poll_id", "position", unique=True),
            Index(None, "community_id", "matter_id"),
        )  # fmt: skip


def _once_on_a_roll(kind: str) -> Index:
    """Nobody stands twice on the roll of one poll."""
    key = f"{kind}_id"
    return Index(
        f"uq_ballot_roll_{kind}",
        "community_id",
        "poll_id",
        key,
        unique=True,
        postgresql_where=text(f"{key} is not null"),
    )


class RollEntry(Tenant, db.Model):
    """One line of the roll: who may vote in this poll, and whether they have.

    Exactly one of account (council), person, household or owner says who it is; ``invited`` may stand by name alone.
    ``attendance_id`` is the line's seat at the sitting, where the vote is taken at a table.
    ``heads`` is 1 for everybody, ``area_dm2`` counts for owners. In a secret poll the line says only that a ballot
    came, by which channel, and the HMAC of the receipt; never when. ``proxy_name`` and what follows it are a written
    proxy (domain.md section 3). A line may be taken off only while the poll is being prepared.
    """

    __tablename__ = "ballot_roll"
    __access__: ClassVar[Access] = Access(community="siud", street="")

    poll_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    household_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]
    attendance_id: Mapped[UUID | None]
    name: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    is_rep: Mapped[bool] = mapped_column(default=False)
    heads: Mapped[int] = mapped_column(default=1)
    area_dm2: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    recused: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[str] = mapped_column(default="")
    receipt_hmac: Mapped[str | None]
    proxy_name: Mapped[str] = mapped_column(default="")
    proxy_scope: Mapped[str] = mapped_column(default="")
    proxy_until: Mapped[datetime | None]
    proxy_seen_by: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("poll_id", "poll"),
            tfk("account_id", "account"),
            tfk("person_id", "person"),
            tfk("household_id", "household"),
            tfk("owner_id", "owner"),
            tfk("attendance_id", "attendance"),
            # A line stands for one of the four: each vote writes its line anew, and only what is filled in is indexed.
            *(_once_on_a_roll(kind) for kind in ("account", "person", "household", "owner")),
            CheckConstraint(one_of("channel", ("", *CHANNELS)), name="channel"),
            CheckConstraint("heads = 1 and area_dm2 >= 0", name="weight"),
            CheckConstraint("proxy_name = '' or (proxy_scope <> '' and proxy_seen_by <> '')", name="proxy_in_writing"),
            CheckConstraint("not recused or channel = ''", name="recused_has_not_voted"),
            Index(None, "community_id", "poll_id", "position"),
            Index(
                "ix_ballot_roll_receipt",
                "community_id",
                "receipt_hmac",
                postgresql_where=text("receipt_hmac is not null"),
            ),
            # How many have voted so far stands on the front page; it is counted from here alone.
            Index("ix_ballot_roll_turnout", "community_id", "poll_id", "channel", postgresql_where=text("not recused")),
        )


class Vote(Tenant, db.Model):
    """One named vote on one question. A later ``seq`` of the same voter replaces an earlier one until voting ends."""

    __access__: ClassVar[Access] = Access(street="")

    ballot_id: Mapped[UUID]
    voter_id: Mapped[UUID]
    choice: Mapped[str]
    channel: Mapped[str] = mapped_column(default="online")
    seq: Mapped[int]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("ballot_id", "ballot"),
            tfk("voter_id", "ballot_roll"),
            UniqueConstraint("community_id", "ballot_id", "voter_id"),
            CheckConstraint("choice <> ''", name="choice"),
            CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        )


class BoxPaper(Tenant, db.Model):
    """One secret paper on one question. No voter, no moment, no order: the key is random, never time-ordered.

    The hall may drop a paper in and read it only once the box is ``opened``; the teller of the poll alone opens it and
    lays the papers down again in random order (``tenants.binding.telling``). ``channel`` is empty then where fewer than
    five papers came by one way, because such a group can be recognised.
    """

    __tablename__ = "box_paper"
    __access__: ClassVar[Access] = Access(
        community="si", street="", read_when="opened", teller=Teller("sid", "poll_id", "case")
    )

    # The key stays led by the community, although this class names the id anew.
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4, sort_order=1)
    poll_id: Mapped[UUID]
    ballot_id: Mapped[UUID]
    choice: Mapped[str]
    channel: Mapped[str] = mapped_column(default="online")
    opened: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def extra_args(cls):
        return (
            tfk("poll_id", "poll"),
            tfk("ballot_id", "ballot"),
            CheckConstraint("choice <> ''", name="choice"),
            CheckConstraint(one_of("channel", ("", *CHANNELS)), name="channel"),
            Index(None, "community_id", "ballot_id"),
        )


class BallotStub(Tenant, db.Model):
    """The stub of one printed ballot: its number, to whom it went, and what became of it. It shows no choice.

    ``code_hmac`` finds the slip (票条) again by the eight letters printed on it; one slip, one use.
    """

    __access__: ClassVar[Access] = Access(street="")

    poll_id: Mapped[UUID]
    serial: Mapped[int]
    voter_id: Mapped[UUID | None]
    code_hmac: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="printed")
    issued_at: Mapped[datetime | None]
    issued_label: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")
    voided_by: Mapped[str] = mapped_column(default="")
    voided_with: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (
            tfk("poll_id", "poll"),
            tfk("voter_id", "ballot_roll"),
            UniqueConstraint("community_id", "poll_id", "serial"),
            UniqueConstraint("community_id", "code_hmac"),
            CheckConstraint(one_of("state", ("printed", "issued", "returned", "void")), name="state"),
            CheckConstraint("state not in ('issued', 'returned') or issued_at is not null", name="issued_has_a_day"),
            CheckConstraint(
                "state <> 'void' or (void_reason <> '' and voided_by <> '' and voided_with <> '' "
                "and voided_by <> voided_with)", name="void_by_two",
            ),
        )  # fmt: skip


class PaperSheet(Tenant, db.Model):
    """One paper out of the urn, keyed in by one and checked by another: ``choices`` is ``{ballot id: choice}``.

    ``stub_id`` is known for a named poll only; in a secret one nobody can tell whose sheet it is. ``differs`` until the
    two readings agree.
    """

    __access__: ClassVar[Access] = Access(street="")

    poll_id: Mapped[UUID]
    number: Mapped[int]
    stub_id: Mapped[UUID | None]
    choices: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    checked_choices: Mapped[dict[str, str] | None] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="entered")
    entered_by: Mapped[UUID]
    entered_label: Mapped[str]
    entered_at: Mapped[datetime]
    checked_by: Mapped[UUID | None]
    checked_label: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]

    @classmethod
    def extra_args(cls):
        return (
            tfk("poll_id", "poll"),
            tfk("stub_id", "ballot_stub"),
            tfk("entered_by", "account"),
            tfk("checked_by", "account"),
            UniqueConstraint("community_id", "poll_id", "number"),
            UniqueConstraint("community_id", "stub_id"),
            CheckConstraint(one_of("state", ("entered", "differs", "checked")), name="state"),
            CheckConstraint("state = 'entered' or checked_by is not null", name="checked_by_somebody"),
            CheckConstraint("checked_by is null or checked_by <> entered_by", name="checked_by_another"),
        )


class HandsCount(Tenant, db.Model):
    """Hands counted on one question of a poll by two people: ``counts`` is ``{choice: n}``."""

    ballot_id: Mapped[UUID]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    present: Mapped[int]
    teller_id: Mapped[UUID]
    teller_label: Mapped[str]
    scrutineer_id: Mapped[UUID]
    scrutineer_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("ballot_id", "ballot"),
            tfk("teller_id", "account"),
            tfk("scrutineer_id", "account"),
            UniqueConstraint("community_id", "ballot_id"),
            CheckConstraint("teller_id <> scrutineer_id", name="two_people_count"),
            CheckConstraint("present >= 0", name="present"),
        )


class Replacement(Tenant, db.Model):
    """A named ballot that was voided so that another may take its place: why, and by which two people. Append-only."""

    __tablename__ = "ballot_replacement"
    __access__: ClassVar[Access] = Access(community="si", street="")

    poll_id: Mapped[UUID]
    voter_id: Mapped[UUID]
    channel: Mapped[str]
    reason: Mapped[str]
    first_id: Mapped[UUID]
    first_label: Mapped[str]
    second_id: Mapped[UUID]
    second_label: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            tfk("poll_id", "poll"),
            tfk("voter_id", "ballot_roll"),
            tfk("first_id", "account"),
            tfk("second_id", "account"),
            CheckConstraint("reason <> ''", name="reason"),
            CheckConstraint("first_id <> second_id", name="by_two"),
            CheckConstraint(one_of("channel", CHANNELS), name="channel"),
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
