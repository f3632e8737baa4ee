"""Reading ballots: what is open to me, how far a ballot is, what came out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.errors import Verdict
from app.flow.collect.models import Proposal
from app.flow.decide import rules
from app.flow.decide.casting import Mode, Voter, may_cast
from app.flow.decide.models import Ballot, Poll, RollEntry, Stance, Vote
from app.flow.decide.rules import Areas, Body, Condition, Count, LegalEffect, Quorum, Result, Rule, Voice
from app.flow.deliberate.models import Attendance
from app.matter.models import Matter
from app.matter.situation import Track
from app.people.models import Account, Person
from app.people.owners import Owner
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def find_ballot(ballot_id: UUID) -> Ballot | None:
    """The bound hall's ballot."""
    return db.session.scalar(select(Ballot).where(Ballot.community_id == current_community(), Ballot.id == ballot_id))


def ballots_of_sitting(sitting_id: UUID) -> list[Ballot]:
    """The ballots of one sitting in the order in which they were called."""
    return list(
        db.session.scalars(
            select(Ballot)
            .where(Ballot.community_id == current_community(), Ballot.sitting_id == sitting_id)
            .order_by(Ballot.called_at)
        )
    )


def ballots_of_matter(matter_id: UUID) -> list[Ballot]:
    """Every ballot on a matter that counts, newest first."""
    return list(
        db.session.scalars(
            select(Ballot)
            .where(Ballot.community_id == current_community(), Ballot.matter_id == matter_id, Ballot.state != "void")
            .order_by(Ballot.called_at.desc())
        )
    )


def ballots_for(account_id: UUID, *, n: int = 20) -> list[dict[str, Any]]:
    """Named ballots on whose roll this account stands: ``{ballot, title, number, choice}``, open ones first."""
    rows = db.session.execute(
        select(Ballot, Matter.title, Matter.number, Vote.choice)
        .join(RollEntry, and_(RollEntry.community_id == Ballot.community_id, RollEntry.poll_id == Ballot.poll_id))
        .join(Matter, and_(Matter.community_id == Ballot.community_id, Matter.id == Ballot.matter_id))
        .outerjoin(Vote, _vote_of_line())
        .where(
            Ballot.community_id == current_community(), RollEntry.account_id == account_id,
            Ballot.state.in_(("open", "closed")),
        )
        .order_by((Ballot.state == "open").desc(), Ballot.called_at.desc())
        .limit(n)
    ).all()  # fmt: skip
    return [{"ballot": b, "title": title, "number": number, "choice": choice} for b, title, number, choice in rows]


def standing_of(ballot_id: UUID, account_id: UUID) -> Any | None:
    """One row ``(ballot, title, number, on_roll, seat, recused_from, choice, seq, at)`` for one member, or None."""
    return db.session.execute(standing(ballot_id, account_id, Ballot, Matter.title, Matter.number)).one_or_none()


def standing(ballot_id: UUID, account_id: UUID, *what: Any) -> Any:
    """The statement behind :func:`standing_of`, with ``what`` in front."""
    seat = and_(
        Attendance.community_id == Ballot.community_id, Attendance.sitting_id == Ballot.sitting_id,
        Attendance.account_id == account_id,
    )  # fmt: skip
    mine = and_(RollEntry.community_id == Ballot.community_id, RollEntry.id == line_of(Ballot.poll_id, account_id))
    return (
        select(
            *what, RollEntry.id.is_not(None).label("on_roll"), Attendance.state.label("seat"),
            Attendance.recused_matter_id.label("recused_from"), RollEntry.channel, RollEntry.recused,
            RollEntry.attendance_id, Vote.choice, Vote.seq, Vote.at,
        )
        .select_from(Ballot)
        .join(Matter, and_(Matter.community_id == Ballot.community_id, Matter.id == Ballot.matter_id))
        .outerjoin(Poll, and_(Poll.community_id == Ballot.community_id, Poll.id == Ballot.poll_id))
        .outerjoin(Attendance, seat)
        .outerjoin(RollEntry, mine)
        .outerjoin(Vote, _vote_of_line())
        .where(Ballot.community_id == current_community(), Ballot.id == ballot_id)
    )  # fmt: skip


