"""Who does what by which day, for the matter's page at the desk and its public page."""

from __future__ import annotations

from typing import Any

from app import clock
from app.flow.implement import queries
from app.matter.house import house
from app.matter.lights import light
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import end_of

MOVE_DOORS: dict[str, str] = {
    "hand_over": "community.matter_tasks",
    "verify": "community.verification",
    "send_back": "community.verification",
    "suspend": "community.suspension_form",
    "resume": "community.matter_tasks",
    "terminate": "community.termination_form",
}


def load(matter: Matter) -> dict[str, Any]:
    """Promises with their lights, and the progress notes; two statements."""
    return {"tasks": _tasks(matter), "notes": queries.progress_of(matter, limit=30), **_money(matter)}


def load_public(matter: Matter) -> dict[str, Any]:
    """The promises with their lights; the notes stand in the public timeline already."""
    return {"tasks": _tasks(matter)}


def _tasks(matter: Matter) -> list[dict[str, Any]]:
    now, calendar = clock.now(), house().calendar
    waiting = matter.stage in (Stage.DECIDED, Stage.RATIFYING, Stage.PUBLICIZED)
    return [
        {
            "id": one.id, "what": one.what, "who": one.who, "due": one.due, "state": one.state, "waiting": waiting,
            "planned_fen": one.planned_fen, "actual_fen": one.actual_fen, "extension": one.extension_reason,
            "evidence": one.evidence,
            "light": light(one.created_at, end_of(one.due), now, calendar, suspended=matter.stage == Stage.SUSPENDED),
        }
        for one in queries.commitments_of(matter)
    ]  # fmt: skip


def _money(matter: Matter) -> dict[str, Any]:
    return {"stage": matter.stage, "matter_id": matter.id}
