"""Work orders of the 12345 hotline and its like: how a row is read, when it is due, what may become of it.

Source: domain section 6 (row 12345: field set; reply within 5 working days; returned only when it is clearly not ours;
who takes it first sees it through). Pure: no database, no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.errors import Verdict, no, yes
from app.flow.collect.rules import phone_problem, tidy_phone
from app.matter.deadlines import REPLY_TO_12345
from app.matter.situation import Stage
from app.matter.workdays import Calendar, due
from app.people.import_cells import BadCell, last_moment, moment, one_of, words
from app.people.import_rules import Column
from app.words import N_

NUMBER, CONTENT, ADDRESS, RESULT, REASON, DOOR, HANDLER = 60, 5000, 200, 2000, 1000, 200, 40
TYPE_LABELS: dict[str, str] = {
    "consult": N_("咨询"),
    "help": N_("求助"),
    "complaint": N_("投诉"),
    "report": N_("举报"),
    "suggest": N_("建议"),
}
_TYPES = {label: name for name, label in TYPE_LABELS.items()} | {name: name for name in TYPE_LABELS} | {
    "意见": "suggest", "意见建议": "suggest", "表扬": "suggest", "求决": "help", "诉求": "help", "咨询类": "consult",
    "求助类": "help", "投诉类": "complaint", "举报类": "report", "建议类": "suggest", "投诉举报": "complaint",
}  # fmt: skip
#: Two texts that share at least this part of the shorter one's pairs of letters may speak of the same thing.
ALIKE = 0.45
SHORTEST = 6
NO_WORDS = N_("怎么答复的，要写上。")
NO_REASON = N_("为什么退回，要写上。")
NO_DOOR = N_("该由谁来办，要写上。")
TAKEN_ON = N_("这件事已经受理了，就由我们办到底，不能再退回。")
SETTLED = N_("这张工单已经答复过了。")
SENT_BACK = N_("这张工单已经退回了。")


def masked_caller(text: str) -> str:
    """The caller as orders may show one: 张女士. A full name is cut to the surname, because nobody here needs more."""
    tidy = re.sub(r"[\s*×＊]+", "", text)
    found = re.match(r"(.{1,2}?)(先生|女士|小姐|同志|某某?|$)", tidy)
    if found and found[2]:
        return found[1] + found[2]
    return (tidy[:1] + "某") if tidy else ""


def phone(text: str) -> str:
    """The digits of a phone; raises :class:`BadCell` for what cannot be called."""
    problem = phone_problem(text)
    if problem is not None:
        raise BadCell(problem.reason, **problem.values)
    return tidy_phone(text)


COLUMNS: tuple[Column, ...] = (
    Column("external_no", N_("工单编号"), words(NUMBER), True, ("工单号", "编号", "诉求编号", "受理编号"),
           "SJZ20260601000123"),
    Column("received_at", N_("来电时间"), moment, True, ("受理时间", "诉求时间", "登记时间"), "2026-06-01 09:30"),
    Column("caller_masked", N_("来电人"), masked_caller, also=("诉求人", "姓名", "市民姓名"), sample="张女士"),
    Column("phone", N_("联系电话"), phone, also=("电话", "来电号码", "phone_enc"), sample="0311-85550100"),
    Column("type", N_("类型"), one_of(_TYPES), True, ("诉求类型", "工单类型"), "投诉"),
    Column("content", N_("内容"), words(CONTENT, one_line=False), True, ("诉求内容", "问题描述", "工单内容"),
           "广场舞音响太大，孩子写不了作业。"),
    Column("address", N_("地址"), words(ADDRESS), also=("事发地址", "诉求地址", "地点"), sample="柳荫小区小广场"),
    Column("dispatch_at", N_("派单时间"), moment, also=("转办时间", "派发时间"), sample="2026-06-01 10:00"),
    Column("due_at", N_("答复期限"), last_moment, also=("办理时限", "截止时间", "办结期限", "期限"),
           sample="2026-06-08 18:00"),
    Column("visit_rating", N_("回访评价"), words(40), also=("满意度", "评价"), sample=""),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A matter that a new order may be about: ``words`` are its title and its first proposal's."""

    number: str
    words: str


def due_of(due_at: datetime | None, start: datetime, calendar: Calendar) -> datetime:
    """The order's own deadline, or five working days after it came."""
    return due_at or due(start, REPLY_TO_12345, calendar)


def may_reply(*, replied: bool, returned: bool, result: str) -> Verdict:
    """Whether the hotline can be answered now."""
    if returned:
        return no(SENT_BACK)
    if replied:
        return no(SETTLED)
    return yes() if result.strip() else no(NO_WORDS)


def may_return(stage: Stage | None, *, replied: bool, returned: bool, reason: str, door: str) -> Verdict:
    """Whether an order may go back: only when it is clearly not ours, and before anybody here took it on."""
    if returned:
        return no(SENT_BACK)
    if replied:
        return no(SETTLED)
    if stage not in (None, Stage.COLLECTED, Stage.SUBMITTED):
        return no(TAKEN_ON)
    if not reason.strip():
        return no(NO_REASON)
    return yes() if door.strip() else no(NO_DOOR)


class Likeness:
    """Finds among known matters the one that speaks of the same thing, by pairs of letters; no dictionary needed."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._sizes: dict[str, int] = {}
        self._having: dict[str, list[str]] = {}
        for matter in known:
            pairs = pairs_of(matter.words)
            self._sizes[matter.number] = len(pairs)
            for pair in pairs:
                self._having.setdefault(pair, []).append(matter.number)

    def best(self, text: str) -> str:
        """The number of the likest matter, or nothing."""
        pairs = pairs_of(text)
        shared: dict[str, int] = {}
        for pair in pairs:
            for number in self._having.get(pair, ()):
                shared[number] = shared.get(number, 0) + 1
        scores = {
            number: n / min(len(pairs), self._sizes[number])
            for number, n in shared.items()
            if min(len(pairs), self._sizes[number]) >= SHORTEST
        }
        best = max(scores, key=lambda number: (scores[number], number), default="")
        return best if best and scores[best] >= ALIKE else ""


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters of a text, punctuation and blanks left out."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c)[0] in "LN")
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def changed_fields(standing: Mapping[str, object], row: Mapping[str, object]) -> list[str]:
    """Which of the fields that may still change differ from what stands; an empty cell changes nothing."""
    return [name for name in CHANGEABLE if row.get(name) and row[name] != standing.get(name)]


#: What the hotline may add or correct after an order came: number, type and day of receipt never change.
CHANGEABLE = ("caller_masked", "content", "address", "dispatch_at", "due_at", "visit_rating")
