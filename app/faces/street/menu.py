"""The side menu of the street's desk."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_babel import gettext as _

from app import clock
from app.faces.context import MENUS
from app.faces.visitor import visitor
from app.flow.triage.review import waiting_in_street
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

P = Permission
HOUSEHOLD = N_("街道家底")
ENTRIES = (
    ("overview", N_("总览"), "grid-1x2", "", "street.overview", P.STREET_OVERVIEW_READ),
    ("escalations", N_("升级来的事"), "arrow-up-right-circle", "", "street.escalations", P.STREET_ESCALATION_WRITE),
    ("letters", N_("部门和外单位"), "envelope-paper", "", "street.letters", P.STREET_LETTER_WRITE),
    ("joint", N_("跨社区的事"), "diagram-3", "", "street.joints", P.STREET_JOINT_WRITE),
    ("reviews", N_("受理复核"), "arrow-repeat", "", "street.reviews", P.STREET_REVIEW_WRITE),
    ("orders", N_("督办和红灯"), "flag", "", "street.orders", P.STREET_ORDER_WRITE),
    ("communities", N_("各个社区"), "houses", "", "street.communities", P.STREET_OVERVIEW_READ),
    ("reports", N_("汇报和月报"), "file-earmark-text", "", "street.reports", P.STREET_REPORT_WRITE),
    ("notices", N_("给社区的通知"), "megaphone", "", "street.notices", P.STREET_NOTICE_WRITE),
    ("looks", N_("谁看过什么"), "eye", "", "street.looks", P.STREET_LOOK_READ),
    ("pool", N_("人才库"), "person-vcard", HOUSEHOLD, "street.pool", P.STREET_POOL_READ),
    ("halls", N_("开厅和停厅"), "house-door", HOUSEHOLD, "street.halls", P.STREET_COMMUNITY_WRITE),
    ("accounts", N_("街道账号"), "people", HOUSEHOLD, "street.accounts", P.STREET_ACCOUNT_WRITE),
    ("log", N_("街道改过什么"), "clock-history", HOUSEHOLD, "street.log", P.STREET_LOG_READ),
    ("audit", N_("封存的记录"), "lock", HOUSEHOLD, "street.audit", P.STREET_AUDIT_READ),
    ("handbook", N_("提案指导手册"), "journal-text", HOUSEHOLD, "street.handbook", P.STREET_HANDBOOK_WRITE),
    ("holidays", N_("放假和调休"), "calendar3", HOUSEHOLD, "street.holidays", P.STREET_OVERVIEW_READ),
    ("bounds", N_("期限和人数的范围"), "sliders", HOUSEHOLD, "street.bounds", P.STREET_OVERVIEW_READ),
    ("words", N_("留言词表"), "shield-check", HOUSEHOLD, "street.words", P.STREET_LIST_WRITE),
    ("lists", N_("鼓励和负面清单"), "list-ul", HOUSEHOLD, "street.lists", P.STREET_LIST_WRITE),
    ("replies", N_("答复模板"), "chat-left-text", HOUSEHOLD, "street.replies", P.STREET_LIST_WRITE),
    ("templates", N_("文书模板"), "file-earmark-word", HOUSEHOLD, "street.templates", P.STREET_TEMPLATE_WRITE),
    ("password", N_("我的密码"), "key", HOUSEHOLD, "street.password", P.ACCOUNT_USE),
    ("own_account", N_("登录和安全"), "shield-check", HOUSEHOLD, "street.own_account", P.ACCOUNT_USE),
)


def menu() -> list[dict[str, Any]]:
    """The entries this officer may use; how many requests wait is read once a page."""
    me = visitor()
    if me is None:
        return []
    current = g.get("menu_current", "")
    counts = {
        "escalations": g.get("waiting"), "reviews": g.get("waiting_reviews"), "letters": g.get("waiting_letters"),
    }  # fmt: skip
    if not me.can(P.STREET_OVERVIEW_READ):
        counts = {}
    elif None in counts.values():
        counts = waiting_in_street(clock.today())
    return [
        {
            "key": key, "label": _(label), "icon": icon, "group": _(group) if group else "", "url": site_url(endpoint),
            "count": counts.get(key, 0), "current": key == current,
        }
        for key, label, icon, group, endpoint, permission in ENTRIES
        if me.can(permission) and endpoint in current_app.extensions["doors"]
    ]  # fmt: skip


MENUS["street"] = menu
