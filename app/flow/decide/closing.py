"""Closing a poll: counting every question, saying what came of it, and what that does to the matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select, text, update

from app.errors import Missing, Refused
from app.flow.decide.box import lock_box
from app.flow.decide.casting import Mode, hides_its_voters
from app.flow.decide.counting import signed_by
from app.flow.decide.evidence import gathered
from app.flow.decide.holding import at_table, duty, hold_poll, sitting_of
from app.flow.decide.models import Ballot, BallotStub, HandsCount, PaperSheet, Poll
from app.flow.decide.poll_queries import hands_of, progress, questions_of, sheets_of
from app.flow.decide.queries import count_of, movers_of, option_labels, result_of, votes_of
from app.flow.decide.rules import Outcome, Rule, outcome
from app.flow.decide.tallying import heaps_of, turnout_at_count, write_figures
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.table import account_id_of
from app.matter import needs
from app.matter.actions import find_matter, move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def close_poll(poll: Poll, *, teller: Any, scrutineer: Any, by: Actor, now: datetime) -> Poll:
    """Count and declare. The voting must have been ended in an earlier, committed transaction.

    Every paper is keyed and checked, hands are counted for every question, every sum adds up; otherwise ``Refused``
    and nothing is declared. A secret box with one to four ballots stays sealed: even its total would tell who chose
    what, so such a poll can only be voided.

    A matter in ``voting`` moves: every question passed adopts it, one that failed rejects it, a lost quorum adjourns
    it, a tie among options waits for the run-off. Elsewhere nothing moves.
    """
    lock_box(poll.id, alone=True)
    poll = hold_poll(poll, "counting")
    by = duty(sitting_of(poll) if at_table(poll) else None, by)
    if poll.mode == Mode.SECRET and _ended_just_now(poll):
        raise Refused(N_("先结束投票，再开票箱。"))
    ballots, matter = questions_of(poll.id), find_matter(poll.matter_id)
    if matter is None or not ballots:
        raise Missing(N_("没有这次投票。"))
    signed = signed_by(poll.matter_id, account_id_of(teller), account_id_of(scrutineer))
    hands = _all_counted(poll, ballots)
    seen = turnout_at_count(poll, progress(poll).issued)
    if poll.mode == Mode.SECRET and not hides_its_voters(seen.online + seen.paper):
        raise Refused(
            N_("无记名票只来了 %(n)s 张，开了箱就看得出谁投了什么。不到 5 张不开箱：请作废这一次，另外再投。"),
            n=seen.online + seen.paper,
        )  # fmt: skip
    heaps = heaps_of(poll, ballots)
    for ballot in ballots:
        write_figures(poll, ballot, heaps[ballot.id], seen, hands.get(ballot.id, 0))
        _sign(ballot, signed)
        _declare(poll, ballot, now)
    _sign(poll, signed)
    poll.state, poll.closed_at = "closed", now
    if poll.mode == Mode.SECRET:
        _forget_readings(poll.id)
    db.session.flush()
    counter = by.as_capacity(Role.TELLER, *((Role.PROPOSER,) if by.id in movers_of(matter.id) else ()))
    _tell(poll, matter, ballots, counter, now)
    return poll


def _ended_just_now(poll: Poll) -> bool:
    """Whether this very transaction ended the voting: were it undone, a box once opened would stay readable."""
    mine = text("pg_current_xact_id_if_assigned()::text::bigint & 4294967295")
    wrote = select(literal_column("xmin::text::bigint"), mine).select_from(Poll.__table__)
    row = db.session.execute(
        wrote.where(Poll.__table__.c.community_id == current_community(), Poll.__table__.c.id == poll.id)
    ).one()
    return bool(row[0] == row[1])


def _all_counted(poll: Poll, ballots: Sequence[Ballot]) -> dict[UUID, int]:
    """The hands present by question, after every paper was read twice and every question's hands were counted."""
    if poll.paper:
        _papers_are_in(sheets_of(poll.id), progress(poll).returned)
    counted: list[HandsCount] = hands_of(poll.id) if poll.hands else []
    if poll.hands and {row.ballot_id for row in counted} != {ballot.id for ballot in ballots}:
        raise Refused(N_("还有问题没数手，先把人数记下来；没有人举手就记 0。"))
    if counted and _paper_came_later(poll, min(row.at for row in counted)):
        raise Refused(N_("数过手以后又收回了纸票：那一位要是举过手就重了。举手的人数再核一遍，重新记下。"))
    return {row.ballot_id: row.present for row in counted}


def _paper_came_later(poll: Poll, hands_at: datetime) -> bool:
    """Whether a paper came back after the hands were counted: nobody knows whose hand it was, so they are asked anew.

    Hands are never raised in a secret poll, and a named paper keeps its moment.
    """
    last = db.session.scalar(
        select(func.max(BallotStub.returned_at)).where(
            BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id,
            BallotStub.state == "returned",
        )
    )  # fmt: skip
    return last is not None and last > hands_at


