"""Doors of the hall: tasks, reporting on them, putting off, handing over, looking at the work; and the side exits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.community import paperwork
from app.faces.community.desk import reader
from app.faces.community.inputs import page_number
from app.faces.community.resolutions import COLUMNS, MORE_ROWS, ROWS, tasks_from, typed_rows
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.deliberate.queries import hall_people
from app.flow.implement import actions, queries, rules
from app.flow.implement.evidence import evidence_of
from app.flow.implement.models import ProgressNote
from app.flow.resolve.evidence import evidence_of as resolved
from app.flow.resolve.models import Commitment
from app.flow.resolve.queries import posting_of
from app.matter.actions import situation_of
from app.matter.house import house
from app.matter.ledger import may_read
from app.matter.lights import Light, light
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage, Track
from app.matter.stages import find
from app.matter.workdays import end_of
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

PAGE = 20


class NoteForm(FlaskForm):
    """A line of progress."""

    words = TextAreaField(_l("进展怎样"))
    inside = BooleanField(_l("只给办事的人看，不对外"))


class FinishForm(FlaskForm):
    """Done: what shows it, what it cost."""

    evidence = TextAreaField(_l("办成什么样了"))
    actual = StringField(_l("实际花了多少元"))


class ExtensionForm(FlaskForm):
    """Put off: to when, why, who approved."""

    due = StringField(_l("延到哪天"))
    reason = TextAreaField(_l("延期的原因"))
    approver = StringField(_l("谁批的"))


class VerificationForm(FlaskForm):
    """What the grid worker and the resident saw."""

    passed = RadioField(
        _l("看下来怎样"), choices=[("yes", _l("办好了")), ("no", _l("还没办好，退回去"))], validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip
    words = TextAreaField(_l("看到什么"))
    resident_name = StringField(_l("一起看的居民"))
    new_due = StringField(_l("新的日子"))


class SuspensionForm(FlaskForm):
    """On hold."""

    reason = TextAreaField(_l("为什么先放一放"))
    review_on = StringField(_l("哪天再看"))
    outside = BooleanField(_l("原因不在我们，等的是别的单位或者别的事"))


class TerminationForm(FlaskForm):
    """The end before the result."""

    cause = TextAreaField(_l("终止的原因"))
    notice = TextAreaField(_l("给提出人的告知"))
    other_routes = TextAreaField(_l("还能走的路"))


class PromiseForm(FlaskForm):
    """The short cut: only its task rows."""

    words = TextAreaField(_l("说明"))


def tasks() -> str:
    """Open tasks, the earliest due first; ``mine=1`` shows only one's own."""
    me = visitor()
    mine = request.args.get("mine") == "1"
    owner = me.id if mine and me else None
    number = page_number()
    total = queries.count_open_tasks(owner_id=owner)
    now, calendar = clock.now(), house().calendar
    who = reader()
    rows = [
        {"task": task, "matter": matter, "light": light_of(task, matter, now, calendar),
         "told": may_read(matter, who) or (task.owner_id is not None and task.owner_id == who.id)}
        for task, matter in queries.open_tasks(owner_id=owner, limit=PAGE, offset=(number - 1) * PAGE)
    ]  # fmt: skip

    def url_of(n: int) -> str:
        return site_url("community.tasks", mine="1" if mine else None, page=n)

    return desk(
        "desk/tasks.html", "tasks", rows=rows, mine=mine, total=total, number=number, last=-(-total // PAGE) or 1,
        url_of=url_of, looks=[(matter, may_read(matter, who)) for matter in queries.waiting_for_a_look(limit=PAGE)],
    )  # fmt: skip


def light_of(task: Commitment, matter: Matter, now: Any, calendar: Any) -> Light:
    """The light of one promise: from the day it was made to the end of the day it is due."""
    return light(task.created_at, end_of(task.due), now, calendar, suspended=matter.stage == Stage.SUSPENDED)


def task(commitment_id: UUID) -> str:
    """One promise: report, finish, put off."""
    return _task_page(*_found(commitment_id))


def note(commitment_id: UUID) -> Any:
    """A line of progress on one promise."""
    commitment, matter = _found(commitment_id)
    row_id, form = paperwork.once(), NoteForm()
    if not paperwork.already(ProgressNote, row_id):
        _must_be_working(matter)
        noted = paperwork.attempt(
            form, lambda: actions.note_progress(
                matter, form.words.data or "", commitment=commitment, public=not form.inside.data, by=actor(),
                now=clock.now(), id=row_id,
            ),
        )  # fmt: skip
        if noted is None:
            return _task_page(*_found(commitment_id), note=form), 422
    flash(_("进展记下了，提出人会收到。") if not form.inside.data else _("进展记下了。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def finish(commitment_id: UUID) -> Any:
    """Report one promise done."""
    commitment, matter = _found(commitment_id)
    form = FinishForm()
    _must_be_working(matter)
    if commitment.state != "open":
        raise Refused(N_("这一项已经报过完工了。"))
    done = paperwork.attempt(
        form, lambda: actions.finish(
            commitment, evidence=form.evidence.data or "", actual_fen=paperwork.fen(form.actual.data), by=actor(),
            now=clock.now(),
        ),
    )  # fmt: skip
    if done is None:
        return _task_page(*_found(commitment_id), finish=form), 422
    flash(_("这一项办完了。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def extend(commitment_id: UUID) -> Any:
    """Put one promise off."""
    commitment, matter = _found(commitment_id)
    form = ExtensionForm()
    _must_be_working(matter)
    done = paperwork.attempt(form, lambda: _extend(commitment, form))
    if done is None:
        return _task_page(*_found(commitment_id), extension=form), 422
    flash(_("延期记下了，原来的日子也留着。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def hand_over(matter_id: UUID) -> Any:
    """Everything is done: ask for a look."""
    matter = paperwork.matter_or_404(matter_id)
    actions.hand_over(matter, by=actor(), now=clock.now())
    flash(_("报完工了，等网格员和居民一起来看。"), "ok")
    return redirect(site_url("community.tasks"), 303)


def verification(matter_id: UUID) -> str:
    """What was promised, done and spent, and the form for those who went to look."""
    matter = paperwork.matter_or_404(matter_id, for_a_look=True)
    paperwork.must_stand_at(matter, Stage.VERIFYING)
    return _verification_page(matter, VerificationForm(formdata=None))


def verify(matter_id: UUID) -> Any:
    """Take in the look: passed, or sent back with the faulty tasks named."""
    matter = paperwork.matter_or_404(matter_id, for_a_look=True)
    paperwork.must_stand_at(matter, Stage.VERIFYING)
    form = VerificationForm()
    passed = form.passed.data == "yes"
    if paperwork.attempt(form, lambda: _verify(matter, form)) is None:
        return _verification_page(paperwork.matter_or_404(matter_id, for_a_look=True), form), 422
    flash(_("核验通过，可以回访评议了。") if passed else _("退回去了，点到的几项要重办。"), "ok")
    goes_on = passed and paperwork.open_to_reader(matter)
    target = site_url("community.review", matter_id=matter_id) if goes_on else site_url("community.tasks")
    return redirect(target, 303)


def promise_form(matter_id: UUID) -> str:
    """书记项目 and plain duty: who does what by when, without a sitting."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.ACCEPTED)
    return _promise_page(matter, PromiseForm(formdata=None), [dict.fromkeys(COLUMNS, "") for _row in range(ROWS)])


def promise(matter_id: UUID) -> Any:
    """Go and do it."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.ACCEPTED)
    form, rows = PromiseForm(), typed_rows()
    if request.form.get("more"):
        return _promise_page(matter, form, rows + [dict.fromkeys(COLUMNS, "") for _row in range(MORE_ROWS)])
    words = (form.words.data or "").strip()
    made = paperwork.attempt(
        form, lambda: actions.promise(matter, tasks_from(rows), words=words[:1000], by=actor(), now=clock.now())
    )
    if made is None:
        return _promise_page(paperwork.matter_or_404(matter_id), form, rows), 422
    flash(_("任务分下去了，开始办。"), "ok")
    return redirect(site_url("community.tasks"), 303)


def suspension_form(matter_id: UUID) -> str:
    """Put on hold: why, and when it is looked at again."""
    matter = paperwork.matter_or_404(matter_id)
    _must_have_exit(matter, "suspend")
    return desk("desk/task_suspension.html", "ledger", **_about(matter), form=SuspensionForm(formdata=None))


def suspend(matter_id: UUID) -> Any:
    """Put it on hold; the typed reason is the confirmation."""
    matter = paperwork.matter_or_404(matter_id)
    _must_have_exit(matter, "suspend")
    form = SuspensionForm()
    if paperwork.attempt(form, lambda: _suspend(matter, form)) is None:
        return desk("desk/task_suspension.html", "ledger", **_about(paperwork.matter_or_404(matter_id)), form=form), 422
    flash(_("先放一放，已经告诉提出人哪天再看。"), "ok")
    return redirect(paperwork.matter_link(matter) or site_url("community.tasks"), 303)


def resume(matter_id: UUID) -> Any:
    """Take it up again where it stood."""
    matter = paperwork.matter_or_404(matter_id)
    reason = (request.form.get("reason") or "").strip()[: paperwork.REASON]
    actions.resume(matter, reason=reason, by=actor(), now=clock.now())
    flash(_("接着办了。"), "ok")
    return redirect(paperwork.matter_link(matter) or site_url("community.tasks"), 303)


def termination_form(matter_id: UUID) -> str:
    """End it: why, what the proposer is told, where else to turn."""
    matter = paperwork.matter_or_404(matter_id)
    _must_have_exit(matter, "terminate")
    routes = _(rules.OTHER_ROUTES) if matter.track == Track.MEDIATION else ""
    form = TerminationForm(formdata=None, other_routes=routes)
    return desk("desk/task_termination.html", "ledger", **_about(matter), form=form)


def terminate(matter_id: UUID) -> Any:
    """End it; the typed cause is the confirmation."""
    matter = paperwork.matter_or_404(matter_id)
    _must_have_exit(matter, "terminate")
    form = TerminationForm()
    ended = paperwork.attempt(
        form, lambda: actions.terminate(
            matter, cause=form.cause.data or "", notice=form.notice.data or "",
            other_routes=form.other_routes.data or "", by=actor(), now=clock.now(),
        ),
    )  # fmt: skip
    if ended is None:
        return desk(
            "desk/task_termination.html", "ledger", **_about(paperwork.matter_or_404(matter_id)), form=form
        ), 422
    flash(_("这件事终止了，提出人会收到告知。"), "ok")
    return redirect(paperwork.matter_link(matter) or site_url("community.tasks"), 303)


def matter_tasks(matter_id: UUID) -> Any:
    """The tasks of one matter: the tab on its page."""
    matter = paperwork.matter_or_404(matter_id)
    return redirect(paperwork.matter_link(matter, tab="tasks") or site_url("community.tasks"))


def way_to_work(matter_id: UUID) -> Any:
    """One verb, two forms: what was decided begins with its posting, what needs no sitting with its promises."""
    matter = paperwork.matter_or_404(matter_id)
    page = "promise_form" if matter.stage == Stage.ACCEPTED else "posting_form"
    return redirect(site_url(f"community.{page}", matter_id=matter.id))


def way_back(matter_id: UUID) -> Any:
    """Talking it over again starts where the reason stands: at the table, under an objection, or in the ratings."""
    matter = paperwork.matter_or_404(matter_id)
    if matter.stage == Stage.PUBLICIZED and (posting := posting_of(matter)) is not None:
        return redirect(site_url("community.desk_posting", posting_id=posting.id))
    if matter.stage == Stage.REVIEWING:
        return redirect(site_url("community.review", matter_id=matter.id))
    return redirect(paperwork.matter_link(matter, tab="sitting") or site_url("community.tasks"))


def _found(commitment_id: UUID) -> tuple[Commitment, Matter]:
    found = queries.find_commitment(commitment_id)
    me = visitor()
    if found is None or not (paperwork.open_to_reader(found[1]) or (me is not None and found[0].owner_id == me.id)):
        raise Missing(N_("没有这项任务。"))
    return found


def _must_be_working(matter: Matter) -> None:
    paperwork.must_stand_at(matter, *actions.WORKING)


def _must_have_exit(matter: Matter, name: str) -> None:
    if find(name, Stage(matter.stage)) is None:
        paperwork.must_stand_at(matter)


def _extend(commitment: Commitment, form: ExtensionForm) -> Commitment:
    due = paperwork.day(form.due.data)
    if due is None:
        raise Refused(N_("写上延到哪天。"))
    return actions.extend(
        commitment,
        due=due,
        reason=form.reason.data or "",
        approver=form.approver.data or "",
        by=actor(),
        now=clock.now(),
    )


def _verify(matter: Matter, form: VerificationForm) -> Any:
    if form.passed.data not in ("yes", "no"):
        raise Refused(N_("选一个：办好了，还是没办好。"))
    known = {str(one.id): one.id for one in queries.commitments_of(matter)}
    faults = [known[chosen] for chosen in request.form.getlist("faults") if chosen in known]
    if form.passed.data == "no" and not faults:
        raise Refused(N_("点出哪一项没达到。"))
    return actions.verify(
        matter, passed=form.passed.data == "yes", words=form.words.data or "",
        resident_name=form.resident_name.data or "", faults=faults, new_due=paperwork.day(form.new_due.data),
        by=actor(), now=clock.now(),
    )  # fmt: skip


def _suspend(matter: Matter, form: SuspensionForm) -> Matter:
    review_on = paperwork.day(form.review_on.data)
    if review_on is None:
        raise Refused(N_("写上哪天再看。"))
    return actions.suspend(
        matter, reason=form.reason.data or "", review_on=review_on, outside=bool(form.outside.data), by=actor(),
        now=clock.now(),
    )  # fmt: skip


def _about(matter: Matter) -> dict[str, Any]:
    return {"matter": matter, "stage": LABELS[Stage(matter.stage)], "back": paperwork.matter_link(matter)}


def _task_page(commitment: Commitment, matter: Matter, **forms: FlaskForm) -> str:
    now, calendar = clock.now(), house().calendar
    siblings = queries.commitments_of(matter)
    me = actor()
    working = Stage(matter.stage) in actions.WORKING
    reports = bool(rules.may_report(me.roles, me.id, commitment.owner_id)) and working
    return desk(
        "desk/task.html", "tasks", task=commitment, matter=matter, siblings=siblings,
        light=light_of(commitment, matter, now, calendar), notes=queries.progress_of(matter), reports=reports,
        all_done=bool(siblings) and all(one.state != "open" for one in siblings), stage=LABELS[Stage(matter.stage)],
        once=request.form.get("once") or uuid7(), back=paperwork.matter_link(matter),
        note=forms.get("note") or NoteForm(formdata=None), finish=forms.get("finish") or FinishForm(formdata=None),
        extension=forms.get("extension") or ExtensionForm(formdata=None),
        is_secretary=rules.is_secretary(me.roles), gate=_gate(matter) if working else [],
    )  # fmt: skip


def _gate(matter: Matter) -> list[dict[str, Any]]:
    """What 报完工 asks for, as the page's list."""
    move = find("hand_over", Stage(matter.stage))
    if move is None:
        return []
    situation = situation_of(matter, evidence_of(matter) | resolved(matter))
    return [
        {"ok": not need.is_missing(situation), "label": _(need.label)}
        for need in move.needs
        if need.applies is None or need.applies(situation)
    ]


def _verification_page(matter: Matter, form: VerificationForm) -> str:
    promised = queries.commitments_of(matter)
    me = actor()
    return desk(
        "desk/task_verification.html", "tasks", matter=matter, form=form, tasks=promised,
        chosen=request.form.getlist("faults"), planned=sum(one.planned_fen for one in promised),
        actual=sum(one.actual_fen or 0 for one in promised),
        doer=rules.is_doer(me.id, [one.owner_id for one in promised if one.owner_id]),
        back=paperwork.matter_link(matter),
    )  # fmt: skip


def _promise_page(matter: Matter, form: PromiseForm, rows: list[dict[str, str]]) -> str:
    people = [(str(account.id), account.display_name) for account in hall_people()]
    return desk("desk/task_promise.html", "ledger", **_about(matter), form=form, rows=rows, people=people)


_MATTER = "/desk/matters/<uuid:matter_id>"
_TASK = "/desk/tasks/<uuid:commitment_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/tasks", tasks, Permission.MATTER_READ),
    Door("GET", _TASK, task, Permission.MATTER_READ),
    Door("POST", f"{_TASK}/progress-notes", note, Permission.COMMITMENT_WRITE, name="note_progress"),
    Door("POST", f"{_TASK}/completions", finish, Permission.COMMITMENT_WRITE, name="finish_task"),
    Door("POST", f"{_TASK}/extensions", extend, Permission.COMMITMENT_WRITE, name="extend_task"),
    Door("GET", f"{_MATTER}/tasks", matter_tasks, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/way-to-work", way_to_work, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/way-back", way_back, Permission.MATTER_READ),
    Door("POST", f"{_MATTER}/handovers", hand_over, Permission.COMMITMENT_WRITE),
    Door("GET", f"{_MATTER}/verification", verification, Permission.VERIFICATION_WRITE),
    Door("POST", f"{_MATTER}/verifications", verify, Permission.VERIFICATION_WRITE),
    Door("GET", f"{_MATTER}/promise", promise_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/promises", promise, Permission.RESOLUTION_WRITE),
    Door("GET", f"{_MATTER}/suspension", suspension_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/suspensions", suspend, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/resumptions", resume, Permission.RESOLUTION_WRITE),
    Door("GET", f"{_MATTER}/termination", termination_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/terminations", terminate, Permission.RESOLUTION_WRITE),
]
