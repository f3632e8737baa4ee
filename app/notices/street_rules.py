"""Pure rules of the street's notices to its halls: what one may say, who answers, what may still be done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from app.errors import Verdict, no, yes
from app.people.roles import Role
from app.words import N_

TITLE, WORDS, REASON, ANSWER = 60, 5000, 200, 1000
#: Who answers for a hall; whoever else works there reads and says that they did.
ANSWERING = frozenset({Role.SECRETARY, Role.COMMUNITY_WORKER})
TOO_LONG = N_("最多写 %(limit)s 个字，请写短一点。")


def fits(words: str, limit: int, empty: str) -> Verdict:
    """Whether something stands there and is not longer than ``limit``; ``empty`` is said where nothing does."""
    if not words.strip():
        return no(empty)
    return yes() if len(words) <= limit else no(TOO_LONG, limit=limit)


def good_title(words: str) -> Verdict:
    """A title that a list can show."""
    return fits(words, TITLE, N_("起个题目，社区在名单里先看到它。"))


def good_words(words: str) -> Verdict:
    """Something to tell."""
    return fits(words, WORDS, N_("要说什么，写在这里。"))


def good_day(answer_due: date | None, today: date) -> Verdict:
    """The day by which the street wants an answer may not be over."""
    return yes() if answer_due is None or answer_due >= today else no(N_("要在哪天前回，写今天或以后的日子。"))


def may_send(*, is_sent: bool, is_withdrawn: bool, halls: int) -> Verdict:
    """A draft goes out once, to somebody."""
    if is_sent or is_withdrawn:
        return no(N_("这份通知已经发过或者丢掉了，请刷新看看。"))
    return yes() if halls else no(N_("还没有选发给哪些社区。"))


def may_urge(*, is_sent: bool, is_withdrawn: bool) -> Verdict:
    """Only what stands before the halls can be urged."""
    return yes() if is_sent and not is_withdrawn else no(N_("没发出去或者撤回了的通知，不用催。"))


def may_withdraw(*, is_sent: bool, is_withdrawn: bool, reason: str) -> Verdict:
    """A notice that was sent is taken back with a reason the halls read."""
    if is_withdrawn:
        return no(N_("这份通知已经撤回了。"))
    if not is_sent:
        return no(N_("还没发出去的，丢掉草稿就行。"))
    return fits(reason, REASON, N_("写一句为什么撤，社区看得到。"))


def may_answer(roles: Collection[Role], *, is_withdrawn: bool, wants_answer: bool, words: str) -> Verdict:
    """Secretary and community workers answer for the hall, as long as the notice stands and wants an answer."""
    if not ANSWERING & set(roles):
        return no(N_("回街道的话，由书记或社区工作者来写。"))
    if is_withdrawn:
        return no(N_("街道已经撤回了，不用回了。"))
    if not wants_answer:
        return no(N_("这份通知不用回，看过就行。"))
    return fits(words, ANSWER, N_("写一句回给街道的话。"))
