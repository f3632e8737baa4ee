"""Doors of the hall: handing the work over, and the look at it by a grid worker and one resident."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community import paperwork
from app.faces.community.task_forms import VerificationForm
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.implement import actions, queries, rules
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


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


def _verify(matter: Matter, form: VerificationForm) -> Any:
    if form.passed.data not in ("yes", "no"):
        raise Refused(N_("选一个：办好了，还是没办好。"))
    known = {str(one.id): one.id for one in queries.commitments_of(matter)}
    faults = [known[chosen] for chosen in request.form.getlist("faults") if chosen in known]
    if form.passed.data == "no" and not faults and len(known) == 1:
        # Of a single task there is nothing to point out: what was not reached is that one.
        faults = list(known.values())
    if form.passed.data == "no" and not faults:
        raise Refused(N_("点出哪一项没达到。"))
    return actions.verify(
        matter, passed=form.passed.data == "yes", words=form.words.data or "",
        resident_name=form.resident_name.data or "", resident_door=form.resident_door.data or "",
        faults=faults, new_due=paperwork.day(form.new_due.data), by=actor(), now=clock.now(),
    )  # fmt: skip


def _verification_page(matter: Matter, form: VerificationForm) -> str:
    shown = queries.promises_shown(matter)
    promised, me = [one[0] for one in shown], actor()
    return desk(
        "desk/task_verification.html", "tasks", matter=matter, form=form, tasks=promised,
        sides=[one for one in shown if one[1] or one[2]],
        chosen=request.form.getlist("faults"), planned=sum(one.planned_fen for one in promised),
        actual=sum(one.actual_fen or 0 for one in promised),
        doer=rules.is_doer(me.id, [one.owner_id for one in promised if one.owner_id]),
        back=paperwork.matter_link(matter), named=matter.title if paperwork.open_to_reader(matter) else matter.number,
    )  # fmt: skip


_MATTER = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("POST", f"{_MATTER}/handovers", hand_over, Permission.COMMITMENT_WRITE),
    Door("GET", f"{_MATTER}/verification", verification, Permission.VERIFICATION_WRITE),
    Door("POST", f"{_MATTER}/verifications", verify, Permission.VERIFICATION_WRITE),
]
