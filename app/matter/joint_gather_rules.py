"""Gathering the votes of several halls by the rule chosen beforehand.

Source: domain.md section 3 (R1–R4, R11 and the edge rules); the gathering itself is D. Each hall decides for itself;
what is gathered is advisory and binds the street's own promise alone. Pure: no database, no clock; integers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from app.errors import Verdict, no, yes
from app.words import N_

Value: TypeAlias = str | int


class Gather(StrEnum):
    """How the votes of the halls are gathered; chosen before anybody votes."""

    EACH = "each"
    SUM = "sum"
    BOTH = "both"


GATHER_LABELS: dict[str, str] = {
    Gather.EACH: N_("每个社区都要通过"),
    Gather.SUM: N_("几个社区合起来过半"),
    Gather.BOTH: N_("每个都通过，合起来也过半"),
}
GATHER_WORDS: dict[str, str] = {
    Gather.EACH: N_("参加的社区各自表决，每个社区都通过才算通过。"),
    Gather.SUM: N_("参加的社区到会的人加在一起，同意的过半才算通过；正好一半不算。"),
    Gather.BOTH: N_("每个社区都要通过，加在一起同意的也要过半；正好一半不算。"),
}


@dataclass(frozen=True)
class Part:
    """One invited hall as the rules see it; counts are heads of its own ballot, ``due`` the last day it is waited for.

    ``state``: silent, joined, declined, voted, withdrawn.
    """

    name: str
    state: str
    due: date | None = None
    eligible: int = 0
    present: int = 0
    yes: int = 0
    no: int = 0
    abstain: int = 0
    spoiled: int = 0
    quorate: bool = False
    passed: bool = False


@dataclass(frozen=True)
class Gathered:
    """What came out over all halls that voted. ``reason`` is a message id that says why it did not pass."""

    passed: bool
    halls: int
    passed_halls: int
    eligible: int
    present: int
    yes: int
    no: int
    abstain: int
    spoiled: int
    left_out: tuple[str, ...] = ()
    reason: str = ""
    values: dict[str, Value] = field(default_factory=dict)


def gather(rule: str, parts: Sequence[Part]) -> Gathered:
    """Gather the halls that voted by ``rule``; who is missing is named in ``left_out``.

    A hall without its quorum has only talked (恳谈): it decided nothing, so it has not passed, and its votes are not
    added up; its N stays in the base, of which over half must have come to decide. A tie fails (section 3, edge rules).
    """
    voted = [part for part in parts if part.state == "voted"]
    counted = [part for part in voted if part.quorate]
    base = sum(part.eligible for part in voted)
    came, said_yes = sum(part.present for part in counted), sum(part.yes for part in counted)
    verdict = _judge(Gather(rule), voted, base, came, said_yes)
    return Gathered(
        passed=bool(verdict), halls=len(voted), passed_halls=sum(part.quorate and part.passed for part in voted),
        eligible=base, present=came, yes=said_yes, no=sum(part.no for part in counted),
        abstain=sum(part.abstain for part in counted), spoiled=sum(part.spoiled for part in counted),
        left_out=tuple(part.name for part in parts if part.state in ("silent", "joined", "declined")),
        reason=verdict.reason, values={key: _plain(value) for key, value in verdict.values.items()},
    )  # fmt: skip


def _judge(rule: Gather, voted: Sequence[Part], base: int, came: int, said_yes: int) -> Verdict:
    if not voted:
        return no(N_("还没有一个社区交结果。"))
    if rule in (Gather.EACH, Gather.BOTH):
        unfit = [part.name for part in voted if not part.quorate]
        if unfit:
            return no(N_("%(names)s到会的人不够，没有形成决定。"), names="、".join(unfit))
        against = [part.name for part in voted if not part.passed]
        if against:
            return no(N_("%(names)s没有通过。"), names="、".join(against))
    if rule in (Gather.SUM, Gather.BOTH):
        if 2 * came <= base:
            return no(N_("合起来应到 %(n)s，形成决定的只到了 %(p)s，没有过半。"), n=base, p=came)
        if 2 * said_yes == came:
            return no(N_("合起来同意 %(y)s 票，正好一半，不算通过。"), y=said_yes)
        if 2 * said_yes < came:
            return no(N_("合起来实到 %(p)s，同意 %(y)s 票，没有过半。"), p=came, y=said_yes)
    return yes()


def _plain(value: object) -> Value:
    return value if isinstance(value, int) else str(value)
