"""The count a resolution prints: frozen from the closed ballot or from the bench's stances on the day it is written.

A later change of anything else can never change what a resolution says about its own vote (domain.md section 3: every
resolution prints rule, N, P, Y/X/A, base and effect).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from app.flow.decide.models import Ballot, Stance
from app.flow.decide.rules import at_least, strictly_over_half
from app.flow.deliberate.models import AgendaItem, Sitting
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
        """How many said no."""
        return int(self.tally["no"])


def grounds_of(matter: Matter) -> Grounds:
    """The last closed and passed ballot of the matter with its sitting; at most three statements."""
    ballot = db.session.scalar(
        select(Ballot)
        .where(
            Ballot.community_id == current_community(), Ballot.matter_id == matter.id, Ballot.state == "closed",
            Ballot.passed.is_(True),
        )
        .order_by(Ballot.closed_at.desc())
        .limit(1)
    )  # fmt: skip
    sitting = _sitting(matter, ballot)
    if ballot is None:
        return Grounds(None, sitting, _settled(matter, sitting))
    return Grounds(ballot, sitting, _counted(ballot))


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


def _counted(ballot: Ballot) -> dict[str, Any]:
    tally: dict[str, Any] = {
        "rule": ballot.rule, "mode": ballot.mode, "eligible": ballot.eligible, "present": ballot.present,
        "yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain, "spoiled": ballot.spoiled, "conditional": 0,
        "unreached": 0, "needed": _needed(ballot), "quorum": ballot.quorum, "effect": ballot.legal_effect,
        "passed": bool(ballot.passed),
    }  # fmt: skip
    if ballot.rule == "consensus":
        tally |= _stances(ballot)
    return tally


def _needed(ballot: Ballot) -> int | None:
    if ballot.rule in ("council_majority", "residents_meeting", "reps_meeting", "household_ballot"):
        return strictly_over_half(ballot.present)
    return at_least(2, 3, ballot.present) if ballot.rule == "council_two_thirds" else None


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
