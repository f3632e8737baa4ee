"""What the desk may answer to a proposal, beyond what the table of stages says.

Source: domain.md section 2 (rows ``collected`` to ``accepted`` and the end states) and section 8 (lists). Pure: time
arrives as an argument.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.collect.rules import CATEGORIES
from app.flow.triage.lists import NEGATIVE
from app.matter.situation import END_STAGES, LABELS, OPEN_STAGES, Level, Power, Stage, Track, Triage, Visibility
from app.matter.stages import BEFORE_DECIDED
from app.people.roles import COMMUNITY_STAFF, Role
from app.words import N_

TITLE = 60
WORDS = 5000
REASON = 1000
NAME = 40

#: What each of the four ways means at the desk, in the words of 四商量 (S1).
TRIAGE_HINTS: dict[Triage, str] = {
    Triage.MINOR: N_("楼门、网格里坐下来就能说好，不用投票"),
    Triage.URGENT: N_("等不得：24 小时内受理，72 小时内到现场议"),
    Triage.HARD: N_("牵扯几家、几个单位：先调查，请专家，多议几次"),
    Triage.MAJOR: N_("关系大伙儿的钱和权利：必须投票，超出议事会的提请大会"),
}
#: Which way and which body fit which level by habit; a form starts with these, nobody is bound by them.
USUAL_LEVEL: dict[Triage, Level] = {
    Triage.MINOR: Level.GRID,
    Triage.URGENT: Level.GRID,
    Triage.HARD: Level.COMMUNITY,
    Triage.MAJOR: Level.COMMUNITY,
}


@dataclass(frozen=True)
class Side:
    """One of the two matters of a merger, as the rule sees it."""

    id: UUID
    stage: Stage
    visibility: Visibility
    community: int
    has_minor: bool = False


def fits(text: str, limit: int, what: str) -> Verdict:
    """Say whether ``text`` is within ``limit`` characters."""
    if len(text) > limit:
        return no(N_("%(what)s最多 %(limit)s 个字，现在有 %(n)s 个。"), what=what, limit=limit, n=len(text))
    return yes()


def may_take_on(triage: Triage, level: Level, power: Power, track: Track, category: str, *, just_do: bool) -> Verdict:
    """Say whether the ways chosen at accepting go together."""
    if category not in CATEGORIES:
        return no(N_("属于哪一类，要从单子里选一个。"))
    if track is Track.MEDIATION and triage is Triage.MAJOR:
        return no(N_("两家的纠纷不能拿来大家投票，评一评不走大事。"))
    if track is Track.MEDIATION and power is not Power.COUNCIL:
        return no(N_("评一评由双方自己谈成，不用提请大会或业主大会。"))
    if just_do and power is not Power.COUNCIL:
        return no(N_("要提请大会或业主大会定的事，不能直接去办。"))
    if power in (Power.RESIDENTS, Power.OWNERS) and level is Level.GRID:
        return no(N_("要大会定的事，至少由社区来办，不放在网格。"))
    return yes()


def may_lead(roles: frozenset[Role]) -> Verdict:
    """Say whether the holder of ``roles`` can carry a matter; a council member may vote on it but not own it."""
    carriers = COMMUNITY_STAFF | {Role.BUILDING_STEWARD}
    return yes() if roles & carriers else no(N_("责任人要从社区工作者、网格员、楼长里选。"))


def may_refuse(code: str, reason: str, door: str, negative: Collection[str] = tuple(NEGATIVE)) -> Verdict:
    """A refusal names its item of the negative list, a human reason and the right door (F18 section 19)."""
    if code not in negative:
        return no(N_("不予受理要从负面清单里选一条。"))
    if not reason.strip():
        return no(N_("为什么不受理，要写一句提出人看得懂的话。"))
    if not door.strip():
        return no(N_("该去哪儿反映，要告诉提出人。"))
    return yes()


def may_refer(receiver: str, reason: str, call_back_at: datetime, now: datetime) -> Verdict:
    """A referral names its taker and the day on which the hall calls back; that day lies ahead."""
    if not receiver.strip():
        return no(N_("转给哪个单位，要写上名字。"))
    if not reason.strip():
        return no(N_("为什么转，要写一句。"))
    if call_back_at <= now:
        return no(N_("哪天回话，要选今天以后的日子。"))
    return yes()


def may_merge(matter: Side, into: Side) -> Verdict:
    """Only inside one community, into a matter still being talked over, and never across circles of readers."""
    if matter.community != into.community:
        return no(N_("只能并到本社区的事里。"))
    if matter.id == into.id:
        return no(N_("不能并到它自己。"))
    if into.stage in END_STAGES or into.stage not in BEFORE_DECIDED:
        return no(N_("那一件已经「%(stage)s」，不能再往里并。"), stage=LABELS[into.stage])
    if matter.has_minor and not into.has_minor:
        # The words behind a matter are read together; a child's must not come to lie among those of grown-ups.
        return no(N_("孩子提的事不能并到别人的事里，原话会让不该看的人看见。"))
    if matter.visibility is not into.visibility:
        return no(N_("这两件给谁看不一样，并到一起会让不该看的人看见。"))
    return yes()


def may_unmerge(end: Stage | None) -> Verdict:
    """Taken apart again only while the matter it went into, at the end of a chain of mergers, is still in hand."""
    if end is None:
        return no(N_("并到哪一件，没有记下来，分不出来。"))
    if end not in OPEN_STAGES:
        return no(N_("那一件已经「%(stage)s」，分不出来了；有新情况请另提一件。"), stage=LABELS[end])
    return yes()


#: Where the way, the level and the deciding body may still be put right: nothing has been talked over by them yet.
RETRIAGED = (Stage.ACCEPTED, Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED, Stage.NOT_PASSED)


def may_retriage(stage: Stage, was: tuple[Triage | None, Power | None], wanted: tuple[Triage, Power]) -> Verdict:
    """Say whether an accepted matter may still change its way (``wanted``: the four ways and who decides).

    Once its sitting is called, the notice promised a body and a rule, and a hard matter owes a survey before it.
    """
    if stage in (Stage.DELIBERATING, Stage.VOTING):
        return no(N_("会已经开了，等这一场有了结果再改。"))
    if stage is Stage.SUSPENDED:
        return no(N_("这件事暂缓着，接着办的时候再改。"))
    if stage not in RETRIAGED:
        return no(N_("「%(stage)s」的事不能再改怎么办。"), stage=LABELS[stage])
    if stage is Stage.SCHEDULED and wanted[1] is not was[1]:
        return no(N_("会前公告已经写明谁来定，要改先改期或者重新调查。"))
    if stage is Stage.SCHEDULED and wanted[0] is Triage.HARD and was[0] is not Triage.HARD:
        return no(N_("难事要先调查、听专家意见，会前公告已经发了，不能改成难事。"))
    return yes()


def has_lapsed(stage: Stage, due_at: datetime | None, now: datetime) -> bool:
    """Whether a matter that waits for its proposer has waited past its day."""
    return stage is Stage.NEEDS_INFO and due_at is not None and due_at < now
