"""Paper, hands and proxies: stubs handed out and taken back, sheets keyed in twice, hands counted by two.

The first valid ballot locks the voter's line, whichever way it came. A named one is replaced only after two staff have
declared it void with a reason; a secret one never, because nobody may know which paper it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.decide import casting, rules
from app.flow.decide.box import lock_box
from app.flow.decide.casting import Mode
from app.flow.decide.choices import VOIDED
from app.flow.decide.hands import count_hands_of
from app.flow.decide.holding import at_table, duty, hold_poll, second_person, sitting_of
from app.flow.decide.models import BallotStub, Poll, Replacement, RollEntry, Vote
from app.flow.decide.poll_queries import find_line, questions_of
from app.flow.decide.rules import Body
from app.flow.decide.sheets import check_sheet, enter_sheet
from app.people.actor import Actor
from app.people.secrets import blind, new_code, tidy_code
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

__all__ = [
    "Printed",
    "check_sheet",
    "count_hands_of",
    "enter_sheet",
    "find_stub",
    "give_proxy",
    "issue_stub",
    "issue_to_roll",
    "print_stubs",
    "replace_vote",
    "return_stub",
    "void_stub",
]

MOST_AT_ONCE, SLIP_LETTERS = 2_000, 8


@dataclass(frozen=True)
class Printed:
    """One printed ballot: the number on its stub and the code on its slip, in clear only now."""

    serial: int
    code: str


def print_stubs(poll: Poll, n: int, *, by: Actor, now: datetime) -> list[Printed]:
    """Number ``n`` more ballots for printing; numbers grow and are never used twice."""
    poll = _on_duty(hold_poll(poll, "draft", "open"), by)
    if not poll.paper:
        raise Refused(N_("这次不用纸票。"))
    if not 1 <= n <= MOST_AT_ONCE:
        raise Refused(N_("一次印 1 到 %(most)s 张。"), most=MOST_AT_ONCE)
    first = poll.last_serial + 1
    printed = [Printed(serial, new_code(SLIP_LETTERS)) for serial in range(first, first + n)]
    db.session.add_all(
        BallotStub(poll_id=poll.id, serial=one.serial, code_hmac=blind("stub", one.code)) for one in printed
    )
    poll.last_serial += n
    db.session.flush()
    return printed


def find_stub(poll: Poll, typed: str) -> BallotStub | None:
    """The stub by the number on it or by the letters of its slip, as typed or scanned."""
    plain = tidy_code(typed)[-40:]
    wanted = select(BallotStub).where(BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id)
    if plain.isascii() and plain.isdigit() and len(plain) <= 6:
        return db.session.scalar(wanted.where(BallotStub.serial == int(plain)))
    return db.session.scalar(wanted.where(BallotStub.code_hmac == blind("stub", plain))) if plain else None


def issue_stub(poll: Poll, serial: int, voter_id: UUID, *, by: Actor, now: datetime) -> BallotStub:
    """Hand a printed ballot to one voter who has not voted and holds no other."""
    poll = _on_duty(hold_poll(poll, "open"), by)
    stub, line = _stub(poll, serial), _line(poll, voter_id)
    if stub.state != "printed":
        raise Refused(N_("%(serial)s 号票已经发过了。"), serial=serial)
    if line.channel:
        raise Refused(N_("%(name)s 已经投过了，不能再发票。"), name=line.name)
    if _stub_of(poll, voter_id) is not None:
        raise Refused(N_("%(name)s 手里已经有一张票了，先把那张作废。"), name=line.name)
    stub.voter_id, stub.state, stub.issued_at, stub.issued_label = voter_id, "issued", now, by.label
    db.session.flush()
    return stub


def issue_to_roll(poll: Poll, *, by: Actor, now: datetime) -> list[tuple[Printed, UUID]]:
    """One numbered ballot for everybody on the roll who has neither voted nor holds one, in the order of the roll.

    For papers that are carried from door to door: printed and handed out in one go, each with the line it went to.
    """
    poll = _on_duty(hold_poll(poll, "open"), by)
    holds = select(BallotStub.id).where(
        BallotStub.community_id == RollEntry.community_id, BallotStub.voter_id == RollEntry.id,
        BallotStub.state.in_(("issued", "returned")),
    )  # fmt: skip
    waiting = db.session.scalars(
        select(RollEntry.id)
        .where(
            RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id, RollEntry.channel == "",
            ~RollEntry.recused, ~holds.exists(),
        )
        .order_by(RollEntry.position, RollEntry.name)
    ).all()  # fmt: skip
    if not waiting:
        raise Refused(N_("名单上的人手里都有票了，或者都投过了。"))
    printed = print_stubs(poll, len(waiting), by=by, now=now)
    given = dict(zip([one.serial for one in printed], waiting, strict=True))
    for stub in db.session.scalars(
        select(BallotStub).where(
            BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id,
            BallotStub.serial.in_(given),
        )
    ):  # fmt: skip
        stub.voter_id, stub.state, stub.issued_at, stub.issued_label = given[stub.serial], "issued", now, by.label
    db.session.flush()
    return list(zip(printed, waiting, strict=True))


def return_stub(poll: Poll, serial: int, *, by: Actor, now: datetime) -> BallotStub:
    """Take a ballot back: from here on its voter has voted, on paper, unless an online vote came first.

    In a secret poll no moment is kept, so that nobody can lay stubs and papers side by side.
    """
    poll = _on_duty(hold_poll(poll, "open", "counting"), by)
    stub = _stub(poll, serial)
    if stub.state != "issued" or stub.voter_id is None:
        raise Refused(N_("%(serial)s 号票没发出去，或者已经收回、作废了。"), serial=serial)
    lock_line(poll, stub.voter_id, "paper")
    stub.state, stub.returned_at = "returned", None if poll.mode == Mode.SECRET else now
    db.session.flush()
    return stub


def lock_line(poll: Poll, voter_id: UUID, channel: str) -> None:
    """Compare and swap: the line is locked by the first ballot; raises ``Refused`` when another way was first."""
    done = db.session.execute(
        update(RollEntry)
        .where(
            RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id, RollEntry.id == voter_id,
            RollEntry.channel == "", ~RollEntry.recused,
        )
        .values(channel=channel)
    )  # fmt: skip
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这一位已经投过了，先投的那张算数；这张请作废。"))


def void_stub(poll: Poll, serial: int, reason: str, *, second: Any, by: Actor, now: datetime) -> BallotStub:
    """Declare a ballot void that has not come back; the same voter may then be handed another."""
    poll = _on_duty(hold_poll(poll, "draft", "open", "counting"), by)
    stub = _stub(poll, serial)
    if stub.state not in ("printed", "issued"):
        raise Refused(N_("%(serial)s 号票已经收回，不能直接作废。"), serial=serial)
    casting.may_replace(reason, 2).or_refuse()
    _, name = second_person(second, by)
    _void(stub, reason, by.label, name)
    return stub


def _void(stub: BallotStub, reason: str, first: str, second: str) -> None:
    if first == second:
        raise Refused(N_("要两个人一起办，请选另一位。"))
    stub.state, stub.void_reason, stub.voided_by, stub.voided_with = "void", reason.strip()[:1000], first, second
    db.session.flush()


def replace_vote(poll: Poll, voter_id: UUID, reason: str, *, second: Any, by: Actor, now: datetime) -> Replacement:
    """Declare a named ballot void so that another may take its place; a hand raised in a room is nobody's line."""
    lock_box(poll.id, alone=True)
    poll = _on_duty(hold_poll(poll, "open", "counting"), by)
    if poll.mode == Mode.SECRET:
        raise Refused(N_("无记名票投进去就分不出是谁的，不能作废重投。"))
    casting.may_replace(reason, 2).or_refuse()
    second_id, second_name = second_person(second, by)
    line = _line(poll, voter_id)
    if not line.channel:
        raise Refused(N_("%(name)s 还没投，没有票要作废。"), name=line.name)
    was, line.channel = line.channel, ""
    stub = _stub_of(poll, voter_id)
    if stub is not None and stub.state == "returned":
        _void(stub, reason, by.label, second_name)
    db.session.execute(
        update(Vote)
        .where(
            Vote.community_id == current_community(), Vote.voter_id == voter_id,
            Vote.ballot_id.in_([ballot.id for ballot in questions_of(poll.id)]),
        )
        .values(choice=VOIDED)
    )  # fmt: skip
    done = Replacement(
        poll_id=poll.id, voter_id=voter_id, channel=was, reason=reason.strip()[:1000], first_id=by.id,
        first_label=by.label, second_id=second_id, second_label=second_name, at=now,
    )  # fmt: skip
    db.session.add(done)
    db.session.flush()
    return done


