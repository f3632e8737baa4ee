"""Calling a vote and casting one. A vote that races the close is either counted or refused, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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

from app.errors import Missing, NotAllowed, Refused
from app.flow.decide import casting
from app.flow.decide.casting import Mode, Subject, Voter
from app.flow.decide.evidence import gathered
from app.flow.decide.models import Ballot, Poll, RollEntry, Vote
from app.flow.decide.queries import line_of, standing
from app.flow.decide.rules import RULE_LABELS, Rule
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import Presence, presence
from app.flow.deliberate.table import account_id_of, in_the_chair, item_on_table
from app.matter.actions import move
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

#: Rules a council's sitting may vote by; residents' meetings and owners have bodies and rolls of their own.
COUNCIL_RULES = (Rule.COUNCIL_MAJORITY, Rule.COUNCIL_TWO_THIRDS)
CHOICES = ("yes", "no", "abstain")
CHOICE_LABELS = {"yes": N_("同意"), "no": N_("不同意"), "abstain": N_("弃权")}
LONGEST_QUESTION = 500


@dataclass(frozen=True)
class Receipt:
    """What stands on record for one voter after casting."""

    ballot_id: UUID
    choice: str
    seq: int
    at: datetime


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


def call_vote(
    sitting: Sitting, matter: Matter, *, question: str, rule: str | None = None, mode: str = Mode.NAMED,
    subject: str = Subject.OTHER, objections: int = 0, by: Actor, now: datetime, id: UUID | None = None,
) -> Ballot:  # fmt: skip
    """Put one question to the vote: N and P are fixed from the register at this moment, the quorum is asked again.

    ``rule`` None is the hall's own rule. A consensus that was being asked for ends unfinished. ``id`` makes a double
    click harmless.
    """
    if id is not None and (found := db.session.get(Ballot, (current_community(), id))):
        return found
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item_on_table(sitting, matter)
    wanted, way = _rule(rule), Mode(mode)
    if not question.strip() or len(question.strip()) > LONGEST_QUESTION:
        raise Refused(N_("表决的是哪句话，要写出来，500 个字以内。"))
    if wanted not in COUNCIL_RULES or way not in (Mode.NAMED, Mode.HANDS):
        raise Refused(N_("议事会上不能用这种办法表决。"))
    casting.may_use(way, Subject(subject), objections).or_refuse()
    here = presence(sitting, matter.id)
    condition = here.condition
    if not condition.met:
        raise Refused(
            N_("人数不够，不能表决：应到 %(eligible)s 人，要 %(needed)s 人，现在到了 %(present)s 人。可以改成恳谈。"),
            **condition.values,
        )
    if matter.stage == Stage.VOTING:
        raise Refused(N_("这件事正在表决，先计票。"))
    _void_open(matter)
    poll = _poll_at_table(sitting, matter, question.strip(), here, by, now) if way is Mode.NAMED else None
    ballot = Ballot(
        id=id or uuid7(), matter_id=matter.id, sitting_id=sitting.id, poll_id=poll.id if poll else None,
        question=question.strip(), rule=str(wanted), quorum=str(here.quorum), mode=str(way), eligible=here.eligible,
        present=here.present, called_at=now, called_by=by.id,
    )  # fmt: skip
    db.session.add(ballot)
    db.session.flush()
    move(
        matter, "call_vote", by=by, now=now, evidence=gathered(matter), data={"ballot": str(ballot.id)},
        words=f"付诸表决：「{ballot.question}」按{RULE_LABELS[wanted]}算，{condition.reason % condition.values}。",
    )  # fmt: skip
    return ballot


def allowed_rules() -> tuple[Rule, ...]:
    """The rules this hall's council may vote by, its own first: where its charter asks for two thirds, only that."""
    own = house().settings.get("council_rule")
    return COUNCIL_RULES[1:] if own == Rule.COUNCIL_TWO_THIRDS else COUNCIL_RULES


def _rule(given: str | None) -> Rule:
    allowed = allowed_rules()
    wanted = Rule(given) if given else allowed[0]
    if wanted in COUNCIL_RULES and wanted not in allowed:
        raise Refused(N_("本社区定的是三分之二同意才通过，不能降低。"))
    return wanted


def _void_open(matter: Matter) -> None:
    db.session.execute(
        update(Ballot)
        .where(
            Ballot.community_id == current_community(), Ballot.matter_id == matter.id, Ballot.state == "open",
            Ballot.mode == "consensus",
        )
        .values(state="void")
    )  # fmt: skip


