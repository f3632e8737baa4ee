"""What the street's desk changed, one line a change: who, when, from what to what. Append-only."""

from __future__ import annotations

from datetime import datetime

from app.people.actor import Actor
from app.people.log_pages import newest_lines
from app.people.models import StreetLog
from app.words import N_
from tenants.database import db
from tenants.scope import current_street

PAGE = 30
LONGEST = 300
SUBJECTS: dict[str, str] = {
    "hall": N_("开厅和停厅"),
    "account": N_("街道账号"),
    "handbook": N_("提案指导手册"),
    "notice": N_("给社区的通知"),
    "list": N_("鼓励和负面清单"),
    "word_list": N_("留言词表"),
    "bounds": N_("期限和人数的范围"),
    "holiday": N_("放假和调休"),
    "reply": N_("答复模板"),
    "template": N_("文书模板"),
    "expert": N_("人才库"),
    "unit": N_("部门和外单位"),
    "audit": N_("封存的记录"),
}
WORDS: dict[tuple[str, str], str] = {
    ("hall", "open"): N_("开了一个厅"),
    ("hall", "brand"): N_("换了厅的样子"),
    ("hall", "secretary"): N_("给厅里加了一位书记"),
    ("hall", "suspend"): N_("把厅停了"),
    ("hall", "resume"): N_("把厅重新开了"),
    ("hall", "archive"): N_("把厅关了"),
    ("hall", "restore"): N_("把关了的厅恢复了"),
    ("hall", "from_backup"): N_("用备份换回了厅里的数据"),
    ("audit", "check"): N_("核对了一遍"),
    ("audit", "export"): N_("下载了封条"),
    ("account", "add"): N_("加了账号"),
    ("account", "disable"): N_("停用了账号"),
    ("account", "enable"): N_("启用了账号"),
    ("account", "unlock"): N_("解了锁"),
    ("account", "password"): N_("重设了密码"),
    ("account", "role"): N_("换了角色"),
    ("account", "two_step_on"): N_("开了两步登录"),
    ("account", "two_step_off"): N_("关了两步登录"),
    ("account", "two_step_reset"): N_("手机丢了，重设了两步登录"),
    ("account", "recovery_used"): N_("用掉了一个备用码"),
    ("account", "recovery_new"): N_("换了一套备用码"),
    ("account", "two_step_must"): N_("改了要不要人人开两步登录"),
    ("handbook", "save"): N_("改了没公布的一版"),
    ("handbook", "publish"): N_("公布了新的一版"),
    ("notice", "send"): N_("发了通知"),
    ("notice", "withdraw"): N_("撤回了通知"),
    ("notice", "urge"): N_("催了一次"),
    ("list", "write"): N_("出了新的一版"),
    ("word_list", "publish"): N_("出了新的一版"),
    ("bounds", "set"): N_("改了范围"),
    ("holiday", "add"): N_("登记了一天"),
    ("holiday", "remove"): N_("删掉了一天"),
    ("reply", "add"): N_("加了模板"),
    ("reply", "change"): N_("改了模板"),
    ("reply", "retire"): N_("停用了模板"),
    ("reply", "restore"): N_("又用上了模板"),
    ("unit", "add"): N_("加了单位"),
    ("unit", "change"): N_("改了单位"),
    ("unit", "retire"): N_("停用了单位"),
    ("unit", "restore"): N_("又用上了单位"),
    ("template", "add"): N_("用上了新的一版"),
    ("template", "withdraw"): N_("停用了一版"),
    ("expert", "add"): N_("加了一位专家"),
    ("expert", "change"): N_("改了专家的资料"),
    ("expert", "suspend"): N_("先不请这位专家"),
    ("expert", "restore"): N_("又能请这位专家"),
    ("expert", "merge"): N_("把两条并成一条"),
}


def log_street(subject: str, what: str, *, by: Actor, now: datetime, before: str = "", after: str = "") -> None:
    """One line of the street's log; ``subject`` and ``what`` are keys of :data:`WORDS`. The street must be bound."""
    db.session.add(
        StreetLog(
            at=now, by_id=by.id, by_label=by.label, subject=subject, what=what, before=before[:LONGEST],
            after=after[:LONGEST],
        )
    )  # fmt: skip


def log_page(*, subject: str, page: int) -> tuple[list[StreetLog], int]:
    """One page of the log, the newest first; and how many lines there are."""
    named = (StreetLog.subject == subject,) if subject in SUBJECTS else ()
    return newest_lines(StreetLog, StreetLog.street_id == current_street(), *named, page=page, size=PAGE)
