"""Opening a letterbox: who may, how letters are numbered, when an opening is finished. Pure.

Source: domain.md section 6 (letterbox: opened on fixed days by two people, each letter numbered).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from app.errors import Verdict, no, yes
from app.people.roles import COMMUNITY_STAFF, Role
from app.words import N_

#: Who may open a box: staff, stewards, and the supervisors who watch the committee (Act section 36).
OPENERS: frozenset[Role] = COMMUNITY_STAFF | {Role.BUILDING_STEWARD, Role.AFFAIRS_SUPERVISOR}
MOST = 500
#: An opening is written down the same day or soon after, never ahead.
LATEST = timedelta(days=30)
NOTE = 500
#: Why a letter becomes nothing; it keeps its number all the same.
ASIDE: dict[str, str] = {
    "blank": N_("空白的"),
    "unreadable": N_("看不清写的什么"),
    "advert": N_("广告、推销"),
    "elsewhere": N_("投错了，不是给议事厅的"),
}


def may_open(
    first: UUID | None, second: UUID | None, first_roles: Iterable[Role], second_roles: Iterable[Role]
) -> Verdict:
    """Two different people who stand for the hall."""
    if not frozenset(first_roles) & OPENERS:
        return no(N_("开信箱的要是社区的人、楼长或者居务监督委员。"))
    if second is None:
        return no(N_("一起开箱的是谁，要选一位。"))
    if first == second:
        return no(N_("开信箱要两个人，另一位不能也是您自己。"))
    if not frozenset(second_roles) & OPENERS:
        return no(N_("另一位要是社区的人、楼长或者居务监督委员。"))
    return yes()


def good_moment(opened_at: datetime, now: datetime) -> Verdict:
    """Whether an opening can have been then."""
    if opened_at > now:
        return no(N_("开箱的时间还没到，开完再来记。"))
    if now - opened_at > LATEST:
        return no(N_("开箱过了 30 天才来记，请再看看日子。"))
    return yes()


def good_count(found: int | None, blank: int | None) -> Verdict:
    """Whether so many letters and blank ones can be."""
    if found is None or not 0 <= found <= MOST:
        return no(N_("一共几封要数清楚，写 0 到 %(most)s。"), most=MOST)
    if blank is None or not 0 <= blank <= found:
        return no(N_("空白的不能比一共的多，没有写 0。"))
    return yes()


def good_letter(no_: int, found: int) -> Verdict:
    """Whether the opening has a letter of this number."""
    if 1 <= no_ <= found:
        return yes()
    return no(N_("这次开箱一共 %(n)s 封，没有第 %(no)s 封。"), n=found, no=no_)


def good_recount(found: int | None, used: Collection[int]) -> Verdict:
    """Whether the number of letters may be put right; a number that was given stays."""
    if found is None or not 0 <= found <= MOST:
        return no(N_("一共几封要数清楚，写 0 到 %(most)s。"), most=MOST)
    if used and found < max(used):
        return no(N_("第 %(n)s 封已经编了号，一共不能比它少。"), n=max(used))
    return yes()


def next_letter(found: int, used: Collection[int], after: int = 0) -> int | None:
    """The next number that has nothing yet, first behind ``after``, then from the beginning; None when all are done."""
    missing = [number for number in range(1, found + 1) if number not in used]
    return next((number for number in missing if number > after), missing[0] if missing else None)


def may_finish(found: int, used: Collection[int]) -> Verdict:
    """An opening is finished when every letter has become something or was put aside with a reason."""
    left = found - len(set(used) & set(range(1, found + 1)))
    if left:
        return no(N_("还有 %(n)s 封没有编号登记，登完才能收尾。"), n=left)
    return yes()