def verdict_of(row: Any, now: datetime) -> Verdict:
    """Whether the voter of this row of :func:`standing` (with the poll's columns in front) may vote online now."""
    recused = bool(row.recused) or row.recused_from == row.matter_id
    voter = Voter(
        on_roll=row.on_roll or recused, recused=recused, present=row.attendance_id is None or row.seat == "present",
        has_cast=bool(row.channel), channel=row.channel,
    )  # fmt: skip
    is_open = row.state == "open" and (row.closes_at is None or row.closes_at > now)
    return may_cast(voter, Mode(row.mode), is_open, online=row.online, changeable=row.changeable)


#: Made once: an alias copies every column, and each voter's page asks for it.
_LINES = aliased(RollEntry)


def line_of(poll: Any, account_id: Any, here: Any = None) -> Any:
    """The id of the line on which this account stands, as an expression: as itself, a person, a household, an owner.

    Each way is one look into a unique index and is taken only when the one before found nothing. ``here`` is the bound
    community, or a parameter of that meaning in a statement that is built once.
    """
    here = current_community() if here is None else here
    person = select(Account.person_id).where(Account.community_id == here, Account.id == account_id).scalar_subquery()
    household = select(Person.household_id).where(Person.community_id == here, Person.id == person).scalar_subquery()
    owned = select(Owner.id).where(Owner.community_id == here, Owner.person_id == person).correlate(None)
    lines = _LINES

    def where(condition: Any) -> Any:
        found = select(lines.id).where(lines.community_id == here, lines.poll_id == poll, condition)
        return found.limit(1).scalar_subquery()

    return func.coalesce(
        where(lines.account_id == account_id),
        where(lines.person_id == person),
        where(lines.household_id == household),
        where(lines.owner_id.in_(owned)),
    )


def _vote_of_line() -> Any:
    return and_(Vote.community_id == Ballot.community_id, Vote.ballot_id == Ballot.id, Vote.voter_id == RollEntry.id)


def progress_of(ballot_id: UUID) -> list[tuple[str, bool]]:
    """``(name, whether a vote is in)`` for everybody on the roll; what was chosen is not read at all."""
    rows = db.session.execute(
        _lines_of(ballot_id, RollEntry.name, RollEntry.channel != "").order_by(RollEntry.position, RollEntry.name)
    ).all()
    return [(name, has_cast) for name, has_cast in rows]


def turnout_of(ballot_id: UUID) -> tuple[int, int]:
    """How many stand on the roll and how many have cast."""
    on_roll, cast = db.session.execute(
        _lines_of(ballot_id, func.count(), func.count().filter(RollEntry.channel != ""))
    ).one()
    return int(on_roll), int(cast)


def _lines_of(ballot_id: UUID, *what: Any) -> Any:
    return (
        select(*what)
        .select_from(Ballot)
        .join(RollEntry, and_(RollEntry.community_id == Ballot.community_id, RollEntry.poll_id == Ballot.poll_id))
        .where(Ballot.community_id == current_community(), Ballot.id == ballot_id, ~RollEntry.recused)
    )


def stances_of(ballot_id: UUID) -> list[Stance]:
    """What each named stakeholder said, in the order they were named."""
    return list(
        db.session.scalars(
            select(Stance)
            .where(Stance.community_id == current_community(), Stance.ballot_id == ballot_id)
            .order_by(Stance.position)
        )
    )


def result_of(ballot: Ballot, stances: Sequence[Stance] | None = None) -> Result:
    """Judge the stored figures again by the stored rule: each condition in words with its numbers."""
    if ballot.rule == Rule.CONSENSUS:
        listed = stances_of(ballot.id) if stances is None else stances
        return consensus_of(listed, LegalEffect(ballot.legal_effect))
    poll = db.session.get(Poll, (current_community(), ballot.poll_id)) if ballot.poll_id else None
    result = rules.judge(
        Rule(ballot.rule), count_of(ballot), quorum=Quorum(ballot.quorum), reps=ballot.reps, areas=areas_of(ballot),
        votes=votes_of(ballot) if ballot.rule == Rule.MULTI_OPTION else None,
        body=Body(poll.body) if poll else Body.COUNCIL, is_run_off=bool(poll and poll.run_off_of),
        lot_announced=bool(poll and poll.lot_announced),
    )  # fmt: skip
    if not result.passed and ballot.passed and ballot.winner in result.run_off:
        # Drawn in public, as announced beforehand; the count itself stays the tie it was.
        drawn = Condition(True, N_("抽签定了「%(option)s」"), {"option": option_labels(ballot)[ballot.winner]})
        return replace(result, passed=True, winner=ballot.winner, conditions=(*result.conditions, drawn))
    return result


