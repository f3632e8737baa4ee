"""Judging any stored count by its stored rule, and what came of it in one word. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.flow.decide.rules.asking import multi_option, solicitation
from app.flow.decide.rules.kinds import Count, LegalEffect, Result, Rule
from app.flow.decide.rules.owners import OwnersCount, owners_ordinary, owners_quorum, owners_special, unanimous
from app.flow.decide.rules.present import (
    council_majority,
    council_two_thirds,
    household_ballot,
    reps_meeting,
    residents_meeting,
    returned_quorum,
)
from app.flow.deliberate.rules import Condition, Quorum, quorum_condition
from app.words import N_


class Body(StrEnum):
    """Who is asked."""

    COUNCIL = "council"
    RESIDENTS = "residents"
    REPS = "reps"
    OWNERS = "owners"
    HOUSEHOLDS = "households"
    INVITED = "invited"


class Outcome(StrEnum):
    """What came of a ballot; ``run_off`` waits for the tied to be voted on once more."""

    PASSED = "passed"
    FAILED = "failed"
    NO_QUORUM = "no_quorum"
    TIE = "tie"
    RUN_OFF = "run_off"


BODY_LABELS: dict[Body, str] = {
    Body.COUNCIL: N_("议事会"),
    Body.RESIDENTS: N_("全体居民"),
    Body.REPS: N_("居民代表会议"),
    Body.OWNERS: N_("业主"),
    Body.HOUSEHOLDS: N_("每户一票"),
    Body.INVITED: N_("请来的人"),
}
OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.PASSED: N_("通过"),
    Outcome.FAILED: N_("没通过"),
    Outcome.NO_QUORUM: N_("人数不够，不算"),
    Outcome.TIE: N_("票数一样，没通过"),
    Outcome.RUN_OFF: N_("并列，要再投一次"),
}
#: What a choice among several is worth: as much as the body that made it. Households and guests advise.
BODY_EFFECTS: dict[Body, LegalEffect] = {
    Body.COUNCIL: LegalEffect.ADVISORY,
    Body.RESIDENTS: LegalEffect.RESIDENTS_DECISION,
    Body.REPS: LegalEffect.RESIDENTS_DECISION,
    Body.OWNERS: LegalEffect.OWNERS_DECISION,
    Body.HOUSEHOLDS: LegalEffect.ADVISORY,
    Body.INVITED: LegalEffect.ADVISORY,
}


@dataclass(frozen=True)
class Areas:
    """Owners' areas in 0.01 square metre: all, of those taking part, in favour."""

    all: int = 0
    present: int = 0
    yes: int = 0


def judge(
    rule: Rule,
    count: Count,
    *,
    quorum: Quorum = Quorum.HALF,
    reps: int | None = None,
    areas: Areas | None = None,
    votes: Mapping[str, int] | None = None,
    body: Body = Body.COUNCIL,
    is_run_off: bool = False,
    lot_announced: bool = False,
) -> Result:
    """Judge a count by the rule stored on it.

    ``votes`` per option and ``body`` belong to R8, ``areas`` to R6, ``reps`` to R4. Raises ValueError where a rule's
    own figures are missing, and for R9, which knows people by name.
    """
    if rule is Rule.COUNCIL_MAJORITY:
        return council_majority(count, quorum)
    if rule is Rule.COUNCIL_TWO_THIRDS:
        return council_two_thirds(count, quorum)
    if rule is Rule.RESIDENTS_MEETING:
        return residents_meeting(count)
    if rule is Rule.HOUSEHOLD_BALLOT:
        return household_ballot(count)
    if rule is Rule.REPS_MEETING and reps is not None:
        return reps_meeting(count, reps)
    if rule in (Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL) and areas is not None:
        owners = owners_count(count, areas)
        return owners_ordinary(owners) if rule is Rule.OWNERS_ORDINARY else owners_special(owners)
    if rule is Rule.UNANIMOUS:
        return unanimous(count.eligible, count.yes, count.no)
    if rule is Rule.SOLICITATION:
        return solicitation(count.eligible, count.yes, count.no, count.abstain)
    if rule is Rule.MULTI_OPTION and votes:
        asked = body_quorum(body, count, quorum, areas)
        return multi_option(
            votes, quorum=asked or None, is_run_off=is_run_off, lot_announced=lot_announced, body=BODY_EFFECTS[body]
        )
    raise ValueError(f"{rule} is not counted in these figures")


def owners_count(count: Count, areas: Areas) -> OwnersCount:
    """Heads from the count, areas beside them."""
    return OwnersCount(count.eligible, areas.all, count.present, areas.present, count.yes, areas.yes)


def body_quorum(body: Body, count: Count, quorum: Quorum, areas: Areas | None = None) -> tuple[Condition, ...]:
    """The quorum R8 takes over from the body's own rule; guests who were only invited have none.

    The council asks what its charter asks, residents more than half, representatives two thirds, owners two thirds of
    heads and of area, households that more than half of the ballots come back.
    """
    if body is Body.INVITED:
        return ()
    if body is Body.OWNERS:
        return owners_quorum(owners_count(count, areas or Areas()))
    if body is Body.HOUSEHOLDS:
        return (returned_quorum(count),)
    asked = {Body.RESIDENTS: Quorum.HALF, Body.REPS: Quorum.TWO_THIRDS}.get(body, quorum)
    return (quorum_condition(count.eligible, count.present, asked),)


def outcome(result: Result, count: Count, *, is_run_off: bool = False) -> Outcome:
    """One word for a result. A tie is yes and no in equal number, or the same options first once more (R8).

    A refusal at R7 ends the matter whoever has still to answer, so it is no question of the quorum any more.
    """
    if result.passed:
        return Outcome.PASSED
    if result.rule is Rule.UNANIMOUS and count.no:
        return Outcome.FAILED
    if result.quorate is False:
        return Outcome.NO_QUORUM
    if result.rule is Rule.MULTI_OPTION:
        return (Outcome.TIE if is_run_off else Outcome.RUN_OFF) if result.run_off else Outcome.FAILED
    if result.rule in (Rule.SOLICITATION, Rule.CONSENSUS):
        return Outcome.FAILED
    return Outcome.TIE if count.yes and count.yes == count.no else Outcome.FAILED
