"""What counts as a decision: rules R1 to R11 in integers, each with the numbers that explain it.

Source: domain.md section 3; the law behind each rule stands in its function's docstring. "以上" includes the number,
"过半数" and "超过" do not (Civil Code section 1259). No floats: a share is compared by cross-multiplying. Who may cast
a ballot, and how, stands in :mod:`app.flow.decide.casting`.

Letters as in the brief: N eligible, P present when the vote is called, Y/X/A yes, no, abstain; H heads, S area in
0.01 square metre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Verdict, no, yes
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
from app.matter.workdays import local_day
from app.words import N_

__all__ = [
    "COOLING_DAYS",
    "EFFECT_LABELS",
    "QUORUM_LABELS",
    "RULE_LABELS",
    "STANCE_LABELS",
    "TRIES_BEFORE_UNREACHED",
    "Condition",
    "Count",
    "LegalEffect",
    "OwnedUnit",
    "OwnersCount",
    "Quorum",
    "Result",
    "Rule",
    "Stance",
    "Voice",
    "at_least",
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
    "multi_option",
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


def _effect(body: LegalEffect, quorate: bool) -> LegalEffect:
    # Without a quorum the people there have only talked (恳谈): no decision, not even a negative one.
    return body if quorate else LegalEffect.CONSULTATION_ONLY


def _over_half_of_present(rule: Rule, count: Count, quorum: Quorum, body: LegalEffect) -> Result:
    # The base is those present, not votes cast, so an abstention, a spoiled paper and a silent hand all work like a no.
    # A tie does not pass and the chair has no casting vote.
    quorate = quorum_condition(count.eligible, count.present, quorum)
    needed = strictly_over_half(count.present)
    enough = Condition(
        count.yes >= needed,
        N_("到会 %(present)s 人，过半要 %(needed)s 人，赞成 %(yes)s 人"),
        {"present": count.present, "needed": needed, "yes": count.yes},
    )
    return Result(rule, quorate.met and enough.met, quorate.met, (quorate, enough), _effect(body, quorate.met))


def council_majority(count: Count, quorum: Quorum = Quorum.HALF) -> Result:
    """R1: quorum ``2P > N`` (a charter may ask ``3P >= 2N``), passed by ``2Y > P``."""
    return _over_half_of_present(Rule.COUNCIL_MAJORITY, count, quorum, LegalEffect.ADVISORY)


def council_two_thirds(count: Count, quorum: Quorum = Quorum.HALF) -> Result:
    """R2, where the charter asks for it: quorum as R1, passed by ``3Y >= 2P``."""
    quorate = quorum_condition(count.eligible, count.present, quorum)
    needed = at_least(2, 3, count.present)
    enough = Condition(
        count.yes >= needed,
        N_("到会 %(present)s 人，三分之二要 %(needed)s 人，赞成 %(yes)s 人"),
        {"present": count.present, "needed": needed, "yes": count.yes},
    )
    passed = quorate.met and enough.met
    effect = _effect(LegalEffect.ADVISORY, quorate.met)
    return Result(Rule.COUNCIL_TWO_THIRDS, passed, quorate.met, (quorate, enough), effect)


def residents_meeting(count: Count) -> Result:
    """R3: all residents of 18 or one per household; ``2P > N`` and ``2Y > P`` (Residents' Committees Act 26, 27)."""
    return _over_half_of_present(Rule.RESIDENTS_MEETING, count, Quorum.HALF, LegalEffect.RESIDENTS_DECISION)


def reps_meeting(count: Count, reps: int) -> Result:
    """R4: ``reps`` of the N members are elected representatives, the rest sit on the residents' committee.

    ``5R >= 4N``, ``3P >= 2N`` and ``2Y > P`` (Residents' Committees Act 28, 29). Others may attend and speak, not vote.
    """
    result = _over_half_of_present(Rule.REPS_MEETING, count, Quorum.TWO_THIRDS, LegalEffect.RESIDENTS_DECISION)
    composed = Condition(
        5 * reps >= 4 * count.eligible,
        N_("组成 %(eligible)s 人，代表要占八成即 %(needed)s 人，有代表 %(reps)s 人"),
        {"eligible": count.eligible, "needed": at_least(4, 5, count.eligible), "reps": reps},
    )
    passed = composed.met and result.passed
    effect = _effect(result.legal_effect, composed.met)
    return Result(result.rule, passed, result.quorate, (composed, *result.conditions), effect)


def may_convene_residents(eligible: int, signers: int, reps: int, reps_signing: int) -> Verdict:
    """R5, residents' meeting: a tenth of the residents (or household reps), or a third of the representatives ask."""
    if (eligible and 10 * signers >= eligible) or (reps and 3 * reps_signing >= reps):
        return yes()
    return no(
        N_("要 %(residents)s 位居民或者 %(reps)s 位居民代表提议"),
        residents=at_least(1, 10, eligible),
        reps=at_least(1, 3, reps),
    )


def may_convene_reps(reps: int, reps_signing: int) -> Verdict:
    """R5, representatives' meeting: a fifth of the representatives ask; the half-yearly one needs no petition."""
    if reps and 5 * reps_signing >= reps:
        return yes()
    return no(N_("要 %(reps)s 位居民代表提议"), reps=at_least(1, 5, reps))


@dataclass(frozen=True)
class OwnersCount:
    """Heads and areas (0.01 square metre): all, taking part, in favour; raises ValueError when impossible."""

    heads: int
    area_dm2: int
    heads_present: int
    area_present: int
    heads_yes: int
    area_yes: int

    def __post_init__(self) -> None:
        heads = 0 <= self.heads_yes <= self.heads_present <= self.heads
        area = 0 <= self.area_yes <= self.area_present <= self.area_dm2
        if not (heads and area):
            raise ValueError(f"such a count cannot have happened: {self}")


@dataclass(frozen=True)
class OwnedUnit:
    """One exclusive unit: who owns it and its area; ``unsold`` when it still stands with the developer."""

    owner: str
    area_dm2: int
    unsold: bool = False


def heads_and_area(units: Iterable[OwnedUnit]) -> tuple[int, int]:
    """Return the heads and the area of ``units``; areas count in full however many units one head has (F3 8, 9).

    Several units of one owner are one head, and so are all units not yet sold.
    """
    listed = list(units)
    owners = {unit.owner for unit in listed if not unit.unsold}
    developer = any(unit.unsold for unit in listed)
    return len(owners) + developer, sum(unit.area_dm2 for unit in listed)


def square_metres(area_dm2: int) -> str:
    """Write an area as people do, ``9,600.00``; the digits are moved, never divided."""
    return f"{area_dm2 // 100:,}.{area_dm2 % 100:02d}"


def _owners_quorum(count: OwnersCount) -> tuple[Condition, Condition]:
    heads = at_least(2, 3, count.heads) if count.heads else 1
    area = at_least(2, 3, count.area_dm2) if count.area_dm2 else 1
    return (
        Condition(
            count.heads_present >= heads,
            N_("业主 %(all)s 户，三分之二要 %(needed)s 户，参与 %(present)s 户"),
            {"all": count.heads, "needed": heads, "present": count.heads_present},
        ),
        Condition(
            count.area_present >= area,
            N_("面积 %(all)s 平方米，三分之二要 %(needed)s 平方米，参与 %(present)s 平方米"),
            {
                "all": square_metres(count.area_dm2),
                "needed": square_metres(area),
                "present": square_metres(count.area_present),
            },
        ),
    )


def _owners(rule: Rule, count: OwnersCount, heads: int, area: int) -> Result:
    quorum = _owners_quorum(count)
    enough = (
        Condition(
            count.heads_yes >= heads,
            N_("参与 %(present)s 户，要 %(needed)s 户，赞成 %(yes)s 户"),
            {"present": count.heads_present, "needed": heads, "yes": count.heads_yes},
        ),
        Condition(
            count.area_yes >= area,
            N_("参与 %(present)s 平方米，要 %(needed)s 平方米，赞成 %(yes)s 平方米"),
            {
                "present": square_metres(count.area_present),
                "needed": square_metres(area),
                "yes": square_metres(count.area_yes),
            },
        ),
    )
    quorate = all(condition.met for condition in quorum)
    passed = quorate and all(condition.met for condition in enough)
    return Result(rule, passed, quorate, quorum + enough, _effect(LegalEffect.OWNERS_DECISION, quorate))


def owners_ordinary(count: OwnersCount) -> Result:
    """R6a: two thirds of heads and of area take part, more than half of each agrees (Civil Code 278, items 1-5, 9)."""
    heads = strictly_over_half(count.heads_present)
    return _owners(Rule.OWNERS_ORDINARY, count, heads, strictly_over_half(count.area_present))


def owners_special(count: OwnersCount) -> Result:
    """R6b: two thirds of heads and of area take part, three quarters of each agree (Civil Code 278, items 6-8)."""
    heads = at_least(3, 4, count.heads_present) or 1
    return _owners(Rule.OWNERS_SPECIAL, count, heads, at_least(3, 4, count.area_present) or 1)


def unanimous(interested: int, agreed: int, refused: int) -> Result:
    """R7: a home turned into a business; every interested owner answers and none refuses (Civil Code 279)."""
    if min(interested, agreed, refused) < 0 or agreed + refused > interested:
        raise ValueError("more answers than interested owners")
    answered = Condition(
        interested > 0 and agreed + refused == interested,
        N_("有利害关系的业主 %(all)s 户，已答复 %(answered)s 户"),
        {"all": interested, "answered": agreed + refused},
    )
    none_refused = Condition(refused == 0, N_("不同意 %(refused)s 户，一户也不能有"), {"refused": refused})
    passed = answered.met and none_refused.met
    return Result(Rule.UNANIMOUS, passed, answered.met, (answered, none_refused), LegalEffect.AGREEMENT)


def multi_option(
    votes: Mapping[str, int],
    *,
    quorum: Condition | None = None,
    is_run_off: bool = False,
    lot_announced: bool = False,
    body: LegalEffect = LegalEffect.ADVISORY,
) -> Result:
    """R8: most votes win. A tie for first goes to a run-off of the tied; a tie there to a lot, if announced beforehand.

    ``quorum`` is the body's own condition (None: an open invitation without one). An empty box has no winner.
    """
    if not votes or min(votes.values()) < 0:
        raise ValueError("votes are counted per option, from 0 up")
    most = max(votes.values())
    first = tuple(option for option, n in votes.items() if n == most)
    single = Condition(
        most > 0 and len(first) == 1,
        N_("最多 %(votes)s 票，得这么多票的有 %(options)s 个方案"),
        {"votes": most, "options": len(first)},
    )
    quorate = quorum is None or quorum.met
    passed = quorate and single.met
    tied = quorate and most > 0 and len(first) > 1
    return Result(
        Rule.MULTI_OPTION,
        passed,
        None if quorum is None else quorum.met,
        (single,) if quorum is None else (quorum, single),
        _effect(body, quorate),
        winner=first[0] if passed else None,
        run_off=first if tied else (),
        lot=tied and is_run_off and lot_announced,
    )


@dataclass(frozen=True)
class Voice:
    """One named stakeholder of a bench sitting; ``condition_met`` matters only to a conditional yes."""

    name: str
    stance: Stance = Stance.NOT_ASKED
    condition_met: bool = False


def consensus(voices: Iterable[Voice], body: LegalEffect = LegalEffect.ADVISORY) -> Result:
    """R9: every named stakeholder was asked, nobody opposes, every condition is met, and somebody agreed.

    Someone who could not be reached does not block. One who opposes sends the matter to a vote or a level up. Signed
    by all, the result is an agreement: pass ``body``.
    """
    listed = list(voices)
    tally = {stance: sum(voice.stance is stance for voice in listed) for stance in Stance}
    unmet = sum(voice.stance is Stance.CONDITIONAL and not voice.condition_met for voice in listed)
    asked = len(listed) - tally[Stance.NOT_ASKED]
    agreeing = tally[Stance.AGREE] + tally[Stance.CONDITIONAL]
    conditions = (
        Condition(
            asked == len(listed) and agreeing > 0,
            N_("要问 %(all)s 位，问了 %(asked)s 位，同意 %(agreed)s 位，未联系上 %(unreached)s 位"),
            {"all": len(listed), "asked": asked, "agreed": agreeing, "unreached": tally[Stance.UNREACHED]},
        ),
        Condition(tally[Stance.OPPOSE] == 0, N_("反对 %(opposed)s 位"), {"opposed": tally[Stance.OPPOSE]}),
        Condition(unmet == 0, N_("还有 %(unmet)s 个条件没满足"), {"unmet": unmet}),
    )
    passed = all(condition.met for condition in conditions)
    return Result(Rule.CONSENSUS, passed, None, conditions, body)


#: How long the same text rests after a vote it did not pass.
COOLING_DAYS = 30
#: A household counts as not reached only after this many tries at different hours.
TRIES_BEFORE_UNREACHED = 3


def solicitation(target: int, favour: int, against: int, neutral: int = 0) -> Result:
    """R10: asking door to door reports shares of the target and never passes anything, however many agree."""
    reached = favour + against + neutral
    if min(target, favour, against, neutral) < 0 or reached > target:
        raise ValueError("more answers than households")
    report = Condition(
        False,
        N_(
            "共 %(target)s 户，问到 %(reached)s 户，赞成 %(favour)s 户，反对 %(against)s 户，说不准 %(neutral)s 户；"
            "只听意见，不作决定"
        ),
        {"target": target, "reached": reached, "favour": favour, "against": against, "neutral": neutral},
    )
    return Result(Rule.SOLICITATION, False, None, (report,), LegalEffect.CONSULTATION_ONLY)


def household_ballot(count: Count) -> Result:
    """R11: one ballot per household; ``present`` are the ballots returned: ``2*returned > N`` and ``2Y > returned``."""
    met = is_quorate(count.eligible, count.present)
    needed = strictly_over_half(count.present)
    conditions = (
        Condition(
            met,
            N_("共 %(eligible)s 户，超过一半要 %(needed)s 户，收回 %(present)s 户"),
            {"eligible": count.eligible, "needed": quorum_needed(count.eligible), "present": count.present},
        ),
        Condition(
            count.yes >= needed,
            N_("收回 %(present)s 户，过半要 %(needed)s 户，赞成 %(yes)s 户"),
            {"present": count.present, "needed": needed, "yes": count.yes},
        ),
    )
    passed = all(condition.met for condition in conditions)
    return Result(Rule.HOUSEHOLD_BALLOT, passed, met, conditions, _effect(LegalEffect.ADVISORY, met))


def may_bring_back(same_text: bool, failed_at: datetime, now: datetime, days: int = COOLING_DAYS) -> Verdict:
    """The same text rests for ``days`` after it failed; a new text may come at once (domain.md section 2)."""
    first = local_day(failed_at) + timedelta(days=days)
    if not same_text or local_day(now) >= first:
        return yes()
    return no(
        N_("同样的内容要过 %(days)s 天再提，%(month)s 月 %(day)s 日以后可以；改了内容现在就能提"),
        days=days,
        month=first.month,
        day=first.day,
    )


def judge(rule: Rule, count: Count, *, quorum: Quorum = Quorum.HALF, reps: int | None = None) -> Result:
    """Judge a yes/no ballot by the rule stored on it; raises ValueError for rules that count something else."""
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
    raise ValueError(f"{rule} is not counted in yes and no of those present")
