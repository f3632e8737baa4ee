"""The verbs of a plan (年度计划、专题计划): draw it up over a matter's promises, change it, take it off the wall.

The caller commits. A plan holds no tasks of its own: it lays the promises of one resolution over a calendar.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.implement import plan_rules as rules
from app.flow.implement.models import WorkPlan
from app.flow.implement.plan_queries import plan_of
from app.flow.implement.plan_rules import KINDS, Draft
from app.flow.implement.queries import commitments_of
from app.matter.actions import record
from app.matter.models import Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

TAKEN = N_("这件事已经有一份计划了，去改那一份。")


def make_plan(
    matter: Matter, *, kind: str, title: str, theme: str = "", starts: date, ends: date, public: bool = True,
    by: Actor, now: datetime, id: UUID | None = None,
) -> WorkPlan:  # fmt: skip
    """Lay a matter's promises over a year or a theme's span. One plan a matter at a time."""
    draft = Draft(kind, title.strip(), theme.strip(), starts, ends)
    rules.may_plan(by.roles).or_refuse()
    _judge(draft, matter)
    if plan_of(matter.id) is not None:
        raise Refused(TAKEN)
    plan = WorkPlan(
        id=id or uuid7(), matter_id=matter.id, kind=kind, title=draft.title, theme=draft.theme, starts=starts,
        ends=ends, public=public, made_at=now, made_label=by.label,
    )  # fmt: skip
    db.session.add(plan)
    db.session.flush()
    record(
        matter, "make_plan", by=by, now=now, words=f"排成{KINDS[kind]}「{draft.title}」", public=public,
        data={"plan": str(plan.id)},
    )  # fmt: skip
    return plan


def change_plan(
    plan: WorkPlan, matter: Matter, *, kind: str, title: str, theme: str = "", starts: date, ends: date,
    public: bool = True, by: Actor, now: datetime,
) -> WorkPlan:  # fmt: skip
    """Name, theme, span or whether it is public; never its tasks."""
    draft = Draft(kind, title.strip(), theme.strip(), starts, ends)
    rules.may_plan(by.roles).or_refuse()
    _judge(draft, matter)
    old = {"kind": plan.kind, "title": plan.title, "theme": plan.theme, "starts": str(plan.starts),
           "ends": str(plan.ends), "public": plan.public}  # fmt: skip
    values = {"kind": kind, "title": draft.title, "theme": draft.theme, "starts": starts, "ends": ends}
    _swap(plan, public=public, **values)
    words = f"计划「{draft.title}」改了：{_span(draft)}"
    data = {"plan": str(plan.id), "was": old}
    record(matter, "change_plan", by=by, now=now, words=words, public=public, data=data)
    return plan


def withdraw_plan(plan: WorkPlan, matter: Matter, *, reason: str, by: Actor, now: datetime) -> WorkPlan:
    """Take a plan off the wall; the promises stay, and the matter may carry another plan."""
    rules.may_withdraw(by.roles, reason, plan.withdrawn_at is not None).or_refuse()
    _swap(plan, withdrawn_at=now, withdrawn_label=by.label, withdrawn_reason=reason.strip())
    record(
        matter, "withdraw_plan", by=by, now=now, reason=reason.strip(), words=f"计划「{plan.title}」收下来了",
        public=plan.public, data={"plan": str(plan.id)},
    )  # fmt: skip
    return plan


def _judge(draft: Draft, matter: Matter) -> None:
    dues = [one.due for one in commitments_of(matter)]
    rules.good_plan(draft, matter.stage, dues).or_refuse()


def _swap(plan: WorkPlan, **values: object) -> None:
    """Change a plan only while it hangs."""
    changed = db.session.execute(
        update(WorkPlan)
        .where(
            WorkPlan.community_id == current_community(), WorkPlan.id == plan.id, WorkPlan.withdrawn_at.is_(None)
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这份计划已经收下来了。"))
    db.session.refresh(plan)


def _span(draft: Draft) -> str:
    return f"{draft.starts.year}年{draft.starts.month}月到{draft.ends.year}年{draft.ends.month}月"
