"""What the lead of a matter that crosses communities, and each hall that takes part, may do when.

Source: domain.md section 2 (跨社区: the street leads only what it opened, F38). Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.errors import Verdict, no, yes
from app.matter.joint_gather_rules import Gather, Part
from app.people.roles import STREET_STAFF, Role
from app.words import N_

TITLE, QUESTION, WORDS, REASON, PLACE, WHO = 60, 200, 3000, 1000, 60, 40


STAGE_LABELS: dict[str, str] = {
    "drafting": N_("起草中"),
    "inviting": N_("等社区回话"),
    "deliberating": N_("各社区在议"),
    "decided": N_("汇总通过"),
    "not_passed": N_("汇总没通过"),
    "implementing": N_("正在落实"),
    "closed": N_("办结"),
    "suspended": N_("先停一停"),
    "terminated": N_("终止"),
}
STATE_LABELS: dict[str, str] = {
    "silent": N_("等回话"),
    "joined": N_("参加，正在议"),
    "declined": N_("不参加"),
    "voted": N_("议完了"),
    "withdrawn": N_("邀请收回了"),
}
#: What the communities' own decisions and the gathered result are worth (Residents' Committees Act sections 6 and 12).
LEGAL_WORDS = N_("汇总结果是协商意见。每个社区的决定只管自己社区，街道照着汇总结果去落实自己答应的事。")
OPEN = frozenset({"inviting", "deliberating"})
RUNNING = OPEN | {"decided", "not_passed", "implementing"}
ENDED = frozenset({"closed", "terminated"})


def may_lead(roles: Collection[Role]) -> Verdict:
    """Only the street leads what crosses communities (F38)."""
    return yes() if set(roles) & STREET_STAFF else no(N_("跨社区的事由街道牵头。"))


def may_change(stage: str, *, vote_begun: bool) -> Verdict:
    """The words and the question, until the first hall votes."""
    if stage not in OPEN | {"drafting"}:
        return no(N_("这件事走到「%(stage)s」，不能再改了。"), stage=STAGE_LABELS[stage])
    if vote_begun:
        return no(N_("已经有社区开始表决，题目不能再改。"))
    return yes()


def may_change_rule(stage: str) -> Verdict:
    """How the votes are taken and gathered is settled before the first invitation goes out."""
    return yes() if stage == "drafting" else no(N_("邀请发出去以后，算法就定了，不能再改。"))


def may_invite(stage: str, rule: str, lead_rule: str, asked: Sequence[str], *, before: int, voted: int) -> Verdict:
    """``asked``: the ballot rule of each new hall; ``before``: how many are invited already; ``voted``: have handed in.

    Heads are added up only where every hall votes by the same rule; otherwise members of a council would be added to
    a whole neighbourhood.
    """
    if stage not in ("drafting", "inviting", "deliberating"):
        return no(N_("这件事走到「%(stage)s」，不能再请社区了。"), stage=STAGE_LABELS[stage])
    if not asked:
        return no(N_("请选上要请的社区。"))
    if before + len(asked) < 2:
        return no(N_("跨社区的事，至少要请两个社区。"))
    if voted:
        return no(N_("已经有社区交了表决结果，不能再请别的社区进来。"))
    if rule != Gather.EACH and any(one != lead_rule for one in asked):
        return no(N_("票要合起来数，各社区就得用一样的表决办法。"))
    return yes()


def may_withdraw(state: str) -> Verdict:
    """An invitation is taken back until the hall has handed its result in."""
    if state == "voted":
        return no(N_("这个社区已经议完交了结果，邀请收不回来了。"))
    if state == "withdrawn":
        return no(N_("这份邀请已经收回了。"))
    return yes()


def may_open(stage: str, parts: Sequence[Part], today: date) -> Verdict:
    """The halls begin to deliberate: at least two take part, and nobody is passed over before the day to answer."""
    if stage != "inviting":
        return no(N_("要在等社区回话这一步才能开议。"))
    waited = [part.name for part in parts if part.state == "silent" and part.due and today <= part.due]
    if waited:
        return no(N_("%(names)s还没回话，回话的日子还没到。"), names="、".join(waited))
    if sum(part.state in ("joined", "voted") for part in parts) < 2:
        return no(N_("至少要有两个社区参加，才能开议。"))
    return yes()


def may_gather(stage: str, parts: Sequence[Part], today: date, words: str = "") -> Verdict:
    """Whether the result may be gathered now; a hall that owes its result blocks it until its day has passed.

    After that day the lead may go on without it, saying so in words.
    """
    if stage != "deliberating":
        return no(N_("要在各社区议着的时候才能汇总。"))
    owing = [part for part in parts if part.state in ("silent", "joined")]
    early = [part.name for part in owing if part.due is None or today <= part.due]
    if early:
        return no(N_("%(names)s还没交结果，日子还没到，再等一等。"), names="、".join(early))
    if sum(part.state == "voted" for part in parts) < 2:
        return no(N_("至少要有两个社区交了结果，才能汇总。"))
    if owing and not words.strip():
        return no(N_("%(names)s到日子没交结果。不等了，要写一句为什么。"), names="、".join(part.name for part in owing))
    return yes()


def late_halls(parts: Sequence[Part], today: date) -> list[str]:
    """The halls that owe their result and whose day has passed: the lead may go on without them, in words."""
    return [part.name for part in parts if part.state in ("silent", "joined") and part.due and part.due < today]


@dataclass(frozen=True)
class Paper:
    """A hall's own ballot as the rules see it: its question, its rule, when it was called, how it ended."""

    question: str
    rule: str
    called_at: datetime
    is_counted: bool
    quorate: bool = True


