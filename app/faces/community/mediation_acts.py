"""Doors of the hall: what is done at a mediation's table, from the people to the last term and to a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import clock
from app.faces.community import mediation_forms as forms
from app.faces.community import paperwork
from app.faces.community.inputs import as_uuid, tidy
from app.faces.community.mediation_page import found_or_404, ready_experts, show
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.implement import performing
from app.flow.resolve import mediating
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import MediationPerson, MediationRecord
from app.flow.resolve.mediation_queries import Whole
from app.people.looks import look_at
from app.people.permissions import Permission
from app.people.roles import Role
from app.talent.queries import invitations_of
from tenants.database import uuid7
from tenants.hosts import site_url


def back_to(mediation_id: UUID, part: str, words: str = "") -> Any:
    """The page again, at the part that was worked on."""
    if words:
        flash(words, "ok")
    return redirect(site_url("community.mediation", mediation_id=mediation_id, _anchor=part), 303)


def tried(found: Whole, name: str, form: FlaskForm, act: Callable[[], Any]) -> Any:
    """None when it was done; else the page with the form as typed, 422."""
    if paperwork.attempt(form, act) is not None:
        return None
    return show(found_or_404(found.mediation.id), {name: form}), 422


def person_add(mediation_id: UUID) -> Any:
    """Seat somebody."""
    found, form = found_or_404(mediation_id), forms.PersonForm(prefix="person")
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(MediationPerson, row_id):
        failed = tried(found, "person", form, lambda: mediating.add_person(
            found, side=form.side.data or "", name=tidy(form.name.data), relation=tidy(form.relation.data),
            contact=tidy(form.contact.data), door=tidy(form.door.data), minor=bool(form.minor.data),
            guardian=tidy(form.guardian.data), agreed_how=tidy(form.agreed_how.data), by=actor(), now=clock.now(),
            id=row_id,
        ))  # fmt: skip
        if failed:
            return failed
    return back_to(mediation_id, "people", _("写上了。"))


def person_leaves(mediation_id: UUID, person_id: UUID) -> Any:
    """Somebody is not at the table any more."""
    found, form = found_or_404(mediation_id), forms.LeavingForm()
    failed = tried(found, "leaving", form, lambda: mediating.leave(
        found, person_id, reason=tidy(form.reason.data), by=actor(), now=clock.now()
    ))  # fmt: skip
    return failed or back_to(mediation_id, "people", _("划掉了，名字和原因留着。"))


def phones(mediation_id: UUID) -> Any:
    """Open the sealed phones; the look is logged."""
    found = found_or_404(mediation_id)
    look_at("phone", _("要联系纠纷双方"), by=actor(), now=clock.now(), matter_id=found.matter.id)
    return show(found, phones=True)


def mediator_set(mediation_id: UUID) -> Any:
    """Say who mediates; an expert who accepted is known by the invitation."""
    found, form = found_or_404(mediation_id), forms.MediatorForm(prefix="mediator")
    name, unit = tidy(form.name.data), tidy(form.unit.data)
    if expert := ready_experts(invitations_of(found.matter.id)).get(form.account.data or ""):
        name, unit = expert.expert_name, f"{expert.profession}，人才库"
    failed = tried(found, "mediator", form, lambda: mediating.name_mediator(
        found, name=name, account_id=as_uuid(form.account.data), unit=unit,
        neutral=bool(form.neutral.data), by=actor(), now=clock.now(),
    ))  # fmt: skip
    return failed or back_to(mediation_id, "mediator", _("调解员定了。"))


def rights_told(mediation_id: UUID) -> Any:
    """The parties were told their rights and duties."""
    found = found_or_404(mediation_id)
    mediating.tell_rights(found, by=actor(), now=clock.now())
    return back_to(mediation_id, "rights", _("记下了，今天告知的。"))


def talk_add(mediation_id: UUID) -> Any:
    """Write down one talk."""
    found, form = found_or_404(mediation_id), forms.TalkForm(prefix="talk")
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(MediationRecord, row_id):
        failed = tried(found, "talk", form, lambda: mediating.record_talk(
            found, held_at=forms.held_at(form), place=tidy(form.place.data), present=forms.names(form.present.data),
            words=form.words.data or "", outcome=form.outcome.data or "", by=actor(), now=clock.now(), id=row_id,
        ))  # fmt: skip
        if failed:
            return failed
    return back_to(mediation_id, "talks", _("谈的经过记下了。"))


def term_check(mediation_id: UUID, term_id: UUID) -> Any:
    """One term was performed."""
    found, form = found_or_404(mediation_id), forms.CheckForm()
    failed = tried(found, "check", form, lambda: performing.check_term(
        found, term_id, on=forms.named_day(form.day.data), words=form.words.data or "", by=actor(), now=clock.now()
    ))  # fmt: skip
    return failed or back_to(mediation_id, "terms", _("这一条履行了，记下了。"))


def ending(mediation_id: UUID) -> str:
    """End it without an agreement: the reason, and the three routes."""
    found = found_or_404(mediation_id)
    rules.may_work(actor().roles, found.state).or_refuse()
    return _ending_page(found, forms.EndForm(formdata=None, way="failed"))


def end(mediation_id: UUID) -> Any:
    """The typed reason is the confirmation."""
    found, form = found_or_404(mediation_id), forms.EndForm()
    done = paperwork.attempt(form, lambda: performing.end_mediation(
        found, way=form.way.data or "", reason=form.reason.data or "", told=bool(form.told.data),
        closes=bool(form.closes.data), by=actor(), now=clock.now(),
    ))  # fmt: skip
    if done is None:
        return _ending_page(found_or_404(mediation_id), form), 422
    return back_to(mediation_id, "end", _("记下了。"))


def _ending_page(found: Whole, form: forms.EndForm) -> str:
    return desk(
        "desk/mediation_ending.html", "mediations", mediation=found.mediation, matter=found.matter, form=form,
        routes=_(rules.ROUTES), is_secretary=Role.SECRETARY in actor().roles,
    )  # fmt: skip


_ONE = "/desk/mediations/<uuid:mediation_id>"
W = Permission.MEDIATION_WRITE
DOORS: list[Door] = [
    Door("POST", f"{_ONE}/people", person_add, W, name="mediation_person_add"),
    Door("POST", f"{_ONE}/people/<uuid:person_id>/leavings", person_leaves, W, name="mediation_person_leaves"),
    Door("POST", f"{_ONE}/phones", phones, W, name="mediation_phones"),
    Door("POST", f"{_ONE}/mediators", mediator_set, W),
    Door("POST", f"{_ONE}/rights", rights_told, W),
    Door("POST", f"{_ONE}/talks", talk_add, W),
    Door("POST", f"{_ONE}/terms/<uuid:term_id>/checks", term_check, W),
    Door("GET", f"{_ONE}/ending", ending, W, name="mediation_ending"),
    Door("POST", f"{_ONE}/endings", end, W, name="mediation_end"),
]
