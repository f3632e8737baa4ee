"""Reading requests to the level above and their answers: of one matter, of the bound hall, of the bound street."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select

from app.matter import levels
from app.matter.house import house
from app.matter.lights import Light, light
from app.matter.models import Escalation, EscalationReply, Matter
from app.matter.situation import LEVEL_LABELS, Level
from tenants.database import db
from tenants.scope import current_community, current_street

OPEN = (str(levels.Escalation.ASKED), str(levels.Escalation.TAKEN))
PAGE = 20
OF_MATTER = and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id)
OF_REQUEST = and_(
    EscalationReply.community_id == Escalation.community_id, EscalationReply.escalation_id == Escalation.id
)
#: What the community answers, and what the street answers.
TO_COMMUNITY = Escalation.to_level == str(Level.COMMUNITY)
TO_STREET = Escalation.to_level != str(Level.COMMUNITY)


def find(escalation_id: UUID) -> Escalation | None:
    """The bound hall's request with this id."""
    return db.session.scalar(
        select(Escalation).where(Escalation.community_id == current_community(), Escalation.id == escalation_id)
    )


def find_for_street(escalation_id: UUID) -> tuple[Escalation, Matter] | None:
    """A request of any hall of the bound street to the street, with its matter."""
    row = db.session.execute(
        select(Escalation, Matter)
        .join(Matter, OF_MATTER)
        .where(Escalation.street_id == current_street(), Escalation.id == escalation_id, TO_STREET)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def find_ask(escalation_id: UUID) -> tuple[Escalation, Matter] | None:
    """A request of one of the bound hall's grids to its community, with its matter."""
    row = db.session.execute(
        select(Escalation, Matter)
        .join(Matter, OF_MATTER)
        .where(Escalation.community_id == current_community(), Escalation.id == escalation_id, TO_COMMUNITY)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def open_escalation(matter_id: UUID) -> Escalation | None:
    """The request of this matter that still waits or is in hand, or None."""
    return db.session.scalar(
        select(Escalation).where(
            Escalation.community_id == current_community(), Escalation.matter_id == matter_id,
            Escalation.state.in_(OPEN),
        )
    )  # fmt: skip


def replies_given(escalation: Escalation) -> list[str]:
    """The kinds of answer already written, taken up or not."""
    return list(
        db.session.scalars(
            select(EscalationReply.kind).where(
                EscalationReply.street_id == current_street(), EscalationReply.community_id == escalation.community_id,
                EscalationReply.escalation_id == escalation.id,
            )
        )
    )  # fmt: skip


def history(matter_id: UUID) -> list[tuple[Escalation, list[EscalationReply]]]:
    """All requests of one matter with their answers, newest first, in one statement."""
    rows = db.session.execute(
        select(Escalation, EscalationReply)
        .outerjoin(EscalationReply, OF_REQUEST)
        .where(Escalation.community_id == current_community(), Escalation.matter_id == matter_id)
        .order_by(Escalation.asked_at.desc(), EscalationReply.at)
    ).all()
    found: dict[UUID, tuple[Escalation, list[EscalationReply]]] = {}
    for escalation, answer in rows:
        kept = found.setdefault(escalation.id, (escalation, []))
        if answer is not None:
            kept[1].append(answer)
    return list(found.values())


@dataclass(frozen=True)
class Ask:
    """One request with its matter and its light; ``light`` is None once somebody has said the first word."""

    escalation: Escalation
    matter: Matter
    light: Light | None
    answers: Sequence[EscalationReply] = ()


def asks_page(view: str, *, now: datetime, page: int = 1) -> tuple[list[Ask], int]:
    """One page of what the bound hall's grids handed up: ``waiting`` by their clock, ``taken``, ``done`` newest first.

    Two statements, whatever the number.
    """
    states = {"waiting": ("asked",), "taken": ("taken",)}.get(view, ("sent_back", "answered", "climbed"))
    newest = Escalation.asked_at
    order = (newest.desc(),) if view == "done" else (Escalation.answer_due.asc().nulls_first(), newest)
    rows = db.session.execute(
        select(Escalation, Matter, func.count().over())
        .join(Matter, OF_MATTER)
        .where(Escalation.community_id == current_community(), TO_COMMUNITY, Escalation.state.in_(states))
        .order_by(*order)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    said = _answers([row[0].id for row in rows])
    found = [Ask(row[0], row[1], light_of(row[0], now), said.get(row[0].id, ())) for row in rows]
    return found, int(rows[0][2]) if rows else 0


def asks_tally(now: datetime) -> dict[str, int]:
    """How many requests of the bound hall's grids ``wait``, are ``late`` and are ``taken``; one statement."""
    late = and_(Escalation.state == "asked", Escalation.answer_due < now)
    row = db.session.execute(
        select(
            func.count(case((Escalation.state == "asked", 1))).label("waiting"),
            func.count(case((late, 1))).label("late"),
            func.count(case((Escalation.state == "taken", 1))).label("taken"),
        ).where(Escalation.community_id == current_community(), TO_COMMUNITY, Escalation.state.in_(OPEN))
    ).one()
    return dict(row._mapping)


def waiting_count() -> Any:
    """How many requests of the bound hall's grids wait for the community, as a part of somebody's statement."""
    wanted = (Escalation.community_id == current_community(), TO_COMMUNITY, Escalation.state == "asked")
    return select(func.count()).select_from(Escalation).where(*wanted).scalar_subquery()


def _answers(ids: Sequence[UUID]) -> dict[UUID, list[EscalationReply]]:
    found: dict[UUID, list[EscalationReply]] = {}
    if ids:
        wanted = select(EscalationReply).where(
            EscalationReply.community_id == current_community(), EscalationReply.escalation_id.in_(ids)
        )
        for answer in db.session.scalars(wanted.order_by(EscalationReply.at)):
            found.setdefault(answer.escalation_id, []).append(answer)
    return found


def light_of(asked: Escalation, now: datetime) -> Light | None:
    """The light of a request that waits for its first word; None once somebody has said it."""
    if asked.state != levels.Escalation.ASKED or asked.answer_due is None:
        return None
    return light(asked.asked_at, asked.answer_due, now, house().calendar)


def stands_at(state: str, given: set[str]) -> levels.Escalation:
    """Where a request stands, answers that nobody has taken up yet included."""
    # An answer that the hall's worker has not taken up yet counts already, or two officers could answer differently.
    for kind in ("answered", "sent_back", "taken"):
        if kind in given:
            return levels.Escalation(kind)
    return levels.Escalation(state)


def describe(escalation: Escalation) -> dict[str, object]:
    """What a page shows of a request: labels as message ids."""
    to = Level(escalation.to_level)
    return {
        "state": escalation.state,
        "state_label": levels.labels_for(to)[levels.Escalation(escalation.state)],
        "to": escalation.to_level,
        "to_label": LEVEL_LABELS[to],
    }
