"""Doors of the street: the acts on what it leads: invite, take back, let begin, gather, pause, end, promise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.figures import day
from app.faces.joint_view import ballot_choices, halls_view, head_of
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.joint_forms import (
    ACTS,
    TASK_ACTS,
    Act,
    ActForm,
    InviteForm,
    TaskForm,
    attempt,
    uuid_of,
)
from app.faces.street.joints import GONE, joint_of, lead_page
from app.faces.visitor import actor
from app.matter import joint_inviting, joint_tasks
from app.matter import joint_queries as queries
from app.matter import joint_rules as rules
from app.matter.joint_gather_rules import gather
from app.matter.joint_models import JointMatter
from app.matter.joint_words import outcome_words
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

TAKE_UP = "app.faces.jobs.work:take_up"


def joint_invitations(joint_id: UUID) -> str:
    """Which halls to ask; the question and the rules stand above, for they are fixed with the first invitation."""
    found = joint_of(joint_id)
    return _invite_page(found, InviteForm(formdata=None), _from_draft(found))


def joint_invitations_add(joint_id: UUID) -> Any:
    """Send them; the matter is public from here on."""
    found, form = joint_of(joint_id), InviteForm()
    known = {hall.id for hall in street.communities()}
    chosen = {one for one in known if str(one) in set(request.form.getlist("hall"))}
    asked = {one: request.form.get(f"rule-{one}") or found.ballot_rule for one in sorted(chosen)}
    own = {community: matter for community, matter in _sources(found).items() if community in chosen}

    def send() -> None:
        if any(rule not in dict(ballot_choices()) for rule in asked.values()):
            raise Refused(N_("各社区怎么表决，请选一种。"))
        joint_inviting.invite(
            found, asked, words=form.words.data or "", answer_due=day(form.answer_due.data), by=actor(),
            now=clock.now(), own_matters=own,
        )  # fmt: skip

    if not attempt(form, send, ""):
        return _invite_page(joint_of(joint_id), form, chosen), 422
    flash(_("邀请发出去了，这件事公开了。"), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id), 303)


def joint_withdrawal(joint_id: UUID, community_slug: str) -> str:
    """Ask before an invitation is taken back."""
    found = joint_of(joint_id)
    return _act_page(found, _withdrawal(found, community_slug)[0], ActForm(formdata=None), community_slug)


def joint_withdrawal_add(joint_id: UUID, community_slug: str) -> Any:
    """Take it back, in words."""
    found, form = joint_of(joint_id), ActForm()
    act, hall = _withdrawal(found, community_slug)
    ok = attempt(
        form, lambda: joint_inviting.withdraw(found, hall, form.words.data or "", by=actor(), now=clock.now())
    )  # fmt: skip
    if not ok:
        return _act_page(joint_of(joint_id), act, form, community_slug), 422
    flash(_(act.done), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id), 303)


def joint_act(joint_id: UUID, act_key: str) -> str:
    """The page that asks before the act."""
    found = joint_of(joint_id)
    return _act_page(found, _act(found, act_key), ActForm(formdata=None))


def joint_act_do(joint_id: UUID, act_key: str) -> Any:
    """Do it; the halls that take part hear of it by their own workers."""
    found, form = joint_of(joint_id), ActForm()
    act = ACTS.get(act_key)
    if act is None:
        raise Missing(GONE)
    if found.stage not in act.stages:
        raise Refused(N_("这件事现在是「%(stage)s」，这一步办不了。"), stage=rules.STAGE_LABELS[found.stage])
    # A reason that is there is not what is missing: then it is the day.
    beside = "on" if act.has_day and (form.words.data or "").strip() else "words"
    if not attempt(form, lambda: act.do(found, form, actor(), clock.now()), beside):
        return _act_page(joint_of(joint_id), act, form), 422
    _tell(found)
    flash(_(act.done), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id), 303)


def joint_task_add(joint_id: UUID) -> Any:
    """Promise one thing."""
    found, form = joint_of(joint_id), TaskForm()
    made = attempt(
        form,
        lambda: joint_tasks.add_task(
            found, what=form.what.data or "", who=form.who.data or "", due=day(form.due.data), by=actor(),
            now=clock.now(), once=uuid_of(form.once.data) or uuid7(),
        ),
        "",
    )  # fmt: skip
    if not made:
        return lead_page(joint_of(joint_id), form), 422
    flash(_("记下了，公开页上看得到。"), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id, _anchor="tasks"), 303)


def joint_task_act(joint_id: UUID, task_id: UUID, act_key: str) -> Any:
    """Done, looked at, sent back or dropped."""
    found, task = joint_of(joint_id), joint_tasks.find_task(task_id)
    if task is None or task.joint_id != found.id or act_key not in TASK_ACTS:
        raise Missing(GONE)
    words = request.form.get("words", "")
    by = {"by": actor(), "now": clock.now()}
    if act_key == "verifications":
        joint_tasks.verify(found, task, **by)
    else:
        verbs = {"reports": joint_tasks.report_done, "returns": joint_tasks.send_back,
                 "droppings": joint_tasks.drop_task}  # fmt: skip
        verbs[act_key](found, task, words, **by)
    flash(_("记下了。"), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id, _anchor="tasks"), 303)


def _act(found: JointMatter, key: str) -> Act:
    act = ACTS.get(key)
    if act is None:
        raise Missing(GONE)
    if found.stage not in act.stages:
        raise Refused(N_("这件事现在是「%(stage)s」，这一步办不了。"), stage=rules.STAGE_LABELS[found.stage])
    return act


def _act_page(found: JointMatter, act: Act, form: ActForm, slug: str = "") -> str:
    """One page for every act: what follows from it, what is typed, and for the gathering what would come out now."""
    halls = queries.halls_of(found.id)
    parts, preview, late, reason = [hall.as_part(found.due) for hall in halls], "", [], ""
    if act.key == "gathering":
        late = rules.late_halls(parts, clock.today())
        verdict = rules.may_gather(found.stage, parts, clock.today(), "x")
        reason = "" if verdict else say(verdict.reason, verdict.values)
        preview = outcome_words(found.rule, gather(found.rule, parts)) if verdict else ""
    elif act.key == "opening":
        verdict = rules.may_open(found.stage, parts, clock.today())
        reason = "" if verdict else say(verdict.reason, verdict.values)
    form.words.label.text = _(act.label) if act.label else form.words.label.text
    action = (
        site_url("street.joint_withdrawal_add", joint_id=found.id, community_slug=slug) if slug
        else site_url("street.joint_act_do", joint_id=found.id, act_key=act.key)
    )  # fmt: skip
    return desk(
        "street/joint_act.html", "joint", joint=found, head=head_of(found), act=act, form=form, action=action,
        halls=halls_view(found, halls) if act.key in ("gathering", "opening") else [], preview=preview, late=late,
        reason=reason, asks=bool(act.label) and (not act.optional or bool(late)),
    )  # fmt: skip


def _withdrawal(found: JointMatter, slug: str) -> tuple[Act, queries.Hall]:
    hall = next((one for one in queries.halls_of(found.id) if one.slug == slug), None)
    if hall is None:
        raise Missing(GONE)
    act = Act(
        "withdrawal", N_("收回邀请"), N_("收回以后不能再请这个社区。它自己的那件事还在，由社区自己接着办。原因公开。"),
        N_("收回邀请"), N_("收回了。"), "x-circle", frozenset(), lambda *_all: None, label=N_("为什么收回"),
        danger=True,
    )  # fmt: skip
    return act, hall


def _invite_page(found: JointMatter, form: InviteForm, chosen: set[int]) -> str:
    invited = {hall.community_id for hall in queries.halls_of(found.id)}
    halls = [one for one in street.communities() if one.id not in invited]
    return desk(
        "street/joint_invite.html", "joint", joint=found, head=head_of(found), form=form, halls=halls, chosen=chosen,
        may_differ=found.rule == "each", ballots=ballot_choices(), typed=request.form,
    )  # fmt: skip


def _sources(found: JointMatter) -> dict[int, UUID]:
    """The hall's own matter each hall's invitation names, by community."""
    first = next((one for one in queries.notes_of(found.id, public_only=False) if one.verb == "draft"), None)
    named = first.data.get("sources", []) if first else []
    return {int(one["community_id"]): UUID(one["matter_id"]) for one in reversed(named)}


def _from_draft(found: JointMatter) -> set[int]:
    return set(_sources(found))


def _tell(found: JointMatter) -> None:
    """Ask the workers of the halls that take part to take this up after the commit; the sweeper finds it otherwise."""
    for hall in queries.halls_of(found.id):
        if hall.state in ("joined", "voted"):
            errand(Scope("community", street=current_street(), community=hall.community_id), TAKE_UP)
    db.session.flush()


P = Permission
_JOINT = "/joints/<uuid:joint_id>"
_HALL = f"{_JOINT}/halls/<string:community_slug>/withdrawal"
DOORS: list[Door] = [
    Door("GET", f"{_JOINT}/invitations", joint_invitations, P.STREET_JOINT_WRITE),
    Door("POST", f"{_JOINT}/invitations", joint_invitations_add, P.STREET_JOINT_WRITE),
    Door("GET", _HALL, joint_withdrawal, P.STREET_JOINT_WRITE),
    Door("POST", _HALL, joint_withdrawal_add, P.STREET_JOINT_WRITE),
    Door("GET", f"{_JOINT}/acts/<string:act_key>", joint_act, P.STREET_JOINT_WRITE),
    Door("POST", f"{_JOINT}/acts/<string:act_key>", joint_act_do, P.STREET_JOINT_WRITE),
    Door("POST", f"{_JOINT}/tasks", joint_task_add, P.STREET_JOINT_WRITE),
    Door("POST", f"{_JOINT}/tasks/<uuid:task_id>/<string:act_key>", joint_task_act, P.STREET_JOINT_WRITE),
]
