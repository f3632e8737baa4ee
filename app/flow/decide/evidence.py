"""What the ballots say about a matter: counted, by two people, passed or not; a consensus; an agreement."""

from __future__ import annotations

from sqlalchemy import select

from app.flow.decide.models import Ballot
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
    """The keys on record from the matter's newest ballot, while it is being voted on or talked over; one statement.

    Later stages have bodies of their own: a council's ballot is no tally of the residents' meeting.
    """
    if matter.stage not in (Stage.VOTING, Stage.DELIBERATING):
        return frozenset()
    ballot = db.session.scalar(
        select(Ballot)
        .where(Ballot.community_id == current_community(), Ballot.matter_id == matter.id, Ballot.state != "void")
        .order_by(Ballot.called_at.desc(), Ballot.id.desc())
        .limit(1)
    )
    if ballot is None or ballot.state != "closed":
        return frozenset()
    if ballot.mode == "consensus":
        return _consensus(ballot) if matter.stage == Stage.DELIBERATING else frozenset()
    found = {needs.TALLY.key, needs.PASSED.key if ballot.passed else needs.FAILED.key}
    if ballot.teller_label and ballot.scrutineer_label and ballot.teller_id != ballot.scrutineer_id:
        found.add(needs.COUNTED_BY_TWO.key)
    return frozenset(found) if matter.stage == Stage.VOTING else frozenset()


def _consensus(ballot: Ballot) -> frozenset[str]:
    if not ballot.passed:
        return frozenset()
    found = {needs.CONSENSUS.key}
    if ballot.agreement:
        found.add(needs.AGREEMENT.key)
    return frozenset(found)
