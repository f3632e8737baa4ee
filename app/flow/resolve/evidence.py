"""What this room finds on record for a matter, as keys of ``app.matter.needs``, in one statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.flow.resolve import rules
from app.flow.resolve.models import Commitment, Objection, Posting, Resolution
from app.matter.models import Matter
from app.matter.workdays import local_day
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter, now: datetime | None = None) -> frozenset[str]:
    """Keys for the valid resolution and its posting; ``window_ended`` only where ``now`` is given."""
    found: set[str] = set()
    row = db.session.execute(_question(matter)).one_or_none()
    if row is None:
        return frozenset()
    found |= {"resolution_text"} if row.words else set()
    found |= {"resolution_number"} if row.number else set()
    found |= {"dissent_answered"} if not row.dissent or row.dissent_answer else set()
    found |= {"tasks", "commitments"} if row.tasks else set()
    if row.until is not None:
        found.add("posting_started")
        if now is not None and rules.window_ended(row.until, local_day(now)):
            found.add("window_ended")
        if not row.unanswered:
            found.add("objections_answered")
        if row.upheld:
            found.add("objection_upheld")
    return frozenset(found)


def _question(matter: Matter):  # type: ignore[no-untyped-def]
    here, mine = current_community(), Resolution.id
    tasks = select(func.count()).where(
        Commitment.community_id == here, Commitment.resolution_id == mine, Commitment.state != "dropped"
    )
    until = select(func.max(Posting.objections_until)).where(
        Posting.community_id == here, Posting.resolution_id == mine, Posting.state != "withdrawn"
    )
    objections = (
        select(func.count())
        .select_from(Objection)
        .join(Posting, (Posting.community_id == Objection.community_id) & (Posting.id == Objection.posting_id))
        .where(Objection.community_id == here, Posting.resolution_id == mine)
    )
    return select(
        Resolution.words, Resolution.number, Resolution.dissent, Resolution.dissent_answer,
        tasks.correlate(Resolution).scalar_subquery().label("tasks"),
        until.correlate(Resolution).scalar_subquery().label("until"),
        objections.where(Objection.replied_at.is_(None)).correlate(Resolution).scalar_subquery().label("unanswered"),
        objections.where(Objection.upheld.is_(True)).correlate(Resolution).scalar_subquery().label("upheld"),
    ).where(
        Resolution.community_id == here, Resolution.matter_id == matter.id, Resolution.replaced_at.is_(None)
    )  # fmt: skip
