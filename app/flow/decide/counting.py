"""Counting: hands by two people, named votes by the box, and what the result does to the matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select, update

from app.errors import Missing, Refused
from app.flow.decide import casting
from app.flow.decide.box import lock_box
from app.flow.decide.casting import Mode, Papers
from app.flow.decide.evidence import gathered
from app.flow.decide.models import Ballot, Poll, RollEntry, Vote
from app.flow.decide.queries import count_of, movers_of, result_of, turnout_of
from app.flow.decide.rules import Quorum, is_quorate, outcome
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import current_item, find_sitting, presence
from app.flow.deliberate.table import account_id_of, account_name, in_the_chair
from app.matter import needs
from app.matter.actions import find_matter, move
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def hold_ballot(ballot: Ballot) -> Ballot:
    """Lock the ballot's row and read it anew; raises ``Refused`` when it is no longer open."""
    held = db.session.scalar(
        select(Ballot)
        .where(Ballot.community_id == current_community(), Ballot.id == ballot.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise Missing(N_("没有这次表决。"))
    if held.state != "open":
        raise Refused(N_("这次表决已经结束了。"))
    return held


def count_hands(
    ballot: Ballot, yes: int, no: int, abstain: int, spoiled: int = 0, *, teller: Any, scrutineer: Any, by: Actor,
    now: datetime,
) -> Ballot:  # fmt: skip
    """Write down the hands two different people counted; it may be corrected until the ballot is closed."""
    _, _, _ = ballot_table(ballot, by)
    ballot = hold_ballot(ballot)
    if ballot.mode != Mode.HANDS:
        raise Refused(N_("这次是记名投票，不用数手。"))
    figures = (yes, no, abstain, spoiled)
    if min(figures) < 0:
        raise Refused(N_("人数不能是负数。"))
    if sum(figures) > ballot.present:
        raise Refused(
            N_("到会能表决的 %(present)s 人，数出来 %(counted)s 人，对不上，再数一遍。"),
            present=ballot.present, counted=sum(figures),
        )  # fmt: skip
    _sign(ballot, account_id_of(teller), account_id_of(scrutineer))
    ballot.yes, ballot.no, ballot.abstain, ballot.spoiled = figures
    ballot.issued, ballot.returned = ballot.present, sum(figures)
    ballot.counts = {"hands": dict(zip(("yes", "no", "abstain", "spoiled"), figures, strict=True))}
    ballot.counted_at = now
    db.session.flush()
    return ballot


def close_ballot(ballot: Ballot, *, teller: Any = None, scrutineer: Any = None, by: Actor, now: datetime) -> Ballot:
    """Close the box, count, check the sums, and adopt or reject by the ballot's own rule.

    For hands the two people who counted are taken over from the count. When so many have left that the quorum is lost,
    nothing is decided: the ballot is void and the matter waits for a new notice.
    """
    lock_box(ballot.poll_id or ballot.id, alone=True)
    sitting, matter, by = ballot_table(ballot, by)
    ballot = hold_ballot(ballot)
    if ballot.mode == Mode.CONSENSUS:
        raise Refused(N_("这是当面商定，不用计票。"))
    if ballot.mode == Mode.HANDS and ballot.counted_at is None:
        raise Refused(N_("还没数手，先把人数记下来。"))
    first = account_id_of(teller) if teller is not None else ballot.teller_id
    second = account_id_of(scrutineer) if scrutineer is not None else ballot.scrutineer_id
    movers = _sign(ballot, first, second)
    counter = by.as_capacity(Role.TELLER, *((Role.PROPOSER,) if by.id in movers else ()))
    if ballot.mode == Mode.NAMED:
        _count_votes(ballot)
    if not is_quorate(ballot.eligible, _still_there(ballot, sitting, matter), Quorum(ballot.quorum)):
        return _quorum_lost(ballot, matter, counter, now)
    return _declare(ballot, matter, counter, now)


def ballot_table(ballot: Ballot, by: Actor) -> tuple[Sitting, Matter, Actor]:
    """The locked sitting, the matter, and the actor in the chair or counting there."""
    sitting = find_sitting(ballot.sitting_id) if ballot.sitting_id else None
    matter = find_matter(ballot.matter_id)
    if sitting is None or matter is None:
        raise Missing(N_("没有这次表决。"))
    sitting = hold(sitting)
    on_duty = by.id is not None and by.id in (ballot.teller_id, ballot.scrutineer_id)
    return sitting, matter, by if on_duty else in_the_chair(sitting, by)


def signed_by(matter_id: UUID, teller: UUID | None, scrutineer: UUID | None) -> dict[str, Any]:
    """The two who count, as columns; raises ``Refused`` unless they are two and neither moved the matter."""
    named = (str(teller or ""), str(scrutineer or ""))
    for mover in movers_of(matter_id) or {None}:
        casting.counted_by(*named, str(mover or "-")).or_refuse()
    return {
        "teller_id": teller, "teller_label": account_name(teller),  # type: ignore[arg-type]
        "scrutineer_id": scrutineer, "scrutineer_label": account_name(scrutineer),  # type: ignore[arg-type]
    }  # fmt: skip


def _sign(ballot: Ballot, teller: UUID | None, scrutineer: UUID | None) -> frozenset[UUID]:
    for name, value in signed_by(ballot.matter_id, teller, scrutineer).items():
        setattr(ballot, name, value)
    return movers_of(ballot.matter_id)


def _count_votes(ballot: Ballot) -> None:
    rows = db.session.execute(
        select(Vote.choice, func.count())
        .where(Vote.community_id == current_community(), Vote.ballot_id == ballot.id)
        .group_by(Vote.choice)
    ).all()
    counted = {choice: int(n) for choice, n in rows}
    on_roll, lines = turnout_of(ballot.id)
    cast = sum(counted.values())
    ballot.yes, ballot.no, ballot.abstain = (counted.get(choice, 0) for choice in ("yes", "no", "abstain"))
    ballot.issued, ballot.returned, ballot.counts = on_roll, cast, {"online": counted}
    casting.adds_up(
        Papers(
            issued=on_roll, returned=cast, out=on_roll - lines, valid=cast, spoiled=ballot.spoiled, yes=ballot.yes,
            no=ballot.no, abstain=ballot.abstain,
        )
    ).or_refuse()  # fmt: skip


def _still_there(ballot: Ballot, sitting: Sitting, matter: Matter) -> int:
    """How many of those who may vote are still in the room, or have voted before they left."""
    if ballot.mode == Mode.HANDS:
        return max(presence(sitting, matter.id).present, ballot.yes + ballot.no + ballot.abstain + ballot.spoiled)
    return still_there(ballot.poll_id)


def still_there(poll_id: UUID | None) -> int:
    """How many lines of a roll taken at the table are still in the room, or have voted before they left."""
    here = exists().where(
        Attendance.community_id == RollEntry.community_id, Attendance.id == RollEntry.attendance_id,
        Attendance.state == "present",
    )  # fmt: skip
    found = db.session.scalar(
        select(func.count())
        .select_from(RollEntry)
        .where(
            RollEntry.community_id == current_community(),
            RollEntry.poll_id == poll_id,
            ~RollEntry.recused,
            or_(here, RollEntry.channel != ""),
        )
    )
    return int(found or 0)


def _quorum_lost(ballot: Ballot, matter: Matter, by: Actor, now: datetime) -> Ballot:
    ballot.state, ballot.closed_at, ballot.outcome = "void", now, "no_quorum"
    _shut_poll(ballot, "void", now, void_reason="表决时人走得太多，不够数")
    move(
        matter, "adjourn", by=by, now=now, evidence=gathered(matter) | {needs.QUORUM_LOST.key},
        reason="表决时人走得太多，不够数", words="表决时人数不够，这次不算，另行公告再议。",
    )  # fmt: skip
    _outcome(matter, "adjourned")
    return ballot


def _declare(ballot: Ballot, matter: Matter, by: Actor, now: datetime) -> Ballot:
    result = result_of(ballot)
    ballot.state, ballot.closed_at, ballot.counted_at = "closed", now, now
    ballot.passed, ballot.legal_effect = result.passed, str(result.legal_effect)
    ballot.outcome = str(outcome(result, count_of(ballot)))
    _shut_poll(ballot, "closed", now)
    counted = f"赞成 {ballot.yes}，反对 {ballot.no}，弃权 {ballot.abstain}"
    failed = "；".join(c.reason % c.values for c in result.conditions if not c.met)
    move(
        matter, "adopt" if result.passed else "reject", by=by, now=now, evidence=gathered(matter),
        words=f"{counted}，{'通过' if result.passed else '没通过'}。", reason=failed,
        data={"ballot": str(ballot.id), "yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain,
              "eligible": ballot.eligible, "present": ballot.present},
    )  # fmt: skip
    _outcome(matter, "passed" if result.passed else "rejected")
    return ballot


def _shut_poll(ballot: Ballot, state: str, now: datetime, **more: Any) -> None:
    """The poll of a vote at the table has this one question and ends with it; a show of hands has none."""
    signed = {
        "teller_id": ballot.teller_id, "teller_label": ballot.teller_label, "scrutineer_id": ballot.scrutineer_id,
        "scrutineer_label": ballot.scrutineer_label,
    }  # fmt: skip
    db.session.flush()
    db.session.execute(
        update(Poll)
        .where(Poll.community_id == current_community(), Poll.id == ballot.poll_id)
        .values(state=state, ended_at=now, closed_at=now, **signed, **more)
    )


def _outcome(matter: Matter, outcome: str) -> None:
    found = current_item(matter.id)
    if found:
        found[0].outcome = outcome
        db.session.flush()
