"""Sentences for the answers that are given again and again, with the places where name, number and phone go.

The street offers some to all its halls, a hall writes its own, and both stand beside the seeds below, which a street or
hall replaces by writing one of the same title. A template only fills a field; a person reads it and sends it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Verdict, no, yes
from app.words import N_

USES: dict[str, str] = {
    "accepted": N_("受理"),
    "needs_info": N_("退回补充"),
    "not_accepted": N_("不予受理"),
    "referred": N_("转办"),
    "merged": N_("并案"),
    "answered": N_("当场答复"),
}
#: What a template may leave open, and what it is.
PLACES: dict[str, str] = {
    "称呼": N_("提出人的称呼，比如王女士"),
    "编号": N_("这件事的编号"),
    "社区电话": N_("本社区的电话"),
    "事项": N_("这件事的标题"),
}
TITLE, WORDS = 30, 500
_OPEN = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Reply:
    """One template as a form offers it; ``source`` is ``seed``, ``street`` or ``hall``."""

    id: str
    use: str
    title: str
    words: str
    source: str = "seed"


#: Sensible words to begin with, one or two for each use.
SEEDS: tuple[Reply, ...] = (
    Reply("a1", "accepted", N_("收下了，会有人联系"),
          N_("{称呼}您好，{编号}「{事项}」社区收下了，责任人会联系您。有急事打 {社区电话}。")),
    Reply("n1", "needs_info", N_("说清地点和时间"),
          N_("{称呼}您好，{编号}还差两样：在几号楼几单元，从什么时候开始的。补上就接着办，打 {社区电话} 说也行。")),
    Reply("n2", "needs_info", N_("补一张照片"),
          N_("{称呼}您好，{编号}请补一张现场照片，能看清位置就行。发不了照片的，打 {社区电话}，我们上门去拍。")),
    Reply("r1", "not_accepted", N_("要走法律程序的"),
          N_("{称呼}您好，{编号}说的事已经在走法律程序，议事会不能替法院定，怕耽误您，就不在这儿办了。")),
    Reply("r2", "not_accepted", N_("要业主一起定的"),
          N_("{称呼}您好，{编号}说的事要由业主共同决定，议事会定了不算数。想开业主大会，打 {社区电话}。")),
    Reply("r3", "not_accepted", N_("会伤到别人权利的"),
          N_("{称呼}您好，{编号}说的办法要停掉别人该有的东西，别人的权利不能靠投票拿走。背后的难处可以另提一件，我们一起商量。")),
    Reply("f1", "referred", N_("归别的单位管"),
          N_("{事项}归对方管，社区把情况和照片一起转过去，收了回执再给您回话。")),
    Reply("m1", "merged", N_("已经在办的"),
          N_("和在办的是同一件事，并到一起办，{称呼}的名字照样算一份，有进展一起告诉。")),
    Reply("s1", "answered", N_("当场说清楚了"), N_("{称呼}问的「{事项}」，当场说清楚了：")),
)  # fmt: skip


def may_keep(use: str, title: str, words: str) -> Verdict:
    """Say whether this can be a template: a known use, words within bounds, and only known open places."""
    if use not in USES:
        return no(N_("用在哪一步，要从列出来的里选。"))
    if not title.strip() or not words.strip():
        return no(N_("名字和内容都要写。"))
    if len(title.strip()) > TITLE or len(words.strip()) > WORDS:
        return no(N_("名字最多 %(title)s 字，内容最多 %(words)s 字。"), title=TITLE, words=WORDS)
    for name in _OPEN.findall(words):
        if name not in PLACES:
            return no(N_("不认识 {%(name)s}，能用的是：%(known)s。"), name=name, known="、".join(PLACES))
    return yes()


def fill(words: str, values: Mapping[str, str]) -> str:
    """Put name, number, phone and title in; what is not known is left out, and nothing else is read as a place."""
    return _OPEN.sub(lambda found: values.get(found.group(1), "") if found.group(1) in PLACES else found.group(), words)
