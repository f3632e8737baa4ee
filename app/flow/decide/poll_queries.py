"""Reading polls: what is asked, who may vote, how far it is, and what is mine. Counted ones: :mod:`.poll_results`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, or_, select

from app.errors import Verdict
from app.flow.decide.casting import Mode, Voter, may_cast
from app.flow.decide.choices import VOIDED, choices_of
from app.flow.decide.models import Ballot, BallotStub, HandsCount, Poll, RollEntry, Vote
from app.flow.decide.paper_queries import (
    find_sheet,
    hands_of,
    replacements_of,
    serials_of,
    sheets_of,
    stubs_of,
    stubs_page,
)
from app.flow.decide.poll_results import box_json, tally_by_channel
from app.flow.decide.queries import line_of, result_of, tally_of
from app.flow.deliberate.models import Attendance, Sitting
from app.matter.models import Matter
from app.people.models import Account, Person
from app.people.owners import Owner
from app.people.secrets import blind, tidy_code
from tenants.database import HERE, db
from tenants.scope import current_community

__all__ = [
    "Progress",
    "box_json",
    "choices_of",
    "find_line",
    "find_poll",
    "find_sheet",
    "hands_of",
    "last_seq",
    "list_polls",
    "may_cast_poll",
    "my_choices",
    "my_line",
    "poll_of_receipt",
    "polls_for",
    "polls_of_matter",
    "progress",
    "questions_of",
    "replacements_of",
    "result_of",
    "roll_page",
    "roll_totals",
    "running_poll",
    "serials_of",
    "sheets_of",
    "stubs_of",
    "stubs_page",
    "tally_by_channel",
    "tally_of",
]


@dataclass(frozen=True)
class Progress:
    """How far a poll is: lines of the roll that may vote, ballots in by each way, and the papers handed out.

    ``issued`` papers are ``returned`` plus ``out``; void ones are in none of the three. ``hands`` are those the tellers
    counted on the question with the most.
    """

    on_roll: int
    online: int
    paper: int
    hands: int
    issued: int
    returned: int
    out: int


_POLL = select(Poll).where(Poll.community_id == HERE, Poll.id == bindparam("poll", type_=Uuid()))
_QUESTIONS = (
    select(Ballot)
    .where(Ballot.community_id == HERE, Ballot.poll_id == bindparam("poll", type_=Uuid()))
    .order_by(Ballot.position)
)


def find_poll(poll_id: UUID) -> Poll | None:
    """The bound hall's poll."""
    return db.session.scalar(_POLL, {"poll": poll_id})


def questions_of(poll_id: UUID, *, void_too: bool = False) -> list[Ballot]:
    """The questions of a poll in order. A void poll keeps showing them, a question struck out does not show."""
    found = list(db.session.scalars(_QUESTIONS, {"poll": poll_id}))
    standing = [ballot for ballot in found if ballot.state != "void"]
    return found if void_too or not standing else standing


def running_poll(matter_id: UUID) -> Poll | None:
    """The poll of a matter that takes votes or is being counted."""
    return db.session.scalar(
        select(Poll).where(
            Poll.community_id == current_community(), Poll.matter_id == matter_id,
            Poll.state.in_(("open", "counting")),
        )
    )  # fmt: skip


def polls_of_matter(matter_id: UUID) -> list[Poll]:
    """Every poll on a matter, newest first, drafts and void ones included."""
    return list(
        db.session.scalars(
            select(Poll)
            .where(Poll.community_id == current_community(), Poll.matter_id == matter_id)
            .order_by(Poll.created_at.desc(), Poll.id.desc())
        )
    )


def list_polls(states: Sequence[str], *, n: int = 20, offset: int = 0) -> list[tuple[Poll, Matter]]:
    """Polls in these states with their matters, newest first."""
    rows = db.session.execute(
        select(Poll, Matter)
        .join(Matter, and_(Matter.community_id == Poll.community_id, Matter.id == Poll.matter_id))
        .where(Poll.community_id == current_community(), Poll.state.in_(states))
        .order_by(Poll.closed_at.desc().nulls_first(), Poll.created_at.desc(), Poll.id)
        .limit(n)
        .offset(offset)
    ).all()
    return [(poll, matter) for poll, matter in rows]


