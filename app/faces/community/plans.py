"""Doors of the hall's desk: draw a plan up over the promises of a resolution, change it, take it off the wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import DateInput

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community import paperwork
from app.faces.community.desk import reader
from app.faces.community.inputs import as_uuid, tidy
from app.faces.community.plan_pages import NO_PLAN, card
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.implement import plan_queries as queries
from app.flow.implement import plan_rules as rules
from app.flow.implement import plans as actions
from app.flow.implement.models import WorkPlan
from app.flow.implement.plan_queries import Plan
from app.matter.ledger import may_read
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

PICK = N_("先选一件有任务的事。")


class PlanForm(FlaskForm):
    """What a plan is called and over which months it lays the tasks."""

    kind = RadioField(
        _l("哪一种"), choices=[(key, _l(label)) for key, label in rules.KINDS.items()], default="annual",
        validators=[Optional()], validate_choice=False,
    )  # fmt: skip
    title = StringField(_l("计划叫什么"), filters=[tidy])
    theme = StringField(_l("主题"), filters=[tidy])
    starts = StringField(_l("从哪天起"), widget=DateInput(), filters=[tidy])
    ends = StringField(_l("到哪天止"), widget=DateInput(), filters=[tidy])
    inside = BooleanField(_l("先不对外，只在工作台看"))


class WithdrawalForm(FlaskForm):
    """Why a plan comes off the wall."""

    reason = TextAreaField(_l("为什么收下来"))


def plans_desk() -> str:
    """Every plan of the hall, and the matters that could carry one."""
    today, who = clock.today(), reader()
    me = visitor()
    writes = bool(me and me.can(Permission.RESOLUTION_WRITE))
    hanging = [card(one) for one in queries.plans(today) if may_read(one.matter, who)]
    can_be = [row for row in queries.can_be_planned() if may_read(row[0], who)] if writes else []
    return desk(
        "desk/plans.html", "plans", plans=hanging, can_be=can_be[:20], writes=writes,
        gone=[card(one) for one in queries.plans(today, hanging=False) if may_read(one.matter, who)],
    )  # fmt: skip


def plan_new() -> Any:
    """The form of a plan for one matter, its span guessed from the matter's tasks; to its plan where it has one."""
    wanted = as_uuid(request.args.get("matter"))
    planned = queries.plan_of(wanted) if wanted else None
    if planned is not None:
        return redirect(site_url("community.plan", plan_id=planned), 303)
    matter, n, first, last = _candidate(wanted)
    starts = first.replace(month=1, day=1)
    ends = rules.year_after(starts)
    annual = first >= starts and last <= ends
    form = PlanForm(
        formdata=None, kind="annual" if annual else "thematic", title=matter.title, starts=starts.isoformat(),
        ends=(ends if annual else max(last, ends)).isoformat(),
    )  # fmt: skip
    return _form_page(form, matter, once=uuid7(), n=n)


def plan_make() -> Any:
    """Draw a plan up."""
    form, once = PlanForm(), paperwork.once()
    if not paperwork.already(WorkPlan, once):
        matter = paperwork.matter_or_404(as_uuid(request.form.get("matter")) or once)
        said = _said(form, lambda **of: actions.make_plan(matter, id=once, by=actor(), now=clock.now(), **of))
        if said is None:
            return _form_page(form, matter, once=once), 422
        flash(_("计划排好了，可以打印出来上墙。"), "ok")
    return redirect(site_url("community.plan", plan_id=once), 303)


def plan_edit(plan_id: UUID) -> str:
    """Change a plan, or take it down."""
    found = _found(plan_id)
    return _form_page(_form_of(found), found.matter, found=found)


def plan_change(plan_id: UUID) -> Any:
    """Name, theme, span, public or not."""
    found, form = _found(plan_id), PlanForm()
    matter = found.matter
    changed = _said(
        form, lambda **of: actions.change_plan(found.plan, matter, by=actor(), now=clock.now(), **of)
    )  # fmt: skip
    if changed is None:
        return _form_page(form, matter, found=_found(plan_id)), 422
    flash(_("计划改好了。贴出去的那张要换下来。"), "ok")
    return redirect(site_url("community.plan", plan_id=plan_id), 303)


def plan_withdraw(plan_id: UUID) -> Any:
    """Take a plan down; typing the reason is the confirmation."""
    found, form = _found(plan_id), WithdrawalForm()
    reason = form.reason.data or ""
    gone = paperwork.attempt(
        form, lambda: actions.withdraw_plan(found.plan, found.matter, reason=reason, by=actor(), now=clock.now())
    )
    if gone is None:
        found = _found(plan_id)
        return _form_page(_form_of(found), found.matter, found=found, withdrawal=form), 422
    flash(_("计划收下来了，任务还在，照样办。"), "ok")
    return redirect(site_url("community.plans_desk"), 303)


def _said(form: PlanForm, act: Callable[..., WorkPlan]) -> WorkPlan | None:
    """Read the form and do it; every refusal becomes a line of the form, and what was typed stays."""

    def do() -> WorkPlan:
        starts, ends = paperwork.day(form.starts.data), paperwork.day(form.ends.data)
        if starts is None:
            raise Refused(N_("「从哪天起」要填。"))
        # A year is known by its first day, so the last one need not be typed.
        ends = ends or rules.year_after(starts)
        return act(
            kind=form.kind.data or "", title=form.title.data or "", theme=form.theme.data or "", starts=starts,
            ends=ends, public=not form.inside.data,
        )  # fmt: skip

    return paperwork.attempt(form, do)


def _candidate(matter_id: UUID | None) -> tuple[Matter, int, Any, Any]:
    row = next((row for row in queries.can_be_planned(limit=500) if row[0].id == matter_id), None)
    if row is None or not may_read(row[0], reader()):
        raise Missing(PICK)
    return row


def _found(plan_id: UUID) -> Plan:
    found = queries.find_plan(plan_id, clock.today())
    if found is None or not may_read(found.matter, reader()):
        raise Missing(NO_PLAN)
    if found.plan.withdrawn_at is not None:
        raise Refused(N_("这份计划已经收下来了。"))
    return found


def _form_of(found: Plan) -> PlanForm:
    plan = found.plan
    days = {"starts": plan.starts.isoformat(), "ends": plan.ends.isoformat()}
    return PlanForm(formdata=None, kind=plan.kind, title=plan.title, theme=plan.theme, inside=not plan.public, **days)


def _form_page(
    form: PlanForm, matter: Matter, *, once: UUID | None = None, n: int = 0, found: Plan | None = None,
    withdrawal: WithdrawalForm | None = None,
) -> str:  # fmt: skip
    return desk(
        "desk/plan_form.html", "plans", form=form, matter=matter, once=once, n=n, found=found,
        withdrawal=withdrawal or WithdrawalForm(formdata=None),
    )  # fmt: skip


W = Permission.RESOLUTION_WRITE
ONE = "/desk/plans/<uuid:plan_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/plans", plans_desk, Permission.MATTER_READ),
    Door("POST", "/desk/plans", plan_make, W),
    Door("GET", "/desk/plan-form", plan_new, W),
    Door("GET", ONE, plan_edit, W),
    Door("POST", ONE, plan_change, W),
    Door("POST", f"{ONE}/withdrawal", plan_withdraw, W),
]
