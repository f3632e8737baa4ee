"""What counts as found out: options with their cost, who is touched, and a canvass that tells the truth about silence.

Source: domain.md section 2 (row ``surveying``) and rule R10 of section 3: a canvass informs and never passes anything,
and a household counts as not reached only after three tries at different hours. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import Verdict, no, yes
from app.matter.situation import OPEN_STAGES, Stage
from app.words import N_

TRIES = 3
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
