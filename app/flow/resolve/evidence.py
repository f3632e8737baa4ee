"""What this room finds on record for a matter, as keys of ``app.matter.needs``, in one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from app.flow.decide.models import Ballot, Poll
from app.flow.resolve import rules
from app.flow.resolve.body_rules import Standing
from app.flow.resolve.models import Commitment, Objection, PartyStudy, Posting, Ratification, Resolution
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter, now: datetime | None = None) -> frozenset[str]:
    """Keys for the valid resolution, its posting and, before a larger body, that body's poll.

    ``window_ended`` only where ``now`` is given.
    """
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
    if matter.stage == Stage.RATIFYING:
        found |= _of_body(row)
    return frozenset(found)


def _of_body(row: Any) -> set[str]:
    standing = Standing(row.questions or 0, row.passed or 0, row.without_quorum or 0, row.run_off or 0)
    found = {"party_study"} if row.studied else set()
    found |= {"body_tally"} if standing.counted else set()
    found |= {"body_quorum"} if standing.quorate else set()
    if standing.outcome in ("passed", "failed"):
        found.add(standing.outcome)
    return found


def body_votes(matter: Matter) -> Any:
    """A subquery with one row: how the poll now before a larger body stands, once two people have counted it."""
    here = current_community()
    return (
        select(
            Ratification.matter_id, func.count().label("questions"),
            func.count(case((Ballot.passed.is_(True), 1))).label("passed"),
            func.count(case((Ballot.outcome == "no_quorum", 1))).label("without_quorum"),
            func.count(case((Ballot.outcome == "run_off", 1))).label("run_off"),
        )
        .join(Poll, (Poll.community_id == Ratification.community_id) & (Poll.id == Ratification.poll_id))
        .join(Ballot, (Ballot.community_id == Poll.community_id) & (Ballot.poll_id == Poll.id))
        .where(
            Ratification.community_id == here, Ratification.matter_id == matter.id,
            Ratification.state == "preparing", Poll.state == "closed", Poll.teller_label != "",
            Poll.scrutineer_label != "", Ballot.state == "closed",
        )
        .group_by(Ratification.matter_id)
        .subquery()
    )  # fmt: skip


def _question(matter: Matter):  # type: ignore[no-untyped-def]
    here, mine, paper = current_community(), Resolution.id, aliased(Resolution)
    # A posting may show an earlier version of the same paper; one of another number belongs to an earlier round.
    same_paper = (
        (paper.community_id == Posting.community_id)
        & (paper.id == Posting.resolution_id)
        & (paper.number == Resolution.number)
    )
    hangs = (Posting.community_id == here) & (Posting.state != "withdrawn")
    tasks = select(func.count()).where(
        Commitment.community_id == here, Commitment.resolution_id == mine, Commitment.state != "dropped"
    )
    until = select(func.max(Posting.objections_until)).join(paper, same_paper).where(hangs)
    objections = (
        select(func.count())
        .select_from(Objection)
        .join(Posting, (Posting.community_id == Objection.community_id) & (Posting.id == Objection.posting_id))
        .join(paper, same_paper)
        .where(hangs)
    )
    studied = select(func.count()).where(PartyStudy.community_id == here, PartyStudy.matter_id == matter.id)
    votes = body_votes(matter)

    def of(statement: Any, name: str) -> Any:
        return statement.correlate(Resolution).scalar_subquery().label(name)

    return (
        select(
            Resolution.words, Resolution.number, Resolution.dissent, Resolution.dissent_answer, of(tasks, "tasks"),
            of(until, "until"), of(objections.where(Objection.replied_at.is_(None)), "unanswered"),
            of(objections.where(Objection.upheld.is_(True)), "upheld"), of(studied, "studied"),
            votes.c.questions, votes.c.passed, votes.c.without_quorum, votes.c.run_off,
        )
        .outerjoin(votes, votes.c.matter_id == Resolution.matter_id)
        .where(Resolution.community_id == here, Resolution.matter_id == matter.id, Resolution.replaced_at.is_(None))
    )  # fmt: skip
