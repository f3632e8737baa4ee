"""The part of a matter's page that shows who was asked for help, level by level, and whom the street wrote to."""

from __future__ import annotations

from typing import Any

from app import clock
from app.faces.visitor import visitor
from app.matter import outside_rules as rules
from app.matter.escalation_queries import OPEN, describe, light_of
from app.matter.levels import GRID_SIDE, Escalation, labels_for
from app.matter.models import Matter
from app.matter.outside_queries import Standing, upward
from app.matter.outside_telling import event_words, sent_words
from app.matter.situation import Level, Stage
from app.matter.stages import AFTER_ACCEPTED

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff: every request with its answers, every letter with its life; one statement."""
    now = clock.now()
    told, letters = upward(matter, clock.today())
    requests = [
        {
            **describe(asked), "id": asked.id, "reason": asked.reason, "at": asked.asked_at, "who": asked.asked_label,
            "grid_attempt": asked.grid_attempt, "community_attempt": asked.community_attempt,
            "due": asked.answer_due, "light": light_of(asked, now), "climbed": asked.climbed_from_id is not None,
            "answers": [
                {"label": labels_for(Level(asked.to_level))[Escalation(a.kind)], "words": a.words, "at": a.at,
                 "who": a.by_label, "letter_no": a.letter_no}
                for a in answers
            ],
        }
        for asked, answers in told
    ]  # fmt: skip
    waits = [asked.to_level for asked, _answers in told if asked.state in OPEN]
    in_hand = Stage(matter.stage) in AFTER_ACCEPTED
    me = visitor()
    return {
        "matter_id": matter.id, "requests": requests, "letters": [_letter(one) for one in letters],
        "waits_outside": sorted({one.letter.unit_name for one in letters if one.facts.waits}),
        # What the grid handed up may be passed on; what the street has is with the street.
        "can_ask": in_hand and matter.level != "external" and not set(waits) - {"community"},
        "can_hand_up": in_hand and matter.level == "grid" and not waits and bool(me and me.roles & GRID_SIDE),
    }  # fmt: skip


def load_public(matter: Matter) -> dict[str, Any]:
    """For everybody: who was asked and how they answered, and one plain sentence for each letter and what came back."""
    if matter.visibility != "public":
        return {"requests": [], "letters": []}
    told, letters = upward(matter, clock.today())
    shown = [
        {**describe(asked), "at": asked.asked_at, "climbed": asked.climbed_from_id is not None,
         "answers": [{"label": labels_for(Level(asked.to_level))[Escalation(a.kind)], "at": a.at} for a in answers]}
        for asked, answers in told
    ]  # fmt: skip
    held = [one for one in letters if one.facts.state is not rules.State.VOID]
    said = [(one.letter.sent_on, one.letter.at, sent_words(one.letter)) for one in held]
    said += [(event.day, event.at, event_words(one.letter, event)) for one in held for event in one.events]
    return {
        "requests": shown, "letters": [{"day": day, "words": words} for day, _at, words in sorted(said)],
        "waits_outside": sorted({one.letter.unit_name for one in letters if one.facts.waits}),
    }  # fmt: skip


def _letter(one: Standing) -> dict[str, Any]:
    letter = one.letter
    return {
        "number": letter.number, "kind": rules.KIND_LABELS[letter.kind], "unit": letter.unit_name,
        "subject": letter.subject, "words": letter.words, "sent_on": letter.sent_on, "due": letter.reply_due,
        "light": one.light, "state": rules.STATE_LABELS[one.facts.state], "is_second": letter.second_of_id is not None,
        "events": [
            {"label": rules.EVENT_LABELS[event.kind], "day": event.day, "words": event.words, "who": event.by_label,
             "reply_no": event.reply_no}
            for event in one.events
        ],
    }  # fmt: skip
