"""The link by which an owner outside the hall answers for one task, without an account.

The first half runs in the hall's binding; the second in a guest's, where the database shows one link, one task, its
notes and its matter. A guest may not change the matter: what a report changes there (:func:`mend_matters`) is done
afterwards in the hall's own binding. The caller commits. ``now`` is UTC.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, func, select, update

from app.errors import Refused
from app.flow.implement import link_rules as rules
from app.flow.implement.actions import note_progress
from app.flow.implement.link_rules import Way
from app.flow.implement.models import ExtensionRequest, ProgressNote, TaskLink
from app.flow.resolve.mediation_terms import must_not_be_a_term
from app.flow.resolve.models import Commitment
from app.flow.resolve.promises import next_due
from app.flow.resolve.queries import matter_of
from app.matter.actions import record
from app.matter.models import Attachment, Matter, TimelineEntry
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import Role
from app.talent.actions import fingerprint as fingerprint
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: Letters of a link: 128 bits, and short enough to stand on a slip of paper.
TOKEN_BYTES = 16
RECEIVED = "收到，我们来办。"
NOT_NEEDED = "这一项已经办完"


@dataclass(frozen=True)
class Opened:
    """What one link opens: the link, its task and the matter the task belongs to."""

    link: TaskLink
    task: Commitment
    matter: Matter


def make_link(
    commitment: Commitment, *, to_label: str, days: int = rules.DEFAULT_DAYS, by: Actor, now: datetime,
    id: UUID | None = None,
) -> tuple[TaskLink, str | None]:  # fmt: skip
    """A new link for ``to_label`` and its secret, which is shown once and never again.

    The secret is None where ``id`` names a link that exists already (a double click).
    """
    if id is not None and (before := find_link(id)):
        return before, None
    matter = matter_of(commitment)
    must_not_be_a_term(commitment, matter, N_("这是当事人之间说好的，请当面告诉调解员，不用链接。"))
    way = [standing(link, commitment, matter, now) for link in links_of(commitment)]
    living = sum(one in (Way.OPEN, Way.WAITING) for one in way)
    rules.may_make(
        commitment.state, Stage(matter.stage), living=living, days=days, to_label=to_label
    ).or_refuse()  # fmt: skip
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    link = TaskLink(
        matter_id=matter.id, commitment_id=commitment.id, key_hash=fingerprint(secret), to_label=to_label.strip(),
        made_by=by.id, made_label=by.label, made_at=now, expires_at=now + timedelta(days=days),
        **({"id": id} if id else {}),
    )  # fmt: skip
    db.session.add(link)
    db.session.flush()
    record(
        matter, "make_task_link", by=by, now=now, public=False, words=f"给{link.to_label}一个链接：{commitment.what}",
        data={"commitment": str(commitment.id), "link": str(link.id)},
    )  # fmt: skip
    return link, secret


def revoke_link(link: TaskLink, *, by: Actor, now: datetime) -> TaskLink:
    """The link opens nothing from now on; what was reported through it stays. A second click changes nothing."""
    taken = db.session.execute(
        update(TaskLink)
        .where(
            TaskLink.community_id == current_community(), TaskLink.id == link.id, TaskLink.revoked_at.is_(None)
        )
        .values(revoked_at=now, revoked_label=by.label)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    db.session.refresh(link)
    if taken.rowcount == 1:  # type: ignore[attr-defined]
        matter = db.session.scalar(
            select(Matter).where(Matter.community_id == current_community(), Matter.id == link.matter_id)
        )
        record(
            matter, "revoke_task_link", by=by, now=now, public=False, words=f"收回了给{link.to_label}的链接",
            data={"commitment": str(link.commitment_id), "link": str(link.id)},
        )  # fmt: skip
    return link


def find_link(link_id: UUID) -> TaskLink | None:
    """The bound hall's link with this id."""
    return db.session.scalar(
        select(TaskLink).where(TaskLink.community_id == current_community(), TaskLink.id == link_id)
    )


def links_of(commitment: Commitment) -> Sequence[TaskLink]:
    """Every link of a task, the newest first."""
    return db.session.scalars(
        select(TaskLink)
        .where(TaskLink.community_id == current_community(), TaskLink.commitment_id == commitment.id)
        .order_by(TaskLink.made_at.desc())
    ).all()


def standing(link: TaskLink, task: Commitment, matter: Matter, now: datetime) -> Way:
    """What this link opens now."""
    return rules.way_of(
        task.state, Stage(matter.stage), expires_at=link.expires_at, revoked_at=link.revoked_at, now=now
    )


def mend_matters() -> int:
    """Bring matters in step with what came by link: the next due day, and that money was spent. Safe to run twice.

    Returns how many were mended. It looks at every matter at work that has an opened link, so that nothing hangs on
    one message in the queue.
    """
    here = current_community()
    at_work = db.session.scalars(
        select(Matter).where(
            Matter.community_id == here, Matter.stage.in_([str(stage) for stage in rules.LIVING]),
            exists().where(TaskLink.community_id == here, TaskLink.matter_id == Matter.id, TaskLink.opened > 0),
        )
    ).all()  # fmt: skip
    _let_go_of_requests()
    return sum(_mend(matter) for matter in at_work)


