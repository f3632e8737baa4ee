"""Reading a round from door to door: its doors by building and unit, what stands at each, and the totals so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from app import clock
from app.flow.research import rules
from app.flow.research.models import Canvass, CanvassDoor, CanvassTry
from app.flow.research.rules import Count
from app.people.places import Building, Estate, Household
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class DoorLine:
    """One door as a page shows it. ``block`` is estate and building (empty for a door without a household), ``vain``
    are the moments on the wall clock at which nobody was there."""

    id: UUID
    label: str
    room: str
    block: str
    unit: int | None
    answer: str
    words: str
    channel: str
    tries: int
    answered_at: datetime | None
    version: int
    vain: tuple[datetime, ...] = ()

    @property
    def is_done(self) -> bool:
        """It answered, or was tried often enough."""
        return bool(self.answer) or rules.tried_enough(self.vain)

    @property
    def stairs(self) -> tuple[str, int | None]:
        """Building and unit."""
        return self.block, self.unit


@dataclass
class Round:
    """A round with all its doors."""

    canvass: Canvass
    doors: list[DoorLine] = field(default_factory=list)

    @property
    def count(self) -> Count:
        """The totals: of an open round as they are this moment, of a closed one as they were written."""
        if self.canvass.state == "closed":
            kept = self.canvass
            return Count(kept.target, kept.reached, kept.in_favour, kept.against, kept.tries)
        said = [door.answer for door in self.doors]
        return Count(
            len(said), sum(map(bool, said)), said.count("for"), said.count("against"),
            min((len(door.vain) for door in self.doors if not door.answer), default=1),
        )  # fmt: skip

    @property
    def owing(self) -> int:
        """How many doors must still be asked before the round can be closed."""
        return sum(not door.is_done for door in self.doors)

    @property
    def stairs(self) -> list[tuple[str, int | None, list[DoorLine]]]:
        """The doors by building and unit, in walking order."""
        found: dict[tuple[str, int | None], list[DoorLine]] = {}
        for door in self.doors:
            found.setdefault(door.stairs, []).append(door)
        return [(block, unit, doors) for (block, unit), doors in found.items()]


def find_canvass(canvass_id: UUID) -> Canvass | None:
    """The bound hall's round with this id."""
    return db.session.scalar(
        select(Canvass).where(Canvass.community_id == current_community(), Canvass.id == canvass_id)
    )


def open_canvass_of(matter_id: UUID) -> Canvass | None:
    """The round of a matter that is still being asked, or None."""
    return db.session.scalar(
        select(Canvass).where(
            Canvass.community_id == current_community(), Canvass.matter_id == matter_id, Canvass.state == "open"
        )
    )


def round_of(canvass: Canvass) -> Round:
    """The whole round in two statements, however many doors it has."""
    tries = tries_at(canvass.id)
    rows = db.session.execute(
        select(CanvassDoor, Household.room, Household.unit, Building.name, Estate.name)
        .outerjoin(
            Household,
            and_(Household.community_id == CanvassDoor.community_id, Household.id == CanvassDoor.household_id),
        )
        .outerjoin(
            Building, and_(Building.community_id == Household.community_id, Building.id == Household.building_id)
        )
        .outerjoin(Estate, and_(Estate.community_id == Building.community_id, Estate.id == Building.estate_id))
        .where(CanvassDoor.community_id == current_community(), CanvassDoor.canvass_id == canvass.id)
        .order_by(CanvassDoor.position, CanvassDoor.label)
        .execution_options(populate_existing=True)
    ).all()
    doors = [
        DoorLine(
            door.id, door.label, room or door.label, f"{estate} {building}" if building else "", unit, door.answer,
            door.words, door.channel, door.tries, door.answered_at, door.version, tuple(tries.get(door.id, ())),
        )
        for door, room, unit, building, estate in rows
    ]  # fmt: skip
    return Round(canvass, doors)


def doors_of(canvass_id: UUID) -> list[CanvassDoor]:
    """The doors of a round as they stand in the database now."""
    return list(
        db.session.scalars(
            select(CanvassDoor)
            .where(CanvassDoor.community_id == current_community(), CanvassDoor.canvass_id == canvass_id)
            .order_by(CanvassDoor.position)
            .execution_options(populate_existing=True)
        )
    )


def stairwells() -> list[tuple[UUID, str, int, int]]:
    """Building, its name with the estate, unit, and how many households live there; one statement."""
    rows = db.session.execute(
        select(Building.id, Estate.name, Building.name, Household.unit, func.count())
        .join(Building, and_(Building.community_id == Household.community_id, Building.id == Household.building_id))
        .join(Estate, and_(Estate.community_id == Building.community_id, Estate.id == Building.estate_id))
        .where(Household.community_id == current_community())
        .group_by(Building.id, Estate.name, Building.name, Building.sort, Household.unit)
        .order_by(Estate.name, Building.sort, Building.name, Household.unit)
    ).all()
    return [(building_id, f"{estate} {name}", unit, n) for building_id, estate, name, unit, n in rows]


def standing_tries(canvass_id: UUID, door_id: UUID | None = None) -> list[CanvassTry]:
    """Every knock that was not taken back, in order of time."""
    undone = select(CanvassTry.undoes_id).where(
        CanvassTry.community_id == current_community(), CanvassTry.undoes_id.is_not(None)
    )
    wanted = (
        select(CanvassTry)
        .join(
            CanvassDoor,
            and_(CanvassDoor.community_id == CanvassTry.community_id, CanvassDoor.id == CanvassTry.door_id),
        )
        .where(
            CanvassTry.community_id == current_community(), CanvassDoor.canvass_id == canvass_id,
            CanvassTry.undoes_id.is_(None), CanvassTry.id.not_in(undone),
        )
        .order_by(CanvassTry.at, CanvassTry.id)
    )  # fmt: skip
    if door_id is not None:
        wanted = wanted.where(CanvassTry.door_id == door_id)
    return list(db.session.scalars(wanted))


def tries_at(canvass_id: UUID) -> dict[UUID, list[datetime]]:
    """By door, when somebody knocked or rang in vain, on the wall clock; one statement."""
    found: dict[UUID, list[datetime]] = {}
    for one in standing_tries(canvass_id):
        if not one.answer:
            found.setdefault(one.door_id, []).append(clock.local(one.at))
    return found


def find_try(try_id: UUID) -> CanvassTry | None:
    """The knock an earlier click of the same form wrote."""
    return db.session.scalar(
        select(CanvassTry).where(CanvassTry.community_id == current_community(), CanvassTry.id == try_id)
    )
