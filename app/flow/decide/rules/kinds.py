"""The words of counting: which rules there are, what a result is worth, what a count looks like. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.flow.deliberate.rules import Condition
from app.words import N_


class Rule(StrEnum):
    """The rule a ballot is counted by; the value is what is stored."""

    COUNCIL_MAJORITY = "council_majority"
    COUNCIL_TWO_THIRDS = "council_two_thirds"
    RESIDENTS_MEETING = "residents_meeting"
    REPS_MEETING = "reps_meeting"
    CONVENE = "convene"
    OWNERS_ORDINARY = "owners_ordinary"
    OWNERS_SPECIAL = "owners_special"
    UNANIMOUS = "unanimous"
    MULTI_OPTION = "multi_option"
    CONSENSUS = "consensus"
    SOLICITATION = "solicitation"
    HOUSEHOLD_BALLOT = "household_ballot"


class LegalEffect(StrEnum):
    """What a result is worth in law; every result carries one."""

    ADVISORY = "advisory"
    RESIDENTS_DECISION = "residents_decision"
    OWNERS_DECISION = "owners_decision"
    AGREEMENT = "agreement"
    CONSULTATION_ONLY = "consultation_only"


class Stance(StrEnum):
    """What one named stakeholder says in a bench sitting."""

    NOT_ASKED = "not_asked"
    AGREE = "agree"
    CONDITIONAL = "conditional"
    OPPOSE = "oppose"
    UNREACHED = "unreached"


RULE_LABELS: dict[Rule, str] = {
    Rule.COUNCIL_MAJORITY: N_("议事会过半数"),
    Rule.COUNCIL_TWO_THIRDS: N_("议事会三分之二"),
    Rule.RESIDENTS_MEETING: N_("居民会议"),
    Rule.REPS_MEETING: N_("居民代表会议"),
    Rule.CONVENE: N_("提议召开会议"),
    Rule.OWNERS_ORDINARY: N_("业主共同决定（一般事项）"),
    Rule.OWNERS_SPECIAL: N_("业主共同决定（重大事项）"),
    Rule.UNANIMOUS: N_("有利害关系的业主一致同意"),
    Rule.MULTI_OPTION: N_("几个方案里选一个"),
    Rule.CONSENSUS: N_("板凳会协商一致"),
    Rule.SOLICITATION: N_("征求意见"),
    Rule.HOUSEHOLD_BALLOT: N_("一户一票"),
}
EFFECT_LABELS: dict[LegalEffect, str] = {
    LegalEffect.ADVISORY: N_("协商意见"),
    LegalEffect.RESIDENTS_DECISION: N_("居民会议决定"),
    LegalEffect.OWNERS_DECISION: N_("业主共同决定"),
    LegalEffect.AGREEMENT: N_("协议"),
    LegalEffect.CONSULTATION_ONLY: N_("仅供参考的意见"),
}
STANCE_LABELS: dict[Stance, str] = {
    Stance.NOT_ASKED: N_("还没问"),
    Stance.AGREE: N_("同意"),
    Stance.CONDITIONAL: N_("有条件"),
    Stance.OPPOSE: N_("反对"),
    Stance.UNREACHED: N_("未联系上"),
}


@dataclass(frozen=True)
class Result:
    """The judgement on one ballot. ``quorate`` is None where the rule knows no quorum.

    ``winner``, ``run_off`` (the options tied for first) and ``lot`` (draw among them) belong to R8 alone.
    """

    rule: Rule
    passed: bool
    quorate: bool | None
    conditions: tuple[Condition, ...]
    legal_effect: LegalEffect
    winner: str | None = None
    run_off: tuple[str, ...] = ()
    lot: bool = False


@dataclass(frozen=True)
class Count:
    """Papers or hands of one ballot; raises ValueError when they cannot have happened (more votes than people)."""

    eligible: int
    present: int
    yes: int
    no: int
    abstain: int = 0
    spoiled: int = 0

    def __post_init__(self) -> None:
        figures = (self.eligible, self.present, self.yes, self.no, self.abstain, self.spoiled)
        if min(figures) < 0 or self.present > self.eligible or sum(figures[2:]) > self.present:
            raise ValueError(f"such a count cannot have happened: {self}")


def effect_if(body: LegalEffect, quorate: bool) -> LegalEffect:
    # Without a quorum the people there have only talked (恳谈): no decision, not even a negative one.
    return body if quorate else LegalEffect.CONSULTATION_ONLY
