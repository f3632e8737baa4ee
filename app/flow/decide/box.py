"""The box in SQL: its lock, the voter's line claimed for one way in, and the choices laid down in the same statement.

A vote takes two statements. The first shares the box with the other voters; only the second asks whether the poll is
open, because a statement that waited for a lock still sees what stood before it. A count takes the box alone, so a
vote that races it is either counted or refused (tenancy.md section 3.8).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Text,
    Uuid,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert

from app.flow.decide.casting import Mode
from app.flow.decide.models import Ballot, BoxPaper, Poll, RollEntry, Vote
from app.flow.decide.queries import line_of
from app.flow.deliberate.models import Attendance
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def lock_box(key: UUID, *, alone: bool = False) -> None:
    """Take the lock of a poll (or of a ballot without one) until the commit: voters share it, whoever counts is alone.

    Voters hold the lock while they write, so a count waits for every vote that was let in, and a vote that comes later
    sees the poll closed.
    """
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    db.session.execute(select(lock(box_key(key))))


def box_key(key: Any) -> Any:
    """The number under which the box of this poll is locked, as an expression."""
    return func.hashtextextended(cast(key, Text), 0)


def enter(ballot_id: UUID) -> UUID | None:
    """Share the box of the ballot's poll and name the poll; None where the ballot has none or is not here."""
    here = Ballot.community_id == current_community()
    lock = func.pg_advisory_xact_lock_shared(box_key(Ballot.poll_id))
    row = db.session.execute(select(Ballot.poll_id, lock).where(here, Ballot.id == ballot_id)).one_or_none()
    return row[0] if row else None


def put_named(poll_id: UUID, voter: UUID, choices: Mapping[UUID, str], seq: int, now: datetime) -> Any:
    """Lock the voter's line for the online vote and lay down every choice, in one statement, if all of it may be."""
    line = claim(poll_id, line_of(poll_id, voter), Mode.NAMED, now).cte("line")
    put = _sheet([(uuid7(), ballot_id, choice) for ballot_id, choice in choices.items()])
    rows = select(
        literal(current_community(), BigInteger), literal(current_street(), BigInteger), put.c.id, put.c.ballot_id,
        line.c.id, put.c.choice, literal("online", Text), literal(seq, BigInteger), literal(now, DateTime(True)),
    ).select_from(line.join(put, true()))  # fmt: skip
    columns = ["community_id", "street_id", "id", "ballot_id", "voter_id", "choice", "channel", "seq", "at"]
    statement = insert(Vote).from_select(columns, rows)
    return statement.on_conflict_do_update(
        index_elements=["community_id", "ballot_id", "voter_id"],
        set_={name: statement.excluded[name] for name in ("choice", "seq", "at")},
        where=Vote.seq < statement.excluded.seq,
    ).returning(Vote.ballot_id, Vote.choice, Vote.seq, Vote.at)


def enter_poll(poll_id: UUID) -> list[Any]:
    """Share the box and read what is asked: rows ``(id, rule, options, mode)`` in order, frozen since it opened."""
    lock = func.pg_advisory_xact_lock_shared(box_key(Ballot.poll_id))
    return list(
        db.session.execute(
            select(Ballot.id, Ballot.rule, Ballot.options, Ballot.mode, lock)
            .where(
                Ballot.community_id == current_community(), Ballot.poll_id == poll_id,
                Ballot.state.in_(("open", "closed")),
            )
            .order_by(Ballot.position)
        )
    )  # fmt: skip


def put_secret(poll_id: UUID, voter: UUID, choices: Mapping[UUID, str], receipt_hmac: str, now: datetime) -> int:
    """Mark the line and drop one paper per question into the box; returns how many papers fell in, 0 or all.

    The papers get random keys and no moment, and nothing is asked back: nobody may read a sealed box, not even the
    one who just put a paper in.
    """
    line = claim(poll_id, line_of(poll_id, voter), Mode.SECRET, now, receipt_hmac=receipt_hmac).cte("line")
    put = _sheet([(uuid4(), ballot_id, choice) for ballot_id, choice in choices.items()])
    rows = select(
        literal(current_community(), BigInteger), literal(current_street(), BigInteger), put.c.id,
        literal(poll_id, Uuid), put.c.ballot_id, put.c.choice, literal("online", Text), literal(False, Boolean),
    ).select_from(line.join(put, true()))  # fmt: skip
    columns = ["community_id", "street_id", "id", "poll_id", "ballot_id", "choice", "channel", "opened"]
    # Of an INSERT the number of rows is kept only when asked for; without it nobody would ever be told no.
    put_in = insert(BoxPaper.__table__).from_select(columns, rows)
    done = db.session.execute(put_in, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def drop_papers(poll_id: UUID, choices: Mapping[UUID, str]) -> None:
    """Drop the papers of one checked sheet into the sealed box."""
    rows = [
        {
            "community_id": current_community(), "street_id": current_street(), "id": uuid4(), "poll_id": poll_id,
            "ballot_id": ballot_id, "choice": choice, "channel": "paper", "opened": False,
        }
        for ballot_id, choice in choices.items()
    ]  # fmt: skip
    db.session.execute(insert(BoxPaper.__table__).values(rows))


def _sheet(rows: list[tuple[UUID, UUID, str]]) -> Any:
    return values(column("id", Uuid), column("ballot_id", Uuid), column("choice", Text), name="put").data(rows)


def claim(poll_id: UUID, line: Any, mode: Mode, now: datetime, *, receipt_hmac: str | None = None) -> Any:
    """Lock one line for the online vote: an update that finds the line only while it may cast.

    The conditions are those of :func:`app.flow.decide.casting.may_cast`, asked at the very moment of writing; whoever
    is not let in is told why by that rule.
    """
    roll, poll, seat = RollEntry.__table__, Poll.__table__.alias("p"), Attendance.__table__.alias("seat")
    is_open = exists().where(
        poll.c.community_id == current_community(), poll.c.id == poll_id, poll.c.state == "open", poll.c.online,
        poll.c.mode == str(mode), or_(poll.c.closes_at.is_(None), poll.c.closes_at > now),
        or_(roll.c.channel == "", poll.c.changeable),
    )  # fmt: skip
    here = exists().where(
        seat.c.community_id == current_community(), seat.c.id == roll.c.attendance_id, seat.c.state == "present"
    )
    again = ("", "online") if mode is Mode.NAMED else ("",)
    return (
        update(roll)
        .where(
            roll.c.community_id == current_community(), roll.c.poll_id == poll_id, roll.c.id == line,
            ~roll.c.recused, roll.c.channel.in_(again), is_open, or_(roll.c.attendance_id.is_(None), here),
        )
        .values(channel="online", receipt_hmac=receipt_hmac)
        .returning(roll.c.id)
    )  # fmt: skip
