"""Reads of the register of able residents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from app.people.core_models import CoreResident, CoreTraining
from app.people.places import Building
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
PRINTED = 500
VIEWS = ("listed", "waiting", "suggested", "left")


@dataclass(frozen=True)
class Wanted:
    """What the register is narrowed to; ``role`` is a word."""

    view: str = "listed"
    words: str = ""
    role: str = ""


@dataclass(frozen=True)
class Row:
    """One entry with the name of its building and how many trainings the person came to."""

    resident: CoreResident
    building: str
    trainings: int


def counts() -> Mapping[str, int]:
    """How many entries each view has."""
    view, suggested = _view(), _is_suggested()
    row = db.session.execute(
        select(
            *(func.count().filter(view == name).label(name) for name in VIEWS if name != "suggested"),
            func.count().filter(suggested).label("suggested"),
        ).where(CoreResident.community_id == current_community())
    ).one()
    return {name: getattr(row, name) for name in VIEWS}


def waiting_to_be_met() -> Any:
    """How many put themselves down and wait for somebody of the hall, as a number inside another statement."""
    here = CoreResident.community_id == current_community()
    return select(func.count()).select_from(CoreResident).where(here, _view() == "waiting").scalar_subquery()


def register(wanted: Wanted, page: int = 1, size: int = PAGE) -> tuple[list[Row], int]:
    """One page, the newest first, and how many there are; one statement."""
    core, here = CoreResident, current_community()
    found = [core.community_id == here, _is_suggested() if wanted.view == "suggested" else _view() == wanted.view]
    if wanted.words:
        texts = (core.name, core.skills, core.hours, _roles_as_text())
        found.append(or_(*(text.icontains(wanted.words, autoescape=True) for text in texts)))
    if wanted.role:
        found.append(cast(core.roles, JSONB).contains([wanted.role]))
    rows = db.session.execute(
        select(core, Building.name, _trainings(), func.count().over())
        .outerjoin(Building, and_(Building.community_id == core.community_id, Building.id == core.building_id))
        .where(*found)
        .order_by(func.coalesce(core.left_at, core.listed_at).desc(), core.id.desc())
        .limit(size)
        .offset((max(1, page) - 1) * size)
    ).all()
    return [Row(row[0], row[1] or "", row[2]) for row in rows], int(rows[0][3]) if rows else 0


def trainings(page: int = 1, size: int = PAGE) -> tuple[list[CoreTraining], int]:
    """One page of trainings, the newest first, and how many there are."""
    rows = db.session.execute(
        select(CoreTraining, func.count().over())
        .where(CoreTraining.community_id == current_community())
        .order_by(CoreTraining.day.desc(), CoreTraining.entered_at.desc())
        .limit(size)
        .offset((max(1, page) - 1) * size)
    ).all()
    return [row[0] for row in rows], int(rows[0][1]) if rows else 0


def find_training(training_id: UUID) -> CoreTraining | None:
    """The bound hall's training with this id."""
    return db.session.scalar(
        select(CoreTraining).where(CoreTraining.community_id == current_community(), CoreTraining.id == training_id)
    )


def trainings_of(resident_id: UUID) -> list[CoreTraining]:
    """What this person came to, the newest first."""
    return list(
        db.session.scalars(
            select(CoreTraining)
            .where(
                CoreTraining.community_id == current_community(),
                cast(CoreTraining.attended, JSONB).contains([str(resident_id)]),
            )
            .order_by(CoreTraining.day.desc())
            .limit(50)
        )
    )


def who_may_come() -> list[tuple[UUID, str]]:
    """Whom a training may have seen: everybody met and listed, by name as it was entered."""
    rows = db.session.execute(
        select(CoreResident.id, CoreResident.name)
        .where(
            CoreResident.community_id == current_community(), CoreResident.left_at.is_(None),
            CoreResident.confirmed_at.is_not(None),
        )
        .order_by(CoreResident.listed_at)
        .limit(PRINTED)
    )  # fmt: skip
    return [(row.id, row.name) for row in rows]


def _view() -> Any:
    core = CoreResident
    return case((core.left_at.is_not(None), "left"), (core.confirmed_at.is_(None), "waiting"), else_="listed")


def _is_suggested() -> Any:
    return and_(CoreResident.left_at.is_(None), func.json_array_length(CoreResident.suggested) > 0)


def _roles_as_text() -> Any:
    # As jsonb, since plain json keeps Chinese the way it was escaped on the way in.
    return cast(cast(CoreResident.roles, JSONB), Text)


def _trainings() -> Any:
    return (
        select(func.count())
        .select_from(CoreTraining)
        .where(
            CoreTraining.community_id == CoreResident.community_id,
            cast(CoreTraining.attended, JSONB).contains(func.jsonb_build_array(cast(CoreResident.id, Text))),
        )
        .correlate(CoreResident)
        .scalar_subquery()
    )
