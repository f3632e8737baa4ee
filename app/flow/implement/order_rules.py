"""Supervision orders (督办单): who may issue one to whom, and who may do what with it next.

Source: domain.md section 1 (督办: by grid worker and building steward, the street on top), section 2 (who does what:
the street may issue an order and runs nothing itself), section 4 (the paper's fields), S2. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.implement.order_standing import EVENT_LABELS as EVENT_LABELS
from app.flow.implement.order_standing import KIND_LABELS as KIND_LABELS
from app.flow.implement.order_standing import LEVEL_LABELS as LEVEL_LABELS
from app.flow.implement.order_standing import OPEN as OPEN
from app.flow.implement.order_standing import STATE_LABELS as STATE_LABELS
from app.flow.implement.order_standing import STREET as STREET
from app.flow.implement.order_standing import Facts as Facts
from app.flow.implement.order_standing import OrderLike as OrderLike
from app.flow.implement.order_standing import State as State
from app.flow.implement.order_standing import light_of as light_of
from app.flow.implement.order_standing import standing as standing
from app.matter.situation import END_STAGES, OPEN_STAGES, Stage
from app.matter.stages import AFTER_ACCEPTED
from app.people.roles import COMMUNITY_STAFF, GRID_STAFF, OFFICE_STAFF, STREET_STAFF, Role, Roles, as_roles
from app.words import N_

#: An order is answered within half a year, or it is not an order but a plan.
MOST_DAYS = 183


#: Who issues at which level, the widest last: a secretary who is a grid worker too issues for the hall.
_ISSUERS: dict[str, frozenset[Role]] = {
    STREET: STREET_STAFF,
    "community": OFFICE_STAFF,
    "grid": GRID_STAFF,
    "steward": frozenset({Role.BUILDING_STEWARD}),
}


def level_of(roles: Roles) -> str:
    """The level at which these roles issue, the highest first; "" where they issue none."""
    held = as_roles(roles)
    return next((level for level, issuers in _ISSUERS.items() if held & issuers), "")


def may_issue(
    level: str, roles: Roles, stage: Stage, *, actor_id: UUID | None, lead_id: UUID | None, names_task: bool,
    task_open: bool = True,
) -> Verdict:  # fmt: skip
    """Whether an order may be issued at ``level``; grid worker and steward only urge whoever carries a task."""
    if not as_roles(roles) & _ISSUERS.get(level, frozenset()):
        return no(N_("这一级的督办单要由%(level)s的人来发。"), level=LEVEL_LABELS.get(level, level))
    # The street urges a hall that does not get round to taking a matter up; the hall itself only what it took on.
    if stage not in (OPEN_STAGES if level == STREET else AFTER_ACCEPTED):
        return no(N_("受理以后、办结以前的事才能督办。")) if level != STREET else no(N_("这件事已经了结，不用督办。"))
    if level in ("grid", "steward") and not names_task:
        return no(N_("网格员和楼长督办到具体的任务，选一项任务。"))
    if names_task and not task_open:
        return no(N_("这一项已经报完工了，不用督办。"))
    if lead_id is not None and lead_id == actor_id:
        return no(N_("自己办的事，督办单要由别人来发。"))
    return yes()


def good_due(due: date | None, today: date) -> Verdict:
    """The day by which the order asks for the thing."""
    if due is None:
        return no(N_("写上哪天前办好。"))
    if due < today:
        return no(N_("日子不能是过去的日子。"))
    if due > today + timedelta(days=MOST_DAYS):
        return no(N_("日子太远了，最多 %(n)s 天。"), n=MOST_DAYS)
    return yes()


def may_issue_second(first_level: str, first: Facts, level: str, today: date, *, has_second: bool) -> Verdict:
    """A second order (二次督办) answers one of the same side that ran out or was answered badly."""
    if (first_level == STREET) is not (level == STREET):
        return no(N_("第一次是谁那边发的，第二次也由谁那边发。"))
    if not first.is_open:
        return no(N_("第一次的督办单已经了结，不用再发第二次。"))
    if has_second:
        return no(N_("已经发过二次督办了。"))
    if not first.is_late(today) and not first.returned:
        return no(N_("过了日子没办好，或者报办结被退回的，才发二次督办。"))
    return yes()


def answers_it(order: OrderLike, roles: Roles, actor_id: UUID | None) -> Verdict:
    """Who reports on an order: of the street's the hall's staff, of the hall's its lead; staff for a lead outside."""
    held = as_roles(roles)
    if held & STREET_STAFF:
        return no(N_("督办单由社区那边来答。"))
    if order.level == STREET:
        return yes() if held & COMMUNITY_STAFF else no(N_("要由社区工作人员来答。"))
    if order.lead_id is not None:
        return yes() if actor_id == order.lead_id else no(N_("要由主办的人自己来答。"))
    return yes() if held & (COMMUNITY_STAFF | {Role.BUILDING_STEWARD}) else no(N_("要由社区工作人员来答。"))


