"""Did it help: grades, when a matter may be closed, and what is shown of few answers.

Source: domain.md section 2 (row reviewing), section 4 (满意度调查表, five grades, F21) and section 7, K5.
Integers only. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.errors import Verdict, no, yes
from app.people.roles import COMMUNITY_STAFF, Roles, as_roles
from app.words import N_

GRADE_LABELS: Mapping[int, str] = {
    5: N_("非常满意"),
    4: N_("满意"),
    3: N_("基本满意"),
    2: N_("不满意"),
    1: N_("非常不满意"),
}
SOURCES = ("web", "visit", "phone", "paper")
SOURCE_LABELS: Mapping[str, str] = {
    "web": N_("网上"), "visit": N_("上门"), "phone": N_("电话"), "paper": N_("纸条"),
}  # fmt: skip
WHO_LABELS: Mapping[str, str] = {
    "proposer": N_("提出人"), "signer": N_("联名人"), "neighbour": N_("邻居"), "": N_("没说是谁"),
}  # fmt: skip
#: How a low one was followed up; in public where nobody knows whose it is.
FOLLOW_UPS: Mapping[str, str] = {
    "phone": N_("打了电话"), "door": N_("上了门"), "meeting": N_("当面说了"), "public": N_("不知道是谁，公开答复"),
}  # fmt: skip
#: The ways of a return visit; the keys are the column's.
VISITS: Mapping[str, str] = {"door": N_("上门"), "phone": N_("打电话"), "meeting": N_("开会、当面问")}
#: What the hall says of the effect (评估成效).
EFFECTS: Mapping[str, str] = {"reached": N_("达到了"), "partly": N_("达到一部分"), "missed": N_("没达到")}
#: 基本满意 counts as satisfied (K5); the two grades below it are 差评 and each needs a follow-up.
SATISFIED_FROM = 3
LOW_TO = 2
#: Fewer answers than this are not shown as a share (K5: 样本不足).
SAMPLE = 5
#: Below seven in ten satisfied a second rectification is owed (F22).
ENOUGH = (7, 10)
BATCH_MOST = 500
WISH_MOST = 500
SLIP_MOST = 9999
#: Papers of a council stand for ever (domain section 4); what only was done, thirty years.
RETENTION_LABELS: Mapping[str, str] = {"permanent": N_("永久"), "30": N_("30 年"), "10": N_("10 年")}


class Voice(NamedTuple):
    """One voice: the grade, the reason of a low one, a name where somebody gave it, and the paper's mark.

    ``result``, ``speed``, ``attitude``, ``knows`` and ``wish`` are the rest of the survey sheet; ``who`` and ``marks``
    say whose it is, as far as that is known (:mod:`app.flow.evaluate.raters`); ``slip`` is the number on the paper.
    """

    grade: int
    reason: str = ""
    name: str = ""
    rater: str = ""
    result: int | None = None
    speed: int | None = None
    attitude: int | None = None
    knows: bool | None = None
    wish: str = ""
    who: str = ""
    marks: tuple[str, ...] = ()
    slip: int | None = None


@dataclass(frozen=True)
class Figure:
    """A share with both its numbers; ``shown`` is False under five answers (样本不足), also at none."""

    satisfied: int
    count: int

    @property
    def shown(self) -> bool:
        """Enough answers to say a share in public."""
        return self.count >= SAMPLE

    @property
    def tenths(self) -> int | None:
        """Tenths of a percent, half up; None without answers."""
        return (2000 * self.satisfied + self.count) // (2 * self.count) if self.count else None

    @property
    def percent(self) -> str:
        """``65%``, ``94.7%``; ``—`` without answers."""
        if self.tenths is None:
            return "—"
        whole, rest = divmod(self.tenths, 10)
        return f"{whole}.{rest}%" if rest else f"{whole}%"

    @property
    def enough(self) -> bool:
        """Seven in ten or more, and somebody answered."""
        return self.count > 0 and ENOUGH[1] * self.satisfied >= ENOUGH[0] * self.count

    @property
    def bar(self) -> int:
        """Whole percent for the length of a bar."""
        return round(self.tenths / 10) if self.tenths else 0


def figure(by_grade: Mapping[int, int]) -> Figure:
    """Count the satisfied of all ratings."""
    return Figure(sum(n for grade, n in by_grade.items() if grade >= SATISFIED_FROM), sum(by_grade.values()))


def is_low(grade: int) -> bool:
    """不满意 or 非常不满意."""
    return grade <= LOW_TO


#: A low grade without a word about it.
SAY_WHERE = N_("哪里不满意，请写一句，我们好去改。")


def good_rating(grade: int, reason: str, source: str) -> Verdict:
    """One of five grades; a low one says why, so that somebody can put it right."""
    if grade not in GRADE_LABELS:
        return no(N_("请选一个：从非常满意到非常不满意。"))
    if source not in SOURCES:
        return no(N_("不知道这条评价是从哪儿来的。"))
    if is_low(grade) and not reason.strip():
        return no(SAY_WHERE)
    if len(reason) > 1000:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"), label=N_("原因"), most=1000, n=len(reason))
    return yes()


def good_sheet(voice: Voice, source: str) -> Verdict:
    """A whole survey sheet: the grade with its reason, and whatever else was ticked or written on it."""
    verdict = good_rating(voice.grade, voice.reason, source)
    if not verdict:
        return verdict
    if any(part is not None and part not in GRADE_LABELS for part in (voice.result, voice.speed, voice.attitude)):
        return no(N_("结果、快慢、态度这三样，都是从 5 到 1 选一个，没选就空着。"))
    if len(voice.wish) > WISH_MOST:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"),
                  label=N_("新的心愿"), most=WISH_MOST, n=len(voice.wish))  # fmt: skip
    if voice.slip is not None and not 1 <= voice.slip <= SLIP_MOST:
        return no(N_("纸上的号写数字，从 1 到 %(most)s。"), most=SLIP_MOST)
    return yes()


def good_batch(voices: Sequence[Voice], source: str) -> Verdict:
    """A round of papers or visits, each line judged like one given by hand."""
    if not voices:
        return no(N_("一条评价也没有。"))
    if len(voices) > BATCH_MOST:
        return no(N_("一次最多录 %(most)s 条。"), most=BATCH_MOST)
    slips = [voice.slip for voice in voices if voice.slip is not None]
    for n, voice in enumerate(voices, start=1):
        verdict = good_sheet(voice, source)
        if not verdict:
            low = is_low(voice.grade) and not voice.reason.strip()
            return no(N_("第 %(line)s 条：不满意的要写原因。"), line=n) if low else verdict
        if voice.slip is not None and slips.count(voice.slip) > 1:
            return no(N_("%(slip)s 号写了两回，一张纸录一次。"), slip=voice.slip)
    return yes()


def may_strike(reason: str, entered_by: UUID | None, by: UUID | None, entered_on: date, today: date) -> Verdict:
    """Whoever typed a batch wrongly takes it back the same day; later a second pair of eyes is asked for."""
    if not reason.strip():
        return no(N_("为什么划掉，请写一句。"))
    if len(reason) > 1000:
        return no(N_("「%(label)s」最多 %(most)s 个字，现在有 %(n)s 个。"), label=N_("原因"), most=1000, n=len(reason))
    if entered_on != today and entered_by is not None and entered_by == by:
        return no(N_("过了录的那一天，要换一位同事来划掉。"))
    return yes()


def may_follow_up(grade: int, is_followed: bool, is_struck: bool, how: str) -> Verdict:
    """Each low grade is followed up once, by name or in public words (K5, F21)."""
    if is_struck:
        return no(N_("这一条录错了，已经划掉。"))
    if not is_low(grade):
        return no(N_("满意的不用一位一位回访。"))
    if is_followed:
        return no(N_("这一位已经回访过了。"))
    return yes() if how in FOLLOW_UPS else no(N_("请选是怎么回访的。"))


def may_grow_wish(is_struck: bool, has_matter: bool) -> Verdict:
    """A wish becomes one matter."""
    if is_struck:
        return no(N_("这一条录错了，已经划掉。"))
    return no(N_("这个心愿已经另立了一件。")) if has_matter else yes()


def may_visit(roles: Roles) -> Verdict:
    """Return visits, evaluation and closing are the staff's."""
    return yes() if as_roles(roles) & COMMUNITY_STAFF else no(N_("回访和办结由社区工作人员来做。"))


def may_close(figures: Figure, reworks: int, unheard: int) -> Verdict:
    """Below 70 % it goes back instead; each low rating is followed up on its own before closing (K5, F21, F22)."""
    if figures.count and not figures.enough and reworks < 2:
        return no(
            N_("%(count)s 人评价，%(satisfied)s 人满意（%(percent)s），不到七成，不能办结，要返工或者重新商量。"),
            count=figures.count, satisfied=figures.satisfied, percent=figures.percent,
        )  # fmt: skip
    if unheard:
        return no(N_("有 %(n)s 位不满意，先回访：一位一位问过，把怎么办的记下来，再办结。"), n=unheard)
    return yes()
