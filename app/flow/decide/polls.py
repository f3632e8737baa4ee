"""A poll's life: put together, opened, ended, voided. Counting it is in :mod:`app.flow.decide.closing`.

A poll is one sheet of questions for one body. Opening it fixes the roll and with it N, R and S; ending it shuts the
online box before the first paper is counted; closing it counts (domain.md section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.errors import Refused
from app.flow.decide import rules
from app.flow.decide.box import lock_box
from app.flow.decide.casting import Mode, Subject
from app.flow.decide.closing import close_poll
from app.flow.decide.holding import (
    at_table,
    duty,
    hold_poll,
    refuse_second_poll,
    sitting_of,
    tell_opening,
    voters_words,
)
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.poll_queries import questions_of, roll_totals
from app.flow.decide.rolls import Line, make_roll, write_roll
from app.flow.decide.rules import Body, Quorum, Rule
from app.flow.decide.rules.putting import Sheet
from app.flow.decide.runoff import draw_lot, open_run_off
from app.flow.decide.voting import LONGEST_QUESTION, allowed_rules
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.queries import presence
from app.matter.actions import find_matter, record
from app.matter.house import house
from app.matter.models import Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

__all__ = [
    "Line",
    "OptionPut",
    "Question",
    "change_poll",
    "close_poll",
    "draft_poll",
    "draw_lot",
    "end_voting",
    "make_roll",
    "open_poll",
    "open_run_off",
    "void_poll",
]

LONGEST_TITLE, LONGEST_LABEL, LONGEST_WORDS = 60, 40, 1_000
KEYS = "abcdefghijklmnopqrst"


@dataclass(frozen=True)
class OptionPut:
    """One option of a question; its key on the paper is its place in the alphabet. ``cost_fen`` in 分."""

    label: str
    words: str = ""
    cost_fen: int | None = None
    attachment_id: UUID | None = None


@dataclass(frozen=True)
class Question:
    """One question with its rule; ``quorum`` may raise the council's own, every other body's stands in the law."""

    words: str
    rule: Rule
    options: tuple[OptionPut, ...] = ()
    quorum: Quorum | None = None


def draft_poll(
    matter: Matter, *, title: str, body: str, mode: str, questions: Sequence[Question], online: bool = True,
    paper: bool = False, hands: bool = False, who_may: str = "", sitting: Sitting | None = None,
    estate_id: UUID | None = None, closes_at: datetime | None = None, changeable: bool = True,
    lot_announced: bool = False, subject: str = "other", objections: int = 0, by: Actor, now: datetime,
    id: UUID | None = None,
) -> Poll:  # fmt: skip
    """Put a sheet together; nobody sees it before it opens. ``id`` makes a double click harmless.

    Raises ``Refused`` where the body, the rule and the way of voting do not go together (:func:`rules.may_put`).
    """
    if id is not None and (found := db.session.get(Poll, (current_community(), id))):
        return found
    poll = Poll(id=id or uuid7(), matter_id=matter.id, state="draft", created_at=now, created_by=by.id)
    duty(sitting if body in ("council", "reps") else None, by)
    _fill(
        poll, title=title, body=body, mode=mode, questions=questions, online=online, paper=paper, hands=hands,
        who_may=who_may, sitting=sitting, estate_id=estate_id, closes_at=closes_at, changeable=changeable,
        lot_announced=lot_announced, subject=subject, objections=objections,
    )  # fmt: skip
    db.session.add(poll)
    db.session.flush()
    _write_questions(poll, questions, sitting, now)
    return poll


def change_poll(poll: Poll, *, questions: Sequence[Question], by: Actor, now: datetime, **values: Any) -> Poll:
    """Change a sheet that has not opened; takes what :func:`draft_poll` takes. A roll of another body is emptied."""
    poll = hold_poll(poll, "draft")
    sitting = values.get("sitting")
    duty(sitting if values["body"] in ("council", "reps") else None, by)
    was = (poll.body, poll.sitting_id, poll.estate_id)
    _fill(poll, questions=questions, **values)
    db.session.flush()
    if was != (poll.body, poll.sitting_id, poll.estate_id):
        write_roll(poll, [])
    _write_questions(poll, questions, sitting, now)
    return poll


def _fill(
    poll: Poll, *, title: str, body: str, mode: str, questions: Sequence[Question], online: bool = True,
    paper: bool = False, hands: bool = False, who_may: str = "", sitting: Sitting | None = None,
    estate_id: UUID | None = None, closes_at: datetime | None = None, changeable: bool = True,
    lot_announced: bool = False, subject: str = "other", objections: int = 0,
) -> None:  # fmt: skip
    if not 0 < len(title.strip()) <= LONGEST_TITLE:
        raise Refused(N_("这张票叫什么，要写上，60 个字以内。"))
    if len(who_may.strip()) > LONGEST_QUESTION:
        raise Refused(N_("谁能投，500 个字以内。"))
    asked = [(Rule(one.rule), [option.label.strip() for option in one.options]) for one in questions]
    sheet = Sheet(
        Body(body), Mode(mode), asked, online, paper, hands, Subject(subject), objections,
        at_sitting=sitting is not None, of_estate=estate_id is not None,
    )  # fmt: skip
    rules.may_put(sheet).or_refuse()
    if body == Body.COUNCIL and any(rule is not Rule.MULTI_OPTION and rule not in allowed_rules() for rule, _ in asked):
        raise Refused(N_("本社区定的是三分之二同意才通过，不能降低。"))
    if len({one.words.strip() for one in questions}) != len(questions):
        raise Refused(N_("有两个问题是一样的。"))
    poll.title, poll.body, poll.mode, poll.who_may = title.strip(), body, str(Mode(mode)), who_may.strip()
    poll.online, poll.paper, poll.hands, poll.subject = online, paper, hands, str(Subject(subject))
    poll.sitting_id, poll.estate_id = sitting.id if sitting else None, estate_id
    poll.closes_at, poll.lot_announced = closes_at, lot_announced
    poll.changeable = changeable and mode == Mode.NAMED


def _write_questions(poll: Poll, questions: Sequence[Question], sitting: Sitting | None, now: datetime) -> None:
    """Lay the questions down in order. A question taken out of the draft stays behind as void: nothing is deleted."""
    standing = {ballot.position: ballot for ballot in questions_of(poll.id, void_too=True)}
    charter = Quorum(sitting.quorum_rule if sitting else house().settings.get("quorum", "half"))
    for position, one in enumerate(questions, start=1):
        ballot = standing.pop(position, None) or Ballot(
            matter_id=poll.matter_id, poll_id=poll.id, position=position, eligible=0, present=0
        )
        if not 0 < len(one.words.strip()) <= LONGEST_QUESTION:
            raise Refused(N_("表决的是哪句话，要写出来，500 个字以内。"))
        ballot.question, ballot.rule, ballot.mode = one.words.strip(), str(Rule(one.rule)), poll.mode
        ballot.quorum = str(rules.own_quorum(Body(poll.body), charter, one.quorum))
        ballot.options = [_option(key, option) for key, option in zip(KEYS, one.options, strict=False)]
        ballot.sitting_id, ballot.state, ballot.called_at = poll.sitting_id, "draft", now
        db.session.add(ballot)
    for left in standing.values():
        left.state = "void"
    db.session.flush()


def _option(key: str, put: OptionPut) -> dict[str, Any]:
    if len(put.label.strip()) > LONGEST_LABEL or len(put.words.strip()) > LONGEST_WORDS or (put.cost_fen or 0) < 0:
        raise Refused(N_("方案的名字 40 个字以内，说明 1000 个字以内，钱不能是负数。"))
    return {
        "key": key, "label": put.label.strip(), "words": put.words.strip(), "cost_fen": put.cost_fen,
        "attachment_id": str(put.attachment_id) if put.attachment_id else None,
    }  # fmt: skip


def open_poll(poll: Poll, *, by: Actor, now: datetime) -> Poll:
    """Open the sheet: N, R and S are taken from the roll, which is frozen from here on.

    At a table the roll is the register of this moment and its quorum is asked again. A matter in ``deliberating`` moves
    to ``voting``; before a larger body (``ratifying``) nothing moves; elsewhere one may only ask for opinions (R10).
    """
    poll = hold_poll(poll, "draft")
    matter, ballots, sitting = find_matter(poll.matter_id), questions_of(poll.id), sitting_of(poll)
    assert matter is not None
    refuse_second_poll(poll.matter_id)
    if at_table(poll):
        make_roll(poll, by=by, now=now)
    lines, reps, area = roll_totals(poll.id)
    poll.who_may = poll.who_may or voters_words(poll, lines)
    rules.may_open(
        lines, poll.who_may, now, poll.closes_at, area if poll.body == Body.OWNERS else None, Mode(poll.mode)
    ).or_refuse()
    poll.eligible, poll.reps, poll.eligible_area_dm2 = lines, reps, area
    if at_table(poll) and sitting is not None:
        _take_base(poll, sitting, matter)
    poll.state, poll.opened_at, poll.opens_at = "open", now, now
    for ballot in ballots:
        ballot.state, ballot.called_at, ballot.called_by = "open", now, by.id
        ballot.eligible, ballot.reps, ballot.eligible_area_dm2 = poll.eligible, poll.reps, poll.eligible_area_dm2
        ballot.present = lines if at_table(poll) else 0
    db.session.flush()
    tell_opening(poll, matter, ballots, by, now)
    return poll


def _take_base(poll: Poll, sitting: Sitting, matter: Matter) -> None:
    here = presence(sitting, matter.id)
    asked = rules.own_quorum(Body(poll.body), here.quorum)
    condition = rules.quorum_condition(here.eligible, here.present, asked)
    if not condition.met:
        raise Refused(
            N_("人数不够，不能表决：应到 %(eligible)s 人，要 %(needed)s 人，现在到了 %(present)s 人。可以改成恳谈。"),
            **condition.values,
        )
    poll.eligible = here.eligible
    if poll.body == Body.REPS:
        poll.reps = roll_totals(poll.id, sitting)[1]


def end_voting(poll: Poll, *, by: Actor, now: datetime) -> Poll:
    """Shut the online box. Waits for every vote that was let in; whoever comes later is told it is over."""
    lock_box(poll.id, alone=True)
    poll = hold_poll(poll, "open")
    if by.kind != "system":
        duty(sitting_of(poll) if at_table(poll) else None, by)
    poll.state, poll.ended_at = "counting", now
    db.session.flush()
    matter = find_matter(poll.matter_id)
    if matter is not None:
        record(matter, "end_voting", by=by, now=now, words=f"「{poll.title}」投票结束，开始计票。")
    return poll


def void_poll(poll: Poll, reason: str, *, by: Actor, now: datetime) -> Poll:
    """Declare a poll void before it was counted; its votes count for nothing and a sealed box stays sealed.

    The matter stays where it is: no move leads from ``voting`` back to the table, so the next poll opens from there.
    """
    if not reason.strip() or len(reason) > 1_000:
        raise Refused(N_("为什么作废，要写上，1000 个字以内。"))
    lock_box(poll.id, alone=True)
    poll = hold_poll(poll, "draft", "open", "counting")
    duty(sitting_of(poll) if at_table(poll) else None, by)
    was, poll.state, poll.void_reason = poll.state, "void", reason.strip()
    for ballot in questions_of(poll.id):
        ballot.state = "void"
    db.session.flush()
    matter = find_matter(poll.matter_id)
    if matter is not None and was != "draft":
        record(matter, "void_poll", by=by, now=now, words=f"「{poll.title}」这次投票作废。", reason=reason.strip())
    return poll
