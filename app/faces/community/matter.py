"""Doors of one matter at the desk: its seven steps, tabs and next action; who leads; phones on request."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces.choosing import RadioField
from app.faces.community import parts
from app.faces.community.minor_looks import ask_for_reason, reason_page
from app.faces.community.panel import steps_of, waits_for
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.look import day, say
from app.faces.pages import desk
from app.faces.phrasing import aside, clauses
from app.faces.visitor import actor, visitor
from app.flow.collect.queries import lines_of, photos_of, sensitivity_of
from app.flow.collect.rules import CATEGORIES, CHANNELS, ORGANISATIONS, VOICE_ONLY
from app.flow.triage import actions, queries
from app.flow.triage.lists import encouraged_class
from app.flow.triage.queries import Dossier
from app.matter.actions import find_matter, label_of_move, record
from app.matter.house import house
from app.matter.ledger import light_of
from app.matter.models import Matter, TimelineEntry
from app.matter.sight import Part, may_see
from app.matter.situation import (
    LABELS,
    LEVEL_LABELS,
    POWER_LABELS,
    TRIAGE_LABELS,
    VISIBILITY_LABELS,
    Level,
    Power,
    Stage,
    Triage,
    Visibility,
)  # fmt: skip
from app.matter.stages import END_STAGES, public_step
from app.people.looks import look_at
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

LINES = 50
FIRST_LINES = 6
GONE = N_("没有这件事。")


def desk_matter(matter_id: UUID) -> str:
    """The matter's page; ``?tab=`` opens one tab, and only that tab's parts are read."""
    found = queries.dossier_of(matter_id)
    if found is None:
        raise Missing(GONE)
    return _page(found)


def contact(matter_id: UUID) -> str:
    """Show the phones to those who handle the matter; each look is written into the timeline."""
    found = queries.dossier_of(matter_id)
    if found is None:
        raise Missing(GONE)
    verdict = may_see(Part.PERSONS, viewer_of(found.matter), sensitivity_of(found.matter))
    if not verdict:
        raise NotAllowed(verdict.reason, **verdict.values)
    phones = queries.phones_of(matter_id)
    look_at("phone", _("要联系提出人"), by=actor(), now=clock.now(), matter_id=matter_id)
    record(found.matter, "contact_shown", by=actor(), now=clock.now(), words=N_("看了提出人的电话"), public=False)
    db.session.flush()
    return _page(found, phones=phones)


def _page(found: Dossier, phones: list[tuple[str, str]] | None = None) -> str:
    now, matter = clock.now(), found.matter
    viewer, secrecy = viewer_of(matter), sensitivity_of(matter)
    if not may_see(Part.CONTENT, viewer, secrecy):
        if viewer.is_handler and matter.has_minor:
            return reason_page(matter)
        return desk("desk/matter_closed.html", "ledger", matter=matter, stage=_(LABELS[Stage(matter.stage)]))
    words = bool(may_see(Part.WORDS, viewer, secrecy))
    tab = request.args.get("tab", "overview")
    tab = tab if tab in parts.TABS else "overview"
    lines = lines_of(matter, public_only=False, limit=LINES) if tab in ("overview", "story") else []
    return desk(
        "desk/matter.html", "ledger", matter=matter, tab=tab, tabs=_tabs(tab, matter), facts=_facts(found),
        light=light_of(matter, now, house().calendar), step=_step(matter, found), dates=_dates(found),
        steps=steps_of(matter, actor(), now), waits_for=waits_for(matter), parts=parts.load(tab, matter),
        people=_people(found, bool(may_see(Part.PERSONS, viewer, secrecy)), words), phones=phones, words=words,
        lines=[_line(line) for line in (lines if tab == "story" else lines[:FIRST_LINES])],
        more_lines=len(lines) > FIRST_LINES,
        photos=photos_of(matter, public_only=not words) if tab == "papers" else [],
        is_ended=Stage(matter.stage) in END_STAGES, owner=found.owner, target=found.target,
        stage=_(LABELS[Stage(matter.stage)]), can_screen=_can(Permission.SCREENING_WRITE),
        is_referred=matter.stage == Stage.REFERRED and matter.due_at is not None,
    )  # fmt: skip


def _can(permission: Permission) -> bool:
    me = visitor()
    return me is not None and me.can(permission)


def _tabs(tab: str, matter: Matter) -> list[tuple[str, str, bool]]:
    here = parts.modules()
    shown = [
        name for name, (_label, wanted) in parts.TABS.items() if not wanted or any(part in here for part in wanted)
    ]
    return [
        (_(parts.TABS[name][0]), site_url("community.desk_matter", matter_id=matter.id, tab=name), name == tab)
        for name in shown
    ]


def _facts(found: Dossier) -> list[tuple[str, str]]:
    matter = found.matter
    kind = encouraged_class(matter.category)
    category = _(CATEGORIES.get(matter.category, matter.category)) if matter.category else ""
    if category and kind:
        category = _(
            "%(category)s（鼓励清单 %(code)s %(label)s）", category=category, code=kind.code, label=_(kind.label)
        )
    channel = _(CHANNELS.get(matter.channel, matter.channel))
    return [
        (_("要议的"), matter.question),
        (_("收到"), aside(clauses((day(matter.collected_at), channel)), matter.point)),
        (_("地点"), found.place),
        (_("类别"), category),
        (_("怎么商量"), _(TRIAGE_LABELS[Triage(matter.triage)]) if matter.triage else ""),
        (_("哪一级办"), _(LEVEL_LABELS[Level(matter.level)]) if matter.triage else ""),
        (_("谁能定"), _(POWER_LABELS[Power(matter.power)]) if matter.power else ""),
        (_("给谁看"), _(VISIBILITY_LABELS[Visibility(matter.visibility)])),
    ]


def _people(found: Dossier, by_name: bool, with_words: bool) -> list[dict[str, Any]]:
    """Everybody behind the matter; names only for those who handle it, a child's words only for a reason on record."""
    return [
        {
            **said, **({} if with_words else {"words": _("（孩子的原话，写明理由才能看）"), "wish": ""}),
            "at": datetime.fromisoformat(said["said_at"]), "is_spoken": said["words"].startswith(VOICE_ONLY),
            "name": (said["name"] or _("没留名字")) if by_name else "", "by_name": by_name,
            "from_elsewhere": said["number"] != found.matter.number, "organisation": _body(said),
        }
        for said in found.proposals
    ]  # fmt: skip