def _let_go_of_requests() -> None:
    """Whoever reported done needs no later day any more."""
    here = current_community()
    db.session.execute(
        update(ExtensionRequest)
        .where(
            ExtensionRequest.community_id == here, ExtensionRequest.state == "asked",
            exists().where(
                Commitment.community_id == here, Commitment.id == ExtensionRequest.commitment_id,
                Commitment.state != "open",
            ),
        )
        .values(state="withdrawn", answer=NOT_NEEDED)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _mend(matter: Matter) -> bool:
    before = (matter.due_at, matter.costs_money)
    if matter.stage == Stage.IMPLEMENTING:
        matter.due_at = next_due(matter) or matter.due_at
    if not matter.costs_money:
        matter.costs_money = bool(
            db.session.scalar(
                select(func.count()).where(
                    Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
                    Commitment.state != "dropped", Commitment.actual_fen > 0,
                )
            )
        )  # fmt: skip
    return before != (matter.due_at, matter.costs_money)


# -- under the guest's binding ---------------------------------------------------------------------------------------


def task_behind(mark: str) -> TaskLink | None:
    """The link with this fingerprint, as far as the bound scope may see it."""
    return db.session.scalar(
        select(TaskLink).where(TaskLink.community_id == current_community(), TaskLink.key_hash == mark)
    )


def opened_by(mark: str) -> Opened | None:
    """The link, its task and its matter in one statement. The guest must be bound to all three."""
    row = db.session.execute(
        select(TaskLink, Commitment, Matter)
        .join(
            Commitment,
            and_(Commitment.community_id == TaskLink.community_id, Commitment.id == TaskLink.commitment_id),
        )
        .join(Matter, and_(Matter.community_id == TaskLink.community_id, Matter.id == TaskLink.matter_id))
        .where(TaskLink.community_id == current_community(), TaskLink.key_hash == mark)
    ).one_or_none()
    return Opened(row[0], row[1], row[2]) if row else None


def count_opening(link: TaskLink, *, now: datetime) -> None:
    """One more opening: the one thing a GET may write."""
    db.session.execute(
        update(TaskLink)
        .where(TaskLink.community_id == current_community(), TaskLink.id == link.id)
        .values(opened=TaskLink.opened + 1, last_opened_at=now)
        .execution_options(synchronize_session=False)
    )


def owner_by_link(link: TaskLink) -> Actor:
    """Whoever answers through the link, in the capacity of this one task's owner; nobody of the hall's people."""
    return Actor("owner", link.to_label, None, frozenset({Role.TASK_OWNER}), channel="link")


def receive(opened: Opened, *, now: datetime, id: UUID) -> ProgressNote | None:
    """收到: the owner has read what is asked; said once, however often the button is pressed."""
    must_be_open(opened, now)
    if has_answered(opened.task):
        return None
    return note_progress(opened.matter, RECEIVED, commitment=opened.task, by=owner_by_link(opened.link), now=now, id=id)


def has_answered(task: Commitment) -> bool:
    """Whether anything was noted of this task yet by somebody without an account."""
    return (
        db.session.scalar(
            select(ProgressNote.id)
            .where(
                ProgressNote.community_id == current_community(), ProgressNote.commitment_id == task.id,
                ProgressNote.by_id.is_(None),
            )
            .limit(1)
        )
        is not None
    )  # fmt: skip


def notes_for_owner(task: Commitment, *, limit: int = 30) -> Sequence[ProgressNote]:
    """What is publicly noted of this one task, the newest first; inner notes of the hall are not the owner's."""
    return db.session.scalars(
        select(ProgressNote)
        .where(
            ProgressNote.community_id == current_community(), ProgressNote.commitment_id == task.id,
            ProgressNote.public.is_(True),
        )
        .order_by(ProgressNote.at.desc())
        .limit(limit)
    ).all()  # fmt: skip


def pictures_for_owner(task: Commitment) -> Sequence[Attachment]:
    """The pictures of before and after of this one task that are not hidden, in the order they came."""
    return db.session.scalars(
        select(Attachment)
        .where(
            Attachment.community_id == current_community(), Attachment.about_id == task.id,
            Attachment.about.in_(("task_before", "task_after")), Attachment.hidden_at.is_(None),
        )
        .order_by(Attachment.created_at, Attachment.id)
    ).all()  # fmt: skip


def note_again(opened: Opened, note_id: UUID) -> ProgressNote | None:
    """The note an earlier click of the same form has written."""
    return db.session.scalar(
        select(ProgressNote).where(ProgressNote.community_id == current_community(), ProgressNote.id == note_id)
    )


def asked_of(task: Commitment) -> ExtensionRequest | None:
    """The newest question for a later day."""
    return db.session.scalar(
        select(ExtensionRequest)
        .where(ExtensionRequest.community_id == current_community(), ExtensionRequest.commitment_id == task.id)
        .order_by(ExtensionRequest.asked_at.desc())
        .limit(1)
    )


def sent_back(opened: Opened) -> str | None:
    """Why a task that was reported done is open again, in public words; None where it was not, empty where not told."""
    if opened.task.state != "open" or not opened.task.evidence:
        return None
    words = db.session.scalar(
        select(TimelineEntry.words)
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == opened.matter.id,
            TimelineEntry.verb.in_(("send_back", "rework")), TimelineEntry.public.is_(True),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
        .limit(1)
    )  # fmt: skip
    return words or ""


def must_be_open(opened: Opened, now: datetime) -> None:
    """Refuse an answer through a link that no longer takes one."""
    if standing(opened.link, opened.task, opened.matter, now) is not Way.OPEN:
        raise Refused(N_("这个链接现在不能再报了，请给社区打个电话。"))
