"""When a matter may be carried one level up, and what the street may answer.

Source: domain.md section 2 (overlays and invariants): 有事先在网格办、大事社区商量议、难事部门联解决
(S1). A level is an overlay, never a stage: while the street helps, the hall keeps moving its own matter. Pure.
"""

from __future__ import annotations

from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.needs import Need
from app.matter.situation import LEVEL_LABELS, Level, Situation, Triage
from app.matter.stages import AFTER_ACCEPTED
from app.people.roles import STREET_STAFF, Role, Roles, as_roles
from app.words import N_


class Escalation(StrEnum):
    """Where a request to the next level stands."""

    ASKED = "asked"
    TAKEN = "taken"
    SENT_BACK = "sent_back"
    ANSWERED = "answered"


ESCALATION_LABELS: dict[Escalation, str] = {
    Escalation.ASKED: N_("已请上级帮忙"),
    Escalation.TAKEN: N_("街道接办"),
    Escalation.SENT_BACK: N_("退回社区"),
    Escalation.ANSWERED: N_("已答复"),
}
#: From the grid up; the last step leads outside the street's command and is a letter of request, not an order.
LADDER: tuple[Level, ...] = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.EXTERNAL)
ATTEMPTS: tuple[Need, ...] = (
    Need("grid_attempt", N_("网格办过，写明办到哪儿")),
    Need("community_attempt", N_("社区商量过，写明卡在哪儿")),
)
_REPLIES: dict[Escalation, frozenset[Escalation]] = {
    Escalation.ASKED: frozenset({Escalation.TAKEN, Escalation.SENT_BACK, Escalation.ANSWERED}),
    Escalation.TAKEN: frozenset({Escalation.SENT_BACK, Escalation.ANSWERED}),
    Escalation.SENT_BACK: frozenset(),
    Escalation.ANSWERED: frozenset(),
}


def missing_attempts(situation: Situation) -> tuple[Need, ...]:
    """Return which attempts below are not yet on record; an urgent matter need not wait for them."""
    if situation.triage is Triage.URGENT:
        return ()
    return tuple(need for need in ATTEMPTS if need.is_missing(situation))


def may_escalate(situation: Situation, to: Level, roles: Roles) -> Verdict:
    """Say whether the hall may ask the level ``to`` for help."""
    if Role.SECRETARY not in as_roles(roles):
        return no(N_("请上级帮忙要由社区书记提出"))
    if to not in (Level.STREET, Level.EXTERNAL) or LADDER.index(to) <= LADDER.index(situation.level):
        return no(N_("已经在「%(level)s」这一级，只能往上请"), level=LEVEL_LABELS[situation.level])
    if situation.stage not in AFTER_ACCEPTED:
        return no(N_("受理以后、办结以前才能请上级帮忙"))
    lacking = missing_attempts(situation)
    if lacking:
        return no(N_("还缺：%(missing)s"), missing="、".join(need.label for need in lacking))
    return yes()


def may_reply(now: Escalation, reply: Escalation, roles: Roles, *, to: Level, letter_no: str = "") -> Verdict:
    """Say whether the street may answer so; taking a matter to an outside unit needs the number of its letter."""
    if not as_roles(roles) & STREET_STAFF:
        return no(N_("要由街道来答复"))
    if reply not in _REPLIES[now]:
        return no(N_("「%(now)s」之后不能再「%(reply)s」"), now=ESCALATION_LABELS[now], reply=ESCALATION_LABELS[reply])
    if to is Level.EXTERNAL and reply is Escalation.TAKEN and not letter_no.strip():
        return no(N_("请外单位帮忙要填商请函编号"))
    return yes()
