"""Doors of the desk's answers: take on, ask for more, refuse, pass on, put together, answer on the spot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.community.parts.voice import apart
from app.faces.community.screening_after import DOORS as AFTER
from app.faces.community.screening_forms import FORMS, WAYS, again, moves_now
from app.faces.community.screening_replies import start_with, templates_for
from app.faces.community.screening_undo import DOORS as UNDO
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.phrasing import aside
from app.faces.visitor import actor, visitor
from app.flow.collect.actions import register
from app.flow.collect.queries import for_handlers, photos_of, proposals_of, sensitivity_of
from app.flow.collect.rules import CATEGORIES, ORGANISATIONS
from app.flow.triage import actions, queries
from app.flow.triage.effective import lists
from app.flow.triage.lists import WAY_LABELS
from app.flow.triage.rules import TRIAGE_HINTS
from app.flow.triage.similar import similar_to
from app.matter.deadlines import working_days
from app.matter.house import house
from app.matter.models import Matter
from app.matter.sight import Part, may_see
from app.matter.situation import (
    LABELS,
    LEVEL_LABELS,
    POWER_LABELS,
    TRACK_LABELS,
    TRIAGE_LABELS,
    Level,
    Power,
    Stage,
)  # fmt: skip
from app.matter.stages import BEFORE_DECIDED
from app.matter.workdays import due, end_of, local_day
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

#: Registering a lead or answering it on the spot is the grid's as well; the rest is the office's.
NEEDS = {"submit": Permission.RESEARCH_WRITE, "answer": Permission.RESEARCH_WRITE}
#: A call back is promised a week of working days ahead, unless the worker chooses another day.
CALL_BACK = working_days(5)


def screening(matter_id: UUID) -> str:
    """The words as spoken and the ways to answer; ``?way=`` opens one form."""
    matter = readable(matter_id)
    open_ways = _ways(matter)
    way = request.args.get("way", "")
    way = way if way in open_ways else next(iter(open_ways), "")
    proposals = proposals_of(matter)
    start = {**_start(way, matter), **start_with(way, matter, proposals, request.args.get("reply", ""))}
    form = FORMS[way](formdata=None, **start) if way else None
    return _page(matter, way, form, proposals)


def acceptance(matter_id: UUID) -> Any:
    """Take it on."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        owner = as_uuid(form.owner.data)
        if owner is None:
            form.owner.errors = [_("请选一个。")]
            raise Refused(N_("责任人要选一位。"))
        open_still = [one for one in (form.triage, form.level, form.power, form.track) if not one.offers(one.data)]
        for field in open_still:
            field.errors = [_("请选一个。")]
        if open_still:
            raise Refused(N_("四样都要选：哪一种事、哪一级办、谁能定、怎么议。"))
        actions.accept(
            matter, by=actor(), now=now, triage=form.triage.data, level=form.level.data, owner_id=owner,
            power=form.power.data, category=form.category.data or "", title=form.title.data, track=form.track.data,
            is_secretary_project=form.is_secretary_project.data, is_plain_duty=form.is_plain_duty.data,
            visibility="parties" if form.is_sensitive.data else None, wish=form.wish.data or "",
            note=form.note.data or "",
        )  # fmt: skip

    return _answer(matter_id, "accept", act, _("受理了。"))


def supplement_request(matter_id: UUID) -> Any:
    """Ask the proposer once for what is missing."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        actions.ask_for_more(matter, form.missing.data or "", by=actor(), now=now)

    return _answer(matter_id, "ask_for_more", act, _("退回补充了，提出人补好会自动回到待受理。"))


def refusal(matter_id: UUID) -> Any:
    """Do not take it on, and show the right door."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        found = lists().negative.get(form.code.data or "")
        usual = " ".join(part for part in (_(found.door), found.note) if part) if found else ""
        door = (form.door.data or "").strip() or usual
        actions.refuse(matter, form.code.data or "", form.reason.data or "", door, by=actor(), now=now)

    return _answer(matter_id, "refuse", act, _("不予受理，原因和该去的地方都告诉提出人了。"))


def referral(matter_id: UUID) -> Any:
    """Pass it on."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        back: date | None = form.call_back.data
        if back is None:
            raise Refused(N_("哪天回话，要选今天以后的日子。"))
        actions.refer(matter, form.receiver.data or "", form.reason.data or "", end_of(back), by=actor(), now=now)

    return _answer(matter_id, "refer", act, _("转出去了，记得要回执。"))


def merger(matter_id: UUID) -> Any:
    """Put two together."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        into = as_uuid(form.into.data)
        target = readable(into) if into else None
        if target is None:
            raise Refused(N_("并到哪一件，要选一个。"))
        actions.merge(matter, target, form.reason.data or "", by=actor(), now=now)

    return _answer(matter_id, "merge", act, _("并到一起了，提出人都保留着。"))


