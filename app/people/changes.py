"""Reading the change log: who changed what at the hall's desk, from what to what."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.people import households
from app.people.log_pages import newest_lines
from app.people.models import Account, ChangeLog
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
SUBJECTS: dict[str, str] = {
    "account": N_("账号"),
    "role": N_("角色和席位"),
    "household_code": N_("户码"),
    "proof": N_("居住证明"),
    "place": N_("网格楼栋和住户"),
    "owner": N_("业主名册"),
    "seat": N_("议事会席位"),
    "rep": N_("居民代表"),
    "convener": N_("召集人"),
    "venue": N_("议事点"),
    "campaign": N_("征集"),
    "letterbox": N_("开信箱"),
    "listening": N_("坐班和走访"),
    "series": N_("例会"),
    "hall": N_("议事厅资料"),
    "brand": N_("样子"),
    "deadline": N_("期限和人数"),
    "person": N_("个人信息"),
    "retention": N_("保存多久"),
    "notice": N_("隐私说明"),
    "delivery": N_("发出去的消息"),
    "core": N_("能人名册"),
    "audit": N_("封存的记录"),
}
WORDS: dict[tuple[str, str], str] = {
    ("audit", "check"): N_("核对了一遍"),
    ("audit", "export"): N_("下载了封条"),
    ("delivery", "again"): N_("又发了一次"),
    ("delivery", "arrived"): N_("问过，对方收到了"),
    ("core", "list"): N_("列进了名册"),
    ("core", "confirm"): N_("见过本人，确认了"),
    ("core", "change"): N_("改了登记"),
    ("core", "leave"): N_("本人不再列，信息清掉了"),
    ("core", "suggest"): N_("推荐了"),
    ("core", "training"): N_("记了一次培训"),
    ("core", "export"): N_("导出了名册"),
    ("account", "add"): N_("加了账号"),
    ("account", "change"): N_("改了姓名或登录名"),
    ("account", "disable"): N_("停用了账号"),
    ("account", "enable"): N_("启用了账号"),
    ("account", "unlock"): N_("解了锁"),
    ("account", "password"): N_("重设了密码"),
    ("account", "two_step_on"): N_("开了两步登录"),
    ("account", "two_step_off"): N_("关了两步登录"),
    ("account", "two_step_reset"): N_("手机丢了，重设了两步登录"),
    ("account", "recovery_used"): N_("用掉了一个备用码"),
    ("account", "recovery_new"): N_("换了一套备用码"),
    ("account", "two_step_must"): N_("改了要不要人人开两步登录"),
    ("role", "give"): N_("加了角色"),
    ("role", "change"): N_("改了职务或席位"),
    ("role", "end"): N_("撤了角色"),
    ("household_code", "new"): N_("换了新户码"),
    ("household_code", "batch"): N_("整单元换了新户码"),
    ("household_code", "revoke"): N_("作废了户码"),
    ("proof", "vouch"): N_("作证住在这儿"),
    ("proof", "revoke"): N_("收回了居住证明"),
    ("proof", "slip"): N_("发了本人码"),
    ("place", "import"): N_("导入了居民户"),
    ("place", "ledger"): N_("导入了往年台账"),
    ("place", "add"): N_("加到了册子里"),
    ("place", "grid"): N_("改了网格的名字"),
    ("place", "estate"): N_("改了小区的名字"),
    ("place", "building"): N_("改了楼栋"),
    ("place", "household"): N_("改了门牌"),
    ("place", "close"): N_("停用了"),
    ("place", "reopen"): N_("启用了"),
    ("owner", "add"): N_("加了一套房子和业主"),
    ("owner", "sell"): N_("过了户"),
    ("owner", "correct"): N_("改了一套的登记"),
    ("owner", "drop"): N_("从名册上拿掉一套"),
    ("owner", "change"): N_("改了业主"),
    ("owner", "merge"): N_("并成一个业主"),
    ("owner", "import"): N_("导入了业主名册"),
    ("seat", "term"): N_("定了一届"),
    ("seat", "recommend"): N_("推荐了人选"),
    ("seat", "change"): N_("改了人选"),
    ("seat", "consent"): N_("记下了本人同意"),
    ("seat", "seat"): N_("就任了"),
    ("seat", "leave"): N_("离任了"),
    ("seat", "adopt"): N_("把在席的收进了本届"),
    ("rep", "add"): N_("加了代表或委员"),
    ("rep", "change"): N_("改了代表或委员"),
    ("rep", "end"): N_("卸任了"),
    ("rep", "account"): N_("改了对应的账号"),
    ("rep", "import"): N_("导入了居民代表"),
    ("convener", "add"): N_("加到了召集人名单"),
    ("convener", "change"): N_("改了召集人名单"),
    ("convener", "end"): N_("从召集人名单上拿掉了"),
    ("venue", "add"): N_("加了议事点"),
    ("venue", "change"): N_("改了议事点"),
    ("venue", "grid"): N_("改了议事点的网格"),
    ("venue", "close"): N_("停用了议事点"),
    ("venue", "reopen"): N_("启用了议事点"),
    ("venue", "order"): N_("改了顺序"),
    ("venue", "code"): N_("编了海报上的码"),
    ("letterbox", "open"): N_("记了一次开箱"),
    ("letterbox", "aside"): N_("有一封没登记"),
    ("letterbox", "count"): N_("改了信的封数"),
    ("letterbox", "finish"): N_("开箱收尾了"),
    ("listening", "series"): N_("定了坐班的日子"),
    ("listening", "end"): N_("停了坐班的日子"),
    ("listening", "log"): N_("改了坐班或走访的记录"),
    ("series", "add"): N_("定了例会"),
    ("series", "change"): N_("改了例会"),
    ("series", "end"): N_("停了例会"),
    ("campaign", "add"): N_("发起了征集"),
    ("campaign", "change"): N_("改了征集"),
    ("campaign", "end"): N_("结束了征集"),
    ("campaign", "result"): N_("改了征集的结束语"),
    ("hall", "open"): N_("街道开了这个厅"),
    ("hall", "suspend"): N_("街道把厅停了"),
    ("hall", "resume"): N_("街道把厅重新开了"),
    ("hall", "archive"): N_("街道把厅关了"),
    ("hall", "restore"): N_("街道把厅恢复了"),
    ("hall", "hall"): N_("改了厅名"),
    ("hall", "motto"): N_("改了口号"),
    ("hall", "lead"): N_("改了首页第一句话"),
    ("hall", "venue"): N_("改了场地叫法"),
    ("hall", "phone"): N_("改了电话"),
    ("hall", "address"): N_("改了地址"),
    ("hall", "hours"): N_("改了开放时间"),
    ("brand", "brand"): N_("改了主色"),
    ("brand", "ink"): N_("改了深色"),
    ("brand", "soft"): N_("改了浅底色"),
    ("brand", "accent"): N_("改了点缀色"),
    ("brand", "paper"): N_("改了页面底色"),
    ("brand", "pattern"): N_("换了底纹"),
    ("brand", "mark_svg"): N_("换了标志"),
    ("person", "correct"): N_("照本人要求改了"),
    ("person", "erase"): N_("照本人要求删了"),
    ("notice", "publish"): N_("换了一版"),
    ("retention", "set_phones"): N_("改了电话留几个月"),
    ("retention", "set_contacts"): N_("改了联系办法留几个月"),
    ("retention", "phones"): N_("清掉了到期的电话"),
    ("retention", "contacts"): N_("清掉了到期的联系办法"),
    ("retention", "codes"): N_("清掉了过期的验证码"),
    ("deadline", "notice_days"): N_("改了会前公告的天数"),
    ("deadline", "joint_threshold"): N_("改了联名满多少人算数"),
    ("deadline", "climb_working_days"): N_("改了超期多久报街道知道"),
    ("deadline", "answer_community"): N_("改了社区答复网格的期限"),
    ("deadline", "answer_street"): N_("改了街道答复的期限"),
    ("deadline", "answer_urgent"): N_("改了急事请上级的期限"),
    ("deadline", "climb_asks"): N_("改了到期没答怎么办"),
    ("deadline", "quorum"): N_("改了法定人数"),
    ("deadline", "council_rule"): N_("改了表决规则"),
}


def changes_page(*, subject: str, page: int) -> tuple[list[ChangeLog], int]:
    """One page of the log, the newest first; and how many lines there are."""
    named = (ChangeLog.subject == subject,) if subject in SUBJECTS else ()
    return newest_lines(ChangeLog, ChangeLog.community_id == current_community(), *named, page=page, size=PAGE)


def names_of(rows: list[ChangeLog]) -> dict[UUID, str]:
    """Whom or what the lines are about, in at most two statements; an account is named, a household has its address."""
    people = {row.subject_id for row in rows if row.subject in ("account", "role", "proof") and row.subject_id}
    doors = {row.subject_id for row in rows if row.subject == "household_code" and row.subject_id}
    found: dict[UUID, str] = {}
    if people:
        found.update(
            (account_id, name)
            for account_id, name in db.session.execute(
                select(Account.id, Account.display_name).where(
                    Account.community_id == current_community(), Account.id.in_(people)
                )
            )
        )
    if doors:
        found.update(households.addresses(list(doors)))
    return found
