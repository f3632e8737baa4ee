"""Hands raised in a room: counted by two, and only among those who have not voted otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.errors import Refused
from app.flow.decide.choices import SPOILED, choices_of
from app.flow.decide.counting import signed_by
from app.flow.decide.holding import at_table, duty, hold_poll, sitting_of
from app.flow.decide.models import Ballot, HandsCount, Poll, RollEntry
from app.flow.deliberate.models import Attendance
from app.flow.deliberate.table import account_id_of
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def count_hands_of(
    ballot: Ballot, counts: Mapping[str, int], present: int, *, teller: Any, scrutineer: Any, by: Actor, now: datetime
) -> HandsCount:  # fmt: skip
    """Write down the hands two people counted among the ``present`` who have not voted otherwise.

    After the online voting has ended, because nobody knows whose hand it was: until then one could raise a hand and
    vote online as well. It may be corrected until the poll is closed.
    """
    poll = db.session.get(Poll, (current_community(), ballot.poll_id)) if ballot.poll_id else None
    if poll is None or not poll.hands:
        raise Refused(N_("这次不举手。"))
    poll = hold_poll(poll, "counting")
    signed = signed_by(poll.matter_id, account_id_of(teller), account_id_of(scrutineer))
    if by.id not in (signed["teller_id"], signed["scrutineer_id"]):
        duty(sitting_of(poll) if at_table(poll) else None, by)
    known = choices_of(ballot, paper=True)
    if any(choice not in known for choice in counts) or min((*counts.values(), present)) < 0:
        raise Refused(N_("人数要从 0 数起，选的要在票上。"))
    free = hands_free(poll)
    if present > free or sum(counts.values()) > present:
        raise Refused(
            N_("还没用别的方式投的有 %(free)s 人，在场 %(present)s 人，举手 %(raised)s 人，对不上，再数一遍。"),
            free=free, present=present, raised=sum(counts.values()),
        )  # fmt: skip
    return _keep_hands(ballot, dict(counts), present, signed, now)


def _keep_hands(ballot: Ballot, counts: dict[str, int], present: int, signed: Any, now: datetime) -> HandsCount:
    row = db.session.scalar(
        select(HandsCount).where(HandsCount.community_id == current_community(), HandsCount.ballot_id == ballot.id)
    )
    row = row or HandsCount(ballot_id=ballot.id)
    row.counts = {choice: n for choice, n in counts.items() if n or choice != SPOILED}
    row.present, row.at = present, now
    for name, value in signed.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    return row


def hands_free(poll: Poll) -> int:
    """How many on the roll may still raise a hand: not recused, no ballot in, and at a table still in the room."""
    wanted = select(func.count()).where(
        RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id, RollEntry.channel == "",
        ~RollEntry.recused,
    )  # fmt: skip
    if at_table(poll):
        here = (Attendance.community_id == RollEntry.community_id) & (Attendance.id == RollEntry.attendance_id)
        wanted = wanted.join(Attendance, here).where(Attendance.state == "present")
    return int(db.session.scalar(wanted.select_from(RollEntry)) or 0)
