"""Who may be invited, and whether a link or a cookie still opens the door. Pure.

Source: domain.md section 6 (expert link) and section 8 (talent pool): 72 hours by default, valid until accepted; the
cookie it is exchanged for lives until the opinion is handed in or the matter closes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.situation import END_STAGES, Stage
from app.words import N_

DEFAULT_HOURS = 72
MOST_HOURS = 14 * 24
#: An accepted invitation is worked on for weeks; the cookie ends with the matter long before this.
COOKIE_LIFE = timedelta(days=90)
WORDS_LIMIT = 5000


class Way(StrEnum):
    """What a key opens now."""

    OPEN = "open"
    WORKING = "working"
    DONE = "done"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DECLINED = "declined"
    CLOSED = "closed"
    UNKNOWN = "unknown"


def is_over(stage: Stage) -> bool:
    """Whether the matter has come to rest, so that nobody outside looks at it any more."""
    return stage in END_STAGES or stage is Stage.CLOSED


def may_invite(stage: Stage, suspended_at: datetime | None, valid_until: date | None, today: date) -> Verdict:
    """Whether this expert may be asked to a matter standing at ``stage``."""
    if is_over(stage) or stage in (Stage.COLLECTED, Stage.SUBMITTED, Stage.NEEDS_INFO):
        return no(N_("受理以后、办结以前才能请专家。"))
    if suspended_at is not None:
        return no(N_("这位专家街道已经暂停派请，换一位。"))
    if valid_until is not None and valid_until < today:
        return no(N_("这位专家的聘期已满，请街道续聘或换一位。"))
    return yes()


def good_letter(brief: str, questions: str, hours: int) -> Verdict:
    """Whether the letter says what it must: the case without names, the questions, and for how long it opens."""
    if not brief.strip():
        return no(N_("事情的经过要写，不写当事人的姓名和门牌。"))
    if not questions.strip():
        return no(N_("想请专家回答什么，要写明白。"))
    if len(brief) > WORDS_LIMIT or len(questions) > 1000:
        return no(N_("写得太长了：经过最多 5000 字，问题最多 1000 字。"))
    if not 1 <= hours <= MOST_HOURS:
        return no(N_("链接最少开 1 小时，最多 14 天。"))
    return yes()


def way_of(
    kind: str, state: str, stage: Stage, *, expires_at: datetime, spent_at: datetime | None,
    revoked_at: datetime | None, now: datetime,
) -> Way:  # fmt: skip
    """Say what a key of ``kind`` (``link`` or ``cookie``) opens; the worst news wins."""
    if state == "declined":
        return Way.DECLINED
    if revoked_at is not None or state == "revoked":
        return Way.REVOKED
    if state == "handed_in":
        return Way.DONE if kind == "cookie" else Way.SPENT
    if is_over(stage):
        return Way.CLOSED
    if kind == "cookie":
        return Way.WORKING if now <= expires_at else Way.EXPIRED
    if spent_at is not None or state == "accepted":
        return Way.SPENT
    return Way.OPEN if now <= expires_at else Way.EXPIRED


def may_renew(state: str, stage: Stage) -> Verdict:
    """Whether a fresh link may be made: not for what was handed in, declined, or a matter that is over."""
    if state == "handed_in":
        return no(N_("意见已经交了，不用再发链接。"))
    if state == "declined":
        return no(N_("这位专家已经回绝，请另请一位。"))
    if is_over(stage):
        return no(N_("这件事已经结束，不能再发链接。"))
    return yes()


def good_opinion(words: str) -> Verdict:
    """Whether an opinion has words and not too many."""
    if not words.strip():
        return no(N_("意见还没写。"))
    if len(words) > WORDS_LIMIT:
        return no(N_("意见最多 5000 字，请写短一些。"))
    return yes()