def give_proxy(
    poll: Poll, voter_id: UUID, *, name: str, scope: str, until: datetime | None, seen_by: str, by: Actor, now: datetime
) -> RollEntry:  # fmt: skip
    """Write down a written proxy of an owner; it counts for its principal alone, once. Refused for every other body."""
    poll = _on_duty(hold_poll(poll, "draft", "open"), by)
    rules.may_give_proxy(Body(poll.body), name, scope, seen_by, until, now).or_refuse()
    if max(len(name.strip()), len(seen_by.strip())) > 40 or len(scope.strip()) > 500:
        raise Refused(N_("名字 40 个字以内，委托的事 500 个字以内。"))
    line = _line(poll, voter_id)
    if line.channel:
        raise Refused(N_("%(name)s 已经投过了，不用再委托。"), name=line.name)
    line.proxy_name, line.proxy_scope = name.strip(), scope.strip()
    line.proxy_until, line.proxy_seen_by = until, seen_by.strip()
    db.session.flush()
    return line


def _on_duty(poll: Poll, by: Actor) -> Poll:
    duty(sitting_of(poll) if at_table(poll) else None, by)
    return poll


def _stub(poll: Poll, serial: int) -> BallotStub:
    found = db.session.scalar(
        select(BallotStub)
        .where(BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id,
               BallotStub.serial == serial)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if found is None:
        raise Missing(N_("没有这张票条，号或者码再看一遍。"))
    return found


def _stub_of(poll: Poll, voter_id: UUID) -> BallotStub | None:
    """The ballot this voter holds or has given back."""
    return db.session.scalar(
        select(BallotStub)
        .where(
            BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id,
            BallotStub.voter_id == voter_id, BallotStub.state.in_(("issued", "returned")),
        )
        .limit(1)
    )  # fmt: skip


def _line(poll: Poll, voter_id: UUID) -> RollEntry:
    line = find_line(poll.id, voter_id)
    if line is None:
        raise Missing(N_("名单上没有这一位。"))
    db.session.refresh(line)
    if line.recused:
        raise Refused(N_("%(name)s 回避了，不参加表决。"), name=line.name)
    return line
