"""What counts as found out: options with their cost, who is touched, and a canvass that tells the truth about silence.

Source: domain.md section 2 (row ``surveying``) and rule R10 of section 3: a canvass informs and never passes anything,
and a household counts as not reached only after three tries at different hours. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.errors import Verdict, no, yes
from app.matter.situation import OPEN_STAGES, Stage
from app.words import N_

TRIES = 3
#: Tries at different hours lie at least this far apart, and not all in one forenoon or one afternoon.
APART = timedelta(hours=2)
NOON = 12
#: One round covers a few buildings at most; more is a survey of the estate and wants a plan of its own.
MOST_DOORS = 600
#: Below this many households a total would tell who said what.
LEAST_TOLD = 5
#: For a day whoever wrote down what they saw may still put their words right.
CORRECTABLE = timedelta(hours=24)
REASON = 1000
ANSWERS: dict[str, str] = {"for": N_("赞成"), "against": N_("反对"), "no_opinion": N_("没意见"), "": N_("没人")}
CHANNELS: dict[str, str] = {"door": N_("敲门"), "phone": N_("打电话"), "chain": N_("群接龙")}
LEAST_OPTIONS = 2
WORDS = 5000
SHORT = 200
NAME = 40
MOST_FEN = 100_000_000_000
MOST_HOUSEHOLDS = 100_000
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: Findings may be noted from the moment a topic stands until it is put to the vote.
OPEN_TO_FINDINGS: frozenset[Stage] = frozenset(
    {Stage.ACCEPTED, Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED, Stage.DELIBERATING, Stage.SUSPENDED}
)
#: The party organisation talks it over before the residents' meeting decides (Residents' Committees Act section 30).
OPEN_TO_PARTY_STUDY: frozenset[Stage] = OPEN_TO_FINDINGS | {Stage.DECIDED, Stage.RATIFYING}
#: On the spot people also look while the work goes on.
OPEN_TO_SITE_NOTES: frozenset[Stage] = OPEN_STAGES - {Stage.COLLECTED, Stage.SUBMITTED, Stage.NEEDS_INFO}


@dataclass(frozen=True)
class Count:
    """What a canvass counted, in households: asked for, reached, for, against; ``tries`` per household not reached."""

    target: int
    reached: int
    in_favour: int
    against: int
    tries: int

    @property
    def no_opinion(self) -> int:
        """Reached, and neither for nor against."""
        return self.reached - self.in_favour - self.against

    @property
    def not_reached(self) -> int:
        """Asked for and never met."""
        return self.target - self.reached


def may_find(stage: Stage) -> Verdict:
    """Say whether options, people touched and canvasses may be noted now."""
    if stage in OPEN_TO_FINDINGS:
        return yes()
    return no(N_("受理以后、表决以前才能记方案和意见。"))


def may_note_site(stage: Stage) -> Verdict:
    """Say whether somebody's look on the spot may be noted now."""
    return yes() if stage in OPEN_TO_SITE_NOTES else no(N_("受理以后、办结以前才能记现场。"))


def good_option(words: str, cost_fen: int | None, payer: str) -> Verdict:
    """An option says what, how much and who pays; an unknown cost is estimated, never left open."""
    if not words.strip():
        return no(N_("方案怎么做，要写一句。"))
    if cost_fen is None or not 0 <= cost_fen <= MOST_FEN:
        return no(N_("花多少钱要填数字，没准数就填个大概，勾上「大约」；不花钱填 0。"))
    if not payer.strip():
        return no(N_("钱谁出要写明白；不花钱的写「不花钱」。"))
    return yes()


def next_label(used: Iterable[str]) -> str:
    """The next letter; a dropped option keeps its own, so that minutes that speak of 「B」 stay true."""
    taken = set(used)
    for letter in LABELS:
        if letter not in taken:
            return letter
    raise ValueError("no letter is left")


