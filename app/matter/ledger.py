"""The ledger (议事台账) and who may read what in it: titles, clocks of what is open, the colours of lights as SQL.

What a reader asks for and how a page of it is found stands in :mod:`app.matter.ledger_filter`; the columns of a row in
``app.records.ledger_columns``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select

from app.matter.lights import Colour, Light, light
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES, Stage
from app.matter.workdays import Calendar
from app.people.models import Account
from tenants.database import db
from tenants.scope import current_community

OPEN = [str(stage) for stage in Stage if stage in OPEN_STAGES]


@dataclass(frozen=True)
class Reader:
    """Who reads: an office worker sees every title, anybody else not those of quarrels they do not carry.

    ``looked`` are the children's matters for which this person wrote down a reason today.
    """

    id: UUID | None
    is_office: bool
    looked: frozenset[UUID] = frozenset()


def light_of(matter: Any, now: datetime, calendar: Calendar) -> Light:
    """The light of a matter or of a row with its ``stage``, ``stage_since`` and ``due_at``.

    A late receipt of a referral is not the hall's delay and never turns red (domain.md section 2).
    """
    stage = Stage(matter.stage)
    return light(
        matter.stage_since, matter.due_at, now, calendar, suspended=stage is Stage.SUSPENDED,
        soft=stage is Stage.REFERRED,
    )  # fmt: skip


def colour_case(now: datetime) -> ColumnElement[str]:
    """The colour of :func:`light_of` in SQL; ``warn_at`` stands for the calendar (domain.md section 7, K11)."""
    late = case((Matter.stage == str(Stage.REFERRED), str(Colour.YELLOW)), else_=str(Colour.RED))
    return case(
        (Matter.stage == str(Stage.SUSPENDED), str(Colour.GREY)),
        (Matter.due_at < now, late),
        (Matter.warn_at <= now, str(Colour.YELLOW)),
        else_=str(Colour.GREEN),
    )


def has_clock() -> ColumnElement[bool]:
    """Everything open, and referrals that still owe a receipt or a call."""
    return or_(Matter.stage.in_(OPEN), and_(Matter.stage == str(Stage.REFERRED), Matter.due_at.is_not(None)))


def clock_runs(matter: Any) -> bool:
    """The same for a row with its ``stage`` and ``due_at``."""
    return matter.stage in OPEN or (matter.stage == str(Stage.REFERRED) and matter.due_at is not None)


@dataclass(frozen=True)
class Clock:
    """One open matter as the traffic lights show it."""

    id: UUID
    number: str
    title: str
    stage: Stage
    owner: str
    due_at: datetime | None
    light: Light
    is_child_s: bool = False


def clocks_of_open(reader: Reader, now: datetime, calendar: Calendar) -> list[Clock]:
    """Everything open in the bound hall, and referrals that still owe a receipt or a call, the earliest due first."""
    rows = db.session.execute(
        select(
            Matter.id, Matter.number, Matter.title, Matter.stage, Matter.stage_since, Matter.due_at, Matter.visibility,
            Matter.track, Matter.owner_id, Matter.has_minor, Account.display_name.label("owner"),
        )
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .where(Matter.community_id == current_community(), has_clock())
        .order_by(Matter.due_at.nulls_last(), Matter.number)
    ).all()  # fmt: skip
    return [
        Clock(
            row.id, row.number, row.title if may_read(row, reader) else "", Stage(row.stage), row.owner or "",
            row.due_at, light_of(row, now, calendar), is_child_s(row),
        )
        for row in rows
    ]  # fmt: skip


def lights_of(clocks: Sequence[Clock]) -> dict[UUID, Light]:
    """Light by matter."""
    return {clock.id: clock.light for clock in clocks}


def is_child_s(matter: Any) -> bool:
    """Whether a list says only that this is a child's matter (未成年人网络保护条例: opened for a logged reason)."""
    return bool(matter.has_minor) and matter.visibility != "public"


def may_read(matter: Any, reader: Reader) -> bool:
    """Whether a list shows this title to the reader (domain.md section 2, who sees what)."""
    if is_child_s(matter) and matter.id not in reader.looked:
        return False
    is_open = matter.visibility == "public" and matter.track == "ordinary"
    return is_open or reader.is_office or (reader.id is not None and matter.owner_id == reader.id)
