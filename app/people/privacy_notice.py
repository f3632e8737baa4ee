"""The hall's privacy notice in list form, version by version: what, why, how long, who sees it.

Source: Personal Information Protection Law section 17; 网络数据安全管理条例 (list form). A version is only added: what
somebody agreed to stays readable under the number their consent carries. Version 0 is the text every hall starts with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import Refused, Verdict, no, yes
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.privacy import PrivacyNotice
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

WORDS_MOST, ROWS_MOST, COLUMNS = 5000, 40, 4
BAR = "｜"
#: What is kept, what for, how long, who sees it. The months of phones follow the hall's own retention table.
FIRST_ROWS: tuple[tuple[str, str, str, str], ...] = (
    (N_("您说的话和照片"), N_("弄清是什么事"), N_("议定的事进档案，一直留着；撤回的留言满半年清掉"),
     N_("您自己、社区办事的人、要议这件事的议事员；街道和专家按规定看")),
    (N_("姓名、称呼"), N_("好称呼您"), N_("您要删就删"), N_("经手的社区工作人员；您选了公开才公开")),
    (N_("电话"), N_("告诉您进展"), N_("事情办结满 %(months)s 个月就清掉"),
     N_("经手的社区工作人员；存的时候加了密；街道要看得写理由、留痕，书记会知道")),
    (N_("户码"), N_("证明住在这儿"), N_("搬走或您要删就作废"), N_("管户码的社区工作人员，存的只是核对用的印记")),
    (N_("楼栋单元"), N_("找到地方"), N_("跟着事情一起留"), N_("事情公开以后大家都看得到")),
    (N_("手机验证码"), N_("证明电话是您的"), N_("过期就清掉"), N_("帮您念码的社区工作人员")),
)  # fmt: skip
FIRST_LINES: tuple[str, ...] = (
    N_("不写姓名电话，也一样给您办。"),
    N_("不收身份证照片，从来不收。"),
    N_("照片里手机型号、拍摄地点这些记号，收到时就去掉了。"),
    N_("吵架调解的事、孩子的事，公开的只有编号和走到哪一步。"),
    N_("不满 14 岁的孩子来说，要先有家长同意；14 到 17 岁自己同意就行，都不公开名字。"),
    N_("网页只在您手机上存几个必要的小记号：您交过哪几件、大字版、语言。"),
    N_("要看、要带走、要改、要删自己的信息，在下面提，十五天里给回音。"),
)


@dataclass(frozen=True)
class Listed:
    """A notice taken apart: rows of four columns, and the sentences below them."""

    rows: Sequence[Sequence[str]]
    lines: Sequence[str]


def taken_apart(words: str) -> Listed:
    """The notice as typed: a line with bars (｜ or |) is a row of the list, any other line a sentence."""
    rows, lines = [], []
    for line in words.splitlines():
        text = line.strip()
        if BAR in text or "|" in text:
            rows.append([part.strip() for part in text.replace("|", BAR).split(BAR)])
        elif text:
            lines.append(text)
    return Listed(rows, lines)


def good_notice(words: str) -> Verdict:
    """Whether a notice is in list form, every row saying what, why, how long and who sees it."""
    if len(words) > WORDS_MOST:
        return no(N_("最多写 %(limit)s 个字，现在有 %(n)s 个，请写短一点。"), limit=WORDS_MOST, n=len(words))
    found = taken_apart(words)
    if not found.rows:
        return no(N_("至少列一行：收什么｜做什么用｜存多久｜谁看得到。"))
    if len(found.rows) > ROWS_MOST:
        return no(N_("最多列 %(limit)s 行。"), limit=ROWS_MOST)
    for number, row in enumerate(found.rows, 1):
        if len(row) != COLUMNS or not all(row):
            return no(N_("第 %(n)s 行要写满四样，用｜隔开：收什么｜做什么用｜存多久｜谁看得到。"), n=number)
    return yes()


def versions() -> list[PrivacyNotice]:
    """Every version the hall has written, the newest first."""
    return list(
        db.session.scalars(
            select(PrivacyNotice)
            .where(PrivacyNotice.community_id == current_community())
            .order_by(PrivacyNotice.version.desc())
        )
    )


def publish(words: str, *, by: Actor, now: datetime) -> PrivacyNotice:
    """Put a new version up; the earlier ones stay. Refused for an incomplete list or the same words again."""
    tidy = "\n".join(line.strip() for line in words.strip().splitlines())
    good_notice(tidy).or_refuse()
    before = versions()
    if before and before[0].words == tidy:
        raise Refused(N_("和现在的一版一个字不差，不用换。"))
    notice = PrivacyNotice(version=before[0].version + 1 if before else 1, words=tidy, by_label=by.label, at=now)
    db.session.add(notice)
    log_change("notice", "publish", by=by, now=now, after=str(notice.version))
    db.session.flush()
    return notice
