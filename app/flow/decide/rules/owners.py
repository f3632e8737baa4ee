"""R6 and R7: owners count twice, by heads and by area; the neighbours of a home turned shop must all agree. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.flow.decide.rules.kinds import LegalEffect, Result, Rule, effect_if
from app.flow.deliberate.rules import Condition, at_least, strictly_over_half
from app.words import N_


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


def owners_quorum(count: OwnersCount) -> tuple[Condition, Condition]:
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
    quorum = owners_quorum(count)
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
    return Result(rule, passed, quorate, quorum + enough, effect_if(LegalEffect.OWNERS_DECISION, quorate))


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
