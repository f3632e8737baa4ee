"""What the desk's sitting page shows until people sit down: replies, the topics that wait, files to lay out."""

from __future__ import annotations

from typing import Any

from app.faces.community.invitees import replies
from app.faces.community.sitting_agenda import queue, waiting
from app.flow.deliberate import queries
from app.flow.deliberate.models import AgendaItem, Attendance, Sitting
from app.flow.deliberate.rules import RATIFYING, SittingKind, SittingState
from app.matter.models import Matter


def before_of(sitting: Sitting, items: list[tuple[AgendaItem, Matter]], register: list[Attendance]) -> dict[str, Any]:
    """Replies, ``queue`` of what may still be put on this table, and ``files`` by matter; at most two statements."""
    planned = sitting.state == SittingState.PLANNED
    ready = waiting() if planned else []
    ratifies = SittingKind(sitting.kind) in RATIFYING
    listed = {matter.id for _item, matter in items}
    return {
        "replies": replies(sitting, register),
        "queue": queue(one for one in ready if one.id not in listed and (ratifies or one.stage != "ratifying")),
        "files": queries.files_to_lay_out(listed) if items else {},
        "observers": [line for line in register if not line.counts],
    }  # fmt: skip