def my_line(poll: Poll, account: Any) -> RollEntry | None:
    """The line on which an account stands: as itself, as a person, for its household, or as an owner."""
    key = account if isinstance(account, UUID) else account.id
    found: RollEntry | None = db.session.scalar(
        _my_line(), {"here": current_community(), "poll": poll.id, "account": key}
    )
    return found


@cache
def _my_line() -> Any:
    """Built once and asked with values: putting it together costs more than answering it, and every voter asks it."""
    here = bindparam("here", type_=RollEntry.community_id.type)
    line = line_of(bindparam("poll", type_=RollEntry.poll_id.type), bindparam("account", type_=Account.id.type), here)
    return select(RollEntry).where(RollEntry.community_id == here, RollEntry.id == line)


def find_line(poll_id: UUID, voter_id: UUID) -> RollEntry | None:
    """One line of a poll's roll."""
    return db.session.scalar(_roll(poll_id, RollEntry).where(RollEntry.id == voter_id))


def may_cast_poll(poll: Poll, line: RollEntry | None, now: datetime) -> Verdict:
    """Whether the voter of this line may put in a ballot online now; the reason is for the page."""
    present = True
    if line is not None and line.attendance_id is not None:
        seat = db.session.get(Attendance, (current_community(), line.attendance_id))
        present = seat is not None and seat.state == "present"
    voter = Voter(
        on_roll=line is not None, recused=bool(line and line.recused), present=present,
        has_cast=bool(line and line.channel), channel=line.channel if line else "",
    )  # fmt: skip
    is_open = poll.state == "open" and (poll.closes_at is None or poll.closes_at > now)
    return may_cast(voter, Mode(poll.mode), is_open, online=poll.online, changeable=poll.changeable)


def my_choices(poll: Poll, line: RollEntry) -> dict[UUID, str]:
    """What stands on record for a named line, question by question; nothing of the kind exists for a secret one."""
    rows = db.session.execute(_votes_of(poll, line, Vote.ballot_id, Vote.choice).where(Vote.choice != VOIDED))
    return dict(rows.tuples().all())


def last_seq(poll: Poll, line: RollEntry) -> int:
    """The greatest number under which this line changed its mind; the next vote carries a greater one."""
    return int(db.session.scalar(_votes_of(poll, line, func.max(Vote.seq))) or 0)


def _votes_of(poll: Poll, line: RollEntry, *what: Any) -> Any:
    return (
        select(*what)
        .select_from(Vote)
        .join(Ballot, and_(Ballot.community_id == Vote.community_id, Ballot.id == Vote.ballot_id))
        .where(Vote.community_id == current_community(), Ballot.poll_id == poll.id, Vote.voter_id == line.id)
    )


def polls_for(account: Any, *, n: int = 20) -> list[dict[str, Any]]:
    """Polls on whose roll this account stands, running ones first; one statement.

    ``{poll, title, number, line, waits}``: the matter's title and number, my line, and whether a vote is awaited.
    """
    key = account if isinstance(account, UUID) else account.id
    here = current_community()
    person = select(Account.person_id).where(Account.community_id == here, Account.id == key).scalar_subquery()
    home = select(Person.household_id).where(Person.community_id == here, Person.id == person).scalar_subquery()
    owned = select(Owner.id).where(Owner.community_id == here, Owner.person_id == person)
    mine = or_(
        RollEntry.account_id == key, RollEntry.person_id == person, RollEntry.household_id == home,
        RollEntry.owner_id.in_(owned),
    )  # fmt: skip
    rows = db.session.execute(
        select(Poll, Matter.title, Matter.number, RollEntry)
        .join(RollEntry, and_(RollEntry.community_id == Poll.community_id, RollEntry.poll_id == Poll.id))
        .join(Matter, and_(Matter.community_id == Poll.community_id, Matter.id == Poll.matter_id))
        .where(Poll.community_id == here, Poll.state.in_(("open", "counting", "closed")), ~RollEntry.recused, mine)
        .order_by((Poll.state == "open").desc(), Poll.opened_at.desc())
        .limit(n)
    ).all()
    return [
        {
            "poll": poll, "title": title, "number": number, "line": line,
            "waits": poll.state == "open" and poll.online and not line.channel,
        }
        for poll, title, number, line in rows
    ]  # fmt: skip