def _poll_at_table(
    sitting: Sitting, matter: Matter, question: str, here: Presence, by: Actor, now: datetime
) -> Poll:  # fmt: skip
    lines = db.session.scalars(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id, Attendance.counts,
            Attendance.state == "present", Attendance.recused_matter_id.is_distinct_from(matter.id),
        )
    ).all()  # fmt: skip
    without = [line.name for line in lines if line.account_id is None]
    if without:
        raise Refused(N_("%(names)s 没有账号，不能在手机上记名投票，请用举手表决。"), names="、".join(without[:5]))
    poll = Poll(
        id=uuid7(), matter_id=matter.id, sitting_id=sitting.id, title=question, body="council", mode=str(Mode.NAMED),
        who_may=f"这次会上到了、不用回避的 {len(lines)} 位", state="open", opens_at=now, opened_at=now,
        eligible=here.eligible, created_at=now, created_by=by.id,
    )  # fmt: skip
    db.session.add(poll)
    db.session.flush()
    db.session.add_all(
        RollEntry(
            poll_id=poll.id, account_id=line.account_id, attendance_id=line.id, name=line.name, position=line.position
        )
        for line in lines
    )
    return poll


def cast_vote(
    ballot_id: UUID, account: Any, choice: str, seq: int, *, by: Actor | None = None, now: datetime
) -> Receipt:
    """Cast or change one named vote; ``seq`` grows with each change of mind, so a retry of the same one counts once.

    Refuses a closed ballot, someone not on the roll, recused or gone, one whose paper is in, and a second tab that
    holds another choice under a ``seq`` that was already used. Two statements when it is let in; a third says why not.
    """
    voter = account_id_of(account)
    if by is not None and by.id is not None and by.id != voter:
        raise NotAllowed(N_("只能投自己的票。"))
    if choice not in CHOICES:
        raise Refused(N_("选一个：同意、不同意，或者弃权。"))
    if seq < 1:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    poll_id = _enter(ballot_id)
    kept = db.session.execute(_put_in(poll_id, voter, {ballot_id: choice}, seq, now)).one_or_none() if poll_id else None
    if kept is None:
        kept = _why_not(ballot_id, voter, choice, seq)
    return Receipt(ballot_id, kept.choice, kept.seq, kept.at)


def _enter(ballot_id: UUID) -> UUID | None:
    """Share the box of the ballot's poll and name the poll, in one statement.

    Whether it is open is asked in the next one: a statement that waited for the lock still sees what stood before.
    """
    here = Ballot.community_id == current_community()
    lock = func.pg_advisory_xact_lock_shared(box_key(Ballot.poll_id))
    row = db.session.execute(select(Ballot.poll_id, lock).where(here, Ballot.id == ballot_id)).one_or_none()
    return row[0] if row else None


def _put_in(poll_id: UUID, voter: UUID, choices: Mapping[UUID, str], seq: int, now: datetime) -> Any:
    """Lock the voter's line for the online vote and lay down every choice, in one statement, if all of it may be."""
    line = claim(poll_id, line_of(poll_id, voter), Mode.NAMED, now).cte("line")
    put = values(column("id", Uuid), column("ballot_id", Uuid), column("choice", Text), name="put").data(
        [(uuid7(), ballot_id, choice) for ballot_id, choice in choices.items()]
    )
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
    ).returning(Vote.choice, Vote.seq, Vote.at)


def claim(poll_id: UUID, line: Any, mode: Mode, now: datetime) -> Any:
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
        .values(channel="online")
        .returning(roll.c.id)
    )  # fmt: skip


def _why_not(ballot_id: UUID, voter: UUID, choice: str, seq: int) -> Any:
    """What stands on record for the same vote sent once more; otherwise raise the reason why it was not taken."""
    row = db.session.execute(standing(ballot_id, voter, Poll.state, Poll.mode, Ballot.matter_id)).one_or_none()
    if row is None or row.mode is None:
        raise Missing(N_("没有这次表决。"))
    if (row.choice, row.seq) == (choice, seq):
        return row
    recused = row.recused_from == row.matter_id
    casting.may_cast(
        Voter(on_roll=row.on_roll or recused, recused=recused, present=row.seat == "present", channel=row.channel),
        Mode(row.mode), row.state == "open",
    ).or_refuse()  # fmt: skip
    if row.choice is None:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    if row.choice != choice:
        raise Refused(
            N_("您在另一个页面已经投了「%(choice)s」，那一票算数。要改请重新打开这一页。"),
            choice=CHOICE_LABELS.get(row.choice, row.choice),
        )
    return row
