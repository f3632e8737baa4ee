"""R1 to R5 and R11: counted in heads of those who are there, or whose ballot came back. Pure."""

from __future__ import annotations

from app.errors import Verdict, no, yes
from app.flow.decide.rules.kinds import Count, LegalEffect, Result, Rule, effect_if
from app.flow.deliberate.rules import (
    Condition,
    Quorum,
    at_least,
    is_quorate,
    quorum_condition,
    quorum_needed,
    strictly_over_half,
)
from app.words import N_


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
    return Result(rule, quorate.met and enough.met, quorate.met, (quorate, enough), effect_if(body, quorate.met))


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
    effect = effect_if(LegalEffect.ADVISORY, quorate.met)
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
    effect = effect_if(result.legal_effect, composed.met)
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


def returned_quorum(count: Count) -> Condition:
    """R11's own quorum: more than half of the ballots handed to the households came back."""
    return Condition(
        is_quorate(count.eligible, count.present),
        N_("共 %(eligible)s 户，超过一半要 %(needed)s 户，收回 %(present)s 户"),
        {"eligible": count.eligible, "needed": quorum_needed(count.eligible), "present": count.present},
    )


def household_ballot(count: Count) -> Result:
    """R11: one ballot per household; ``present`` are the ballots returned: ``2*returned > N`` and ``2Y > returned``."""
    quorate = returned_quorum(count)
    needed = strictly_over_half(count.present)
    enough = Condition(
        count.yes >= needed,
        N_("收回 %(present)s 户，过半要 %(needed)s 户，赞成 %(yes)s 户"),
        {"present": count.present, "needed": needed, "yes": count.yes},
    )
    effect = effect_if(LegalEffect.ADVISORY, quorate.met)
    return Result(Rule.HOUSEHOLD_BALLOT, quorate.met and enough.met, quorate.met, (quorate, enough), effect)
