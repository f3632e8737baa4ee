"""What the register of able residents (能人) asks for before somebody is listed. Pure.

Source: domain.md section 8 (talent pool: core residents are each community's own register) and PIPL sections 13 to 17:
nobody is listed without a consent of their own, and taking it back is as easy as giving it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Verdict, no
from app.people.phones import phone_problem, tidy_phone
from app.words import N_

NAME, SKILLS, HOURS, ROLE, REASON, TOPIC = 20, 200, 60, 12, 200, 60
#: More roles than this say nothing about anybody.
MOST_ROLES = 6
FOUND_BY: dict[str, str] = {
    "visit": N_("走访时找到的"),
    "event": N_("活动里发现的"),
    "recommended": N_("邻居推荐的"),
    "self": N_("自己报的名"),
}
CONSENT_HOW: dict[str, str] = {
    "spoken": N_("念给本人听，口头同意"),
    "paper": N_("本人在纸上签了字"),
    "online": N_("本人在网上勾的"),
}
#: What able residents usually do; anything else may be written in.
ROLES: tuple[str, ...] = (
    N_("楼院长"),
    N_("单元长"),
    N_("议事员"),
    N_("志愿者"),
    N_("调解能手"),
    N_("记录员"),
    N_("热心老党员"),
    N_("手艺人"),
)
#: What the hall may put somebody forward for: a seat at the table, the pen beside it, the street's pool.
SUGGESTIONS: dict[str, str] = {"council": N_("议事员"), "recorder": N_("记录人"), "expert": N_("街道人才库")}
_BREAK = re.compile(r"[、，,；;\s]+")


@dataclass(frozen=True)
class Draft:
    """What is written down about one person; ``phone`` may be empty."""

    name: str
    title: str = ""
    phone: str = ""
    skills: str = ""
    hours: str = ""
    roles: Sequence[str] = ()
    found_by: str = "visit"
    consent_how: str = ""
    name_public: bool = False


@dataclass(frozen=True)
class Training:
    """One training as it is entered: ``minutes`` is its length."""

    topic: str
    minutes: int
    teacher: str = ""
    place: str = ""
    came: Sequence[str] = field(default=())


def roles_of(chosen: Sequence[str], written: str = "") -> list[str]:
    """The roles ticked and written in, each once, in that order."""
    found = [*chosen, *(part for part in _BREAK.split(written) if part)]
    return list(dict.fromkeys(role[:ROLE] for role in found))[:MOST_ROLES]


def problems(draft: Draft, *, agreed: bool) -> Mapping[str, Verdict]:
    """What is wrong with a draft, by field: ``name``, ``phone``, ``skills``, ``hours``, ``found_by``, ``consent``."""
    found: dict[str, Verdict] = {}
    if not draft.name.strip():
        found["name"] = no(N_("请写上姓名。"))
    for key, text, limit in (
        ("name", draft.name, NAME), ("skills", draft.skills, SKILLS), ("hours", draft.hours, HOURS),
    ):  # fmt: skip
        if len(text.strip()) > limit:
            found[key] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    if not draft.skills.strip() and not draft.roles:
        found["skills"] = no(N_("写一写会什么，或者勾一样常做的。"))
    if (wrong := phone_problem(tidy_phone(draft.phone))) is not None:
        found["phone"] = wrong
    if draft.found_by not in FOUND_BY:
        found["found_by"] = no(N_("请选一样。"))
    if not agreed or draft.consent_how not in CONSENT_HOW:
        found["consent"] = no(N_("先问过本人，同意了才能列进来。"))
    return found


def training_problems(training: Training, *, is_future: bool) -> Mapping[str, Verdict]:
    """What is wrong with a training, by field: ``topic``, ``minutes``, ``day``."""
    found: dict[str, Verdict] = {}
    if not training.topic.strip():
        found["topic"] = no(N_("写上讲的什么。"))
    elif len(training.topic.strip()) > TOPIC:
        found["topic"] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=TOPIC)
    if not 10 <= training.minutes <= 600:
        found["minutes"] = no(N_("时长写 10 到 600 分钟。"))
    if is_future:
        found["day"] = no(N_("培训办过了再记。"))
    return found