def consensus_of(stances: Sequence[Stance], body: LegalEffect = LegalEffect.ADVISORY) -> Result:
    """R9 on the stored stances."""
    return rules.consensus([Voice(s.name, rules.Stance(s.stance), s.condition_met) for s in stances], body)


def count_of(ballot: Ballot) -> Count:
    """The stored figures."""
    return Count(ballot.eligible, ballot.present, ballot.yes, ballot.no, ballot.abstain, ballot.spoiled)


def areas_of(ballot: Ballot) -> Areas:
    """The stored areas, 0.01 square metre."""
    return Areas(ballot.eligible_area_dm2, ballot.present_area_dm2, ballot.yes_area_dm2)


def votes_of(ballot: Ballot) -> dict[str, int]:
    """R8: the stored votes of every option over all channels."""
    return {key: sum(counts.get(key, 0) for counts in ballot.counts.values()) for key in option_labels(ballot)}


def option_labels(ballot: Ballot) -> dict[str, str]:
    """The options as put, key by key."""
    return {option["key"]: option["label"] for option in ballot.options or ()}


def tally_of(ballot: Ballot) -> dict[str, Any]:
    """What a resolution prints of a counted ballot: rule, N, P, Y/X/A, spoiled, base and legal effect, JSON-safe.

    R6 adds the areas (0.01 square metre), R4 the representatives, R8 each option with its votes.
    """
    tally: dict[str, Any] = {
        "rule": ballot.rule, "quorum": ballot.quorum, "mode": ballot.mode, "eligible": ballot.eligible,
        "present": ballot.present, "yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain,
        "spoiled": ballot.spoiled, "passed": ballot.passed, "legal_effect": ballot.legal_effect,
        "teller": ballot.teller_label, "scrutineer": ballot.scrutineer_label, "question": ballot.question,
    }  # fmt: skip
    if ballot.poll_id and ballot.outcome:
        tally |= {"issued": ballot.issued, "returned": ballot.returned, "outcome": ballot.outcome}
    if ballot.eligible_area_dm2:
        tally |= {
            "eligible_area_dm2": ballot.eligible_area_dm2, "present_area_dm2": ballot.present_area_dm2,
            "yes_area_dm2": ballot.yes_area_dm2,
        }  # fmt: skip
    if ballot.rule == Rule.REPS_MEETING:
        tally["reps"] = ballot.reps
    if ballot.rule == Rule.MULTI_OPTION:
        labels, votes = option_labels(ballot), votes_of(ballot)
        tally["options"] = [{"key": k, "label": label, "votes": votes[k]} for k, label in labels.items()]
        tally |= {"winner": labels.get(ballot.winner, ""), "run_off": [labels[key] for key in ballot.run_off]}
    return tally


def movers_of(matter_id: UUID) -> frozenset[UUID]:
    """The accounts of those who proposed the matter; they may not count its votes."""
    return frozenset(
        db.session.scalars(
            select(Account.id)
            .join(
                Proposal, and_(Proposal.community_id == Account.community_id, Proposal.person_id == Account.person_id)
            )
            .where(Account.community_id == current_community(), Proposal.matter_id == matter_id)
        )
    )


def effect_of(matter: Matter) -> LegalEffect:
    """What a consensus on this matter is worth: the council advises, a settled quarrel is an agreement."""
    return LegalEffect.AGREEMENT if matter.track == Track.MEDIATION else LegalEffect.ADVISORY


def open_count() -> int:
    """How many ballots wait to be counted; for the menu."""
    return int(
        db.session.scalar(
            select(func.count()).select_from(Ballot).where(
                Ballot.community_id == current_community(), Ballot.state == "open"
            )
        ) or 0
    )  # fmt: skip
