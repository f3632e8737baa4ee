"""Doors that put right what the desk has done: taking mergers apart, and another way for an accepted matter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community.matter import readable
from app.faces.community.screening_forms import RetriageForm, UnmergeForm, again
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect.rules import CATEGORIES
from app.flow.triage import merging
from app.flow.triage.rules import RETRIAGED, TRIAGE_HINTS
from app.matter.models import Matter
from app.matter.situation import LABELS, LEVEL_LABELS, POWER_LABELS, TRIAGE_LABELS, Level, Stage
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def unmerger(matter_id: UUID) -> str:
    """Ask why, and show what will stand on its own again."""
    return _unmerge_page(readable(matter_id), UnmergeForm(formdata=None))


def unmerge(matter_id: UUID) -> Any:
    """Take it apart."""
    matter, form = readable(matter_id), UnmergeForm()
    form.validate()
    try:
        merging.unmerge(matter, form.reason.data or "", by=actor(), now=clock.now())
    except Refused as error:
        return again(error, form, lambda: _unmerge_page(readable(matter_id), form))
    flash(_("分出来了，回到待受理，提出人都跟着它。"), "success")
    return redirect(site_url("community.screening", matter_id=matter_id), 303)


def retriage(matter_id: UUID) -> str:
    """How an accepted matter is gone about, to be put right."""
    matter = readable(matter_id)
    form = RetriageForm(
        formdata=None, triage=matter.triage, level=matter.level, power=matter.power, category=matter.category
    )
    return _retriage_page(matter, form)


def retriage_set(matter_id: UUID) -> Any:
    """Change it, with a reason the proposer reads."""
    matter, form = readable(matter_id), RetriageForm()
    _choices(form, matter)
    form.validate()
    try:
        for field in (form.triage, form.level, form.power):
            if not field.offers(field.data):
                raise Refused(N_("三样都要选：哪一种事、哪一级办、谁能定。"))
        merging.retriage(
            matter, form.reason.data or "", by=actor(), now=clock.now(), triage=form.triage.data,
            level=form.level.data, power=form.power.data, category=form.category.data or "",
        )  # fmt: skip
    except Refused as error:
        return again(error, form, lambda: _retriage_page(readable(matter_id), form))
    flash(_("改好了，期限也跟着重新算了。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _unmerge_page(matter: Matter, form: UnmergeForm) -> str:
    if matter.stage != Stage.MERGED:
        raise Refused(N_("这件事没有并到别的事里。"))
    return desk("desk/screening_unmerge.html", "ledger", matter=matter, form=form, end=merging.end_of_chain(matter))


def _retriage_page(matter: Matter, form: RetriageForm) -> str:
    if Stage(matter.stage) not in RETRIAGED:
        raise Refused(N_("「%(stage)s」的事不能再改怎么办。"), stage=LABELS[Stage(matter.stage)])
    _choices(form, matter)
    return desk(
        "desk/screening_retriage.html", "ledger", matter=matter, form=form,
        triage_hints={str(key): _(text) for key, text in TRIAGE_HINTS.items()},
    )  # fmt: skip


def _choices(form: RetriageForm, matter: Matter) -> None:
    form.triage.choices = [(str(key), _(label)) for key, label in TRIAGE_LABELS.items()]
    # What the street has taken over stays where it is; the hall changes only between its own two levels.
    levels = (Level.GRID, Level.COMMUNITY)
    levels = levels if matter.level in levels else (Level(matter.level),)
    form.level.choices = [(str(key), _(LEVEL_LABELS[key])) for key in levels]
    form.power.choices = [(str(key), _(label)) for key, label in POWER_LABELS.items()]
    form.category.choices = [("", _("请选一类")), *((key, _(label)) for key, label in CATEGORIES.items())]


_AT = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/unmerger", unmerger, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/unmerger", unmerge, Permission.SCREENING_WRITE),
    Door("GET", f"{_AT}/retriage", retriage, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/retriage", retriage_set, Permission.SCREENING_WRITE, name="retriage_set"),
]
