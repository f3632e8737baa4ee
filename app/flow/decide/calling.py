"""Calling a vote at the council's table: N and P are fixed from the register, a named one gets its poll and roll."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.decide import casting
from app.flow.decide.casting import Mode, Subject
from app.flow.decide.evidence import gathered
from app.flow.decide.holding import refuse_second_poll
from app.flow.decide.models import Ballot, Poll, RollEntry
from app.flow.decide.rules import RULE_LABELS, Condition, Rule
from app.flow.deliberate.live import stop_talking
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import Presence, presence
from app.flow.deliberate.table import in_the_chair, item_on_table
from app.matter.actions import move
from app.matter.house import house
from app.matter.models import Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: Rules a council's sitting may vote by; residents' meetings and owners have bodies and rolls of their own.
COUNCIL_RULES = (Rule.COUNCIL_MAJORITY, Rule.COUNCIL_TWO_THIRDS)
LONGEST_QUESTION = 500


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
    here, condition = _enough_are_here(sitting, matter)
    _void_open(matter)
    stop_talking(sitting, now)
    refuse_second_poll(matter.id)
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


def _enough_are_here(sitting: Sitting, matter: Matter) -> tuple[Presence, Condition]:
    here = presence(sitting, matter.id)
    condition = here.condition
    if not condition.met:
        raise Refused(
            N_("人数不够，不能表决：应到 %(eligible)s 人，要 %(needed)s 人，现在到了 %(present)s 人。可以改成恳谈。"),
            **condition.values,
        )
    return here, condition


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
