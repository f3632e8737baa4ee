"""The next-action panel: which moves are open, what each still lacks, and the door on which it is made.

It asks the same table and the same evidence as the actions do, so a button is never brighter than its action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.faces.community.parts import move_doors
from app.faces.look import say
from app.faces.phrasing import listed
from app.faces.visitor import visitor
from app.flow.collect.evidence import evidence_of as collected
from app.flow.decide.evidence import evidence_of as decided
from app.flow.deliberate.evidence import evidence_of as deliberated
from app.flow.evaluate.evidence import evidence_of as evaluated
from app.flow.implement.evidence import evidence_of as implemented
from app.flow.research.evidence import evidence_of as researched
from app.flow.resolve.evidence import evidence_of as resolved
from app.flow.resolve.mediation_queries import evidence_of as mediated
from app.flow.triage.evidence import evidence_of as triaged
from app.matter.actions import situation_of
from app.matter.models import Matter
from app.matter.needs import Need
from app.matter.situation import LABELS, Situation, Stage, Track
from app.matter.stages import Move, may, moves_from, target_of, who
from app.people.actor import Actor
from app.people.roles import CAPACITIES, Role
from app.talent.evidence import evidence_of as opined
from tenants.hosts import site_url

Finder = Callable[[Matter], frozenset[str]]

#: The rooms whose evidence the exits of a stage ask for; each is one statement at most.
ROOMS: dict[Stage, tuple[Finder, ...]] = {
    Stage.COLLECTED: (collected,),
    Stage.SUBMITTED: (collected,),
    Stage.NEEDS_INFO: (collected,),
    Stage.ACCEPTED: (triaged, implemented),
    Stage.TOPIC_CONFIRMED: (triaged, researched),
    Stage.SURVEYING: (researched, opined),
    Stage.SCHEDULED: (deliberated,),
    Stage.DELIBERATING: (deliberated, decided),
    Stage.VOTING: (deliberated, decided),
    Stage.IMPLEMENTING: (implemented,),
    Stage.VERIFYING: (implemented,),
    Stage.REVIEWING: (evaluated,),
    Stage.CLOSED: (evaluated,),
}
WITH_CLOCK = (Stage.DECIDED, Stage.RATIFYING, Stage.PUBLICIZED)
#: What the form of the move itself asks for; it never keeps the button from leading to that form.
FILLED_IN_THE_FORM = frozenset(
    {
        "category", "wish", "missing_said", "negative_item", "right_door", "receiver", "call_back_date", "merged_into",
        "target_lives", "proposers_kept", "reply", "review_upheld", "end_notice", "other_routes", "outside_cause",
        "review_date",
        "new_facts", "closing_note", "retention", "fault_found", "resident_witness", "all_verified", "cost_compared",
        "question", "party_study", "body_quorum", "body_tally", "passed", "failed", "tally", "counted_by_two",
        "cooling_over", "quorum_lost", "objection_upheld", "low_rating_reason", "commitments",
    }
)  # fmt: skip
_SITTING = (
    "agenda time_and_place invitees rule_and_base materials notice_given "
    "attendance quorum minutes options_as_put consensus agreement"
)
#: Where a missing piece is put on record: endpoint and anchor.
WHERE: dict[str, tuple[str, str]] = {
    "site_note": ("community.research", "site"),
    "two_options": ("community.research", "options"),
    "canvass": ("community.research", "canvass"),
    "stakeholders": ("community.research", "stakeholders"),
    "expert_opinion": ("community.invitation_new", ""),
    "tasks": ("community.resolution_form", ""),
    "resolution_text": ("community.resolution_form", ""),
    "resolution_number": ("community.resolution_form", ""),
    "dissent_answered": ("community.resolution_form", ""),
    "posting_started": ("community.posting_form", ""),
    "all_done": ("community.matter_tasks", ""),
    "progress_note": ("community.matter_tasks", ""),
    "money_recorded": ("community.matter_money", ""),
    "ratings": ("community.review", ""),
    "low_followed": ("community.review", "low"),
    "satisfied_enough": ("community.review", ""),
    "evaluation": ("community.review", ""),
    **dict.fromkeys(_SITTING.split(), ("community.matter_sitting", "")),
}
#: A quarrel whose file is open is settled and carried out on the page of its mediation.
MEDIATED = frozenset({"agree", "implement"})
#: Ways out that are not the way on; they stand below, and those that end a matter are marked.
ASIDE = frozenset({"refer", "merge", "refuse", "ask_for_more", "suspend", "redeliberate", "rework", "answer", "adjourn",
                   "reject", "send_back", "postpone", "reopen", "bring_back", "unmerge"})  # fmt: skip
STOPPING = frozenset({"suspend", "terminate", "refuse"})
#: Held by nobody at the desk; a page says whose turn it is instead of showing a button.
_AWAY = frozenset({Role.PROPOSER, Role.RESIDENT})
#: The clock does these when the day comes, or the street's answer; no page of the desk waits for them.
_SILENT = frozenset({"lapse", "reconsider"})


@dataclass(frozen=True)
class Step:
    """One move as the panel shows it. ``url`` is empty where no page of ours makes it; ``reason`` says why not now."""

    name: str
    label: str
    target: str
    needs: list[dict[str, Any]]
    missing: int
    url: str
    reason: str
    is_aside: bool
    is_stop: bool


def evidence_now(matter: Matter, now: datetime) -> frozenset[str]:
    """What the rooms of the current stage find on record."""
    stage = Stage(matter.stage)
    found = {key for room in ROOMS.get(stage, ()) for key in room(matter)}
    if stage in WITH_CLOCK:
        found |= resolved(matter, now)
    if matter.track == Track.MEDIATION and stage in (Stage.DELIBERATING, Stage.DECIDED):
        found |= mediated(matter)
    return frozenset(found)


def steps_of(matter: Matter, by: Actor, now: datetime) -> list[Step]:
    """Every move open from here that the desk or the clock makes, the ways on before the ways out."""
    situation = situation_of(matter, evidence_now(matter, now))
    moves = [move for move in moves_from(situation) if move.roles - _AWAY and move.name not in _SILENT]
    found = [_step(move, situation, matter, by) for move in moves]
    # What was taken in to be done at once is not led to a topic first.
    at_once = "implement" if matter.is_secretary_project or matter.is_plain_duty else ""
    return sorted(
        found,
        key=lambda step: (step.is_aside or step.is_stop, step.is_stop, bool(step.reason), step.name != at_once),
    )


def waits_for(matter: Matter) -> str:
    """Whose turn it is when nobody at the desk can move it on; empty otherwise."""
    moves = [
        move for move in moves_from(situation_of(matter)) if move.name not in ASIDE | STOPPING | _SILENT | {"withdraw"}
    ]
    if not moves or any(move.roles - _AWAY for move in moves):
        return ""
    return listed(dict.fromkeys(_(label) for move in moves for label in who(move)))


def _step(move: Move, situation: Situation, matter: Matter, by: Actor) -> Step:
    asked = [need for need in move.needs if _is_asked(need, situation)]
    gating = [need for need in asked if need.key not in FILLED_IN_THE_FORM]
    missing = sum(need.is_missing(situation) for need in gating)
    endpoint = move_doors().get(move.name, "")
    if "mediation" in situation.evidence and move.name in MEDIATED:
        endpoint = "community.matter_mediation"
    more = {"way": move.name} if endpoint == "community.screening" else {}
    url = _way_in(endpoint, matter_id=matter.id, **more)
    return Step(
        name=move.name, label=_(move.label), target=_(LABELS[target_of(move.name, situation)]),
        needs=[_need(need, situation, matter) for need in gating], missing=missing, url=url,
        reason=_reason(move, situation, by), is_aside=move.name in ASIDE, is_stop=move.name in STOPPING | {"terminate"},
    )  # fmt: skip


def _way_in(endpoint: str, **values: Any) -> str:
    """The URL of a door this person may enter, else empty: a link that only leads to a refusal is no help."""
    found, me = current_app.extensions["doors"].get(endpoint), visitor()
    return site_url(endpoint, **values) if found and me and me.can(found[1].permission) else ""


def _is_asked(need: Need, situation: Situation) -> bool:
    return need.applies is None or need.applies(situation)


def _need(need: Need, situation: Situation, matter: Matter) -> dict[str, Any]:
    endpoint, anchor = WHERE.get(need.key, ("", ""))
    if "mediation" in situation.evidence:
        endpoint, anchor = "community.matter_mediation", ""
    missing = need.is_missing(situation)
    more = {"_anchor": anchor} if anchor else {}
    url = _way_in(endpoint, matter_id=matter.id, **more) if missing else ""
    return {"ok": not missing, "label": _(need.label), "url": url, "text": "", "link": ""}


def _reason(move: Move, situation: Situation, by: Actor) -> str:
    """Why this person may not make the move, whatever is missing; an occasion's capacities are checked there."""
    if move.roles == {Role.SYSTEM}:
        return _("齐了会自动往下走，不用点。")
    whole = replace(situation, evidence=situation.evidence | {need.key for need in move.needs})
    verdict = may(move.name, whole, by.roles | (move.roles & CAPACITIES - {Role.PROPOSER}))
    return "" if verdict else say(verdict.reason, verdict.values)
