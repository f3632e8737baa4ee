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
#: One reminder this long before a link ends, and one this long after an acceptance without an opinion.
REMIND_BEFORE = timedelta(hours=24)
REMIND_AFTER = timedelta(days=7)
#: Somebody before a closed door leaves one note in this time.
ASK_AGAIN_AFTER = timedelta(hours=12)
#: The expert signs in by link around the hour of the sitting, not a week ahead.
SIGN_IN_BEFORE, SIGN_IN_AFTER = timedelta(hours=3), timedelta(hours=8)
#: Grades of the hall for an expert's service, best first; the two lowest need a word.
GRADES = {5: N_("很顶用"), 4: N_("顶用"), 3: N_("还行"), 2: N_("不太顶用"), 1: N_("没帮上")}
LOW = 2


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


def may_invite(
    stage: Stage, suspended_at: datetime | None, valid_until: date | None, today: date, *, barred: bool = False,
    open_now: int = 0, most_open: int = 1,
) -> Verdict:  # fmt: skip
    """Whether this expert may be asked to a matter standing at ``stage``; ``barred``: lives or acts in this hall."""
    if is_over(stage) or stage in (Stage.COLLECTED, Stage.SUBMITTED, Stage.NEEDS_INFO):
        return no(N_("受理以后、办结以前才能请专家。"))
    if suspended_at is not None:
        return no(N_("这位专家街道已经暂停派请，换一位。"))
    if valid_until is not None and valid_until < today:
        return no(N_("这位专家的聘期已满，请街道续聘或换一位。"))
    if barred:
        return no(N_("这位专家在本社区要回避，换一位。"))
    if open_now >= most_open:
        return no(N_("这位专家手上已经有 %(n)s 件，先请别人吧。"), n=open_now)
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


def good_draft(words: str) -> Verdict:
    """Whether a draft may be kept: it may be empty, never longer than the opinion may be."""
    return yes() if len(words) <= WORDS_LIMIT else no(N_("意见最多 5000 字，请写短一些。"))


def good_opinion(words: str) -> Verdict:
    """Whether an opinion has words and not too many."""
    if not words.strip():
        return no(N_("意见还没写。"))
    if len(words) > WORDS_LIMIT:
        return no(N_("意见最多 5000 字，请写短一些。"))
    return yes()


def may_ask_again(way: Way, state: str, stage: Stage, asked_again_at: datetime | None, now: datetime) -> Verdict:
    """Whether somebody before a closed door may leave the note «please send me a fresh link»: never for what is over.

    Not for an invitation the hall took back either: there a person should ring and ask why.
    """
    if way not in (Way.SPENT, Way.EXPIRED, Way.REVOKED) or state not in ("sent", "accepted") or is_over(stage):
        return no(N_("这个链接不能再要新的，请给社区打个电话。"))
    if asked_again_at is not None and now < asked_again_at + ASK_AGAIN_AFTER:
        return no(N_("已经跟社区说过了，等社区联系您。"))
    return yes()


def reminder_due(
    state: str, *, expires_at: datetime, sent_at: datetime, answered_at: datetime | None, reminded_at: datetime | None,
    now: datetime,
) -> bool:  # fmt: skip
    """Whether the one reminder of this state is due: a day before the link ends (or at half time, where it lives
    shorter than two days), or seven days after an acceptance without an opinion."""
    if state == "sent":
        begin = max(expires_at - REMIND_BEFORE, sent_at + (expires_at - sent_at) / 2)
        return begin <= now < expires_at and reminded_at is None
    if state == "accepted" and answered_at is not None:
        return now >= answered_at + REMIND_AFTER and (reminded_at is None or reminded_at < answered_at + REMIND_AFTER)
    return False


def may_sign_in(sitting_at: datetime | None, now: datetime) -> Verdict:
    """Whether the expert may sign the register of the sitting now."""
    if sitting_at is None:
        return no(N_("这份邀请没有请您到会。"))
    if now < sitting_at - SIGN_IN_BEFORE:
        return no(N_("开会前 3 小时起才能签到。"))
    if now > sitting_at + SIGN_IN_AFTER:
        return no(N_("会早就散了，到会的事请社区补记。"))
    return yes()


def good_rating(state: str, grade: int, words: str) -> Verdict:
    """Whether the hall may grade the expert's service so: once an opinion is in, with a word where it is low."""
    if state != "handed_in":
        return no(N_("意见交来以后再评。"))
    if grade not in GRADES:
        return no(N_("帮上多少，选一样。"))
    if grade <= LOW and not words.strip():
        return no(N_("觉得不顶用，写一句差在哪儿。"))
    if len(words) > 500:
        return no(N_("写得太长了，最多 500 字。"))
    return yes()


def good_suggestion(name: str, profession: str, skill: str, why: str, *, consent: bool) -> Verdict:
    """Whether a community may propose this person for the pool: named, with a reason, and with their own consent."""
    if not name.strip() or not profession.strip() or not skill.strip():
        return no(N_("姓名、行当和专长都要填。"))
    if not why.strip():
        return no(N_("为什么推荐，写一句。"))
    if len(name) > 40 or len(profession) > 40 or len(skill) > 200 or len(why) > 500:
        return no(N_("写得太长了：姓名和行当最多 40 字，专长最多 200 字，原因最多 500 字。"))
    if not consent:
        return no(N_("要本人点头才能推荐，问过以后打上勾。"))
    return yes()