def may_answer(stage: str, state: str) -> Verdict:
    """A hall joins or declines while the others still deliberate; one that declined may change its mind until then."""
    if state == "withdrawn":
        return no(N_("街道收回了这份邀请。"))
    if stage not in OPEN:
        return no(N_("这件事走到「%(stage)s」，不用再回话了。"), stage=STAGE_LABELS[stage])
    if state in ("joined", "voted"):
        return no(N_("已经回过话：参加。"))
    return yes()


def may_hand_in(
    stage: str, state: str, *, question: str, rule: str, paper: Paper, quorate_before: bool | None
) -> Verdict:
    """The result of a hall's own ballot, once; one without quorum may be followed by that of a second sitting."""
    if stage != "deliberating":
        return no(N_("街道还没有请大家开议，或者已经汇总，现在不能交结果。"))
    if state == "voted" and quorate_before is not False:
        return no(N_("结果已经交过了。"))
    if state not in ("joined", "voted"):
        return no(N_("要先回话参加，才能交结果。"))
    return may_be_handed_in(question, rule, paper)


def may_be_handed_in(question: str, rule: str, paper: Paper) -> Verdict:
    """Whether this ballot answers exactly the lead's question by the rule that was agreed."""
    if not paper.is_counted:
        return no(N_("这一票还没有计完。"))
    if same_words(paper.question) != same_words(question):
        return no(N_("这一票表决的是「%(own)s」，街道定的题目是「%(asked)s」，不是一回事，不能交。"),
                  own=paper.question, asked=question)  # fmt: skip
    if paper.rule != rule:
        return no(N_("这一票用的表决办法和约好的不一样，不能交。"))
    return yes()


def same_words(text: str) -> str:
    """The text without spaces and without the mark at its end, so that only the words are compared."""
    return "".join(text.split()).rstrip("？?。.")


def may_close(stage: str, open_tasks: int, words: str) -> Verdict:
    """Everything promised was done and looked at, and the halls are told in a sentence."""
    if stage not in ("decided", "not_passed", "implementing"):
        return no(N_("要先汇总出结果，才能办结。"))
    if open_tasks:
        return no(N_("还有 %(n)s 项没办完、没核验，办完再结。"), n=open_tasks)
    if not words.strip():
        return no(N_("写一句告诉各社区：办成了什么。"))
    return yes()


def may_suspend(stage: str, reason: str, review_on: date | None, today: date) -> Verdict:
    """Only the lead pauses it, with a reason and a day on which it looks again."""
    if stage not in RUNNING:
        return no(N_("走到「%(stage)s」，不能暂停。"), stage=STAGE_LABELS[stage])
    if not reason.strip():
        return no(N_("为什么停，要写清楚。"))
    if review_on is None or review_on <= today:
        return no(N_("哪天再看，要选今天以后的日子。"))
    return yes()


def may_terminate(stage: str, reason: str) -> Verdict:
    """Only the lead ends it before its end, with a reason everybody reads."""
    if stage in ENDED:
        return no(N_("这件事已经结束了。"))
    return yes() if reason.strip() else no(N_("为什么终止，要写清楚，各社区和居民都看得到。"))
