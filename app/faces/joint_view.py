"""A matter across communities as pages show it, for the street's desk, the public and the hall's desk alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.faces.context import across
from app.flow.decide.rules import RULE_LABELS, Rule
from app.matter import joint_rules as rules
from app.matter.joint_gather_rules import GATHER_LABELS, GATHER_WORDS
from app.matter.joint_models import BALLOT_RULES, JointMatter, JointNote, JointTask
from app.matter.joint_queries import Card, Hall, is_open_to_all
from app.matter.situation import LABELS, Stage
from app.words import N_
from tenants.hosts import site_url

STEPS = (N_("街道立题、发邀请"), N_("各社区自己议"), N_("街道汇总"), N_("照着去办"), N_("办结"))
_STEP_OF = {
    "drafting": 1, "inviting": 1, "deliberating": 2, "decided": 3, "not_passed": 3, "implementing": 4, "closed": 5,
    "terminated": 5,
}  # fmt: skip
TONES = {
    "drafting": "", "inviting": "info", "deliberating": "brand", "decided": "ok", "not_passed": "late",
    "implementing": "brand", "closed": "ok", "suspended": "hold", "terminated": "hold",
}  # fmt: skip
ICONS = {
    "decided": "check-circle-fill", "closed": "check-circle-fill", "not_passed": "x-circle-fill",
    "suspended": "pause-circle-fill", "terminated": "x-octagon-fill",
}  # fmt: skip
BALLOT_WORDS = {
    "council_majority": N_("议事会到会的过半才能表决，同意的超过到会的一半才通过。"),
    "council_two_thirds": N_("议事会到会的过半才能表决，同意的够到会的三分之二才通过。"),
    "reps_meeting": N_("代表到了三分之二才能表决，同意的超过到会的一半才通过。"),
    "residents_meeting": N_("居民到会的过半才能表决，同意的超过到会的一半才通过。"),
    "household_ballot": N_("一户一票，交回来的过半才算数，同意的超过交回来的一半才通过。"),
}
STATE_TONES = {"silent": "", "joined": "info", "declined": "hold", "voted": "ok", "withdrawn": "hold"}
TASK_LABELS = {
    "open": N_("在办"), "done": N_("办完，等街道看"), "verified": N_("看过，办好了"), "dropped": N_("不办了"),
}  # fmt: skip
TASK_TONES = {"open": "info", "done": "soon", "verified": "ok", "dropped": "hold"}
#: What comes next, said to whoever waits.
NEXT = {
    "inviting": N_("收到邀请的社区回话，参加的社区一起开议。"),
    "deliberating": N_("各社区在自己的议事厅里议、自己表决，都交了结果街道就汇总。"),
    "decided": N_("街道把答应的事一项一项派下去。"),
    "not_passed": N_("街道向各社区说明，有新情况可以再议。"),
    "implementing": N_("一项一项办，办完街道去看，看过才算数。"),
    "suspended": N_("到日子街道再看一次，能接着办就接着办。"),
}


def ballot_label(rule: str) -> str:
    """The words of a ballot rule; the hall's own page explains its quorum."""
    return _(RULE_LABELS[Rule(rule)])


def ballot_words(rule: str) -> str:
    """What a ballot rule asks for, in a sentence (domain.md section 3)."""
    return _(BALLOT_WORDS[rule])


def ballot_choices() -> list[tuple[str, str]]:
    """The ballot rules a lead may ask for."""
    return [(rule, ballot_label(rule)) for rule in BALLOT_RULES]


def head_of(joint: JointMatter | Card) -> dict[str, Any]:
    """What stands at the top of every page: stage, rules in words, next step."""
    return {
        "stage": _(rules.STAGE_LABELS[joint.stage]), "tone": TONES[joint.stage],
        "icon": ICONS.get(joint.stage, "diagram-3"), "gather": _(GATHER_LABELS[joint.rule]),
        "gather_words": _(GATHER_WORDS[joint.rule]), "ballot": ballot_label(joint.ballot_rule),
        "ballot_words": ballot_words(joint.ballot_rule),
        "legal": _(rules.LEGAL_WORDS), "next": _(NEXT[joint.stage]) if joint.stage in NEXT else "",
    }  # fmt: skip


