"""Calling a vote and casting one. A vote that races the close is either counted or refused, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, NotAllowed, Refused
from app.flow.decide import casting
from app.flow.decide.casting import Mode, Subject, Voter
from app.flow.decide.evidence import gathered
from app.flow.decide.models import Ballot, RollEntry, Vote
from app.flow.decide.queries import standing
from app.flow.decide.rules import RULE_LABELS, Rule
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import presence
from app.flow.deliberate.table import account_id_of, in_the_chair, item_on_table
from app.matter.actions import move
from app.matter.house import house
from app.matter.models import Matter
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


def lock_box(ballot_id: UUID, *, alone: bool = False) -> None:
    """Take the ballot's lock until the commit: voters share it, whoever counts is alone.

    Voters hold the lock while they write, so a count waits for every vote that was let in, and a vote that comes later
    sees the ballot closed.
    """
    key = ballot_id.int & (2**63 - 1)
    db.session.execute(select(func.pg_advisory_xact_lock(key) if alone else func.pg_advisory_xact_lock_shared(key)))


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
    _void_open(matter)
    ballot = Ballot(
        id=id or uuid7(), matter_id=matter.id, sitting_id=sitting.id, question=question.strip(), rule=str(wanted),
        quorum=str(here.quorum), mode=str(way), eligible=here.eligible, present=here.present, called_at=now,
        called_by=by.id,
    )  # fmt: skip
    db.session.add(ballot)
    db.session.flush()
    if way is Mode.NAMED:
        _write_roll(ballot, sitting, matter)
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


def _write_roll(ballot: Ballot, sitting: Sitting, matter: Matter) -> None:
    lines = db.session.scalars(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id, Attendance.counts,
            Attendance.state == "present", Attendance.recused_matter_id.is_distinct_from(matter.id),
        )
    ).all()  # fmt: skip
    without = [line.name for line in lines if line.account_id is None]
    if without:
        raise Refused(N_("%(names)s 没有账号，不能在手机上记名投票，请用举手表决。"), names="、".join(without[:5]))
    db.session.add_all(
        RollEntry(ballot_id=ballot.id, account_id=line.account_id, name=line.name, position=line.position)
        for line in lines
    )
    db.session.flush()


def cast_vote(
    ballot_id: UUID, account: Any, choice: str, seq: int, *, by: Actor | None = None, now: datetime
) -> Receipt:
    """Cast or change one named vote; ``seq`` grows with each change of mind, so a retry of the same one counts once.

    Refuses a closed ballot, someone not on the roll, recused or gone, and a second tab that holds another choice under
    a ``seq`` that was already used. At most four statements.
    """
    voter = account_id_of(account)
    if by is not None and by.id is not None and by.id != voter:
        raise NotAllowed(N_("只能投自己的票。"))
    if choice not in CHOICES:
        raise Refused(N_("选一个：同意、不同意，或者弃权。"))
    if seq < 1:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    lock_box(ballot_id)
    row = db.session.execute(standing(ballot_id, voter, Ballot.state, Ballot.mode, Ballot.matter_id)).one_or_none()
    if row is None or row.mode == Mode.CONSENSUS:
        raise Missing(N_("没有这次表决。"))
    casting.may_cast(
        Voter(
            on_roll=row.on_roll or row.recused_from == row.matter_id, recused=row.recused_from == row.matter_id,
            present=row.seat == "present",
        ),
        Mode(row.mode), row.state == "open",
    ).or_refuse()  # fmt: skip
    kept = db.session.execute(_upsert(ballot_id, voter, choice, seq, now)).one_or_none()
    if kept is None:
        kept = db.session.execute(
            select(Vote.choice, Vote.seq, Vote.at).where(
                Vote.community_id == current_community(), Vote.ballot_id == ballot_id, Vote.account_id == voter
            )
        ).one()
        if kept.choice != choice:
            raise Refused(
                N_("您在另一个页面已经投了「%(choice)s」，那一票算数。要改请重新打开这一页。"),
                choice=CHOICE_LABELS[kept.choice],
            )
    return Receipt(ballot_id, kept.choice, kept.seq, kept.at)


def _upsert(ballot_id: UUID, voter: UUID, choice: str, seq: int, now: datetime) -> Any:
    statement = insert(Vote).values(
        community_id=current_community(), street_id=current_street(), id=uuid7(), ballot_id=ballot_id,
        account_id=voter, choice=choice, seq=seq, at=now,
    )  # fmt: skip
    return statement.on_conflict_do_update(
        index_elements=["community_id", "ballot_id", "account_id"],
        set_={"choice": statement.excluded.choice, "seq": statement.excluded.seq, "at": statement.excluded.at},
        where=Vote.seq < statement.excluded.seq,
    ).returning(Vote.choice, Vote.seq, Vote.at)
