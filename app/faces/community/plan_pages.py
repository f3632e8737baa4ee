"""Doors of the hall: plans as everybody reads them: the list, a year on one page, and the same on one sheet."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.desk import reader
from app.faces.community.inputs import whole_number
from app.faces.community.plan_sheet import letters_for
from app.faces.doors import Door
from app.faces.look import day, money
from app.faces.pages import page
from app.faces.visitor import visitor
from app.flow.implement import plan_queries as queries
from app.flow.implement.plan_queries import Plan, Year
from app.flow.implement.plan_rules import KINDS, STANDING_LABELS, Standing
from app.matter.ledger import may_read
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.hosts import site_url

NO_PLAN = N_("没有这份计划，或者它还没有对外。")
#: A task's standing as its sign: icon and tone of the chip.
SIGNS = {
    Standing.DONE: ("check-circle-fill", "ok"), Standing.LATE: ("x-octagon-fill", "late"),
    Standing.DOING: ("hammer", "brand"), Standing.TO_COME: ("clock", ""),
}  # fmt: skip


def plans() -> str:
    """Every plan that hangs in public, the latest first, by year and by theme."""
    today, year, theme = clock.today(), whole_number(request.args.get("year")), request.args.get("theme", "")
    hanging = [one for one in queries.plans(today) if one.is_open]
    years = sorted({y for one in hanging for y in range(one.plan.starts.year, one.plan.ends.year + 1)}, reverse=True)
    themes = sorted({one.plan.theme for one in hanging if one.plan.theme})
    shown = [
        one for one in hanging
        if (year is None or one.plan.starts.year <= year <= one.plan.ends.year)
        and (theme not in themes or one.plan.theme == theme)
    ]  # fmt: skip
    tabs = [(_("全部年份"), site_url("community.plans", theme=theme or None), year is None)]
    tabs += [(str(y), site_url("community.plans", year=y, theme=theme or None), y == year) for y in years]
    return page(
        "hall/plans.html", plans=[card(one) for one in shown], tabs=tabs, themes=themes, theme=theme, year=year,
        some=bool(hanging),
    )  # fmt: skip


def plan(plan_id: UUID) -> str:
    """One plan month by month, with today's line."""
    found = _readable(plan_id)
    year = queries.year_of(found, clock.today())
    me = visitor()
    return page(
        "hall/plan.html", one=card(found), edits=bool(me and me.can(Permission.RESOLUTION_WRITE)), **_shown(year)
    )


def plan_wall(plan_id: UUID) -> str:
    """One landscape sheet of A3 or A4."""
    found = _readable(plan_id)
    shown = _shown(queries.year_of(found, clock.today()))
    address = site_url("community.plan", plan_id=plan_id, external=True)
    urls = {size: site_url("community.plan_wall", plan_id=plan_id, size=size) for size in ("a3", "a4")}
    size = "a4" if request.args.get("size") == "a4" else "a3"
    return page(
        "hall/plan_wall.html", one=card(found), size=size, urls=urls,
        typed=site_url("community.plans", external=True).partition("://")[2],
        qr=qr_svg(address, label=_("二维码，扫了看计划办到哪一步")), letters=letters_for(shown["months"]),
        on=clock.today(), **shown,
    )  # fmt: skip


def card(found: Plan) -> dict[str, Any]:
    """A plan for lists and heads of pages."""
    plan = found.plan
    return {
        "found": found, "plan": plan, "matter": found.matter, "kind": _(KINDS[plan.kind]), "n": found.n,
        "done": found.done, "span": _("%(starts)s 至 %(ends)s", starts=_month(plan.starts), ends=_month(plan.ends)),
    }  # fmt: skip


def _shown(year: Year) -> dict[str, Any]:
    today = clock.today()
    months = [
        {
            "first": first, "label": _("%(n)s月", n=first.month), "year": first.year,
            "is_now": (first.year, first.month) == (today.year, today.month),
            "is_past": (first.year, first.month) < (today.year, today.month),
            "before": [_task(one) for one in tasks if one.due < today],
            "after": [_task(one) for one in tasks if one.due >= today],
            "planned": _("预算 %(money)s", money=money(fen)) if (fen := sum(one.planned_fen for one in tasks)) else "",
        }
        for first, tasks in year.months
    ]  # fmt: skip
    counts = [(_(STANDING_LABELS[one]), year.counts[one], *SIGNS[one]) for one in Standing if year.counts[one]]
    planned = money(year.planned_fen) if year.planned_fen else ""
    return {
        "months": months, "outside": [_task(one) for one in year.outside], "counts": counts, "today": today,
        "planned": _("不到 %(money)s", money=planned) if planned and year.approx else planned,
        "spent": money(year.spent_fen) if year.spent_fen or year.planned_fen else "",
    }  # fmt: skip


def _task(one: queries.PlannedTask) -> dict[str, Any]:
    sign, tone = SIGNS[one.standing]
    measure = ""
    if one.target:
        measure = _("%(done)s/%(target)s %(unit)s", done=one.done_count, target=one.target, unit=one.unit)
    return {
        "task": one, "day": _("%(n)s日", n=one.due.day), "due": day(one.due),
        "standing": _(STANDING_LABELS[one.standing]),
        "sign": sign, "tone": tone, "measure": measure, "planned": money(one.planned_fen) if one.planned_fen else "",
        "spent": money(one.spent_fen) if one.spent_fen else "",
    }  # fmt: skip


def _month(on: date) -> str:
    return _("%(year)s年%(month)s月", year=on.year, month=on.month)


def _readable(plan_id: UUID) -> Plan:
    """A plan that is public, or that somebody at the desk who may read its matter looks at."""
    found = queries.find_plan(plan_id, clock.today())
    if found is None:
        raise Missing(NO_PLAN)
    me = visitor()
    inside = me is not None and me.can(Permission.MATTER_READ) and may_read(found.matter, reader())
    if not found.is_open and not inside:
        raise Missing(NO_PLAN)
    return found


DOORS: list[Door] = [
    Door("GET", "/plans", plans, Permission.ANYONE_ENTER),
    Door("GET", "/plans/<uuid:plan_id>", plan, Permission.ANYONE_ENTER),
    Door("GET", "/plans/<uuid:plan_id>/wall", plan_wall, Permission.ANYONE_ENTER),
]
