"""How the result was received, for the matter's page at the desk and its public page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.flow.evaluate import effects, queries, rules
from app.matter.models import Matter
from app.matter.situation import Stage

MOVE_DOORS: dict[str, str] = {
    "close": "community.review",
    "rework": "community.review",
    "archive": "community.review",
    "reopen": "community.review",
}
SHOWN = (Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED)


def load(matter: Matter) -> dict[str, Any]:
    """The figure, the hall's evaluation and what grew out of it; two statements."""
    return {
        "figure": rules.Figure(matter.rating_satisfied, matter.rating_count),
        "judged": queries.evaluation_of(matter),
        "kin": effects.kin_of(matter),
        "open": matter.stage in SHOWN,
        "reviewing": matter.stage == Stage.REVIEWING,
        "matter_id": matter.id,
    }


def load_public(matter: Matter) -> dict[str, Any]:
    """The figure, the evaluation, answers in public words and new wishes; what was heard at the door stays inside.

    One statement.
    """
    result = effects.public_result(matter)
    return {
        "figure": rules.Figure(matter.rating_satisfied, matter.rating_count),
        "result": result,
        "effect": _(rules.EFFECTS[result.effect]) if result.effect else "",
        "open": matter.stage in SHOWN,
        "reviewing": matter.stage == Stage.REVIEWING,
        "told": _has_result(matter) and bool(result.judged),
        "matter_id": matter.id,
    }


def _has_result(matter: Matter) -> bool:
    """Whether a finished matter may stand among the results (``app.records.result_facts.told``)."""
    is_open = matter.visibility == "public" and matter.track == "ordinary" and matter.hidden_at is None
    return is_open and not matter.has_minor and matter.stage in (Stage.CLOSED, Stage.ARCHIVED)
