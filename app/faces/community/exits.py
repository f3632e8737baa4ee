"""Doors of the hall: going straight to work, on hold and on again, the end before the result, and the ways there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community import paperwork
from app.faces.community.task_forms import PromiseForm, SuspensionForm, TerminationForm
from app.faces.community.task_rows import MORE_ROWS, empty_rows, filled_up, owner_kinds, tasks_from, typed_rows
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.deliberate.queries import hall_people
from app.flow.implement import actions, rules
from app.flow.resolve.queries import posting_of
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage, Track
from app.matter.stages import find
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def promise_form(matter_id: UUID) -> str:
    """书记项目 and plain duty: who does what by when, without a sitting."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.ACCEPTED)
    return _promise_page(matter, PromiseForm(formdata=None), empty_rows())


def promise(matter_id: UUID) -> Any:
    """Go and do it."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.ACCEPTED)
    form, rows = PromiseForm(), typed_rows()
    if request.form.get("more"):
        return _promise_page(matter, form, rows + empty_rows(MORE_ROWS))
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
    if matter.stage != Stage.SUSPENDED:
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


def keep_on_hold(matter_id: UUID) -> Any:
    """The review day has come, and it stays on hold until another."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.SUSPENDED)
    form = SuspensionForm()
    if paperwork.attempt(form, lambda: _keep_on_hold(matter, form)) is None:
        return desk("desk/task_suspension.html", "ledger", **_about(paperwork.matter_or_404(matter_id)), form=form), 422
    flash(_("还先放着，已经告诉提出人下回哪天再看。"), "ok")
    return redirect(paperwork.matter_link(matter, tab="tasks") or site_url("community.tasks"), 303)


def resume(matter_id: UUID) -> Any:
    """Take it up again where it stood."""
    matter = paperwork.matter_or_404(matter_id)
    reason = (request.form.get("reason") or "").strip()[: paperwork.REASON]
    put_off = bool(request.form.get("put_off"))
    actions.resume(matter, reason=reason, put_off=put_off, by=actor(), now=clock.now())
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


def _must_have_exit(matter: Matter, name: str) -> None:
    if find(name, Stage(matter.stage)) is None:
        paperwork.must_stand_at(matter)


def _suspend(matter: Matter, form: SuspensionForm) -> Matter:
    review_on = paperwork.day(form.review_on.data)
    if review_on is None:
        raise Refused(N_("写上哪天再看。"))
    return actions.suspend(
        matter, reason=form.reason.data or "", review_on=review_on, outside=bool(form.outside.data), by=actor(),
        now=clock.now(),
    )  # fmt: skip


def _keep_on_hold(matter: Matter, form: SuspensionForm) -> Matter:
    review_on = paperwork.day(form.review_on.data)
    if review_on is None:
        raise Refused(N_("写上哪天再看。"))
    return actions.keep_on_hold(matter, reason=form.reason.data or "", review_on=review_on, by=actor(), now=clock.now())


def _about(matter: Matter) -> dict[str, Any]:
    return {"matter": matter, "stage": LABELS[Stage(matter.stage)], "back": paperwork.matter_link(matter)}


def _promise_page(matter: Matter, form: PromiseForm, rows: list[dict[str, str]]) -> str:
    people = [(str(account.id), account.display_name) for account in hall_people()]
    return desk(
        "desk/task_promise.html", "ledger", **_about(matter), form=form, rows=filled_up(rows), people=people,
        kinds=owner_kinds(),
    )  # fmt: skip


_MATTER = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_MATTER}/tasks", matter_tasks, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/way-to-work", way_to_work, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/way-back", way_back, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/promise", promise_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/promises", promise, Permission.RESOLUTION_WRITE),
    Door("GET", f"{_MATTER}/suspension", suspension_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/suspensions", suspend, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/suspension-reviews", keep_on_hold, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/resumptions", resume, Permission.RESOLUTION_WRITE),
    Door("GET", f"{_MATTER}/termination", termination_form, Permission.RESOLUTION_WRITE),
    Door("POST", f"{_MATTER}/terminations", terminate, Permission.RESOLUTION_WRITE),
]
