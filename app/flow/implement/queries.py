"""Reading promises, progress and verifications of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select

from app.flow.implement.models import ExtensionRequest, ProgressNote
from app.flow.implement.task_lists import WORKING as WORKING
from app.flow.implement.task_lists import OpenTask as OpenTask
from app.flow.implement.task_lists import count_open_tasks as count_open_tasks
from app.flow.implement.task_lists import open_tasks as open_tasks
from app.flow.implement.task_lists import sift_open_tasks as sift_open_tasks
from app.flow.implement.task_lists import tasks_by_id as tasks_by_id
from app.flow.resolve.models import Commitment
from app.matter.models import Attachment, Matter
from tenants.database import HERE, db
from tenants.scope import current_community

#: A promise with its pictures from before and from after.
Shown = tuple[Commitment, list[Attachment], list[Attachment]]
#: What a picture of a task is about: how it looked before, how it looks after.
BEFORE, AFTER = "task_before", "task_after"


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


def progress_of(
    matter: Matter, commitment: Commitment | None = None, *, public_only: bool = False, limit: int = 100
) -> Sequence[ProgressNote]:
    """Progress notes of a matter, or of one of its tasks, newest first; ``public_only`` leaves out the inside ones."""
    wanted = select(ProgressNote).where(
        ProgressNote.community_id == current_community(), ProgressNote.matter_id == matter.id
    )
    if commitment is not None:
        wanted = wanted.where(ProgressNote.commitment_id == commitment.id)
    if public_only:
        wanted = wanted.where(ProgressNote.public)
    return db.session.scalars(wanted.order_by(ProgressNote.at.desc(), ProgressNote.id.desc()).limit(limit)).all()


def find_request(request_id: UUID) -> ExtensionRequest | None:
    """A question for a later day in this hall."""
    return db.session.scalar(
        select(ExtensionRequest).where(
            ExtensionRequest.community_id == current_community(), ExtensionRequest.id == request_id
        )
    )


def open_request_of(commitment: Commitment) -> ExtensionRequest | None:
    """The question for a later day that waits for an answer, if one does."""
    return db.session.scalar(
        select(ExtensionRequest).where(
            ExtensionRequest.community_id == current_community(), ExtensionRequest.commitment_id == commitment.id,
            ExtensionRequest.state == "asked",
        )
    )  # fmt: skip


def extension_requests_open(
    *, limit: int = 20, offset: int = 0
) -> list[tuple[ExtensionRequest, Commitment, Matter]]:  # fmt: skip
    """Questions for a later day that wait for an answer, the oldest first."""
    rows = db.session.execute(
        select(ExtensionRequest, Commitment, Matter)
        .join(
            Commitment,
            (Commitment.community_id == ExtensionRequest.community_id)
            & (Commitment.id == ExtensionRequest.commitment_id),
        )
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(
            ExtensionRequest.community_id == current_community(), ExtensionRequest.state == "asked",
            Commitment.state == "open", Matter.stage.in_(WORKING),
        )
        .order_by(ExtensionRequest.asked_at)
        .limit(limit)
        .offset(offset)
    ).all()  # fmt: skip
    return [(request, commitment, matter) for request, commitment, matter in rows]


def pictures_of(commitment: Commitment, *, public_only: bool = False) -> tuple[list[Attachment], list[Attachment]]:
    """The pictures of one task from before and from after, the oldest first, without hidden ones; one statement."""
    wanted = _pictures(public_only).where(Attachment.about_id == commitment.id)
    found = db.session.scalars(wanted).all()
    return [one for one in found if one.about == BEFORE], [one for one in found if one.about == AFTER]


def promises_shown(matter: Matter, *, public_only: bool = False) -> list[Shown]:
    """What a matter promises, each with its pictures from before and from after, in one statement."""
    return _by_task(db.session.execute(_with_pictures(public_only), {"matter": matter.id}).all())


def task_board(matter: Matter, commitment: Commitment) -> tuple[list[Shown], list[ExtensionRequest]]:
    """:func:`promises_shown`, and every question for a later day on one of them, newest first; one statement."""
    asked = and_(
        ExtensionRequest.community_id == Commitment.community_id, ExtensionRequest.commitment_id == Commitment.id,
        ExtensionRequest.commitment_id == commitment.id,
    )  # fmt: skip
    wanted = _with_pictures(False).add_columns(ExtensionRequest).outerjoin(ExtensionRequest, asked)
    rows = db.session.execute(wanted, {"matter": matter.id}).all()
    requests = {row[2].id: row[2] for row in rows if row[2] is not None}
    return _by_task(rows), sorted(requests.values(), key=lambda one: one.asked_at, reverse=True)


@cache
def _with_pictures(public_only: bool):  # type: ignore[no-untyped-def]
    seen = [Attachment.public] if public_only else []
    return (
        select(Commitment, Attachment)
        .outerjoin(
            Attachment,
            and_(
                Attachment.community_id == Commitment.community_id, Attachment.about_id == Commitment.id,
                Attachment.kind == "photo", Attachment.about.in_((BEFORE, AFTER)),
                Attachment.hidden_at.is_(None), *seen,
            ),
        )
        .where(
            Commitment.community_id == HERE, Commitment.matter_id == bindparam("matter", type_=Uuid()),
            Commitment.state != "dropped",
        )
        .order_by(Commitment.position, Attachment.created_at, Attachment.id)
    )  # fmt: skip


def _by_task(rows) -> list[Shown]:  # type: ignore[no-untyped-def]
    found: dict[UUID, Shown] = {}
    for commitment, picture, *_more in rows:
        shown = found.setdefault(commitment.id, (commitment, [], []))
        side = shown[2 if picture is not None and picture.about == AFTER else 1]
        if picture is not None and picture not in side:
            side.append(picture)
    return list(found.values())


def _pictures(public_only: bool):  # type: ignore[no-untyped-def]
    wanted = select(Attachment).where(
        Attachment.community_id == current_community(), Attachment.kind == "photo",
        Attachment.about.in_((BEFORE, AFTER)), Attachment.hidden_at.is_(None),
    )  # fmt: skip
    if public_only:
        wanted = wanted.where(Attachment.public)
    return wanted.order_by(Attachment.created_at, Attachment.id)


def at_a_halt(*, limit: int = 50) -> tuple[list[Matter], list[Matter]]:
    """Matters whose work waits to be looked at, and those on hold (挂账) with the day they are looked at again."""
    found = db.session.scalars(
        select(Matter)
        .where(Matter.community_id == current_community(), Matter.stage.in_(("verifying", "suspended")))
        .order_by(Matter.due_at.nulls_last())
        .limit(2 * limit)
    ).all()
    return [one for one in found if one.stage == "verifying"], [one for one in found if one.stage == "suspended"]


def find_picture(photo_id: UUID) -> tuple[Attachment, Commitment, Matter] | None:
    """A picture of a task with its task and matter."""
    row = db.session.execute(
        select(Attachment, Commitment, Matter)
        .join(
            Commitment,
            (Commitment.community_id == Attachment.community_id) & (Commitment.id == Attachment.about_id),
        )
        .join(Matter, (Matter.community_id == Commitment.community_id) & (Matter.id == Commitment.matter_id))
        .where(
            Attachment.community_id == current_community(), Attachment.id == photo_id,
            Attachment.about.in_((BEFORE, AFTER)),
        )
    ).one_or_none()  # fmt: skip
    return (row[0], row[1], row[2]) if row else None
