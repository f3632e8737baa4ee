"""Reading resolutions, postings and objections of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, case, func, select
from sqlalchemy.orm import aliased

from app.flow.resolve.models import Commitment, Objection, Posting, Ratification, Resolution
from app.flow.resolve.rules import TEXT_FIELDS
from app.matter.models import Matter
from tenants.database import HERE, db
from tenants.scope import current_community


@dataclass(frozen=True)
class Window:
    """How the valid posting of a matter stands."""

    posting_id: UUID
    objections_until: date
    objections: int
    unanswered: int
    upheld: int


def valid_resolution(matter: Matter) -> Resolution | None:
    """The resolution that holds."""
    return db.session.scalar(
        select(Resolution).where(
            Resolution.community_id == current_community(), Resolution.matter_id == matter.id,
            Resolution.replaced_at.is_(None),
        )
    )  # fmt: skip


def find_resolution(resolution_id: UUID) -> tuple[Resolution, Matter] | None:
    """A resolution of this hall with its matter."""
    row = db.session.execute(
        select(Resolution, Matter)
        .join(Matter, (Matter.community_id == Resolution.community_id) & (Matter.id == Resolution.matter_id))
        .where(Resolution.community_id == current_community(), Resolution.id == resolution_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def versions_of(resolution: Resolution) -> Sequence[Resolution]:
    """Every version under this number, the first one first."""
    return db.session.scalars(
        select(Resolution)
        .where(Resolution.community_id == current_community(), Resolution.number == resolution.number)
        .order_by(Resolution.version)
    ).all()


def written(resolution: Resolution) -> dict[str, Any]:
    """What a version says, as ``rules.changes`` compares it."""
    return {name: getattr(resolution, name) for name in (*TEXT_FIELDS, "tasks")}


def owes_posting(matter: Matter) -> bool:
    """Whether the valid resolution's posting was withdrawn for a correction and none hangs in its place."""
    paper = aliased(Resolution)
    row = db.session.execute(
        select(func.count(), func.count(case((Posting.state != "withdrawn", 1))))
        .select_from(Resolution)
        .join(paper, (paper.community_id == Resolution.community_id) & (paper.number == Resolution.number))
        .join(Posting, (Posting.community_id == paper.community_id) & (Posting.resolution_id == paper.id))
        .where(
            Resolution.community_id == current_community(), Resolution.matter_id == matter.id,
            Resolution.replaced_at.is_(None),
        )
    ).one()  # fmt: skip
    return bool(row[0]) and not row[1]