def _body(said: dict[str, Any]) -> str:
    """曹家巷物业（物业，项目经理）."""
    kind = ORGANISATIONS.get(said["organisation_kind"], "")
    apart = clauses(part for part in (_(kind) if kind else "", said["organisation_role"]) if part)
    return aside(said["organisation"], apart) if said["organisation"] else said["organisation"]


def _came_from(matter: Matter, found: Dossier) -> Stage | None:
    if matter.suspended_from:
        return Stage(matter.suspended_from)
    before = [
        (at, stage) for stage, at in found.entered.items() if stage != matter.stage and Stage(stage) not in END_STAGES
    ]
    return Stage(max(before)[1]) if before else None


def _step(matter: Matter, found: Dossier) -> int:
    return public_step(Stage(matter.stage), _came_from(matter, found)).number


def _dates(found: Dossier) -> dict[int, str]:
    """When each step was first reached; the current one shows the day it is due."""
    matter = found.matter
    first: dict[int, datetime] = {1: matter.collected_at}
    for stage, at in found.entered.items():
        if Stage(stage) in END_STAGES or stage == Stage.SUSPENDED:
            continue
        number = public_step(Stage(stage)).number
        first[number] = min(first.get(number, at), at)
    shown = {number: day(at, week=False) for number, at in first.items()}
    if matter.due_at and Stage(matter.stage) not in END_STAGES:
        shown[_step(matter, found)] = _("到 %(day)s", day=day(matter.due_at, week=False))
    return shown


def _line(entry: TimelineEntry) -> dict[str, Any]:
    words = _(entry.words) if entry.words else _(label_of_move(entry.verb, entry.old_stage))
    return {
        "at": entry.at,
        "who": entry.actor_label,
        "words": words,
        "reason": entry.reason,
        "inside": not entry.public,
    }


class OwnerForm(FlaskForm):
    """Who leads."""

    owner = RadioField(_l("请谁来管"), validate_choice=False)


def owner(matter_id: UUID) -> Any:
    """Choose who leads."""
    return _owner_page(readable(matter_id), OwnerForm(formdata=None))


def owner_set(matter_id: UUID) -> Any:
    """Somebody else leads from now on."""
    matter, form = readable(matter_id), OwnerForm()
    try:
        actions.change_owner(matter, UUID(form.owner.data or ""), by=actor(), now=clock.now())
    except (Refused, ValueError) as error:
        db.session.rollback()
        told = say(error.reason, error.values) if isinstance(error, Refused) else _("请选一个人。")
        form.owner.errors = [told]
        return _owner_page(matter, form), 422
    flash(_("换好了。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _owner_page(matter: Matter, form: OwnerForm) -> str:
    form.owner.choices = [(str(key), name) for key, name in queries.carriers(clock.today())]
    form.owner.data = form.owner.data or str(matter.owner_id or "")
    return desk("desk/matter_owner.html", "ledger", matter=matter, form=form)


def readable(matter_id: UUID) -> Matter:
    """The matter, or the same answer a neighbour gets; a restricted one only for those who handle it."""
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(GONE)
    viewer = viewer_of(matter)
    verdict = may_see(Part.CONTENT, viewer, sensitivity_of(matter))
    if not verdict and viewer.is_handler and matter.has_minor and request.method == "GET":
        abort(ask_for_reason(matter))
    if not verdict:
        raise NotAllowed(verdict.reason, **verdict.values)
    return matter


DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>", desk_matter, Permission.MATTER_READ),
    Door("POST", "/desk/matters/<uuid:matter_id>/contact", contact, Permission.MATTER_READ),
    Door("GET", "/desk/matters/<uuid:matter_id>/owner", owner, Permission.SCREENING_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/owner", owner_set, Permission.SCREENING_WRITE, name="owner_set"),
]