def reply(matter_id: UUID) -> Any:
    """Answer a lead on the spot."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        actions.answer(matter, form.reply.data or "", by=actor(), now=now)

    return _answer(matter_id, "answer", act, _("答复记下了。"))


def registration(matter_id: UUID) -> Any:
    """Make a lead a proposal."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        register(matter, by=actor(), now=now)

    return _answer(matter_id, "submit", act, _("登记成提案了。"))


def _answer(matter_id: UUID, way: str, act: Callable[[Matter, Any, datetime], None], told: str) -> Any:
    """Parse, act once, and say what happened; a refusal shows the same form with what was typed."""
    matter = readable(matter_id)
    if way not in _ways(matter):
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    form = FORMS[way]()
    _fill_choices(way, form, matter)
    form.validate()
    try:
        if form.errors:
            raise Refused(N_("有的地方没填对，请看下面。"))
        act(matter, form, clock.now())
    except Refused as error:
        return again(error, form, lambda: _page(matter, way, form))
    flash(told, "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _ways(matter: Matter) -> dict[str, tuple[str, str]]:
    moves = moves_now(matter)
    me = visitor()
    return {
        way: words for way, words in WAYS.items()
        if way in moves and me is not None and me.can(NEEDS.get(way, Permission.SCREENING_WRITE))
    }  # fmt: skip


def _start(way: str, matter: Matter) -> dict[str, Any]:
    """What a form begins with."""
    if way == "accept":
        return {
            "title": matter.title, "category": matter.category, "level": str(Level.COMMUNITY),
            "power": str(Power.COUNCIL), "track": matter.track, "is_secretary_project": matter.is_secretary_project,
            "is_plain_duty": matter.is_plain_duty, "owner": str(matter.owner_id or actor().id or ""),
        }  # fmt: skip
    if way == "refer":
        return {"call_back": local_day(due(clock.now(), CALL_BACK, house().calendar))}
    return {"into": request.args.get("into", "")} if way == "merge" else {}


def _fill_choices(way: str, form: Any, matter: Matter) -> None:
    if way == "accept":
        form.category.choices = [("", _("请选一类")), *((key, _(label)) for key, label in CATEGORIES.items())]
        form.owner.choices = [("", _("请选一位")), *((str(key), name) for key, name in queries.carriers(clock.today()))]
        form.triage.choices = [(str(key), _(label)) for key, label in TRIAGE_LABELS.items()]
        form.level.choices = [(str(key), _(LEVEL_LABELS[key])) for key in (Level.GRID, Level.COMMUNITY)]
        form.power.choices = [(str(key), _(label)) for key, label in POWER_LABELS.items()]
        form.track.choices = [(str(key), _(label)) for key, label in TRACK_LABELS.items()]
    elif way == "refuse":
        form.code.choices = [(item.code, f"{item.code} {_(item.label)}") for item in lists().negative.values()]
    elif way == "merge":
        form.into.choices = [(str(other.id), _named(other)) for other in _could_take(matter)]


def _could_take(matter: Matter) -> list[Matter]:
    """What was chosen on another page stands first, even where the search does not find it."""
    found = queries.could_take(matter, request.values.get("q", ""))
    chosen = as_uuid(request.values.get("into", ""))
    if chosen is None or any(other.id == chosen for other in found):
        return found
    return [*(other for other in queries.could_take(matter, only=chosen)), *found]


def _named(other: Matter) -> str:
    return aside(f"{other.number} {other.title}", _(LABELS[Stage(other.stage)]))


def _page(matter: Matter, way: str, form: Any, proposals: list[Any] | None = None) -> str:
    if form is not None:
        _fill_choices(way, form, matter)
    proposals = proposals_of(matter) if proposals is None else proposals
    words = " ".join(proposal.words for proposal in proposals)
    known = lists()
    by_name = bool(may_see(Part.PERSONS, viewer_of(matter), sensitivity_of(matter)))
    return desk(
        "desk/screening.html", "inbox", matter=matter, way=way, form=form, ways=_ways(matter), proposals=proposals,
        photos=photos_of(matter, public_only=False), hint=known.hint(words), by_name=by_name,
        **(apart(for_handlers(matter.id)) if by_name else {}),
        stage=_(LABELS[Stage(matter.stage)]), organisations=ORGANISATIONS,
        welcome=known.welcome(f"{matter.title} {words}"),
        similar=similar_to(f"{matter.title} {words}", now=clock.now(), but=matter.id, with_waiting=True),
        needs_wish=not any(proposal.wish for proposal in proposals), way_labels=WAY_LABELS, negative=known.negative,
        triage_hints={str(key): _(text) for key, text in TRIAGE_HINTS.items()}, search=request.values.get("q", "")[:60],
        templates=templates_for(way, matter, proposals), open_to_merge=BEFORE_DECIDED,
    )  # fmt: skip


_AT = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/screening", screening, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/acceptance", acceptance, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/supplement-request", supplement_request, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/refusal", refusal, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/referral", referral, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/merger", merger, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/reply", reply, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/registration", registration, Permission.RESEARCH_WRITE),
    *AFTER,
    *UNDO,
]
