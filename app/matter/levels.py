"""When a matter may be carried one level up, what the level asked may answer, and when a request climbs by itself.

Source: domain.md section 2 (overlays and invariants): 有事先在网格办、大事社区商量议、难事部门联解决
(S1). A level is an overlay, never a stage: while the level above helps, the hall keeps moving its own matter. Pure.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.needs import Need
from app.matter.situation import LEVEL_LABELS, Level, Situation, Stage, Triage
from app.matter.stages import AFTER_ACCEPTED
from app.people.roles import GRID_STAFF, OFFICE_STAFF, STREET_STAFF, Role, Roles, as_roles
from app.words import N_


class Escalation(StrEnum):
    """Where a request to the next level stands."""

    ASKED = "asked"
    TAKEN = "taken"
    SENT_BACK = "sent_back"
    ANSWERED = "answered"
    #: Nobody answered in time, and a request of its own went on to the street.
    CLIMBED = "climbed"


ESCALATION_LABELS: dict[Escalation, str] = {
    Escalation.ASKED: N_("已请上级帮忙"),
    Escalation.TAKEN: N_("街道接办"),
    Escalation.SENT_BACK: N_("退回社区"),
    Escalation.ANSWERED: N_("已答复"),
    Escalation.CLIMBED: N_("到期没答，升到街道"),
}
#: The same for what a grid asks of its community.
COMMUNITY_LABELS: dict[Escalation, str] = {
    Escalation.ASKED: N_("等社区答复"),
    Escalation.TAKEN: N_("社区接办"),
    Escalation.SENT_BACK: N_("退回网格"),
    Escalation.ANSWERED: N_("已答复"),
    Escalation.CLIMBED: ESCALATION_LABELS[Escalation.CLIMBED],
}
#: From the grid up; the last step leads outside the street's command and is a letter of request, not an order.
LADDER: tuple[Level, ...] = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.EXTERNAL)
GRID_ATTEMPT = Need("grid_attempt", N_("网格办过，写明办到哪儿"))
COMMUNITY_ATTEMPT = Need("community_attempt", N_("社区商量过，写明卡在哪儿"))
ATTEMPTS: tuple[Need, ...] = (GRID_ATTEMPT, COMMUNITY_ATTEMPT)
#: Who walks the grid and may hand a matter up to the community.
GRID_SIDE: frozenset[Role] = GRID_STAFF | {Role.BUILDING_STEWARD}
_REPLIES: dict[Escalation, frozenset[Escalation]] = {
    Escalation.ASKED: frozenset({Escalation.TAKEN, Escalation.SENT_BACK, Escalation.ANSWERED}),
    Escalation.TAKEN: frozenset({Escalation.SENT_BACK, Escalation.ANSWERED}),
    Escalation.SENT_BACK: frozenset(),
    Escalation.ANSWERED: frozenset(),
    Escalation.CLIMBED: frozenset(),
}


def labels_for(to: Level) -> dict[Escalation, str]:
    """What the states of a request to ``to`` are called."""
    return COMMUNITY_LABELS if to is Level.COMMUNITY else ESCALATION_LABELS


def missing_attempts(situation: Situation, to: Level = Level.STREET) -> tuple[Need, ...]:
    """Return which attempts below ``to`` are not yet on record; an urgent matter need not wait for them."""
    if situation.triage is Triage.URGENT:
        return ()
    asked = (GRID_ATTEMPT,) if to is Level.COMMUNITY else ATTEMPTS
    return tuple(need for need in asked if need.is_missing(situation))


def may_escalate(situation: Situation, to: Level, roles: Roles) -> Verdict:
    """Say whether these roles may ask the level ``to``: the grid asks its community, the secretary the street."""
    asker = _may_ask(to, roles)
    if not asker:
        return asker
    if to is Level.GRID or LADDER.index(to) <= LADDER.index(situation.level):
        return no(N_("已经在「%(level)s」这一级，只能往上请"), level=LEVEL_LABELS[situation.level])
    if situation.stage not in AFTER_ACCEPTED:
        return no(N_("受理以后、办结以前才能请上级帮忙"))
    lacking = missing_attempts(situation, to)
    if lacking:
        return no(N_("还缺：%(missing)s"), missing="、".join(need.label for need in lacking))
    return yes()


def _may_ask(to: Level, roles: Roles) -> Verdict:
    held = as_roles(roles)
    if to is Level.COMMUNITY:
        return yes() if held & GRID_SIDE else no(N_("报到社区要由网格员或楼长来报"))
    return yes() if Role.SECRETARY in held else no(N_("请上级帮忙要由社区书记提出"))


def may_reply(now: Escalation, reply: Escalation, roles: Roles, *, to: Level, letter_no: str = "") -> Verdict:
    """Say whether the level asked may answer so; taking a matter to an outside unit needs the number of its letter."""
    held = as_roles(roles)
    if to is Level.COMMUNITY and not held & OFFICE_STAFF:
        return no(N_("要由社区书记或社区工作者来答复"))
    if to is not Level.COMMUNITY and not held & STREET_STAFF:
        return no(N_("要由街道来答复"))
    if reply not in _REPLIES[now]:
        labels = labels_for(to)
        return no(N_("「%(now)s」之后不能再「%(reply)s」"), now=labels[now], reply=labels[reply])
    if to is Level.EXTERNAL and reply is Escalation.TAKEN and not letter_no.strip():
        return no(N_("请外单位帮忙要填商请函编号"))
    return yes()


def may_climb(
    state: Escalation, to: Level, stage: Stage, answer_due: datetime | None, now: datetime, *, rule: bool
) -> bool:
    """Whether a request to the community climbs to the street by itself: nobody answered before its clock ran out.

    ``rule`` is the hall's own setting within the street's bounds. A matter that has come to an end needs no help.
    """
    waits = state is Escalation.ASKED and to is Level.COMMUNITY and stage in AFTER_ACCEPTED
    return rule and waits and answer_due is not None and answer_due < now


def level_after(reply: Escalation, stands: Level, *, to: Level, came_from: Level) -> Level:
    """The matter's level once ``reply`` was taken up: taken it is the level asked, sent back the one before it."""
    if reply is Escalation.TAKEN:
        # A letter may already have carried it further out than the request asked.
        return max(stands, to, key=LADDER.index)
    return came_from if reply is Escalation.SENT_BACK else stands