def good_count(count: Count) -> Verdict:
    """The figures add up, and nobody is called unreachable after fewer than three tries (R10)."""
    if count.target < 1 or count.target > MOST_HOUSEHOLDS:
        return no(N_("要问多少户，填 1 以上的数。"))
    if min(count.reached, count.in_favour, count.against) < 0 or count.tries < 1:
        return no(N_("户数和次数不能是负数，至少去过 1 次。"))
    if count.reached > count.target:
        return no(
            N_("问到的 %(reached)s 户比要问的 %(target)s 户还多，请核一下。"),
            reached=count.reached,
            target=count.target,
        )
    if count.in_favour + count.against > count.reached:
        return no(N_("赞成加不赞成，比问到的 %(reached)s 户还多，请核一下。"), reached=count.reached)
    if count.not_reached and count.tries < TRIES:
        return no(N_("还有 %(n)s 户没问到：换不同时间至少去 3 次，才能算没联系上。"), n=count.not_reached)
    return yes()


def tried_enough(tries: Collection[datetime]) -> bool:
    """Whether a household may be called not reached (R10): at least three tries at different hours.

    ``tries`` are moments on the wall clock of the place. Different means: three of them lie two hours or more apart
    from each other, and not all three in the same forenoon or the same afternoon.
    """
    if len(tries) < TRIES:
        return False
    first, last = min(tries), max(tries)
    # If any three tries will do, then the first and the last will do with one of those between them.
    return _half_day(first) != _half_day(last) and any(first + APART <= one <= last - APART for one in tries)


def owed(tries: Collection[datetime]) -> Verdict:
    """What is still to be done at a door where nobody answered."""
    if tried_enough(tries):
        return yes()
    if not tries:
        return no(N_("还没问过"))
    if len(tries) < TRIES:
        return no(N_("去过 %(n)s 次，还要换时间去 %(more)s 次"), n=len(tries), more=TRIES - len(tries))
    return no(N_("去的时间太近：三次要各隔 2 小时以上，不能都在同一个上午或下午"))


def may_close(open_doors: int) -> Verdict:
    """Whether a round may be closed; ``open_doors`` neither answered nor were tried often enough."""
    if open_doors:
        return no(N_("还有 %(n)s 户没问到，也没去够三次，不能结束。"), n=open_doors)
    return yes()


def may_be_told(reached: int) -> bool:
    """Whether the totals may stand in public."""
    return reached >= LEAST_TOLD


def good_answer(answer: str, channel: str) -> Verdict:
    """An answer is one of four, and a chain in the group chat has no closed doors."""
    if answer not in ANSWERS or channel not in CHANNELS:
        return no(N_("请点一个：赞成、反对、没意见，或者没人。"))
    if channel == "chain" and not answer:
        return no(N_("群接龙里没接的，不算去过，不用记。"))
    return yes()


def good_reason(reason: str) -> Verdict:
    """A reason was given and is short enough."""
    if not reason.strip():
        return no(N_("要写明原因。"))
    if len(reason.strip()) > REASON:
        return no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=REASON)
    return yes()


def may_correct(at: datetime, own: bool, now: datetime) -> Verdict:
    """Whether the words of a site note may still be put right."""
    if not own:
        return no(N_("现场记录由写的人自己改；写错了也可以不显示，再写一条。"))
    return yes() if now - at <= CORRECTABLE else no(N_("过了一天就不改原话了，可以不显示，再写一条。"))


def good_party_study(on: date, today: date, who: str, note: str) -> Verdict:
    """The record of the party organisation's discussion says when, who and what came of it."""
    if on > today:
        return no(N_("还没到这一天，开完再记。"))
    if not who.strip() or len(who.strip()) > NAME:
        return no(N_("哪个党组织议的，写上名称，最多 %(limit)s 个字。"), limit=NAME)
    return good_reason(note)


def _half_day(moment: datetime) -> tuple[date, bool]:
    return moment.date(), moment.hour >= NOON
