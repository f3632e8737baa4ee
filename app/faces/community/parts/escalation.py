"""The part of a matter's page that shows what the hall asked of the street and what the street answered."""

from __future__ import annotations

from typing import Any

from app.matter.escalation import OPEN, describe, history
from app.matter.levels import ESCALATION_LABELS, Escalation
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.stages import AFTER_ACCEPTED

MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff: every request with its answers; one statement."""
    requests = [
        {
            **describe(asked), "reason": asked.reason, "at": asked.asked_at, "who": asked.asked_label,
            "grid_attempt": asked.grid_attempt, "community_attempt": asked.community_attempt,
            "answers": [
                {"label": ESCALATION_LABELS[Escalation(a.kind)], "words": a.words, "at": a.at, "who": a.by_label,
                 "letter_no": a.letter_no}
                for a in answers
            ],
        }
        for asked, answers in history(matter.id)
    ]  # fmt: skip
    waits = any(request["state"] in OPEN for request in requests)
    return {
        "matter_id": matter.id, "requests": requests,
        "can_ask": not waits and Stage(matter.stage) in AFTER_ACCEPTED and matter.level != "external",
    }  # fmt: skip


def load_public(matter: Matter) -> dict[str, Any]:
    """For everybody: that the street was asked and how it answered, without the words between the offices."""
    if matter.visibility != "public":
        return {"requests": []}
    shown = [
        {**describe(asked), "at": asked.asked_at,
         "answers": [{"label": ESCALATION_LABELS[Escalation(a.kind)], "at": a.at} for a in answers]}
        for asked, answers in history(matter.id)
    ]  # fmt: skip
    return {"requests": shown}
