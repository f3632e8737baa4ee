"""Lists of open promises of the bound community: by due day, and sifted by who owes them and who asked for time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from app.flow.implement.models import ExtensionRequest
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community

WORKING = ("implementing", "suspended")


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


@dataclass(frozen=True)
class OpenTask:
    """As much of an open promise as a list is sifted by."""

    id: UUID
    owner_kind: str
    created_at: datetime
    due: date
    suspended: bool
    asked: bool


#: A hall never has more open promises than this; beyond it a list shows the earliest due.
LIST_MOST = 3000


def sift_open_tasks(*, owner_id: UUID | None = None, owner_kind: str = "", asked: bool = False) -> list[OpenTask]:
    """Every open promise that fits, the earliest due first; ``asked``: a question for a later day waits on it."""
    waits = exists().where(
        ExtensionRequest.community_id == Commitment.community_id, ExtensionRequest.commitment_id == Commitment.id,
        ExtensionRequest.state == "asked",
    )  # fmt: skip
    wanted = (
        select(
            Commitment.id, Commitment.owner_kind, Commitment.created_at, Commitment.due,
            (Matter.stage == "suspended").label("suspended"), waits.label("asked"),
        )
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(*_open(owner_id))
        .order_by(Commitment.due, Commitment.created_at, Commitment.position)
        .limit(LIST_MOST)
    )  # fmt: skip
    if owner_kind:
        wanted = wanted.where(Commitment.owner_kind == owner_kind)
    if asked:
        wanted = wanted.where(waits)
    return [OpenTask(*row) for row in db.session.execute(wanted)]


def tasks_by_id(ids: Sequence[UUID]) -> list[tuple[Commitment, Matter]]:
    """These promises with their matters, in the order of ``ids``."""
    rows = db.session.execute(
        select(Commitment, Matter)
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(Commitment.community_id == current_community(), Commitment.id.in_(ids))
    ).all()
    found = {commitment.id: (commitment, matter) for commitment, matter in rows}
    return [found[one] for one in ids if one in found]


def _open(owner_id: UUID | None) -> list:  # type: ignore[type-arg]
    wanted = [
        Commitment.community_id == current_community(), Commitment.state == "open",
        Matter.stage.in_(WORKING),
    ]  # fmt: skip
    return [*wanted, Commitment.owner_id == owner_id] if owner_id else wanted
