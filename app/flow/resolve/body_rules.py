"""Before a larger body: which one decides, by which rule, what must come first, and what its poll means. Pure.

Source: domain.md section 2 (row ratifying) and section 3, R3, R4 and R6; section 278 of the Civil Code; sections 26 to
30 of the Residents' Committees Act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.situation import Power
from app.words import N_

QUESTION_MOST = 200
UNIT_MOST = 60


class Body(StrEnum):
    """A body larger than the council; the value is what polls and ratifications store."""

    RESIDENTS = "residents"
    HOUSEHOLDS = "households"
    REPS = "reps"
    OWNERS = "owners"


BODY_LABELS: dict[Body, str] = {
    Body.RESIDENTS: N_("居民会议（年满十八周岁的居民）"),
    Body.HOUSEHOLDS: N_("居民会议（每户派一名代表）"),
    Body.REPS: N_("居民代表会议"),
    Body.OWNERS: N_("业主大会"),
}
#: As the timeline and the papers name it.
BODY_NAMES: dict[Body, str] = {
    Body.RESIDENTS: "居民会议",
    Body.HOUSEHOLDS: "居民会议（户代表）",
    Body.REPS: "居民代表会议",
    Body.OWNERS: "业主大会",
}
#: Who may vote, as the sheet says it before it opens.
WHO_MAY: dict[Body, str] = {
    Body.RESIDENTS: "本社区年满十八周岁的居民，一人一票",
    Body.HOUSEHOLDS: "本社区的住户，每户派一名代表，一户一票",
    Body.REPS: "居民代表和居民委员会成员，一人一票",
    Body.OWNERS: "这个小区的业主，按人数和专有部分面积计算",
}
#: The kind of sitting at which the body meets.
SITTING_KINDS: dict[Body, str] = {
    Body.RESIDENTS: "residents", Body.HOUSEHOLDS: "residents", Body.REPS: "reps", Body.OWNERS: "owners",
}  # fmt: skip
BODIES_OF: dict[Power, tuple[Body, ...]] = {
    Power.RESIDENTS: (Body.REPS, Body.RESIDENTS, Body.HOUSEHOLDS),
    Power.OWNERS: (Body.OWNERS,),
}
#: Civil Code section 278, item by item.
ITEMS: dict[int, str] = {
    1: N_("制定和修改业主大会议事规则"),
    2: N_("制定和修改管理规约"),
    3: N_("选举业主委员会或者更换业主委员会成员"),
    4: N_("选聘和解聘物业服务企业或者其他管理人"),
    5: N_("使用建筑物及其附属设施的维修资金"),
    6: N_("筹集建筑物及其附属设施的维修资金"),
    7: N_("改建、重建建筑物及其附属设施"),
    8: N_("改变共有部分的用途，或者利用共有部分从事经营活动"),
    9: N_("有关共有和共同管理权利的其他重大事项"),
}
#: Items 6 to 8 need three quarters of those taking part, the others more than half.
SPECIAL_ITEMS = frozenset({6, 7, 8})


def rule_of(body: Body, item: int | None = None) -> str:
    """The rule the body decides by: R3, R4, or for owners R6a or R6b by the item of section 278.

    :raises ValueError: for owners without an item, and for an item that is none.
    """
    if body is Body.OWNERS:
        if item not in ITEMS:
            raise ValueError(f"section 278 has no item {item}")
        return "owners_special" if item in SPECIAL_ITEMS else "owners_ordinary"
    return "reps_meeting" if body is Body.REPS else "residents_meeting"


@dataclass(frozen=True)
class Asking:
    """What is put to which body. ``item`` and ``has_estate`` belong to owners alone."""

    body: Body
    question: str
    item: int | None = None
    has_estate: bool = False


def may_ask(asking: Asking, power: Power | None, *, studied: bool) -> Verdict:
    """The party organisation has studied it, the body is the one whose decision it is, and the question is whole."""
    if power not in BODIES_OF:
        return no(N_("议事会自己能定，不用提请大会"))
    if not studied:
        return no(N_("先记下党组织研究的情况，再提请大会。"))
    if asking.body not in BODIES_OF[power]:
        return no(N_("这件事不归这个大会定，换一个。"))
    if asking.body is Body.OWNERS and asking.item not in ITEMS:
        return no(N_("选一项：这件事属于民法典第二百七十八条的哪一项。"))
    if asking.body is Body.OWNERS and not asking.has_estate:
        return no(N_("选一个小区：由哪个小区的业主来定。"))
    if not asking.question.strip():
        return no(N_("写上请大会表决什么，一句话。"))
    if len(asking.question) > QUESTION_MOST:
        return no(N_("请大会表决的话最多 %(most)s 个字。"), most=QUESTION_MOST)
    return yes()


def good_day(studied_on: date | None, today: date) -> Verdict:
    """A study is written down after it was held."""
    if studied_on is None:
        return no(N_("写上哪天研究的。"))
    return no(N_("研究的日子还没到，开过了再记。")) if studied_on > today else yes()


@dataclass(frozen=True)
class Standing:
    """How the body's poll stands: its questions, how many passed, lacked a quorum, or go to a run-off."""

    questions: int = 0
    passed: int = 0
    without_quorum: int = 0
    run_off: int = 0

    @property
    def counted(self) -> bool:
        """Whether two people have counted it and nothing is left to vote on."""
        return self.questions > 0 and not self.run_off

    @property
    def quorate(self) -> bool:
        """Whether the body was large enough for every question."""
        return self.counted and not self.without_quorum

    @property
    def outcome(self) -> str:
        """``waiting``, ``no_quorum``, ``passed`` or ``failed``; without a quorum nothing is decided, not even a no."""
        if not self.counted:
            return "waiting"
        if not self.quorate:
            return "no_quorum"
        return "passed" if self.passed == self.questions else "failed"


OUTCOME_WORDS: Mapping[str, str] = {
    "waiting": N_("还没有结果"),
    "no_quorum": N_("到会人数不够，没有形成决定"),
    "passed": N_("大会通过"),
    "failed": N_("大会没有通过"),
}
