"""Doors of the street: looking into one matter. Nothing moves here, and persons are masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.street.unmask import people_line
from app.flow.collect.rules import CATEGORIES
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.matter import outside_rules
from app.matter.actions import label_of_move
from app.matter.levels import COMMUNITY_LABELS, ESCALATION_LABELS, Escalation
from app.matter.models import Matter
from app.matter.outside_queries import letters_of
from app.matter.situation import LEVEL_LABELS, OPEN_STAGES, TRIAGE_LABELS, Level, Stage, Triage
from app.matter.stages import public_step
from app.people.permissions import Permission
from app.records import street
from app.words import N_

#: Room verbs that no row of the stage table names.
VERBS = {
    "collect": N_("收到"),
    "escalate": N_("请街道帮忙"), "invite": N_("请专家"), "expert_accepts": N_("专家答应了"),
    "expert_opinion": N_("专家交来意见"), "progress": N_("进展"),
    **{f"escalation_{kind}": ESCALATION_LABELS[kind] for kind in Escalation},
    "hand_up": N_("报到社区"), **{f"hand_up_{kind}": COMMUNITY_LABELS[kind] for kind in Escalation},
    "letter_sent": N_("发出"), **{f"letter_{kind}": label for kind, label in outside_rules.EVENT_LABELS.items()},
}  # fmt: skip


def matter(community_slug: str, matter_id: UUID) -> Any:
    """One matter, read-only. A quarrel or a matter not open to everybody shows its number and its stage alone."""
    found = street.matter_of(community_slug, matter_id)
    if found is None:
        raise Missing(N_("没有这件事。"))
    here, seen = found
    card = street.card_of(seen, clock.now())
    story = {} if card.is_restricted else street.story_of(seen)
    orders = [
        one for one in queries.orders_of(seen, now=clock.now())
        if one.order.level == rules.STREET or not card.is_restricted
    ]  # fmt: skip
    return desk(
        "street/matter.html", "communities", community=here, card=card, facts=_facts(seen), story=story,
        lines=[_line(entry) for entry in story.get("lines", ())], step=public_step(Stage(seen.stage)).number,
        people=people_line(seen), orders=orders, order_labels=rules, can_order=Stage(seen.stage) in OPEN_STAGES,
        **_outside(seen, story.get("lines", ())),
    )  # fmt: skip


def _outside(seen: Matter, lines: Sequence[Any]) -> dict[str, Any]:
    """The street's own letters and tasks about this matter, and whether it may write another."""
    # Most matters never came up to the street, and their pages need not ask for its letters.
    came_up = seen.escalated or seen.level in (Level.STREET, Level.EXTERNAL)
    has_any = came_up or any(entry.verb == "letter_sent" for entry in lines)
    return {
        "letters": letters_of(seen, clock.today()) if has_any else [], "letter_labels": outside_rules,
        "can_write": Stage(seen.stage) in OPEN_STAGES and seen.level in (Level.STREET, Level.EXTERNAL),
    }  # fmt: skip


def _facts(seen: Matter) -> dict[str, Any]:
    return {
        "triage": TRIAGE_LABELS[Triage(seen.triage)] if seen.triage else "", "level": LEVEL_LABELS[Level(seen.level)],
        "category": CATEGORIES.get(seen.category, seen.category),
        "question": seen.question, "collected_at": seen.collected_at, "due_at": seen.due_at,
        "rated": (seen.rating_satisfied, seen.rating_count),
    }  # fmt: skip


def _line(entry: Any) -> dict[str, Any]:
    label = VERBS.get(entry.verb) or (label_of_move(entry.verb, entry.old_stage) if entry.new_stage else "")
    return {"at": entry.at, "label": label, "words": entry.words, "who": entry.actor_label}


P = Permission
DOORS: list[Door] = [
    Door("GET", "/communities/<string:community_slug>/matters/<uuid:matter_id>", matter, P.STREET_OVERVIEW_READ),
]
