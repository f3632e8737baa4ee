"""What counts as a decision: rules R1 to R11 in integers, each with the numbers that explain it.

Source: domain.md section 3; the law behind each rule stands in its function's docstring. "以上" includes the number,
"过半数" and "超过" do not (Civil Code section 1259). No floats: a share is compared by cross-multiplying. Who may cast
a ballot, and how, stands in :mod:`app.flow.decide.casting`; what may be put to whom in :mod:`.putting`.

Letters as in the brief: N eligible, P present when the vote is called, Y/X/A yes, no, abstain; H heads, S area in
0.01 square metre.
"""

from app.flow.decide.rules.asking import (
    COOLING_DAYS,
    TRIES_BEFORE_UNREACHED,
    Voice,
    consensus,
    may_bring_back,
    multi_option,
    solicitation,
)
from app.flow.decide.rules.judging import (
    BODY_EFFECTS,
    BODY_LABELS,
    OUTCOME_LABELS,
    Areas,
    Body,
    Outcome,
    body_quorum,
    judge,
    outcome,
    owners_count,
)
from app.flow.decide.rules.kinds import (
    EFFECT_LABELS,
    RULE_LABELS,
    STANCE_LABELS,
    Count,
    LegalEffect,
    Result,
    Rule,
    Stance,
)
from app.flow.decide.rules.owners import (
    OwnedUnit,
    OwnersCount,
    heads_and_area,
    owners_ordinary,
    owners_special,
    square_metres,
    unanimous,
)
from app.flow.decide.rules.present import (
    council_majority,
    council_two_thirds,
    household_ballot,
    may_convene_reps,
    may_convene_residents,
    reps_meeting,
    residents_meeting,
)
from app.flow.decide.rules.putting import (
    BODY_RULES,
    may_give_proxy,
    may_open,
    may_put,
    own_quorum,
)
from app.flow.deliberate.rules import (
    QUORUM_LABELS,
    Condition,
    Quorum,
    at_least,
    is_quorate,
    quorum_condition,
    quorum_needed,
    strictly_over_half,
)

__all__ = [
    "BODY_EFFECTS",
    "BODY_LABELS",
    "BODY_RULES",
    "COOLING_DAYS",
    "EFFECT_LABELS",
    "OUTCOME_LABELS",
    "QUORUM_LABELS",
    "RULE_LABELS",
    "STANCE_LABELS",
    "TRIES_BEFORE_UNREACHED",
    "Areas",
    "Body",
    "Condition",
    "Count",
    "LegalEffect",
    "Outcome",
    "OwnedUnit",
    "OwnersCount",
    "Quorum",
    "Result",
    "Rule",
    "Stance",
    "Voice",
    "at_least",
    "body_quorum",
    "consensus",
    "council_majority",
    "council_two_thirds",
    "heads_and_area",
    "household_ballot",
    "is_quorate",
    "judge",
    "may_bring_back",
    "may_convene_reps",
    "may_convene_residents",
    "may_give_proxy",
    "may_open",
    "may_put",
    "multi_option",
    "outcome",
    "own_quorum",
    "owners_count",
    "owners_ordinary",
    "owners_special",
    "quorum_condition",
    "quorum_needed",
    "reps_meeting",
    "residents_meeting",
    "solicitation",
    "square_metres",
    "strictly_over_half",
    "unanimous",
]
