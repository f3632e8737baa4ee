"""Doors of the street: whom the communities propose for the pool, and the answer to each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.pool_form import ExpertForm, empty_form, fields, sent_form
from app.faces.visitor import actor
from app.people.secrets import unseal
from app.people.street_log import log_street
from app.talent import queries, suggesting
from tenants.database import db
from tenants.hosts import site_url


def suggestions() -> Any:
    """Everything proposed, those without an answer first."""
    return desk("street/suggestions.html", "pool", rows=suggesting.street_suggestions())


def suggestion(suggestion_id: UUID) -> Any:
    """One proposal with the form that takes the person in."""
    found, _reply, _hall = suggesting.find_for_street(suggestion_id)
    form = empty_form(name=found.name, profession=found.profession, skill=found.skill, organisation=found.organisation)
    return _page(suggestion_id, form)


def approve(suggestion_id: UUID) -> Any:
    """Take the person in."""
    found, reply, _hall = suggesting.find_for_street(suggestion_id)
    form = sent_form()
    try:
        expert = suggesting.approve(
            found, reply, code=form.code.data or "", valid_until=form.valid_until.data, by=actor(), now=clock.now(),
            **fields(form),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        form.code.errors = [say(error.reason, error.values)]
        return _page(suggestion_id, form), 422
    log_street("expert", "add", by=actor(), now=clock.now(), after=f"{expert.code} {expert.name}")
    flash(_("%(name)s 进了人才库，社区看得到您的答复。", name=expert.name), "ok")
    return redirect(site_url("street.expert", expert_id=expert.id), 303)


def refuse(suggestion_id: UUID) -> Any:
    """Say why not."""
    found, reply, _hall = suggesting.find_for_street(suggestion_id)
    words = request.form.get("words", "")
    try:
        suggesting.refuse(found, reply, words=words, by=actor(), now=clock.now())
    except Refused as error:
        db.session.rollback()
        form = empty_form(
            name=found.name, profession=found.profession, skill=found.skill, organisation=found.organisation
        )
        return _page(suggestion_id, form, problem=say(error.reason, error.values), words=words), 422
    flash(_("答复了，社区看得到原因。"), "ok")
    return redirect(site_url("street.expert_suggestions"), 303)


def _page(suggestion_id: UUID, form: ExpertForm, problem: str = "", words: str = "") -> str:
    found, reply, hall = suggesting.find_for_street(suggestion_id)
    alike = [one for one, _load, _phone in queries.pool() if one.name == found.name]
    return desk(
        "street/suggestion.html", "pool", suggestion=found, reply=reply, hall_name=hall, form=form, alike=alike,
        phone=unseal(found.phone_sealed) if found.phone_sealed else "", problem=problem, words=words,
    )  # fmt: skip
