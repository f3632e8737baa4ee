"""What follows a tie among options: a run-off of the tied, and a lot where one was announced beforehand (R8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Missing, Refused
from app.flow.decide.closing import write_outcome
from app.flow.decide.evidence import gathered
from app.flow.decide.holding import at_table, duty, hold_poll, refuse_second_poll, second_person, sitting_of
from app.flow.decide.models import Ballot, Poll, RollEntry
from app.flow.decide.poll_queries import questions_of
from app.flow.decide.queries import movers_of, option_labels
from app.flow.decide.rolls import Line, write_roll
from app.flow.decide.rules import Outcome
from app.matter.actions import find_matter, move, record
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def open_run_off(
    poll: Poll, *, closes_at: datetime | None = None, by: Actor, now: datetime, id: UUID | None = None
) -> Poll:  # fmt: skip
    """Vote once more on the options tied for first and on nothing else, with the same roll; it opens at once."""
    if id is not None and (found := db.session.get(Poll, (current_community(), id))):
        return found
    poll = hold_poll(poll, "closed")
    by = duty(sitting_of(poll) if at_table(poll) else None, by)
    tied = [ballot for ballot in questions_of(poll.id) if ballot.outcome == Outcome.RUN_OFF]
    matter = find_matter(poll.matter_id)
    if not tied or matter is None or _has_run_off(poll):
        raise Refused(N_("没有票数一样、要再投一次的方案。"))
    if closes_at is not None and closes_at <= now:
        raise Refused(N_("截止时间已经过了，先改时间"))
    refuse_second_poll(poll.matter_id)
    again = Poll(
        id=id or uuid7(), run_off_of=poll.id, title=f"{poll.title[:55]}（复投）", state="open", opens_at=now,
        opened_at=now, created_at=now, created_by=by.id, closes_at=closes_at,
        **{name: getattr(poll, name) for name in _SAME},
    )  # fmt: skip
    db.session.add(again)
    db.session.flush()
    _same_roll(poll, again)
    for position, ballot in enumerate(tied, start=1):
        db.session.add(_tied_only(ballot, again, position, by, now))
    db.session.flush()
    names = "；".join("、".join(option_labels(b)[key] for key in b.run_off) for b in tied)
    record(matter, "open_poll", by=by, now=now, words=f"票数一样，再投一次：{names}。", data={"poll": str(again.id)})
    return again


_SAME = (
    "matter_id", "sitting_id", "body", "subject", "mode", "online", "paper", "hands", "changeable", "lot_announced",
    "who_may", "estate_id", "eligible", "reps", "eligible_area_dm2",
)  # fmt: skip


def _has_run_off(poll: Poll) -> bool:
    found = db.session.scalar(
        select(func.count()).select_from(Poll).where(
            Poll.community_id == current_community(), Poll.run_off_of == poll.id, Poll.state != "void"
        )
    )  # fmt: skip
    return bool(found)


def _same_roll(poll: Poll, again: Poll) -> None:
    lines = db.session.scalars(
        select(RollEntry)
        .where(RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id)
        .order_by(RollEntry.position)
    )
    names = list(Line.__dataclass_fields__)
    write_roll(again, [Line(**{name: getattr(line, name) for name in names}) for line in lines])


def _tied_only(ballot: Ballot, again: Poll, position: int, by: Actor, now: datetime) -> Ballot:
    same = ("matter_id", "sitting_id", "question", "rule", "quorum", "mode", "eligible", "reps", "eligible_area_dm2")
    return Ballot(
        poll_id=again.id, position=position, present=0, called_at=now, called_by=by.id,
        options=[option for option in ballot.options if option["key"] in ballot.run_off],
        **{name: getattr(ballot, name) for name in same},
    )  # fmt: skip


def draw_lot(ballot: Ballot, winner: str, *, second: Any, by: Actor, now: datetime) -> Ballot:
    """Write down the lot drawn in public after a run-off that tied again, where a lot was announced before it opened.

    Two people sign. The count stays the tie it was; ``winner`` is the key of one of the tied options.
    """
    poll = db.session.get(Poll, (current_community(), ballot.poll_id)) if ballot.poll_id else None
    if poll is None:
        raise Missing(N_("没有这次投票。"))
    poll = hold_poll(poll, "closed")
    by = duty(sitting_of(poll) if at_table(poll) else None, by)
    _, name = second_person(second, by)
    if ballot.outcome != Outcome.TIE or not poll.lot_announced or poll.run_off_of is None or ballot.passed:
        raise Refused(N_("只有事先说好抽签、复投又一样多的，才抽签。"))
    if winner not in ballot.run_off:
        raise Refused(N_("抽中的要是票数一样的方案之一。"))
    ballot.winner, ballot.passed = winner, True
    db.session.flush()
    matter = find_matter(poll.matter_id)
    ballots = questions_of(poll.id)
    words = f"抽签定了「{option_labels(ballot)[winner]}」，{by.label}、{name} 在场。"
    if matter is None:
        raise Missing(N_("没有这件事。"))
    if matter.stage == Stage.VOTING and all(one.passed for one in ballots):
        counter = by.as_capacity(Role.TELLER, *((Role.PROPOSER,) if by.id in movers_of(matter.id) else ()))
        move(matter, "adopt", by=counter, now=now, evidence=gathered(matter), words=words)
        write_outcome(matter, "passed")
    else:
        record(matter, "draw_lot", by=by, now=now, words=words)
    return ballot
