"""What of the votes stands in the hall's window: running polls with their turnout, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.flow.decide.models import Ballot, Poll, RollEntry
from app.matter.models import Matter
from tenants.database import HERE, db
from tenants.scope import current_community


@dataclass(frozen=True)
class Running:
    """A poll that takes votes or is being counted, with its matter and how many of its roll have voted."""

    poll: Poll
    matter: Matter
    on_roll: int
    cast: int


def running_polls(n: int = 20) -> list[Running]:
    """Polls on public matters that run now, the one that ends first in front. One statement."""
    return [Running(*row) for row in db.session.execute(_running(), {"n": n})]


@cache
def _running() -> Any:
    roll = (
        select(func.count().label("on_roll"), func.count().filter(RollEntry.channel != "").label("cast"))
        .where(
            RollEntry.community_id == Poll.community_id, RollEntry.poll_id == Poll.id, ~RollEntry.recused,
        )
    ).lateral()  # fmt: skip
    return (
        select(Poll, Matter, roll.c.on_roll, roll.c.cast)
        .join(Matter, _matter_of(Poll))
        .join(roll, Poll.id.is_not(None))
        .where(Poll.community_id == HERE, Poll.state.in_(("open", "counting")), *_in_public())
        .order_by(Poll.state.desc(), Poll.closes_at.nulls_last(), Poll.opened_at, Poll.id)
        .limit(bindparam("n", type_=BigInteger()))
    )


def single_ballots(n: int = 20) -> list[tuple[Ballot, Matter]]:
    """Hands and consensus at a table on public matters that are not counted yet, the first called in front."""
    rows = db.session.execute(
        select(Ballot, Matter)
        .join(Matter, _matter_of(Ballot))
        .where(
            Ballot.community_id == current_community(), Ballot.state == "open", Ballot.poll_id.is_(None),
            *_in_public(),
        )
        .order_by(Ballot.called_at, Ballot.id)
        .limit(n)
    ).all()  # fmt: skip
    return [(ballot, matter) for ballot, matter in rows]


def counted(n: int, offset: int = 0) -> list[tuple[Ballot, Poll | None, Matter, int]]:
    """What was counted on public matters, the newest first: a poll once, by its first question, and single ballots.

    The number behind each is how many questions stand on its sheet, 0 for a ballot without one.
    """
    other = aliased(Ballot)
    questions = (
        select(func.count())
        .where(other.community_id == Ballot.community_id, other.poll_id == Ballot.poll_id, other.state == "closed")
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Ballot, Poll, Matter, questions)
        .join(Matter, _matter_of(Ballot))
        .outerjoin(Poll, and_(Poll.community_id == Ballot.community_id, Poll.id == Ballot.poll_id))
        .where(
            Ballot.community_id == current_community(), Ballot.state == "closed",
            or_(Ballot.poll_id.is_(None), Ballot.position == 1), *_in_public(),
        )
        .order_by(Ballot.closed_at.desc(), Ballot.id)
        .limit(n)
        .offset(offset)
    ).all()  # fmt: skip
    return [(ballot, poll, matter, int(n)) for ballot, poll, matter, n in rows]


def _matter_of(found: Any) -> Any:
    return and_(Matter.community_id == found.community_id, Matter.id == found.matter_id)


def _in_public() -> tuple[Any, ...]:
    return (
        Matter.visibility == "public", Matter.track == "ordinary", Matter.hidden_at.is_(None),
        Matter.accepted_at.is_not(None),
    )  # fmt: skip