def may_sign(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """The secretary signs for the street's order; otherwise the lead, or staff where the lead is outside."""
    if facts.state is not State.ISSUED:
        return no(N_("这张督办单已经签收过了。")) if facts.is_open else no(N_("这张督办单已经了结了。"))
    if order.level == STREET:
        if Role.SECRETARY in as_roles(roles):
            return yes()
        return no(N_("街道的督办单由社区书记签收。"))
    return answers_it(order, roles, actor_id)


def may_note(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """The lead says how it goes; the issuer's side may ask how it goes while it is open."""
    if not facts.is_open:
        return no(N_("这张督办单已经了结了。"))
    if issued_it(order, roles, actor_id):
        return yes()
    if facts.state is State.ISSUED:
        return no(N_("先签收，再说进展。"))
    return answers_it(order, roles, actor_id)


def may_ask_more_time(
    order: OrderLike, facts: Facts, due: date | None, today: date, roles: Roles, actor_id: UUID | None
) -> Verdict:
    """One request at a time, for a later day, while it is in hand."""
    may = answers_it(order, roles, actor_id)
    if not may:
        return may
    if facts.state is not State.SIGNED:
        return no(N_("签收以后、报办结以前才能请求延期。"))
    if facts.asked is not None:
        return no(N_("已经请求过延期，正等着答复。"))
    found = good_due(due, today)
    if not found:
        return found
    if due is not None and due <= facts.due:
        return no(N_("新的日子要比原来的晚。"))
    return yes()


def may_decide_more_time(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """The issuing side decides, never whoever asks."""
    if not facts.is_open or facts.asked is None:
        return no(N_("没有等着答复的延期请求。"))
    return issued_it(order, roles, actor_id)


def may_report(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """Report the thing done, once it was signed for."""
    may = answers_it(order, roles, actor_id)
    if not may:
        return may
    if facts.state is State.ISSUED:
        return no(N_("先签收，再报办结。"))
    return yes() if facts.state is State.SIGNED else no(N_("已经报过办结了。"))


def may_return(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """Send a report back: the issuing side looked and it is not done."""
    if facts.state is not State.REPORTED:
        return no(N_("报了办结的才能退回重办。"))
    return issued_it(order, roles, actor_id)


def may_close(
    order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None, *, doers: Sequence[UUID | None] = (),
    stage: Stage = Stage.IMPLEMENTING,
) -> Verdict:  # fmt: skip
    """Only the issuing side strikes it off, never whoever does the work; without a report once the matter rests."""
    if not facts.is_open:
        return no(N_("这张督办单已经了结了。"))
    if actor_id is not None and actor_id in doers:
        return no(N_("自己办的事，销号要由别人来。"))
    side = issued_it(order, roles, actor_id)
    if not side:
        return side
    rests = stage in END_STAGES or stage is Stage.CLOSED
    if facts.state is not State.REPORTED and not rests:
        return no(N_("报了办结才能销号。"))
    return yes()


def may_void(order: OrderLike, facts: Facts, roles: Roles, actor_id: UUID | None) -> Verdict:
    """Take an order back that should not have been issued; its number and the reason stay."""
    if not facts.is_open:
        return no(N_("这张督办单已经了结了。"))
    return issued_it(order, roles, actor_id)


def issued_it(order: OrderLike, roles: Roles, actor_id: UUID | None) -> Verdict:
    """The issuing side: the street's officers, or in the hall who issued it and the office; never the lead."""
    held = as_roles(roles)
    if order.level == STREET:
        return yes() if held & STREET_STAFF else no(N_("街道发的督办单，由街道来定。"))
    if actor_id is not None and actor_id == order.lead_id:
        return no(N_("自己主办的，要由发单的人来定。"))
    if held & OFFICE_STAFF or (actor_id is not None and actor_id == order.issued_by):
        return yes()
    return no(N_("要由发单的人或者社区来定。"))


def asks(order: OrderLike, roles: Roles, actor_id: UUID | None) -> bool:
    """Whether a note is a question how it goes (追问). A lead outside has no account: what the issuing side writes down
    there is what the lead told it."""
    is_heard = order.level == STREET or order.lead_id is not None
    return is_heard and bool(issued_it(order, roles, actor_id))
