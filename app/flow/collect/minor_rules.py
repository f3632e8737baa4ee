"""What must hold before a child's matter is registered or talked over in public. Pure.

Source: domain.md section 5 (PIPL sections 28 and 31: under fourteen the guardian agrees; 未成年人网络保护条例).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import Verdict, no, yes
from app.flow.collect.rules import CHILD, GUARDIAN, PLACE, REASON, TITLE
from app.words import N_

#: So many letters in a row out of the child's own words are the child's words.
QUOTE = 12
#: Words that tell that a child spoke, or how old it is.
TELLS_AGE = re.compile(
    r"[0-9０-９一二两三四五六七八九十]\s*(岁|年级)|小学生|初中生|高中生|未成年|孩子提|小朋友提|我妈|我爸|我们班"
)


@dataclass(frozen=True)
class Child:
    """What must not show: the names that were left and the words as spoken."""

    names: tuple[str, ...]
    words: str


def may_agree(birth_year: int | None, year: int, *, guardian: str, own: bool) -> Verdict:
    """A guardian agrees for a child under fourteen, or where nobody knows the age; an older one agrees itself."""
    old_enough = birth_year is not None and year - birth_year >= CHILD
    if len(guardian.strip()) > GUARDIAN:
        return no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=GUARDIAN)
    if guardian.strip() or (own and old_enough):
        return yes()
    return no(N_("请写上同意的家长是谁、电话多少，社区要能核实。"))


def may_open(*, title: str, question: str, place: str, reason: str, names_nobody: bool, child: Child) -> Verdict:
    """Say whether what was written anew may stand in public: filled in, and without a trace of the child."""
    if not title or not place:
        return no(N_("标题和地点要重新写，写事，不写人。"))
    for text, limit in ((title, TITLE), (question, REASON), (place, PLACE), (reason, REASON)):
        if len(text) > limit:
            return no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    if len(reason.strip()) < 5:
        return no(N_("为什么要公开议，写一句，会留在记录里。"))
    if not names_nobody:
        return no(N_("请先看一遍：标题、要议的话、地点里都看不出是谁家孩子。"))
    return _without_a_trace((title, question, place), child)


def _without_a_trace(texts: tuple[str, ...], child: Child) -> Verdict:
    for text in texts:
        if any(name and name in text for name in child.names):
            return no(N_("写的里面有孩子的名字，请去掉。"))
        if TELLS_AGE.search(text):
            return no(N_("写的里面看得出是孩子提的（「%(found)s」），请去掉。"), found=_shown(text))
        if _quotes(text, child.words):
            return no(N_("这是孩子的原话，请换成社区自己的话。"))
    return yes()


def _shown(text: str) -> str:
    found = TELLS_AGE.search(text)
    return found[0] if found else ""


def _quotes(text: str, words: str) -> bool:
    plain, said = _letters(text), _letters(words)
    return any(plain[at : at + QUOTE] in said for at in range(len(plain) - QUOTE + 1))


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
