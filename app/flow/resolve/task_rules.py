"""What a promise must say: what, who, by which day, measured in what, for how much.

Source: domain.md section 2, row decided (tasks with owner and date). Who may owe one: somebody of the hall, the
property manager, a partner unit, or a body outside asked by letter. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.errors import Verdict, no, yes
from app.words import N_

REASON_MOST = 1000
NAME_MOST = 40
TASKS_MOST = 40
UNIT_MOST = 8
LETTER_MOST = 40
CONTACT_MOST = 60
#: A hundred million yuan: far above what a hall decides, far below what an integer column holds.
FEN_MOST = 10**10
#: More seats, lamps or metres than a community has room for; what is above is a slip of the pen.
TARGET_MOST = 1_000_000
#: Nobody answers for a later day; a year typed wrongly would keep a light green for ever.
DUE_MOST_DAYS = 1830
OWNER_KINDS: Mapping[str, str] = {
    "person": N_("个人"), "property": N_("物业"), "partner": N_("共建单位"), "external": N_("外单位，凭函"),
}  # fmt: skip


class Task(NamedTuple):
    """One thing to do: what, who, the account behind it (None: somebody without one), by which day, planned fen.

    ``target`` counts ``unit`` (300 把, 8 处; None: not measured). ``contact`` is a phone of somebody outside, kept
    sealed and never on paper; ``letter_no`` is the number of the letter by which an outside body was asked.
    """

    what: str
    who: str
    owner_id: UUID | None
    due: date
    planned_fen: int = 0
    owner_kind: str = "person"
    unit: str = ""
    target: int | None = None
    contact: str = ""
    letter_no: str = ""


def fits(label: str, text: str, most: int, *, required: bool = True) -> Verdict:
    """Whether a text is there and not too long; ``label`` is what the page calls it."""
    if required and not text.strip():
        return no(N_("「%(label)s」要填。"), label=label)
    if len(text) > most:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"), label=label, most=most, n=len(text))
    return yes()


def first_no(*verdicts: Verdict) -> Verdict:
    """The first refusal, or yes."""
    return next((verdict for verdict in verdicts if not verdict), yes())


def good_tasks(tasks: Sequence[Task], today: date) -> Verdict:
    """Every task says what, who and by which day, and no day lies in the past."""
    if not tasks:
        return no(N_("至少写一项：谁来办，哪天办完。"))
    if len(tasks) > TASKS_MOST:
        return no(N_("任务最多 %(most)s 项。"), most=TASKS_MOST)
    return first_no(*(_good_task(task, today) for task in tasks))


def good_measure(what: str, unit: str, target: int | None) -> Verdict:
    """A number has a unit, a unit has a number, and both are of a size that makes sense."""
    if target is None and not unit.strip():
        return yes()
    if target is None:
        return no(N_("「%(what)s」写了单位，还要写数量，例如 300 把。"), what=what)
    if not unit.strip():
        return no(N_("「%(what)s」写了数量，还要写单位，例如 300 把。"), what=what)
    if not 1 <= target <= TARGET_MOST:
        return no(N_("「%(what)s」的数量要在 1 到 %(most)s 之间。"), what=what, most=TARGET_MOST)
    return fits(N_("单位"), unit, UNIT_MOST)


def _good_task(task: Task, today: date) -> Verdict:
    return first_no(
        fits(N_("办什么"), task.what, 200), fits(N_("谁来办"), task.who, NAME_MOST), _good_day_and_money(task, today),
        good_measure(task.what, task.unit, task.target), _good_owner(task),
    )  # fmt: skip


def _good_day_and_money(task: Task, today: date) -> Verdict:
    if task.due < today:
        return no(N_("「%(what)s」的日子已经过了，往后定。"), what=task.what)
    if (task.due - today).days > DUE_MOST_DAYS:
        return no(N_("「%(what)s」的日子太远了，最多五年。"), what=task.what)
    if not 0 <= task.planned_fen <= FEN_MOST:
        return no(N_("「%(what)s」花的钱写得不对。"), what=task.what)
    return yes()


def _good_owner(task: Task) -> Verdict:
    if task.owner_kind not in OWNER_KINDS:
        return no(N_("「%(what)s」由哪一类单位来办，请重新选。"), what=task.what)
    return good_address(task.what, task.owner_kind, task.contact, task.letter_no)


def good_address(what: str, owner_kind: str, contact: str, letter_no: str) -> Verdict:
    """How somebody outside is reached; a letter goes only to whoever is asked by letter."""
    if letter_no.strip() and owner_kind != "external":
        return no(N_("「%(what)s」填了函号，办的人就选「外单位，凭函」。"), what=what)
    return first_no(
        fits(N_("联系电话"), contact, CONTACT_MOST, required=False),
        fits(N_("函号"), letter_no, LETTER_MOST, required=False),
    )
