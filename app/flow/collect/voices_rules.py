"""What may be said under a public matter, by whom, and what becomes of it. Pure.

Source: domain.md section 5: 实名 (Cybersecurity Law as amended, section 26: who posts is known to the hall, the public
reads a name only by opt-in), row "content duty" (review before public, word list and a person, removed text kept six
months, a path for reports), F11 (support describes interest; nothing is ranked or scored by it).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.matter.situation import END_STAGES, Stage
from app.words import N_

WORDS, REASON, REPORT_WORDS, CAPTION, NOTE = 500, 300, 500, 60, 200
#: After a matter came to rest its neighbours may still talk about it for so long.
TALKED_ABOUT = timedelta(days=30)
#: Six months, taken as the longest six months of a year, so that no word is lost a day early.
KEPT = timedelta(days=184)
#: More than this one person cannot have waiting: whoever reads them all must be able to.
WAITING_EACH = 5
LIST_WORDS, LIST_WORD = 2000, 20

#: From → to; who asks for anything else learns what stands there now.
MOVES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"shown", "hidden", "withdrawn"}),
    "shown": frozenset({"hidden", "withdrawn"}),
    "hidden": frozenset({"shown", "withdrawn"}),
    "withdrawn": frozenset(),
}
STATE_LABELS = {
    "waiting": N_("等社区看过再显示"),
    "shown": N_("显示着"),
    "hidden": N_("没有显示"),
    "withdrawn": N_("本人撤回了"),
}
#: Why something should not stand there; the same words for whoever reports and whoever decides.
REASONS: dict[str, str] = {
    "privacy": N_("写了别人的隐私"),
    "abuse": N_("骂人、攻击人"),
    "false": N_("说的不是实情"),
    "advert": N_("广告、拉人"),
    "illegal": N_("违法的内容"),
    "other": N_("和这件事没关系，或者别的原因"),
}
CLOSED_TO_WORDS = N_("这件事已经结束，留言关了。有新情况请重新说一说，或者打社区电话。")
NOT_OPEN = N_("这件事不在这里公开议论。有话请打社区电话，或者到社区当面说。")


def may_speak(
    stage: str, *, told: bool, hidden: bool, rested_at: datetime | None, now: datetime
) -> Verdict:  # fmt: skip
    """Whether neighbours may comment on or support a matter: told in public, not hidden, open or at rest for less than
    thirty days (``rested_at``: the day it closed, or its stage began). A merged or withdrawn one has nobody to talk to.
    """
    if not told or hidden:
        return no(NOT_OPEN)
    found = Stage(stage)
    if found in (Stage.MERGED, Stage.WITHDRAWN):
        return no(CLOSED_TO_WORDS)
    if found in END_STAGES or found is Stage.CLOSED:
        return yes() if rested_at is not None and now - rested_at < TALKED_ABOUT else no(CLOSED_TO_WORDS)
    return yes()


def good_words(words: str, *, most: int = WORDS) -> Verdict:
    """One to ``most`` letters."""
    if not words.strip():
        return no(N_("还没写，写一句就行。"))
    return fits(words, most)


def fits(words: str, most: int) -> Verdict:
    """At most so many letters."""
    length = len(words.strip())
    return yes() if length <= most else no(N_("最多写 %(limit)s 个字，现在有 %(n)s 个。"), limit=most, n=length)


def may_write_more(waiting: int) -> Verdict:
    """Whether somebody with ``waiting`` unread comments in this hall may write another."""
    if waiting < WAITING_EACH:
        return yes()
    return no(N_("您有 %(n)s 条留言还在等社区看，看完再接着写。"), n=waiting)


def may_become(old: str, new: str, *, purged: bool = False) -> Verdict:
    """Whether a comment may go from one state to the other; purged words cannot be shown again."""
    if new == "shown" and purged:
        return no(N_("过了六个月，原文已经按规定清除，不能再显示。"))
    if new in MOVES[old]:
        return yes()
    return no(N_("这条留言刚才已经有人办过了，请刷新看看。"))


def reason_words(code: str, more: str) -> Verdict:
    """Whether a reason may stand in public: one of the list, and for the last one words of its own."""
    if code not in REASONS:
        return no(N_("请选一条原因，大家看得到。"))
    if code == "other" and len(more.strip()) < 2:
        return no(N_("选了「别的原因」，请写一句是什么原因。"))
    return fits(more, REASON)


def spoken_reason(code: str, more: str) -> str:
    """The reason as it stands on the page: the label, and the words in addition."""
    label = "" if code == "other" else REASONS[code]
    return "，".join(part for part in (label, more.strip()) if part)


def folded(text: str) -> str:
    """The letters and digits alone, in one width and one case: 加 微.信 and 加微信 are the same."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def tidy_list(lines: Iterable[str]) -> list[str]:
    """Words of a list, one a line, each once, in the order in which they stand."""
    found: dict[str, str] = {}
    for line in lines:
        word = unicodedata.normalize("NFKC", line).strip()
        if folded(word):
            found.setdefault(folded(word), word)
    return list(found.values())


def good_list(words: Sequence[str]) -> Verdict:
    """A list a person can read: at most 2,000 words of 2 to 20 letters; a single letter would mark every text."""
    if len(words) > LIST_WORDS:
        return no(N_("最多 %(limit)s 个词，现在有 %(n)s 个。"), limit=LIST_WORDS, n=len(words))
    for word in words:
        if not 2 <= len(folded(word)) <= LIST_WORD:
            return no(N_("「%(word)s」：一个词 2 到 %(limit)s 个字。"), word=word[:30], limit=LIST_WORD)
    return yes()


def signs_in(text: str, words: Collection[str]) -> list[str]:
    """The words of the list that stand in the text, whatever blanks and dots were put between their letters."""
    plain = folded(text)
    return [word for word in words if folded(word) in plain]


def marked(text: str, signs: Collection[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of ``signs``, as a page underlines them."""
    letters, places = _letters(text)
    hot = [False] * len(text)
    for sign in signs:
        wanted = folded(sign)
        at = letters.find(wanted) if wanted else -1
        while at >= 0:
            for place in range(places[at], places[at + len(wanted) - 1] + 1):
                hot[place] = True
            at = letters.find(wanted, at + 1)
    pieces: list[tuple[str, bool]] = []
    for letter, is_hot in zip(text, hot, strict=True):
        if pieces and pieces[-1][1] is is_hot:
            pieces[-1] = (pieces[-1][0] + letter, is_hot)
        else:
            pieces.append((letter, is_hot))
    return pieces


def _letters(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its letters, where it stands in the original."""
    letters, places = [], []
    for place, letter in enumerate(text):
        for plain in folded(letter):
            letters.append(plain)
            places.append(place)
    return "".join(letters), places
