"""What a resolution and its posting must hold, and how the posting's clock runs.

Source: domain.md section 2 (rows decided, publicized), section 3 (legal effect, dissent) and section 4; the fifteen
days are section 34 of the Residents' Committees Act. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from app.errors import Verdict, no, yes
from app.flow.resolve.task_rules import FEN_MOST as FEN_MOST
from app.flow.resolve.task_rules import NAME_MOST as NAME_MOST
from app.flow.resolve.task_rules import REASON_MOST as REASON_MOST
from app.flow.resolve.task_rules import TASKS_MOST as TASKS_MOST
from app.flow.resolve.task_rules import Task as Task
from app.flow.resolve.task_rules import first_no as first_no
from app.flow.resolve.task_rules import fits as fits
from app.flow.resolve.task_rules import good_measure as good_measure
from app.flow.resolve.task_rules import good_tasks as good_tasks
from app.people.roles import OFFICE_STAFF, Role, Roles, as_roles
from app.words import N_

TITLE_MOST = 60
WORDS_MOST = 5000
CONTACT_MOST = 60
#: 居民委员会组织法 §34: what was settled by deliberation hangs for fifteen days or more.
HANG_DAYS = 15
HANG_MOST = 180
OBJECTION_DAYS = 7
#: What a resolution says in words; the names are its columns.
TEXT_FIELDS = ("title", "basis", "words", "dissent", "dissent_answer", "signed_by")
#: Where a signed resolution may be corrected. While a larger body has it before it, it may not.
CORRECTABLE = ("decided", "publicized", "implementing", "suspended", "verifying", "reviewing", "closed")


def may_write(roles: Roles) -> Verdict:
    """The office writes resolutions and postings; the grid carries them out."""
    return yes() if as_roles(roles) & OFFICE_STAFF else no(N_("决议和公示由社区书记和社区工作者来写。"))


def may_sign(roles: Roles) -> Verdict:
    """The secretary signs for the hall, and signs every correction."""
    return yes() if is_secretary(roles) else no(N_("决议由社区书记签发。"))


def may_correct(signed_at: datetime | None, replaced_at: datetime | None, stage: str) -> Verdict:
    """Only what is signed and still holds is corrected; before the signature it is simply written anew.

    Before a larger body nothing is corrected either: it votes on the text that was put to it.
    """
    if replaced_at is not None:
        return no(N_("这份决议已经由新的代替了。"))
    if signed_at is None:
        return no(N_("还没签发，直接改就行，不用更正。"))
    if stage not in CORRECTABLE:
        return no(N_("这一步不能更正决议。"))
    return yes()


def only_mended(before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    """A correction changes something, and adds or drops no task: that would be a new decision."""
    if len(before["tasks"]) != len(after["tasks"]):
        return no(N_("更正不能加任务，也不能去掉任务：那是新的决定，要重新议。"))
    if not changes(before, after):
        return no(N_("和原来一字不差，没有可更正的。"))
    for task in after["tasks"]:
        fine = first_no(fits(N_("办什么"), task["what"], 200), fits(N_("谁来办"), task["who"], NAME_MOST))
        if not fine or not 0 <= task["planned_fen"] <= FEN_MOST:
            return fine and no(N_("「%(what)s」花的钱写得不对。"), what=task["what"])
        if not (fine := good_measure(task["what"], task.get("unit", ""), task.get("target"))):
            return fine
    return yes()


class Change(NamedTuple):
    """One place where two versions differ: the field's name, and what stood and now stands there."""

    field: str
    old: Any
    new: Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Where two versions differ, in the order of the paper; tasks one by one."""
    found = [Change(name, before[name], after[name]) for name in TEXT_FIELDS if before[name] != after[name]]
    pairs = zip_longest(before["tasks"], after["tasks"])
    return found + [Change("task", old, new) for old, new in pairs if old != new]


def is_substantial(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether people would now read of another plan, another doer, day or sum; a title or a signature is none of that.

    White space and punctuation are not the plan: 「5组。」 and 「5 组」 say the same.
    """
    return _plain(before["words"]) != _plain(after["words"]) or before["tasks"] != after["tasks"]


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def against(tally: Mapping[str, Any]) -> int:
    """How many said no in a frozen count, over all its questions."""
    return int(tally["no"]) + sum(int(part["no"]) for part in tally.get("more", ()))


