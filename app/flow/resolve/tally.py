"""The count a resolution prints: frozen from the closed ballots or from the bench's stances on the day it is written.

A later change of anything else can never change what a resolution says about its own vote (domain.md section 3: every
resolution prints rule, N, P, Y/X/A, base and effect).

The frozen count is a dict. Its own keys are those of one question (:func:`part_of`); further questions of the same
poll, and of the run-off that settled a tie, stand under ``more``; what a larger body decided stands under ``ratified``
(``app.flow.resolve.ratifying``). Counts frozen before polls existed lack the later keys, and readers allow for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from app.flow.decide.models import Ballot, Poll, Stance
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.rules import at_least, strictly_over_half
from app.flow.resolve.rules import against
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Grounds:
    """What a resolution rests on: the ballot (None: nobody voted), the sitting, and the count as a JSON-safe dict."""

    ballot: Ballot | None
    sitting: Sitting | None
    tally: dict[str, Any]

    @property
    def against(self) -> int:
        """How many said no, over all questions."""
        return against(self.tally)


def grounds_of(matter: Matter) -> Grounds:
    """The last closed and passed ballot of the matter with its poll and sitting; at most four statements."""
    ballot = db.session.scalar(
        select(Ballot)
        .where(
            Ballot.community_id == current_community(), Ballot.matter_id == matter.id, Ballot.state == "closed",
            Ballot.passed.is_(True),
        )
        .order_by(Ballot.closed_at.desc(), Ballot.position)
        .limit(1)
    )  # fmt: skip
    sitting = _sitting(matter, ballot)
    if ballot is None:
        return Grounds(None, sitting, _settled(matter, sitting))
    parts = [part_of(*row) for row in questions_of(ballot.poll_id)] if ballot.poll_id else []
    first, *more = parts or [part_of(ballot)]
    return Grounds(ballot, sitting, {**first, **({"more": more} if more else {})})


def questions_of(poll_id: UUID) -> list[tuple[Ballot, Poll]]:
    """The counted questions of a poll and of the poll whose tie it settles, the earlier poll first."""
    here, last = current_community(), select(Poll.run_off_of).where(
        Poll.community_id == current_community(), Poll.id == poll_id
    )  # fmt: skip
    rows = db.session.execute(
        select(Ballot, Poll)
        .join(Poll, and_(Poll.community_id == Ballot.community_id, Poll.id == Ballot.poll_id))
        .where(
            Ballot.community_id == here, Ballot.state == "closed",
            or_(Poll.id == poll_id, Poll.id == last.scalar_subquery()),
        )
        .order_by(Poll.opened_at, Ballot.position)
    ).all()  # fmt: skip
    return [(ballot, poll) for ballot, poll in rows]


def part_of(ballot: Ballot, poll: Poll | None = None) -> dict[str, Any]:
    """One question as a resolution prints it, JSON-safe.

    ``options`` (R8) is ``[[label, votes], …]``, most votes first; ``channels`` is ``{channel: papers}`` and never says
    who chose what; ``areas`` (R6) are in 0.01 square metre; ``needed`` is the smallest number that passes.
    """
    part: dict[str, Any] = {
        "rule": ballot.rule, "mode": ballot.mode, "eligible": ballot.eligible, "present": ballot.present,
        "yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain, "spoiled": ballot.spoiled, "conditional": 0,
        "unreached": 0, "needed": _needed(ballot), "quorum": ballot.quorum, "effect": ballot.legal_effect,
        "passed": bool(ballot.passed), "outcome": ballot.outcome, "question": ballot.question,
        "body": poll.body if poll else "council", "reps": ballot.reps, "channels": _channels(ballot),
        "teller": ballot.teller_label or (poll.teller_label if poll else ""),
        "scrutineer": ballot.scrutineer_label or (poll.scrutineer_label if poll else ""),
    }  # fmt: skip
    if ballot.rule == "consensus":
        part |= _stances(ballot)
    if ballot.options:
        part |= _options(ballot)
    if ballot.eligible_area_dm2:
        part["areas"] = {
            "eligible": ballot.eligible_area_dm2, "present": ballot.present_area_dm2, "yes": ballot.yes_area_dm2,
        }  # fmt: skip
    if ballot.issued and poll is not None and poll.paper:
        part |= {"issued": ballot.issued, "returned": ballot.returned}
    if poll is not None and poll.run_off_of is not None:
        part["is_run_off"] = True
    return part


def _sitting(matter: Matter, ballot: Ballot | None) -> Sitting | None:
    here = select(Sitting).where(Sitting.community_id == current_community())
    if ballot is not None and ballot.sitting_id is not None:
        return db.session.scalar(here.where(Sitting.id == ballot.sitting_id))
    of_matter = select(AgendaItem.sitting_id).where(
        AgendaItem.community_id == current_community(), AgendaItem.matter_id == matter.id
    )
    held = here.where(Sitting.id.in_(of_matter), Sitting.opened_at.is_not(None))
    return db.session.scalar(held.order_by(Sitting.opened_at.desc()).limit(1))


def _settled(matter: Matter, sitting: Sitting | None) -> dict[str, Any]:
    """Nobody voted: both sides of a quarrel agreed, or a bench agreed without a written list of stances."""
    here = (sitting.present_at_opening or 0) if sitting else 0
    effect = "agreement" if matter.track == "mediation" else "advisory"
    return {
        "rule": "consensus", "mode": "consensus", "eligible": here, "present": here, "yes": here, "no": 0, "abstain": 0,
        "spoiled": 0, "conditional": 0, "unreached": 0, "needed": None, "quorum": "", "effect": effect, "passed": True,
    }  # fmt: skip


def _needed(ballot: Ballot) -> int | None:
    if ballot.rule in ("council_majority", "residents_meeting", "reps_meeting", "household_ballot", "owners_ordinary"):
        return strictly_over_half(ballot.present)
    if ballot.rule == "owners_special":
        return at_least(3, 4, ballot.present)
    return at_least(2, 3, ballot.present) if ballot.rule == "council_two_thirds" else None


def _channels(ballot: Ballot) -> dict[str, int]:
    # Where the ways in were laid together, because so few came by one of them, there is no way to name.
    sums = {channel: sum(counts.values()) for channel, counts in (ballot.counts or {}).items() if channel}
    return {channel: n for channel, n in sums.items() if n}


def _options(ballot: Ballot) -> dict[str, Any]:
    votes: dict[str, int] = {}
    for counts in (ballot.counts or {}).values():
        for choice, n in counts.items():
            votes[choice] = votes.get(choice, 0) + n
    rows = [[option["label"], votes.get(option["key"], 0)] for option in ballot.options]
    labels = {option["key"]: option["label"] for option in ballot.options}
    return {
        "options": sorted(rows, key=lambda row: -row[1]), "winner": labels.get(ballot.winner, ballot.winner),
        "tied": [labels.get(key, key) for key in ballot.run_off or ()],
    }  # fmt: skip


def _stances(ballot: Ballot) -> dict[str, int]:
    def said(stance: str) -> Any:
        return func.count(case((Stance.stance == stance, 1)))

    row = db.session.execute(
        select(
            func.count().label("listed"), said("agree").label("agree"), said("conditional").label("conditional"),
            said("oppose").label("oppose"), said("unreached").label("unreached"),
        ).where(Stance.community_id == current_community(), Stance.ballot_id == ballot.id)
    ).one()  # fmt: skip
    answered = row.agree + row.conditional + row.oppose
    return {
        "eligible": row.listed, "present": answered, "yes": row.agree, "no": row.oppose, "abstain": 0,
        "conditional": row.conditional, "unreached": row.unreached,
    }  # fmt: skip
