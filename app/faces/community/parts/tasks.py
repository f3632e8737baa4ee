"""Who does what by which day, how far it is and how it looked before and after, for the matter's two pages."""

from __future__ import annotations

from typing import Any

from app import clock
from app.faces.community.task_rows import owner_words
from app.faces.visitor import actor
from app.flow.implement import queries
from app.flow.implement.rules import is_secretary
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
#: As many pictures of one task as a page shows side by side; the task's own page has all.
SHOWN = 4


def load(matter: Matter) -> dict[str, Any]:
    """Promises with their lights and pictures, and the progress notes; two statements."""
    return {
        "tasks": _tasks(matter, public_only=False), "notes": queries.progress_of(matter, limit=30),
        "stage": matter.stage, "matter_id": matter.id, "review_on": _review_day(matter),
        "may_resume": is_secretary(actor().roles),
    }  # fmt: skip


def load_public(matter: Matter) -> dict[str, Any]:
    """The promises with their lights and public pictures; the notes stand in the public timeline already."""
    return {"tasks": _tasks(matter, public_only=True), "review_on": _review_day(matter)}


def _tasks(matter: Matter, *, public_only: bool) -> list[dict[str, Any]]:
    now, calendar = clock.now(), house().calendar
    waiting = matter.stage in (Stage.DECIDED, Stage.RATIFYING, Stage.PUBLICIZED)
    return [
        {
            "id": one.id, "what": one.what, "who": owner_words(one.who, one.letter_no), "due": one.due,
            "first_due": one.first_due if one.first_due != one.due else None, "state": one.state, "waiting": waiting,
            "planned_fen": one.planned_fen, "actual_fen": one.actual_fen, "extension": one.extension_reason,
            "evidence": one.evidence, "target": one.target, "unit": one.unit, "done_count": one.done_count,
            "before": before[:SHOWN], "after": after[-SHOWN:],
            "light": light(one.created_at, end_of(one.due), now, calendar, suspended=matter.stage == Stage.SUSPENDED),
        }
        for one, before, after in queries.promises_shown(matter, public_only=public_only)
    ]  # fmt: skip


def _review_day(matter: Matter) -> Any:
    """The day on which a matter on hold is looked at again."""
    return matter.due_at if matter.stage == Stage.SUSPENDED else None
