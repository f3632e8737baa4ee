"""Carrying out: who may report what, when a task may be put off, and who may look at the work.

Source: domain.md section 2, rows implementing, suspended and verifying. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.resolve.rules import FEN_MOST
from app.people.roles import COMMUNITY_STAFF, OFFICE_STAFF, Role, Roles, as_roles
from app.words import N_

#: A suspended matter is looked at again at least every thirty days.
REVIEW_DAYS = 30
#: An owner asks for a day within two years; what lies further off is another promise.
EXTENSION_MOST_DAYS = 730
#: Twice the promise is generous work, ten times is a slip of the pen.
COUNT_FACTOR = 10
#: Where talk has failed, these roads stay open (People's Mediation Act section 26).
OTHER_ROUTES = N_("可以找仲裁机构仲裁、找行政机关处理，也可以到人民法院起诉。")


def may_report(roles: Roles, actor_id: UUID | None, owner_id: UUID | None) -> Verdict:
    """The owner of a task reports on it; staff type for owners who have no account, such as a builder's crew.

    ``TASK_OWNER`` is held by whoever came in through the link of this very task; it stands on no account.
    """
    if as_roles(roles) & (COMMUNITY_STAFF | {Role.TASK_OWNER}) or (owner_id is not None and actor_id == owner_id):
        return yes()
    return no(N_("要由经办人自己或者社区工作人员来报。"))


def good_count(count: int | None, target: int | None, unit: str) -> Verdict:
    """How far a measured task is: never below nothing and never beyond sense; an unmeasured one has no count."""
    if count is None:
        return yes()
    if target is None:
        return no(N_("这一项没有定数量，不用填做到多少。"))
    if count < 0 or count > target * COUNT_FACTOR:
        return no(N_("说好 %(target)s %(unit)s，填的是 %(count)s，请再看一眼。"), target=target, unit=unit, count=count)
    return yes()


def note_has_words(words: str, count: int | None, before: int, most: int) -> Verdict:
    """A note says something; only a count that grew speaks for itself. A lower count is a correction and says why."""
    if count is not None and count < before and not words.strip():
        return no(N_("做到的数比上次少了，写一句是怎么回事。"))
    if (count is None or count == before) and not words.strip():
        return no(N_("「%(label)s」要填。"), label=N_("进展"))
    if len(words) > most:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"), label=N_("进展"), most=most, n=len(words))
    return yes()


def may_finish(
    state: str, actual_fen: int | None, planned_fen: int, *, count: int = 0, target: int | None = None, unit: str = "",
    shortfall: str = "",
) -> Verdict:  # fmt: skip
    """A finished task shows what was done, how many of those promised, and what it cost where money was planned.

    Fewer than promised is finished too, when ``shortfall`` says why it stays at that.
    """
    if state != "open":
        return no(N_("这一项已经报过完工了。"))
    if planned_fen and actual_fen is None:
        return no(N_("这一项有预算，要写实际花了多少钱，没花钱写 0。"))
    if actual_fen is not None and not 0 <= actual_fen <= FEN_MOST:
        return no(N_("花的钱写得不对。"))
    if target is not None and count < target and not shortfall.strip():
        return no(
            N_("说好 %(target)s %(unit)s，做了 %(count)s %(unit)s：没做够的，写清楚为什么。"),
            target=target, unit=unit, count=count,
        )  # fmt: skip
    return yes()


def may_extend(roles: Roles, state: str, due: date, new_due: date, today: date, *, approves_own: bool) -> Verdict:
    """A new day needs a reason and somebody else's approval, and lies ahead of the old one."""
    if not as_roles(roles) & COMMUNITY_STAFF:
        return no(N_("延期由社区工作人员登记，书记批。"))
    if state != "open":
        return no(N_("已经报完工的不用延期。"))
    if new_due <= due or new_due < today:
        return no(N_("新的日子要比原来的晚，也不能是过去的日子。"))
    if (new_due - today).days > EXTENSION_MOST_DAYS:
        return no(N_("延得太久了，最多延到两年以内。"))
    if approves_own:
        return no(N_("自己办的事，延期要由别人批。"))
    return yes()


def may_ask_extension(state: str, due: date, new_due: date, today: date) -> Verdict:
    """The owner asks for a later day while the task is open; the day is one somebody can still plan for."""
    if state != "open":
        return no(N_("已经报完工的不用延期。"))
    if new_due <= due or new_due < today:
        return no(N_("新的日子要比原来的晚，也不能是过去的日子。"))
    if (new_due - today).days > EXTENSION_MOST_DAYS:
        return no(N_("延得太久了，最多延到两年以内。"))
    return yes()


def good_new_day(due: date, today: date) -> Verdict:
    """The day by which work that came back is to be done."""
    if due < today:
        return no(N_("新的日子不能是过去的日子。"))
    return yes() if (due - today).days <= EXTENSION_MOST_DAYS else no(N_("延得太久了，最多延到两年以内。"))


def may_decide_extension(
    roles: Roles, actor_id: UUID | None, parties: Collection[UUID | None], request: str, state: str
) -> Verdict:
    """Somebody of the office answers, who neither asked nor does the task; ``parties`` are those two."""
    if not as_roles(roles) & OFFICE_STAFF:
        return no(N_("延期由社区书记或者社区工作者来批。"))
    if request != "asked":
        return no(N_("这个请求已经有答复了。"))
    if state != "open":
        return no(N_("这一项已经报完工，不用再批延期。"))
    if actor_id is not None and actor_id in parties:
        return no(N_("自己办的事，延期要由别人批。"))
    return yes()


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
