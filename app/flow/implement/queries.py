"""Reading promises, progress and verifications of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.flow.implement.models import ProgressNote, Verification
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community


def find_commitment(commitment_id: UUID) -> tuple[Commitment, Matter] | None:
    """A promise of this hall with its matter."""
    row = db.session.execute(
        select(Commitment, Matter)
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(Commitment.community_id == current_community(), Commitment.id == commitment_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def commitments_of(matter: Matter) -> Sequence[Commitment]:
    """What a matter promises, without what was dropped."""
    return db.session.scalars(
        select(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
            Commitment.state != "dropped",
        )
        .order_by(Commitment.position)
    ).all()  # fmt: skip


def owners_of(matter: Matter) -> frozenset[UUID]:
    """The accounts that carry out this matter's promises."""
    return frozenset(
        db.session.scalars(
            select(Commitment.owner_id)
            .where(
                Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
                Commitment.state != "dropped", Commitment.owner_id.is_not(None),
            )
            .distinct()
        )
    )  # fmt: skip


def progress_of(matter: Matter, *, limit: int = 100) -> Sequence[ProgressNote]:
    """Progress notes, newest first."""
    return db.session.scalars(
        select(ProgressNote)
        .where(ProgressNote.community_id == current_community(), ProgressNote.matter_id == matter.id)
        .order_by(ProgressNote.at.desc())
        .limit(limit)
    ).all()


def looks_at(matter: Matter) -> Sequence[Verification]:
    """Every verification, newest first."""
    return db.session.scalars(
        select(Verification)
        .where(Verification.community_id == current_community(), Verification.matter_id == matter.id)
        .order_by(Verification.at.desc())
    ).all()


def open_tasks(*, owner_id: UUID | None = None, limit: int = 20, offset: int = 0) -> list[tuple[Commitment, Matter]]:
    """Open promises of matters being carried out, the earliest due first."""
    rows = db.session.execute(
        select(Commitment, Matter)
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(*_open(owner_id))
        .order_by(Commitment.due, Commitment.created_at, Commitment.position)
        .limit(limit)
        .offset(offset)
    ).all()
    return [(commitment, matter) for commitment, matter in rows]


def count_open_tasks(*, owner_id: UUID | None = None) -> int:
    """How many promises are open in matters being carried out."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(Commitment)
            .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
            .where(*_open(owner_id))
        )
        or 0
    )


def waiting_for_a_look(*, limit: int = 50) -> Sequence[Matter]:
    """Matters whose work waits to be looked at, the earliest due first."""
    return db.session.scalars(
        select(Matter)
        .where(Matter.community_id == current_community(), Matter.stage == "verifying")
        .order_by(Matter.due_at.nulls_last())
        .limit(limit)
    ).all()


def _open(owner_id: UUID | None) -> list:  # type: ignore[type-arg]
    wanted = [
        Commitment.community_id == current_community(), Commitment.state == "open",
        Matter.stage.in_(("implementing", "suspended")),
    ]  # fmt: skip
    return [*wanted, Commitment.owner_id == owner_id] if owner_id else wanted
