"""What the ballots say about a matter: counted, by two people, passed or not; a consensus; an agreement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.flow.decide.models import Ballot
from app.flow.decide.rules import Outcome, Rule
from app.flow.decide.rules.putting import MOST_QUESTIONS
from app.flow.deliberate.evidence import gathered as gathered_before
from app.matter import needs
from app.matter.models import Matter
from app.matter.situation import Stage
from tenants.database import db
from tenants.scope import current_community


def gathered(matter: Matter) -> frozenset[str]:
    """The evidence of this room and of those before it."""
    return evidence_of(matter) | gathered_before(matter)


def evidence_of(matter: Matter) -> frozenset[str]:
    """The keys on record from the matter's newest ballot or poll, while it is voted on or talked over; one statement.

    Later stages have bodies of their own: a council's ballot is no tally of the residents' meeting.
    """
    if matter.stage not in (Stage.VOTING, Stage.DELIBERATING):
        return frozenset()
    ballots = _newest_vote(matter)
    if not ballots or any(ballot.state != "closed" for ballot in ballots):
        return frozenset()
    if ballots[0].mode == "consensus":
        return _consensus(ballots[0]) if matter.stage == Stage.DELIBERATING else frozenset()
    return _counted(ballots) if matter.stage == Stage.VOTING else frozenset()


def _newest_vote(matter: Matter) -> list[Ballot]:
    """The newest ballot that decides, or all questions of its poll. Asking for opinions (R10) decides nothing."""
    rows = db.session.scalars(
        select(Ballot)
        .where(
            Ballot.community_id == current_community(), Ballot.matter_id == matter.id,
            Ballot.state.not_in(("void", "draft")), Ballot.rule != Rule.SOLICITATION,
        )
        .order_by(Ballot.called_at.desc(), Ballot.id.desc())
        .limit(MOST_QUESTIONS)
    ).all()  # fmt: skip
    return [row for row in rows if row is rows[0] or (row.poll_id is not None and row.poll_id == rows[0].poll_id)]


def _counted(ballots: Sequence[Ballot]) -> frozenset[str]:
    found = {needs.TALLY.key}
    if all(b.teller_label and b.scrutineer_label and b.teller_id != b.scrutineer_id for b in ballots):
        found.add(needs.COUNTED_BY_TWO.key)
    if all(ballot.passed for ballot in ballots):
        found.add(needs.PASSED.key)
    elif any(not b.passed and b.outcome != Outcome.RUN_OFF for b in ballots):
        # A tie among options is no defeat before its run-off.
        found.add(needs.FAILED.key)
    if any(ballot.outcome == Outcome.NO_QUORUM for ballot in ballots):
        found.add(needs.QUORUM_LOST.key)
    return frozenset(found)


def _consensus(ballot: Ballot) -> frozenset[str]:
    if not ballot.passed:
        return frozenset()
    found = {needs.CONSENSUS.key}
    if ballot.agreement:
        found.add(needs.AGREEMENT.key)
    return frozenset(found)