def roll_page(poll_id: UUID, n: int, offset: int = 0, q: str = "") -> tuple[list[RollEntry], int]:
    """A page of the roll in its order, those whose name or place holds ``q``, and how many there are in all."""
    wanted = _roll(poll_id, RollEntry)
    if q:
        wanted = wanted.where(or_(RollEntry.name.contains(q, autoescape=True),
                                  RollEntry.place.contains(q, autoescape=True)))  # fmt: skip
    rows = db.session.scalars(wanted.order_by(RollEntry.position, RollEntry.name).limit(n).offset(offset)).all()
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery()))
    return list(rows), int(total or 0)


def roll_totals(poll_id: UUID, sitting: Sitting | None = None) -> tuple[int, int, int]:
    """``(lines, representatives, area)`` of those who may vote; with ``sitting`` of all who have a seat."""
    if sitting is not None:
        matter = select(Poll.matter_id).where(Poll.community_id == current_community(), Poll.id == poll_id)
        seats = select(func.count(), func.count().filter(Attendance.is_rep), 0).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id, Attendance.counts,
            Attendance.recused_matter_id.is_distinct_from(matter.scalar_subquery()),
        )  # fmt: skip
        row = db.session.execute(seats).one()
    else:
        row = db.session.execute(
            _roll(
                poll_id, func.count(), func.count().filter(RollEntry.is_rep),
                func.coalesce(func.sum(RollEntry.area_dm2), 0),
            ).where(~RollEntry.recused)
        ).one()  # fmt: skip
    return int(row[0]), int(row[1]), int(row[2])


def _roll(poll_id: UUID, *what: Any) -> Any:
    return select(*what).where(RollEntry.community_id == current_community(), RollEntry.poll_id == poll_id)


def progress(poll: Poll) -> Progress:
    """How far a poll is, without a single choice; one statement."""
    here = current_community()
    by_hands = (
        select(func.coalesce(func.max(HandsCount.present), 0))
        .join(Ballot, and_(Ballot.community_id == HandsCount.community_id, Ballot.id == HandsCount.ballot_id))
        .where(HandsCount.community_id == here, Ballot.poll_id == poll.id)
        .scalar_subquery()
    )

    def stubs(*states: str) -> Any:
        found = select(func.count()).select_from(BallotStub).where(
            BallotStub.community_id == here, BallotStub.poll_id == poll.id, BallotStub.state.in_(states)
        )  # fmt: skip
        return found.scalar_subquery()

    row = db.session.execute(
        _roll(
            poll.id, func.count(), func.count().filter(RollEntry.channel == "online"),
            func.count().filter(RollEntry.channel == "paper"), by_hands, stubs("issued", "returned"), stubs("returned"),
        ).where(~RollEntry.recused)
    ).one()  # fmt: skip
    figures = [int(figure) for figure in row]
    return Progress(*figures, out=figures[4] - figures[5])


def poll_of_receipt(code: str) -> Poll | None:
    """The secret poll in whose box the ballot of this receipt lies; which paper it is nobody can tell."""
    line = RollEntry.receipt_hmac == blind("receipt", tidy_code(code))
    return db.session.scalar(
        select(Poll)
        .join(RollEntry, and_(RollEntry.community_id == Poll.community_id, RollEntry.poll_id == Poll.id))
        .where(Poll.community_id == current_community(), line, RollEntry.channel != "")
        .limit(1)
    )
