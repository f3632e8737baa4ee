"""Doors of the hall: a later day for a task, asked for by its owner and answered by somebody else, or given at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces import figures
from app.faces.community import paperwork
from app.faces.community.task_forms import AnswerForm, ExtensionForm, RequestForm
from app.faces.community.task_page import found_task, must_be_working, task_page
from app.faces.doors import Door
from app.faces.visitor import actor
from app.flow.implement import actions, queries
from app.flow.implement.models import ExtensionRequest
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def extend(commitment_id: UUID) -> Any:
    """Put one promise off."""
    commitment, matter = found_task(commitment_id)
    form = ExtensionForm()
    must_be_working(matter)
    done = paperwork.attempt(form, lambda: _extend(commitment, form))
    if done is None:
        return task_page(*found_task(commitment_id), extension=form), 422
    flash(_("延期记下了，原来的日子也留着。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def ask(commitment_id: UUID) -> Any:
    """The owner asks for a later day."""
    commitment, matter = found_task(commitment_id)
    row_id, form = paperwork.once(), RequestForm()
    if not paperwork.already(ExtensionRequest, row_id):
        must_be_working(matter)
        if paperwork.attempt(form, lambda: _ask(commitment, form, row_id)) is None:
            return task_page(*found_task(commitment_id), ask=form), 422
    flash(_("延期请求交上去了，答复以前还按原来的日子。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def answer(request_id: UUID) -> Any:
    """Somebody of the office grants it or keeps the day."""
    request, commitment, matter = _found(request_id)
    form = AnswerForm()
    must_be_working(matter)
    if request.state != "asked":
        raise Refused(N_("这个请求已经有答复了。"))
    if paperwork.attempt(form, lambda: _answer(request, form)) is None:
        return task_page(*found_task(commitment.id), answer=form), 422
    flash(_("同意了，新的日子记下了。") if form.granted.data == "yes" else _("答复了，还按原来的日子。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment.id), 303)


def withdraw(request_id: UUID) -> Any:
    """Whoever asked takes it back."""
    request, commitment, _matter = _found(request_id)
    actions.withdraw_extension(request, by=actor(), now=clock.now())
    flash(_("不延期了，还按原来的日子。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment.id), 303)


def _extend(commitment: Commitment, form: ExtensionForm) -> Commitment:
    due = figures.day(form.due.data)
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


def _ask(commitment: Commitment, form: RequestForm, row_id: UUID) -> ExtensionRequest:
    due = figures.day(form.until.data)
    if due is None:
        raise Refused(N_("写上延到哪天。"))
    return actions.ask_extension(
        commitment, due=due, reason=form.why.data or "", by=actor(), now=clock.now(), id=row_id
    )


def _answer(request: ExtensionRequest, form: AnswerForm) -> ExtensionRequest:
    if form.granted.data not in ("yes", "no"):
        raise Refused(N_("选一个：同意，还是不同意。"))
    return actions.decide_extension(
        request, granted=form.granted.data == "yes", answer=form.answer.data or "", by=actor(), now=clock.now()
    )


def _found(request_id: UUID) -> tuple[ExtensionRequest, Commitment, Matter]:
    request = queries.find_request(request_id)
    if request is None:
        raise Missing(N_("没有这个请求。"))
    return request, *found_task(request.commitment_id)


_TASK = "/desk/tasks/<uuid:commitment_id>"
_REQUEST = "/desk/extension-requests/<uuid:request_id>"
DOORS: list[Door] = [
    Door("POST", f"{_TASK}/extensions", extend, Permission.COMMITMENT_WRITE, name="extend_task"),
    Door("POST", f"{_TASK}/extension-requests", ask, Permission.COMMITMENT_WRITE, name="ask_extension"),
    Door("POST", f"{_REQUEST}/answers", answer, Permission.RESOLUTION_WRITE, name="answer_extension"),
    Door("POST", f"{_REQUEST}/withdrawals", withdraw, Permission.COMMITMENT_WRITE, name="withdraw_extension"),
]
