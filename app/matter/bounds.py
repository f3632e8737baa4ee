"""What a hall may set for itself: deadlines, quorum, the rule of the council's vote, days of notice, joint signers.

Pure. The street's own bounds win; where it set none, these stand. The amounts are in the unit of the default
(``deadlines.DEFAULTS``). Sources: domain.md section 2 (column "deadline"), section 3 (R1, R2 and notice), section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import Verdict, no, yes
from app.matter.deadlines import ANSWERS, DEFAULTS, NOTICE
from app.matter.situation import Power
from app.words import N_

Range = tuple[int, int]

#: (least, most) in the unit of the default. A posting's fifteen days are the law's and stand in no hall's hand.
BOUNDS: Mapping[str, Range] = {
    "deadlines.collected": (1, 5),
    "deadlines.submitted": (1, 5),
    "deadlines.submitted.urgent": (2, 24),
    "deadlines.needs_info": (3, 15),
    "deadlines.accepted": (1, 10),
    "deadlines.accepted.urgent": (2, 24),
    "deadlines.topic_confirmed": (3, 20),
    "deadlines.surveying": (3, 20),
    "deadlines.scheduled.urgent": (24, 72),
    "deadlines.voting": (1, 7),
    "deadlines.not_passed": (15, 60),
    "deadlines.decided": (1, 5),
    "deadlines.publicized": (5, 15),
    "deadlines.suspended": (7, 90),
    "deadlines.verifying": (1, 5),
    "deadlines.reviewing": (5, 15),
    "deadlines.not_accepted": (3, 10),
    "deadlines.referred": (1, 5),
    "notice_days": (3, 15),
    "joint_threshold": (2, 50),
    "climb_working_days": (5, 30),
    "answer_community": (1, 5),
    "answer_street": (2, 10),
    "answer_urgent": (2, 24),
}
#: What each number is, in the words of the one who keeps it.
LABELS: Mapping[str, str] = {
    "deadlines.collected": N_("听到以后，登记或答复"),
    "deadlines.submitted": N_("提案初审"),
    "deadlines.submitted.urgent": N_("急事初审"),
    "deadlines.needs_info": N_("等提出人补充"),
    "deadlines.accepted": N_("受理以后，立题"),
    "deadlines.accepted.urgent": N_("急事受理以后，动手"),
    "deadlines.topic_confirmed": N_("立题以后，开始调查"),
    "deadlines.surveying": N_("调查研究"),
    "deadlines.scheduled.urgent": N_("急事坐下来议"),
    "deadlines.voting": N_("书面和网上表决"),
    "deadlines.not_passed": N_("没通过以后，再说怎么办"),
    "deadlines.decided": N_("形成决议以后，贴出来"),
    "deadlines.publicized": N_("公示等意见"),
    "deadlines.suspended": N_("暂缓"),
    "deadlines.verifying": N_("办完以后，核验"),
    "deadlines.reviewing": N_("回访评议"),
    "deadlines.not_accepted": N_("不予受理以后，可以请复核"),
    "deadlines.referred": N_("转办以后，回话"),
    "notice_days": N_("会前公告"),
    "joint_threshold": N_("联名满多少人算数"),
    "climb_working_days": N_("超期多久，报街道知道"),
    "answer_community": N_("网格报到社区，社区答复"),
    "answer_street": N_("社区请街道，街道答复"),
    "answer_urgent": N_("急事请上级，上级答复"),
}
#: Which choices stand open; the street may name fewer of them.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "quorum": ("half", "two_thirds"),
    "council_rule": ("council_majority", "council_two_thirds"),
    "climb_asks": ("climb", "stay"),
}
CHOICE_LABELS: Mapping[str, str] = {
    "half": N_("应到人数过半"),
    "two_thirds": N_("应到人数的三分之二以上"),
    "council_majority": N_("到会人数过半同意"),
    "council_two_thirds": N_("到会人数的三分之二以上同意"),
    "climb": N_("自动升到街道"),
    "stay": N_("不自动升，由书记来请街道"),
}
UNIT_LABELS: Mapping[str, str] = {
    "working_days": N_("个工作日"), "days": N_("天"), "hours": N_("小时"), "people": N_("人"),
}  # fmt: skip
DEADLINES = "deadlines."
DEFAULT_NOTICE = NOTICE[Power.COUNCIL].amount
#: Two working weeks past its day nobody here has moved it, so the street hears of it (domain.md section 2, 三级联动).
DEFAULT_CLIMB = 10
#: The numbers that are no deadline of a stage: what holds while nothing was set, and the unit. Two signers are the
#: least that makes a proposal a joint one (domain.md section 2, row ``submitted``).
OWN_NUMBERS: Mapping[str, tuple[int, str]] = {
    "notice_days": (DEFAULT_NOTICE, "days"), "joint_threshold": (2, "people"),
    "climb_working_days": (DEFAULT_CLIMB, "working_days"),
    **{key: (limit.amount, limit.unit) for key, limit in ANSWERS.items()},
}  # fmt: skip


def bounds_of(street: Mapping[str, Any]) -> dict[str, Range]:
    """The numbers' bounds, with the street's own where it set sound ones."""
    found = dict(BOUNDS)
    for key in BOUNDS:
        own = street.get(key)
        if own and _is_range(own):
            found[key] = (own[0], own[1])
    return found


def _is_range(own: Any) -> bool:
    if not isinstance(own, list | tuple) or len(own) != 2:
        return False
    return all(type(n) is int for n in own) and 0 < own[0] <= own[1]


def choices_of(street: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The open choices, with the street's own where it named some of ours."""
    found = dict(CHOICES)
    for key, all_ in CHOICES.items():
        own = street.get(key)
        named = tuple(choice for choice in all_ if isinstance(own, list | tuple) and choice in own)
        found[key] = named or all_
    return found


def default_of(key: str) -> int:
    """What holds while a hall set nothing."""
    return OWN_NUMBERS[key][0] if key in OWN_NUMBERS else DEFAULTS[key.removeprefix(DEADLINES)].amount


def unit_of(key: str) -> str:
    """The unit in which a number is counted; a key of ``UNIT_LABELS``."""
    return OWN_NUMBERS[key][1] if key in OWN_NUMBERS else DEFAULTS[key.removeprefix(DEADLINES)].unit


def within(key: str, amount: int | None, bounds: Mapping[str, Range]) -> Verdict:
    """Whether a number lies within the bounds."""
    least, most = bounds[key]
    if amount is None or not least <= amount <= most:
        return no(N_("要在 %(least)s 到 %(most)s 之间，这是街道定的范围。"), least=least, most=most)
    return yes()


def allowed(key: str, choice: str, choices: Mapping[str, tuple[str, ...]]) -> Verdict:
    """Whether a choice stands open."""
    return yes() if choice in choices[key] else no(N_("这一种街道没有放开，请选别的。"))


def climbs(settings: Mapping[str, Any], street: Mapping[str, Any]) -> bool:
    """Whether what the community left unanswered climbs by itself: the hall's choice, where the street leaves one."""
    open_ways = choices_of(street)["climb_asks"]
    own = settings.get("climb_asks")
    return (own if own in open_ways else open_ways[0]) == "climb"