def steps_of(joint: JointMatter, notes: Sequence[JointNote]) -> list[dict[str, Any]]:
    """The five steps with the day each was reached; where it was ended early, the later ones stay empty."""
    days = _days(joint, notes)
    at = joint.suspended_from if joint.stage == "suspended" else joint.stage
    now = max(days) if at == "terminated" else _STEP_OF[str(at)]
    finished = joint.stage == "closed"
    return [
        {
            "label": _(label), "n": n, "day": days.get(n),
            "is_done": finished or n < now, "is_now": n == now and not finished,
        }
        for n, label in enumerate(STEPS, 1)
    ]  # fmt: skip


def _days(joint: JointMatter, notes: Sequence[JointNote]) -> dict[int, datetime]:
    said = {note.verb: note.at for note in reversed(notes)}
    found = {
        1: joint.opened_at or joint.made_at, 2: said.get("deliberating"), 3: joint.gathered_at,
        4: said.get("task_added"), 5: joint.closed_at if joint.stage == "closed" else None,
    }  # fmt: skip
    return {n: day for n, day in found.items() if day}


def halls_view(joint: JointMatter, halls: Sequence[Hall]) -> list[dict[str, Any]]:
    """One block a hall: how it answered, where its own matter stands, what its own vote said, and the link to it."""
    return [_hall(joint, hall) for hall in halls]


def _hall(joint: JointMatter, hall: Hall) -> dict[str, Any]:
    part, matter, state = hall.part, hall.matter, hall.state
    shown = matter if is_open_to_all(matter) else None
    return {
        "slug": hall.slug, "name": hall.name, "phone": hall.phone, "state": state,
        "state_label": _(rules.STATE_LABELS[state]), "tone": STATE_TONES[state],
        "ballot": ballot_label(hall.invite.ballot_rule), "ballot_rule": hall.invite.ballot_rule,
        "answer_due": hall.invite.answer_due, "invited_at": hall.invite.at, "words": hall.invite.words,
        "reason": part.reason if part and state == "declined" else "",
        "answered_at": part.answered_at if part else None, "answered_by": part.answered_label if part else "",
        "number": shown.number if shown else "", "title": shown.title if shown else "",
        "stage": _(LABELS[Stage(shown.stage)]) if shown else "",
        "hall_url": across(site_url("community.home", slug=hall.slug)),
        "url": across(site_url("community.public_matter", slug=hall.slug, matter_id=shown.id)) if shown else "",
        "vote": _vote(part) if part and state == "voted" else None,
        "due": joint.due if state == "joined" else hall.invite.answer_due,
    }  # fmt: skip


def _vote(part: Any) -> dict[str, Any]:
    outcome = _("通过") if part.passed else _("没通过") if part.quorate else _("到会的人不够，没有决定")
    return {
        "eligible": part.eligible, "present": part.present, "yes": part.yes, "no": part.no, "abstain": part.abstain,
        "spoiled": part.spoiled, "quorate": part.quorate, "passed": part.passed, "outcome": outcome,
        "voted_at": part.voted_at, "by": part.handed_in_label, "handed_in_at": part.handed_in_at,
    }  # fmt: skip


def story_of(notes: Sequence[JointNote], halls: Sequence[Hall]) -> list[dict[str, Any]]:
    """The lead's own lines and, between them, what the halls answered and handed in; the newest first."""
    said = [{"at": note.at, "words": note.words, "public": note.public} for note in notes]
    for hall in halls:
        part = hall.part
        if part is None:
            continue
        answer = _("%(name)s回话：不参加。") if part.state == "declined" else _("%(name)s回话：参加。")
        said.append({"at": part.answered_at, "words": answer % {"name": hall.name}, "public": True})
        if part.handed_in_at:
            handed = _("%(name)s议完了，把表决结果交给街道。", name=hall.name)
            said.append({"at": part.handed_in_at, "words": handed, "public": True})
    return sorted(said, key=lambda line: line["at"], reverse=True)


def tasks_view(tasks: Sequence[JointTask], today: Any) -> list[dict[str, Any]]:
    """The street's own promises with how far each is."""
    return [
        {
            "id": task.id, "what": task.what, "who": task.who, "due": task.due, "state": task.state,
            "label": _("超期") if task.state == "open" and task.due < today else _(TASK_LABELS[task.state]),
            "tone": "late" if task.state == "open" and task.due < today else TASK_TONES[task.state],
            "done_on": task.done_on, "done_words": task.done_words, "checked_at": task.checked_at,
            "checked_by": task.checked_label,
        }
        for task in tasks
    ]  # fmt: skip
