"""What a resolution promises: commitments written, mended, dropped, and the day the next one is due.

The caller commits. Days are days in Asia/Shanghai; money is integer fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from app.errors import Refused
from app.flow.resolve.models import Commitment, Resolution
from app.flow.resolve.rules import Task
from app.matter.models import Matter
from app.matter.workdays import end_of
from app.people.secrets import seal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def add_commitments(
    matter: Matter, tasks: Iterable[Task], *, now: datetime, resolution: Resolution | None = None
) -> list[Commitment]:
    """Write promises behind those the matter already has; planned money makes it a matter that costs money."""
    last = db.session.scalar(
        select(func.coalesce(func.max(Commitment.position), 0)).where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id
        )
    )
    made = [
        Commitment(
            matter_id=matter.id, resolution_id=resolution.id if resolution else None, position=position,
            what=task.what.strip(), who=task.who.strip(), owner_id=task.owner_id, due=task.due, first_due=task.due,
            planned_fen=task.planned_fen, round=matter.round, created_at=now, owner_kind=task.owner_kind,
            unit=task.unit.strip(), target=task.target, letter_no=task.letter_no.strip(),
            contact_sealed=seal(task.contact.strip()) if task.contact.strip() else "",
        )
        for position, task in enumerate(tasks, start=(last or 0) + 1)
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    if any(task.planned_fen for task in made) and not matter.costs_money:
        matter.costs_money = True
    return made


def as_written(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Tasks as a resolution keeps them, JSON-safe; whose account carries one and their phone are no part of the paper.

    What is not there is left out, so that papers from before tasks were measured compare equal to themselves.
    """
    return [
        {
            "what": task.what.strip(), "who": task.who.strip(), "due": task.due.isoformat(),
            "planned_fen": task.planned_fen,
        } | _beyond(task)
        for task in tasks
    ]  # fmt: skip


def _beyond(task: Task) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if task.owner_kind != "person":
        said["owner_kind"] = task.owner_kind
    if task.target is not None:
        said |= {"unit": task.unit.strip(), "target": task.target}
    if task.letter_no.strip():
        said["letter_no"] = task.letter_no.strip()
    return said


def carry_over(old: Resolution, new: Resolution) -> None:
    """The promises of ``old`` are those of its corrected version; what the paper now says otherwise, they say too.

    :raises Refused: when a task that is already done or verified was rewritten.
    """
    here = current_community()
    living = db.session.scalars(
        select(Commitment)
        .where(Commitment.community_id == here, Commitment.resolution_id == old.id)
        .order_by(Commitment.position)
    ).all()
    for commitment, before, after in zip(living, old.tasks, new.tasks, strict=False):
        if before != after:
            _mend(commitment, after)
    db.session.flush()
    db.session.execute(
        update(Commitment)
        .where(Commitment.community_id == here, Commitment.resolution_id == old.id)
        .values(resolution_id=new.id)
    )


def _mend(commitment: Commitment, after: dict[str, Any]) -> None:
    if commitment.state != "open":
        raise Refused(N_("「%(what)s」已经报完工或者不办了，不能再改。"), what=commitment.what)
    due = date.fromisoformat(after["due"])
    if commitment.due == commitment.first_due:
        commitment.due = due
    commitment.what, commitment.who, commitment.first_due = after["what"], after["who"], due
    commitment.planned_fen = after["planned_fen"]
    commitment.owner_kind, commitment.letter_no = after.get("owner_kind", "person"), after.get("letter_no", "")
    commitment.unit, commitment.target = after.get("unit", ""), after.get("target")


def drop_open(matter: Matter) -> None:
    """What was promised and not yet verified is no longer owed."""
    db.session.execute(
        update(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
            Commitment.state.in_(("open", "done")),
        )
        .values(state="dropped")
    )  # fmt: skip


def next_due(matter: Matter) -> datetime | None:
    """The end of the earliest day on which an open promise is due."""
    day = db.session.scalar(
        select(func.min(Commitment.due)).where(
            Commitment.community_id == current_community(),
            Commitment.matter_id == matter.id,
            Commitment.state == "open",
        )
    )
    return end_of(day) if day else None


def as_tasks(rows: Sequence[dict[str, Any]]) -> list[Task]:
    """The tasks of a resolution's paper as tasks again."""
    return [
        Task(
            row["what"], row["who"], None, date.fromisoformat(row["due"]), row["planned_fen"],
            owner_kind=row.get("owner_kind", "person"), unit=row.get("unit", ""), target=row.get("target"),
            letter_no=row.get("letter_no", ""),
        )
        for row in rows
    ]  # fmt: skip