def dissent_is_heard(against: int, dissent: str, answer: str) -> Verdict:
    """Domain section 2: dissent is recorded and answered; a no-vote without a line of dissent is not on record."""
    if against and not dissent.strip():
        return no(N_("有 %(n)s 票反对：把不同意见记下来，并且答复。没说理由的，就写没说理由。"), n=against)
    if dissent.strip() and not answer.strip():
        return no(N_("不同意见要有答复。"))
    return yes()


@dataclass(frozen=True)
class Terms:
    """One posting on the calendar: first day, last day for objections, last day on the board."""

    starts: date
    objections_until: date
    ends: date


def posting_terms(starts: date, objections_until: date, days: int) -> Terms:
    """The days of a posting that hangs ``days`` from ``starts``, which is not counted (Civil Code section 201)."""
    return Terms(starts, objections_until, starts + timedelta(days=days))


def good_terms(terms: Terms, made: date, today: date) -> Verdict:
    """A posting starts after its resolution, hangs fifteen days and leaves time to object."""
    hangs = (terms.ends - terms.starts).days
    if hangs < HANG_DAYS:
        return no(N_("公示至少挂 %(days)s 天（居民委员会组织法第三十四条）。"), days=HANG_DAYS)
    if hangs > HANG_MOST:
        return no(N_("公示最多挂 %(days)s 天。"), days=HANG_MOST)
    if terms.starts < made:
        return no(N_("公示不能早于决议那天。"))
    if (terms.starts - today).days > 30:
        return no(N_("公示最迟一个月内贴出。"))
    if not terms.starts < terms.objections_until <= terms.ends:
        return no(N_("提意见的日子要在公示的日子里。"))
    if terms.objections_until < today:
        return no(N_("提意见的期限已经过了，开始的日子往后定。"))
    return yes()


def may_object(state: str, starts: date, objections_until: date, today: date) -> Verdict:
    """Objections are taken from the first day to the last day of the window, both included."""
    if state != "up":
        return no(N_("这份公示已经收下来了。还有话要说，请打社区电话。"))
    if today < starts:
        return no(N_("这份公示还没贴出来。"))
    if today > objections_until:
        return no(N_("提意见的期限已经过了。还有话要说，请打社区电话，或者在议事厅里另说一件事。"))
    return yes()


def window_ended(objections_until: date, today: date) -> bool:
    """The last day itself still counts."""
    return today > objections_until


def may_end_window(objections_until: date, unanswered: int, upheld: int, today: date) -> Verdict:
    """Objections keep a resolution from being carried out until each has an answer and none is upheld."""
    if not window_ended(objections_until, today):
        return no(N_("提意见的期限还没过。"))
    if unanswered:
        return no(N_("还有 %(n)s 条意见没答复。"), n=unanswered)
    if upheld:
        return no(N_("有 %(n)s 条意见成立，要重新商量。"), n=upheld)
    return yes()


def clock_words(terms: Terms, today: date) -> tuple[str, Mapping[str, object]]:
    """The posting's clock as a message id and its values: 「公示第 3 天，还有 4 天可以提意见」."""
    if today < terms.starts:
        return N_("%(n)s 天后贴出"), {"n": (terms.starts - today).days}
    day, left = (today - terms.starts).days, (terms.objections_until - today).days
    if left > 0 and day == 0:
        return N_("今天贴出，还有 %(left)s 天可以提意见"), {"left": left}
    if left > 0:
        return N_("公示第 %(day)s 天，还有 %(left)s 天可以提意见"), {"day": day, "left": left}
    if left == 0:
        return N_("公示第 %(day)s 天，今天是提意见的最后一天"), {"day": day}
    if today <= terms.ends:
        hangs = (terms.ends - today).days
        return N_("公示第 %(day)s 天，提意见的期限已过，再挂 %(left)s 天"), {"day": day, "left": hangs}
    return N_("公示期满，挂了 %(days)s 天"), {"days": (terms.ends - terms.starts).days}


def is_secretary(roles: Roles) -> bool:
    """Whether somebody signs for the hall."""
    return Role.SECRETARY in as_roles(roles)
