"""Doors of the hall: a bench sitting (板凳会) held on the spot, written down afterwards in one go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.paperwork import matter_or_404
from app.faces.community.pictures_in import pictures_sent
from app.faces.community.planning_forms import BenchForm, people_from
from app.faces.community.sitting_plan import places_to_sit
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide import actions as deciding
from app.flow.decide.rules import Stance
from app.flow.deliberate import actions, queries
from app.flow.deliberate.models import Sitting
from app.matter.models import Matter
from app.people.permissions import Permission
from tenants.database import db, uuid7
from tenants.hosts import site_url


def bench(matter_id: UUID) -> Any:
    """The form, with today and an hour ago in it."""
    now = clock.local(clock.now())
    form = BenchForm(formdata=None, once=str(uuid7()), day=now.date(), outcome="agreed")
    return _page(matter_or_404(matter_id), form)


def bench_told(matter_id: UUID) -> Any:
    """Write it down: sitting, register, words, options, photo; then the consensus, where all agreed to its end."""
    matter, form = matter_or_404(matter_id), BenchForm()
    form.fill(places_to_sit())
    if form.once_id and (found := queries.find_sitting(form.once_id)):
        return redirect(site_url("community.sitting", sitting_id=found.id, matter=matter_id), 303)
    if form.validate():
        try:
            return _told(matter, form)
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
    db.session.rollback()
    return _page(matter_or_404(matter_id), form), 422


def _told(matter: Matter, form: BenchForm) -> Any:
    by, now = actor(), clock.now()
    begun, ended = form.moment(form.begun), form.moment(form.ended)
    present = people_from(form.present.data)
    sitting = actions.tell_afterwards(
        matter, begun=begun, ended=ended, place=form.place.data or "", venue_id=forms.as_uuid(form.venue.data),
        present=present, said=form.speeches(), options=_lines(form.options.data), pictures=pictures_sent("photos"),
        caption=form.caption.data or _("板凳会现场"), by=by, now=now, id=form.once_id,
    )  # fmt: skip
    names = [one.name for one in present] + _lines(form.others.data)
    ballot = deciding.ask_consensus(sitting, matter, names, by=by, now=ended)
    if form.outcome.data != "agreed":
        flash(_("会记下了。接着一位一位记：谁同意、谁有条件、谁不同意。"), "ok")
        return redirect(site_url("community.desk_ballot", ballot_id=ballot.id), 303)
    return _settled(sitting, ballot, dict.fromkeys(names), form)


def _settled(sitting: Sitting, ballot: Any, names: dict[str, None], form: BenchForm) -> Any:
    by, ended = actor(), form.moment(form.ended)
    for name in names:
        deciding.set_stance(ballot, name, str(Stance.AGREE), by=by, now=ended)
    deciding.settle_consensus(ballot, agreement=form.agreement.data or "", by=by, now=ended)
    actions.close_sitting(sitting, _("在场的、问过的都同意。"), by=by, now=ended)
    flash(_("板凳会补记好了，这件事当面商定了。看一遍记录，再定稿。"), "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting.id), 303)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _page(matter: Matter, form: BenchForm) -> str:
    form.fill(places_to_sit())
    return desk("desk/bench.html", "council", matter=matter, form=form)


W = Permission.SITTING_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/bench", bench, W),
    Door("POST", "/desk/matters/<uuid:matter_id>/bench", bench_told, W),
]
