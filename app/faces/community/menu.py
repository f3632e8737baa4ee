"""The side menu of the hall's desk. An entry is shown to whom its door lets in; the counts come from one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, g
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.faces.context import MENUS
from app.faces.visitor import Visitor, visitor
from app.flow.collect.voices_queries import to_moderate
from app.flow.decide.models import Ballot
from app.flow.implement.extension_queries import count_asked
from app.flow.implement.order_queries import open_count
from app.flow.resolve.models import Commitment
from app.flow.triage.queries import UNANSWERED
from app.matter.escalation_queries import waiting_count
from app.matter.joint_asked import unanswered
from app.matter.models import Matter
from app.notices.mine import count_mine
from app.notices.reminder_queries import count_unread
from app.notices.street_news import waiting as street_waiting
from app.notices.street_rules import ANSWERING
from app.people.core_queries import waiting_to_be_met
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community

CHANNELS, BASE = N_("收意见"), N_("社区家底")
#: Key, label, icon, group, and the endpoints it may lead to: the first one this person may enter.
ENTRIES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("today", N_("今天"), "sun", "", ("today",)),
    ("ledger", N_("议事台账"), "journal-text", "", ("ledger",)),
    ("inbox", N_("待受理"), "inbox", "", ("inbox",)),
    ("moderation", N_("待审言论"), "shield-check", "", ("moderation",)),
    ("mediations", N_("调解"), "people", "", ("mediations",)),
    ("council", N_("议事会"), "people", "", ("sittings", "council")),
    ("calendar", N_("会议日历"), "calendar3", "", ("calendar",)),
    ("votes", N_("表决"), "check2-square", "", ("votes", "ballots")),
    ("tasks", N_("落实任务"), "list-check", "", ("tasks",)),
    ("orders", N_("督办单"), "flag", "", ("orders",)),
    ("asks", N_("网格报上来的"), "arrow-up-right-circle", "", ("asks",)),
    ("joint", N_("跨社区的事"), "diagram-3", "", ("joint_desk",)),
    ("money", N_("收支和收费"), "cash-coin", "", ("money_desk", "collections")),
    ("reviews", N_("评议"), "emoji-smile", "", ("reviews",)),
    ("plans", N_("计划和书记项目"), "calendar-check", "", ("plans_desk", "projects_desk")),
    ("assets", N_("留下的东西"), "tools", "", ("assets",)),
    ("outbox", N_("该告诉谁"), "envelope", "", ("outbox",)),
    ("notices", N_("我的消息"), "bell", "", ("my_notices",)),
    ("street_notices", N_("街道通知"), "megaphone", "", ("street_notices",)),
    ("letterbox", N_("信箱开箱"), "mailbox", CHANNELS, ("letterbox",)),
    ("listening", N_("坐班和走访"), "chat-dots", CHANNELS, ("listening",)),
    ("work_orders", N_("12345 工单"), "telephone", CHANNELS, ("work_orders",)),
    ("campaigns", N_("金点子征集"), "lightbulb", CHANNELS, ("campaigns",)),
    ("households", N_("居民户与户码"), "house-door", BASE, ("households",)),
    ("residents", N_("居民核实"), "person-check", BASE, ("residents",)),
    ("people", N_("议事员与人才库"), "person-vcard", BASE, ("accounts",)),
    ("experts", N_("街道人才库"), "award", BASE, ("experts",)),
    ("core", N_("能人名册"), "star", BASE, ("core_residents",)),
    ("seats", N_("议事会席位与代表"), "people-fill", BASE, ("seats",)),
    ("owners", N_("业主名册"), "buildings", BASE, ("owners",)),
    ("venues", N_("议事点与收集点"), "geo-alt", BASE, ("venues_desk",)),
    ("postings", N_("公示与海报"), "megaphone", BASE, ("desk_postings", "postings")),
    ("imports", N_("批量导入"), "upload", BASE, ("imports",)),
    ("privacy_desk", N_("隐私与同意"), "person-lock", BASE, ("privacy_desk", "looks")),
    ("lists", N_("清单与答复"), "list-ul", BASE, ("lists",)),
    ("settings", N_("本社区设置"), "sliders", BASE, ("settings",)),
    ("changes", N_("改动记录"), "clock-history", BASE, ("changes",)),
    ("audit", N_("封存的记录"), "lock", BASE, ("audit",)),
)


def menu() -> list[dict[str, Any]]:
    """The entries this visitor may use, with what waits behind them."""
    me = visitor()
    if me is None:
        return []
    here = g.get("menu_current", "")
    shown = [(entry, endpoint) for entry in ENTRIES if (endpoint := _door(entry[4], me))]
    counts = counts_of(me.id) if any(entry[0] in COUNTED for entry, _endpoint in shown) else {}
    return [
        {
            "key": key, "label": _(label), "icon": icon, "group": _(group) if group else "", "url": site_url(endpoint),
            "count": counts.get(key, 0), "current": key == here,
        }
        for (key, label, icon, group, _doors), endpoint in shown
    ]  # fmt: skip


COUNTED = frozenset(
    {"today", "inbox", "moderation", "votes", "tasks", "orders", "reviews", "asks", "street_notices", "joint", "core"}
)


def _door(names: tuple[str, ...], me: Visitor) -> str:
    doors = current_app.extensions["doors"]
    for name in names:
        found = doors.get(f"community.{name}")
        if found and found[1].method == "GET" and me.can(found[1].permission):
            return f"community.{name}"
    return ""


def counts_of(me: UUID | None) -> dict[str, int]:
    """How many wait behind each entry; once a request, for a page may ask before its menu does."""
    if "menu_counts" not in g:
        g.menu_counts = _counts(me)
    found: dict[str, int] = g.menu_counts
    return found


def _answers() -> bool:
    """Whether this person answers for the hall."""
    found = visitor()
    return bool(found and found.roles & ANSWERING)


def _counts(me: UUID | None) -> dict[str, int]:
    here = current_community()
    matters = select(func.count()).select_from(Matter).where(Matter.community_id == here)
    tasks = (
        select(func.count())
        .select_from(Commitment)
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(
            Commitment.community_id == here, Commitment.state == "open",
            Matter.stage.in_(("implementing", "suspended")),
        )
    )  # fmt: skip
    # Several questions on one sheet are one vote to be counted.
    votes = func.count(func.coalesce(Ballot.poll_id, Ballot.id).distinct())
    ballots = select(votes).where(Ballot.community_id == here, Ballot.state == "open")
    row = db.session.execute(
        select(
            matters.where(Matter.stage.in_(UNANSWERED)).scalar_subquery().label("inbox"),
            ballots.scalar_subquery().label("votes"),
            tasks.scalar_subquery().label("tasks"),
            matters.where(Matter.stage == "reviewing").scalar_subquery().label("reviews"),
            to_moderate().label("moderation"),
            count_unread(me).label("today"),
            count_mine(me).label("notices"),
            count_asked().label("extensions"),
            open_count().label("orders"),
            street_waiting(me, answers=_answers()).label("street_notices"),
            waiting_count().label("asks"),
            unanswered().label("joint"),
            waiting_to_be_met().label("core"),
        )
    ).one()
    return dict(row._mapping)


MENUS["community"] = menu
