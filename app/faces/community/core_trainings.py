"""Doors of the hall: the trainings of its able residents, and who came."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import core_forms as forms
from app.faces.community.inputs import as_uuid, last_page, once_id, page_number, take_back
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people import core, core_queries
from app.people.core_models import CoreTraining
from app.people.core_rules import training_problems
from app.people.permissions import Permission
from tenants.database import uuid7
from tenants.hosts import site_url

MENU = "core"


def core_trainings() -> str:
    """The trainings, the newest first, and the form for another."""
    form = forms.TrainingForm(formdata=None, once=str(uuid7()), day=clock.today().isoformat())
    return _page(form)


def _page(form: forms.TrainingForm) -> str:
    number = page_number()
    rows, total = core_queries.trainings(number)
    form.came.choices = forms.choices_of(core_queries.who_may_come())
    return desk(
        "desk/core_trainings.html", MENU, rows=rows, total=total, number=number, form=form,
        last=last_page(total, core_queries.PAGE),
        url_of=lambda n: site_url("community.core_trainings", page=n),
    )  # fmt: skip


def training_add() -> Any:
    """Write one down."""
    form, today = forms.TrainingForm(), clock.today()
    form.validate()
    training, day = forms.training_of(form)
    found = training_problems(training, is_future=day is not None and day > today)
    if forms.show(form, found) and day is not None:
        came = [one for one in map(as_uuid, training.came) if one]
        try:
            core.hold_training(training, day, came=came, today=today, by=actor(), now=clock.now(), id=once_id())
            flash(_("记下了。"), "ok")
            return redirect(site_url("community.core_trainings"), 303)
        except Refused as error:
            take_back(form, "topic", error)
    return _page(form), 422


def core_training(training_id: UUID) -> str:
    """One training: who came, to be put right."""
    row = _found(training_id)
    people = core_queries.who_may_come()
    known = {str(one) for one, _name in people}
    return desk(
        "desk/core_training.html", MENU, row=row, people=forms.choices_of(people), came=set(row.attended),
        gone=sum(one not in known for one in row.attended),
    )  # fmt: skip


def training_change(training_id: UUID) -> Any:
    """Who came, put right."""
    came = [one for one in map(as_uuid, request.form.getlist("came")) if one]
    core.correct_attendance(_found(training_id), came, by=actor(), now=clock.now())
    flash(_("改好了。"), "ok")
    return redirect(site_url("community.core_training", training_id=training_id), 303)


def _found(training_id: UUID) -> CoreTraining:
    row = core_queries.find_training(training_id)
    if row is None:
        raise Missing(_("没有这次培训。"))
    return row


W = Permission.CORE_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/core-trainings", core_trainings, W),
    Door("POST", "/desk/core-trainings", training_add, W, name="core_training_add"),
    Door("GET", "/desk/core-trainings/<uuid:training_id>", core_training, W),
    Door("POST", "/desk/core-trainings/<uuid:training_id>", training_change, W, name="core_training_change"),
]
