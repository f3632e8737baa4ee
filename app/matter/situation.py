"""The facts a rule of the life-cycle looks at: where a matter stands and what kind of matter it is.

Source: domain.md section 2. Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.words import N_


class Stage(StrEnum):
    """One state of the life-cycle; the value is what is stored."""

    COLLECTED = "collected"
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    ACCEPTED = "accepted"
    TOPIC_CONFIRMED = "topic_confirmed"
    SURVEYING = "surveying"
    SCHEDULED = "scheduled"
    DELIBERATING = "deliberating"
    VOTING = "voting"
    NOT_PASSED = "not_passed"
    DECIDED = "decided"
    RATIFYING = "ratifying"
    PUBLICIZED = "publicized"
    IMPLEMENTING = "implementing"
    SUSPENDED = "suspended"
    VERIFYING = "verifying"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    ARCHIVED = "archived"
    NOT_ACCEPTED = "not_accepted"
    ANSWERED = "answered"
    REFERRED = "referred"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


LABELS: dict[Stage, str] = {
    Stage.COLLECTED: N_("已收集"),
    Stage.SUBMITTED: N_("待初审"),
    Stage.NEEDS_INFO: N_("退回补正"),
    Stage.ACCEPTED: N_("已受理"),
    Stage.TOPIC_CONFIRMED: N_("已立题"),
    Stage.SURVEYING: N_("调查研究"),
    Stage.SCHEDULED: N_("会前公告"),
    Stage.DELIBERATING: N_("协商中"),
    Stage.VOTING: N_("表决中"),
    Stage.NOT_PASSED: N_("未通过"),
    Stage.DECIDED: N_("已形成决议"),
    Stage.RATIFYING: N_("提请大会"),
    Stage.PUBLICIZED: N_("公示中"),
    Stage.IMPLEMENTING: N_("落实中"),
    Stage.SUSPENDED: N_("暂缓"),
    Stage.VERIFYING: N_("核验中"),
    Stage.REVIEWING: N_("回访评议"),
    Stage.CLOSED: N_("办结"),
    Stage.ARCHIVED: N_("归档"),
    Stage.NOT_ACCEPTED: N_("不予受理"),
    Stage.ANSWERED: N_("当场答复"),
    Stage.REFERRED: N_("转办"),
    Stage.MERGED: N_("并案"),
    Stage.WITHDRAWN: N_("撤回"),
    Stage.TERMINATED: N_("终止"),
}

#: Nothing more is owed here. ``withdrawn`` may still be reopened when it lapsed for silence, and ``not_accepted`` when
#: the street upholds the proposer's one review, so ended does not always mean without exit.
END_STAGES: frozenset[Stage] = frozenset(
    {
        Stage.ARCHIVED,
        Stage.NOT_ACCEPTED,
        Stage.ANSWERED,
        Stage.REFERRED,
        Stage.MERGED,
        Stage.WITHDRAWN,
        Stage.TERMINATED,
    }
)
#: What counts as "open" in lists and figures: not ended and not closed.
OPEN_STAGES: frozenset[Stage] = frozenset(Stage) - END_STAGES - {Stage.CLOSED}


class Triage(StrEnum):
    """The four ways of talking it over (四商量, S1)."""

    MINOR = "minor"
    URGENT = "urgent"
    HARD = "hard"
    MAJOR = "major"


class Level(StrEnum):
    """Who carries the matter: grid, community, street, or a body outside the street's command."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    EXTERNAL = "external"


class Visibility(StrEnum):
    """Who may read the content; disputes start at parties only."""

    PUBLIC = "public"
    MEMBERS = "members"
    PARTIES = "parties"


class Kind(StrEnum):
    """The three kinds of proposal (S4)."""

    INDIVIDUAL = "individual"
    JOINT = "joint"
    ORGANISATION = "organisation"


class Power(StrEnum):
    """Whose decision it is: the council's, the residents' meeting's, the owners', or the law's alone."""

    COUNCIL = "council"
    RESIDENTS = "residents"
    OWNERS = "owners"
    LAW = "law"


class Track(StrEnum):
    """An ordinary matter, or a quarrel that is mediated (评一评, S3)."""

    ORDINARY = "ordinary"
    MEDIATION = "mediation"


TRIAGE_LABELS: dict[Triage, str] = {
    Triage.MINOR: N_("小事好商量"),
    Triage.URGENT: N_("急事快商量"),
    Triage.HARD: N_("难事多商量"),
    Triage.MAJOR: N_("大事必商量"),
}
LEVEL_LABELS: dict[Level, str] = {
    Level.GRID: N_("网格"),
    Level.COMMUNITY: N_("社区"),
    Level.STREET: N_("街道"),
    Level.EXTERNAL: N_("外单位"),
}
VISIBILITY_LABELS: dict[Visibility, str] = {
    Visibility.PUBLIC: N_("公开"),
    Visibility.MEMBERS: N_("议事会内"),
    Visibility.PARTIES: N_("只给当事人"),
}
KIND_LABELS: dict[Kind, str] = {
    Kind.INDIVIDUAL: N_("个人提的"),
    Kind.JOINT: N_("几户联名"),
    Kind.ORGANISATION: N_("单位提的"),
}
POWER_LABELS: dict[Power, str] = {
    Power.COUNCIL: N_("议事会能定"),
    Power.RESIDENTS: N_("要居民（代表）会议定"),
    Power.OWNERS: N_("要业主大会定"),
    Power.LAW: N_("法律已有规定，不能靠商量定"),
}
TRACK_LABELS: dict[Track, str] = {
    Track.ORDINARY: N_("议一议"),
    Track.MEDIATION: N_("评一评"),
}


@dataclass(frozen=True)
class Situation:
    """Everything a rule of the life-cycle may look at, and nothing else.

    ``evidence`` holds the keys of :mod:`app.matter.needs` that are on record *for the current round* (a second sitting
    starts with a fresh notice and attendance). ``signers`` is how many still sign. ``suspended_from`` is set exactly
    while the stage is ``suspended``.
    """

    stage: Stage
    triage: Triage | None = None
    level: Level = Level.COMMUNITY
    visibility: Visibility = Visibility.PUBLIC
    kind: Kind = Kind.INDIVIDUAL
    signers: int = 1
    decision_power: Power | None = None
    track: Track = Track.ORDINARY
    is_secretary_project: bool = False
    is_plain_duty: bool = False
    led_by_street: bool = False
    entered_for_another: bool = False
    asked_for_more: bool = False
    review_asked: bool = False
    lapsed: bool = False
    same_text: bool = False
    costs_money: bool = False
    low_rating: bool = False
    reworks: int = 0
    suspended_from: Stage | None = None
    evidence: frozenset[str] = frozenset()

    @property
    def is_private(self) -> bool:
        """Content for the parties only: nothing of it is posted."""
        return self.visibility is Visibility.PARTIES

    @property
    def beyond_council(self) -> bool:
        """The council may only advise; the residents' meeting or the owners decide."""
        return self.decision_power in (Power.RESIDENTS, Power.OWNERS)

    @property
    def stands_at(self) -> Stage:
        """The stage whose windows apply: a suspended matter keeps those of the stage it was suspended from."""
        return self.suspended_from or self.stage