def _forget_readings(poll_id: UUID) -> None:
    """What was read off each secret paper lies in the box by now. Kept beside the roll, a few papers would tell whose
    they were, and in which order they came out of the urn."""
    db.session.execute(
        update(PaperSheet)
        .where(PaperSheet.community_id == current_community(), PaperSheet.poll_id == poll_id)
        .values(choices={}, checked_choices={})
    )


def _papers_are_in(sheets: Sequence[PaperSheet], returned: int) -> None:
    unchecked = sum(sheet.state != "checked" for sheet in sheets)
    if unchecked:
        raise Refused(N_("还有 %(n)s 张纸票没核对好。"), n=unchecked)
    if len(sheets) != returned:
        raise Refused(N_("收回纸票 %(returned)s 张，录了 %(keyed)s 张，对不上。"), returned=returned, keyed=len(sheets))


def _sign(row: Any, signed: dict[str, Any]) -> None:
    for name, value in signed.items():
        setattr(row, name, value)


def _declare(poll: Poll, ballot: Ballot, now: datetime) -> None:
    result, is_run_off = result_of(ballot), poll.run_off_of is not None
    ballot.state, ballot.closed_at, ballot.counted_at = "closed", now, now
    ballot.passed, ballot.legal_effect = result.passed, str(result.legal_effect)
    ballot.outcome = str(outcome(result, count_of(ballot), is_run_off=is_run_off))
    ballot.winner, ballot.run_off = result.winner or "", list(result.run_off)


def words_of(ballot: Ballot) -> str:
    """One question's figures as the timeline tells them, without a name."""
    if ballot.options:
        labels, votes = option_labels(ballot), votes_of(ballot)
        counted = "，".join(f"{label} {votes[key]}" for key, label in labels.items())
    else:
        third = "说不准" if ballot.rule == Rule.SOLICITATION else "弃权"
        counted = f"赞成 {ballot.yes}，反对 {ballot.no}，{third} {ballot.abstain}"
    return f"「{ballot.question}」{counted}" + (f"，废票 {ballot.spoiled}" if ballot.spoiled else "")


def _reasons(ballots: Sequence[Ballot]) -> str:
    found = [c.reason % c.values for b in ballots if not b.passed for c in result_of(b).conditions if not c.met]
    return "；".join(found)


def _tell(poll: Poll, matter: Matter, ballots: Sequence[Ballot], by: Actor, now: datetime) -> None:
    """Move the matter by what came of all questions, or only write down what was counted."""
    figures = "；".join(words_of(ballot) for ballot in ballots)
    data = {"poll": str(poll.id), "outcomes": [ballot.outcome for ballot in ballots]}
    asks = all(ballot.rule == Rule.SOLICITATION for ballot in ballots)
    outcomes = {ballot.outcome for ballot in ballots}
    waits = Outcome.RUN_OFF in outcomes or (Outcome.TIE in outcomes and poll.lot_announced and poll.run_off_of)
    gone = outcomes & {Outcome.FAILED, Outcome.NO_QUORUM} or (Outcome.TIE in outcomes and not waits)
    if matter.stage != Stage.VOTING or asks or (waits and not gone):
        ending = "只听意见，不作决定" if asks else _ending(outcomes, bool(waits))
        record(matter, "close_poll", by=by, now=now, words=f"{figures}。{ending}。", data=data)
        return None
    if Outcome.NO_QUORUM in outcomes:
        move(
            matter, "adjourn", by=by, now=now, evidence=gathered(matter) | {needs.QUORUM_LOST.key}, data=data,
            reason=_reasons(ballots), words=f"{figures}。人数不够，这次不算，另行公告再议。",
        )  # fmt: skip
        return write_outcome(matter, "adjourned")
    passed = all(ballot.passed for ballot in ballots)
    move(
        matter, "adopt" if passed else "reject", by=by, now=now, evidence=gathered(matter), data=data,
        words=f"{figures}。{'通过' if passed else '没通过'}。", reason=_reasons(ballots),
    )  # fmt: skip
    return write_outcome(matter, "passed" if passed else "rejected")


def _ending(outcomes: set[str], waits: bool) -> str:
    if Outcome.RUN_OFF in outcomes:
        return "最多的票数一样，就这几个再投一次"
    if waits:
        return "又是一样多，按事先说好的抽签"
    if Outcome.NO_QUORUM in outcomes:
        return "人数不够，这次不算"
    return "通过" if outcomes == {Outcome.PASSED} else "没通过"


def write_outcome(matter: Matter, outcome: str) -> None:
    """Write what came of it on the agenda it was last put to the vote from."""
    item = db.session.scalar(
        select(AgendaItem)
        .join(Sitting, (Sitting.community_id == AgendaItem.community_id) & (Sitting.id == AgendaItem.sitting_id))
        .where(
            AgendaItem.community_id == current_community(), AgendaItem.matter_id == matter.id,
            AgendaItem.outcome.in_(("", "polled")), Sitting.state != "called_off",
        )
        .order_by(Sitting.created_at.desc())
        .limit(1)
    )  # fmt: skip
    if item is not None:
        item.outcome = outcome
        db.session.flush()