def find_posting(posting_id: UUID) -> tuple[Posting, Resolution, Matter] | None:
    """A posting of this hall with its resolution and matter, in one statement."""
    row = db.session.execute(_postings().where(Posting.id == posting_id)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def find_objection(objection_id: UUID) -> Objection | None:
    """An objection of this hall."""
    return db.session.scalar(
        select(Objection).where(Objection.community_id == current_community(), Objection.id == objection_id)
    )


def matter_of(thing: Posting | Objection | Commitment | Resolution | Ratification) -> Matter:
    """The matter a row belongs to."""
    return db.session.scalars(
        select(Matter).where(Matter.community_id == current_community(), Matter.id == thing.matter_id)
    ).one()


def _postings() -> Select[tuple[Posting, Resolution, Matter]]:
    return (
        select(Posting, Resolution, Matter)
        .join(
            Resolution,
            (Resolution.community_id == Posting.community_id) & (Resolution.id == Posting.resolution_id),
        )
        .join(Matter, (Matter.community_id == Posting.community_id) & (Matter.id == Posting.matter_id))
        .where(Posting.community_id == current_community())
    )


def postings(*, public: bool, limit: int = 50) -> list[tuple[Posting, Resolution, Matter, int, int]]:
    """Postings, newest first, each with how many objections came and how many still wait for an answer."""
    here = select(func.count()).where(
        Objection.community_id == Posting.community_id, Objection.posting_id == Posting.id
    )
    wanted = _postings().add_columns(
        here.correlate(Posting).scalar_subquery(),
        here.where(Objection.replied_at.is_(None)).correlate(Posting).scalar_subquery(),
    )
    if public:
        wanted = wanted.where(Matter.visibility == "public", Matter.hidden_at.is_(None), Posting.state == "up")
    rows = db.session.execute(wanted.order_by(Posting.posted_at.desc()).limit(limit)).all()
    return [(posting, resolution, matter, came, waiting) for posting, resolution, matter, came, waiting in rows]


def posting_of(matter: Matter) -> Posting | None:
    """The newest posting of a matter that was not withdrawn."""
    return db.session.scalar(
        select(Posting)
        .where(
            Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state != "withdrawn"
        )
        .order_by(Posting.posted_at.desc())
        .limit(1)
    )


def papers_of(matter: Matter) -> tuple[Resolution | None, Posting | None]:
    """The resolution that holds and the newest posting that was not withdrawn, in one statement."""
    row = db.session.execute(_papers(), {"matter": matter.id}).first()
    return (row[0], row[1]) if row else (None, None)


@cache
def _papers() -> Select[tuple[Resolution, Posting]]:
    holds = (
        (Resolution.community_id == Matter.community_id)
        & (Resolution.matter_id == Matter.id)
        & Resolution.replaced_at.is_(None)
    )
    hangs = (
        (Posting.community_id == Matter.community_id)
        & (Posting.matter_id == Matter.id)
        & (Posting.state != "withdrawn")
    )
    return (
        select(Resolution, Posting)
        .select_from(Matter)
        .outerjoin(Resolution, holds)
        .outerjoin(Posting, hangs)
        .where(Matter.community_id == HERE, Matter.id == bindparam("matter", type_=Uuid()))
        .order_by(Posting.posted_at.desc())
        .limit(1)
    )


def objections_of(posting_id: UUID, *, answered_only: bool = False) -> Sequence[Objection]:
    """Objections in the order in which they came."""
    wanted = select(Objection).where(Objection.community_id == current_community(), Objection.posting_id == posting_id)
    if answered_only:
        wanted = wanted.where(Objection.replied_at.is_not(None))
    return db.session.scalars(wanted.order_by(Objection.at)).all()


def tasks_of(resolution_id: UUID) -> Sequence[Commitment]:
    """What a resolution promises, in its own order."""
    return db.session.scalars(
        select(Commitment)
        .where(Commitment.community_id == current_community(), Commitment.resolution_id == resolution_id)
        .order_by(Commitment.position)
    ).all()


def window_of(matter: Matter) -> Window | None:
    """The posting of the valid resolution with the count of its objections, in one statement."""
    row = db.session.execute(
        select(
            Posting.id, Posting.objections_until, func.count(Objection.id),
            func.count(case(((Objection.id.is_not(None)) & (Objection.replied_at.is_(None)), 1))),
            func.count(case((Objection.upheld.is_(True), 1))),
        )
        .outerjoin(
            Objection, (Objection.community_id == Posting.community_id) & (Objection.posting_id == Posting.id)
        )
        .where(
            Posting.community_id == current_community(), Posting.matter_id == matter.id, Posting.state != "withdrawn"
        )
        .group_by(Posting.id, Posting.objections_until, Posting.posted_at)
        .order_by(Posting.posted_at.desc())
        .limit(1)
    ).first()  # fmt: skip
    return Window(*row) if row else None


def ended_windows(today: date, limit: int = 200) -> Sequence[Matter]:
    """Publicized matters whose last day for objections has passed."""
    return db.session.scalars(
        select(Matter)
        .join(Posting, (Posting.community_id == Matter.community_id) & (Posting.matter_id == Matter.id))
        .where(
            Matter.community_id == current_community(), Matter.stage == "publicized", Posting.state != "withdrawn",
            Posting.objections_until < today,
        )
        .order_by(Posting.objections_until)
        .limit(limit)
    ).all()  # fmt: skip


def expired_postings(today: date, limit: int = 200) -> Sequence[Posting]:
    """Postings still on the board after their last day."""
    return db.session.scalars(
        select(Posting)
        .where(Posting.community_id == current_community(), Posting.state == "up", Posting.ends < today)
        .order_by(Posting.ends)
        .limit(limit)
    ).all()
