"""R8 to R10: choosing among several, agreeing at the bench, asking from door to door; and when a text rests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.flow.decide.rules.kinds import LegalEffect, Result, Rule, Stance, effect_if
from app.flow.deliberate.rules import Condition
from app.matter.workdays import local_day
from app.words import N_

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


def multi_option(
    votes: Mapping[str, int],
    *,
    quorum: Condition | tuple[Condition, ...] | None = None,
    is_run_off: bool = False,
    lot_announced: bool = False,
    body: LegalEffect = LegalEffect.ADVISORY,
) -> Result:
    """R8: most votes win. A tie for first goes to a run-off of the tied; a tie there to a lot, if announced beforehand.

    ``quorum`` is the body's own condition or conditions (None: an open invitation without one). An empty box has no
    winner.
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
    asked = () if quorum is None else quorum if isinstance(quorum, tuple) else (quorum,)
    quorate = all(condition.met for condition in asked)
    passed = quorate and single.met
    tied = quorate and most > 0 and len(first) > 1
    return Result(
        Rule.MULTI_OPTION,
        passed,
        quorate if asked else None,
        (*asked, single),
        effect_if(body, quorate),
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
