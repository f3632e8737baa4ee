"""What of the votes waits at the desk, and what is done: sheets from their draft on, and votes called at a table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.flow.decide.models import Ballot, Poll
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class DeskVote:
    """One line of the list: the first question, its sheet if there is one, and the matter."""

    ballot: Ballot
    poll: Poll | None
    matter: Matter

    @property
    def sheet(self) -> Poll | None:
        """The sheet that has a page of its own; a vote called at the council's table is shown by its one question."""
        return self.poll if self.poll is not None and is_sheet(self.poll) else None


def is_sheet(poll: Poll) -> bool:
    """Whether the poll was put together beforehand. A vote of the council at the table is made and opened at once."""
    at_table = poll.body == "council" and poll.sitting_id is not None and poll.run_off_of is None
    return not at_table or poll.created_at != poll.opened_at


def desk_votes(*, done: bool, n: int, offset: int = 0) -> list[DeskVote]:
    """Sheets in draft, open or counting and ballots that wait to be counted; or those closed or void. One statement."""
    state = func.coalesce(Poll.state, Ballot.state)
    shown = or_(state == "closed", Poll.state == "void") if done else state.in_(("draft", "open", "counting"))
    closed_at = func.coalesce(Poll.closed_at, Ballot.closed_at, Ballot.called_at)
    rows = db.session.execute(
        select(Ballot, Poll, Matter)
        .join(Matter, and_(Matter.community_id == Ballot.community_id, Matter.id == Ballot.matter_id))
        .outerjoin(Poll, and_(Poll.community_id == Ballot.community_id, Poll.id == Ballot.poll_id))
        .where(Ballot.community_id == current_community(), Ballot.position == 1, shown)
        .order_by(closed_at.desc() if done else Ballot.called_at, Ballot.id)
        .limit(n)
        .offset(offset)
    ).all()
    return [DeskVote(*row) for row in rows]


def sheet_of(ballot: Ballot) -> Poll | None:
    """The sheet this question stands on, if it has a page of its own."""
    found = db.session.get(Poll, (current_community(), ballot.poll_id)) if ballot.poll_id else None
    return found if found is not None and is_sheet(found) else None
