"""Carrying out: who may report what, when a task may be put off, and who may look at the work.

Source: domain.md section 2, rows implementing, suspended and verifying. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.resolve.rules import FEN_MOST
from app.people.roles import COMMUNITY_STAFF, Role, Roles, as_roles
from app.words import N_

#: A suspended matter is looked at again at least every thirty days.
REVIEW_DAYS = 30
#: Where talk has failed, these roads stay open (People's Mediation Act section 26).
OTHER_ROUTES = N_("可以找仲裁机构仲裁、找行政机关处理，也可以到人民法院起诉。")


def may_report(roles: Roles, actor_id: UUID | None, owner_id: UUID | None) -> Verdict:
    """The owner of a task reports on it; staff type for owners who have no account, such as a builder's crew."""
    if as_roles(roles) & COMMUNITY_STAFF or (owner_id is not None and actor_id == owner_id):
        return yes()
    return no(N_("要由经办人自己或者社区工作人员来报。"))


def may_finish(state: str, actual_fen: int | None, planned_fen: int) -> Verdict:
    """A finished task shows what was done and, where money was planned, what it really cost."""
    if state != "open":
        return no(N_("这一项已经报过完工了。"))
    if planned_fen and actual_fen is None:
        return no(N_("这一项有预算，要写实际花了多少钱，没花钱写 0。"))
    if actual_fen is not None and not 0 <= actual_fen <= FEN_MOST:
        return no(N_("花的钱写得不对。"))
    return yes()


def may_extend(roles: Roles, state: str, due: date, new_due: date, today: date, *, approves_own: bool) -> Verdict:
    """A new day needs a reason and somebody else's approval, and lies ahead of the old one."""
    if not as_roles(roles) & COMMUNITY_STAFF:
        return no(N_("延期由社区工作人员登记，书记批。"))
    if state != "open":
        return no(N_("已经报完工的不用延期。"))
    if new_due <= due or new_due < today:
        return no(N_("新的日子要比原来的晚，也不能是过去的日子。"))
    if approves_own:
        return no(N_("自己办的事，延期要由别人批。"))
    return yes()


def may_hand_over(open_tasks: int) -> Verdict:
    """Every promise is reported done first."""
    return no(N_("还有 %(n)s 项没报完工。"), n=open_tasks) if open_tasks else yes()


def is_doer(actor_id: UUID | None, owners: Collection[UUID]) -> bool:
    """Whoever did the work does not verify it."""
    return actor_id is not None and actor_id in owners


def good_review_day(review_on: date, today: date) -> Verdict:
    """The proposer is told a day within thirty days."""
    ahead = (review_on - today).days
    if 1 <= ahead <= REVIEW_DAYS:
        return yes()
    return no(N_("再看的日子要在 %(days)s 天以内。"), days=REVIEW_DAYS)


def is_secretary(roles: Roles) -> bool:
    """Who may sign for the hall."""
    return Role.SECRETARY in as_roles(roles)
