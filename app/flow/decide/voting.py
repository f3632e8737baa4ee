"""Casting a vote: named or secret, one question or a whole sheet. One that races the close is counted or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.errors import Missing, NotAllowed, Refused
from app.flow.decide.box import enter, enter_poll, lock_box, put_named, put_secret
from app.flow.decide.calling import COUNCIL_RULES, LONGEST_QUESTION, allowed_rules, call_vote
from app.flow.decide.casting import Mode
from app.flow.decide.choices import CHOICE_LABELS, CHOICES, VOIDED, check_sheet_of, choices_of
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.queries import standing, verdict_of
from app.flow.deliberate.table import account_id_of
from app.people.actor import Actor
from app.people.secrets import blind, new_code
from app.words import N_
from tenants.database import db

__all__ = [
    "CHOICES",
    "CHOICE_LABELS",
    "COUNCIL_RULES",
    "LONGEST_QUESTION",
    "PollReceipt",
    "Receipt",
    "allowed_rules",
    "call_vote",
    "cast_as_typed",
    "cast_poll",
    "cast_vote",
    "lock_box",
    "receipt_hmac_of",
]

RECEIPT_LETTERS = 10


@dataclass(frozen=True)
class Receipt:
    """What stands on record for one voter after casting."""

    ballot_id: UUID
    choice: str
    seq: int
    at: datetime


@dataclass(frozen=True)
class PollReceipt:
    """A named sheet has ``at``; a secret one has no moment, only the random ``code`` shown this once."""

    poll_id: UUID
    code: str | None
    seq: int
    at: datetime | None


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
    if seq < 1:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    found = enter(ballot_id, voter)
    # An option is chosen on the sheet; a yes to "which one" would be a vote for nothing that still counts as valid.
    if choice not in CHOICES or (found is not None and choice not in choices_of(found)):
        raise Refused(N_("选一个：同意、不同意，或者弃权。"))
    kept = None
    if found is not None and found.line is not None:
        kept = put_named(found.poll_id, found.line, {ballot_id: choice}, seq, now).one_or_none()
    if kept is None:
        kept = _why_not(ballot_id, voter, choice, seq, now)
    return Receipt(ballot_id, kept.choice, kept.seq, kept.at)


def cast_poll(poll_id: UUID, account: Any, choices: Mapping[UUID, str], seq: int, *, now: datetime) -> PollReceipt:
    """Cast a whole sheet at once, every question answered, abstaining included.

    Named: ``seq`` grows with each change of mind, a retry of the same one counts once. Secret: once and for all, and
    the receipt's random code proves that a ballot came and nothing else. Two statements when it is let in.
    """
    voter = account_id_of(account)
    asked = enter_poll(poll_id, voter)
    if not asked:
        raise Missing(N_("没有这次投票。"))
    if seq < 1:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    check_sheet_of(asked, choices)
    line_id: UUID | None = asked[0].line
    if asked[0].mode == Mode.SECRET:
        return _cast_secret(poll_id, voter, line_id, choices, now)
    kept = put_named(poll_id, line_id, choices, seq, now).all() if line_id else []
    if len(kept) == len(choices):
        return PollReceipt(poll_id, None, seq, now)
    rows = [_why_not(ballot_id, voter, choice, seq, now) for ballot_id, choice in choices.items()]
    return PollReceipt(poll_id, None, max(row.seq for row in rows), max(row.at for row in rows))


def cast_as_typed(
    poll_id: UUID, account: Any, typed: Callable[[int], str], seq: int, *, now: datetime
) -> PollReceipt | None:  # fmt: skip
    """A named sheet that is plainly right, in two statements: what nearly every voter sends in the busy minute.

    ``typed`` gives the choice of a question by its position. None where anything else is the case (a secret poll, no
    line on the roll, a question left open, a closed box): whoever asked then goes the long way, which says why.
    """
    asked = enter_poll(poll_id, account_id_of(account))
    if not asked or asked[0].mode != Mode.NAMED or asked[0].line is None or seq < 1:
        return None
    choices = {row.id: typed(row.position) for row in asked}
    if any(choices[row.id] not in choices_of(row) for row in asked):
        return None
    kept = put_named(poll_id, asked[0].line, choices, seq, now).all()
    return PollReceipt(poll_id, None, seq, now) if len(kept) == len(choices) else None


def _cast_secret(
    poll_id: UUID, voter: UUID, line_id: UUID | None, choices: Mapping[UUID, str], now: datetime
) -> PollReceipt:
    code = new_code(RECEIPT_LETTERS)
    if line_id is None or not put_secret(poll_id, line_id, choices, receipt_hmac_of(code), now):
        _why_not(next(iter(choices)), voter, "", 0, now)
    return PollReceipt(poll_id, code, 1, None)


def receipt_hmac_of(code: str) -> str:
    """The fingerprint by which a receipt is found again; the code itself is kept nowhere."""
    return blind("receipt", code)


def _why_not(ballot_id: UUID, voter: UUID, choice: str, seq: int, now: datetime) -> Any:
    """What stands on record for the same vote sent once more; otherwise raise the reason why it was not taken."""
    what = (Poll.state, Poll.mode, Poll.online, Poll.changeable, Poll.closes_at, Poll.sitting_id, Ballot.matter_id)
    row = db.session.execute(standing(ballot_id, voter, *what)).one_or_none()
    if row is None or row.mode is None:
        raise Missing(N_("没有这次表决。"))
    if row.choice and (row.choice, row.seq) == (choice, seq):
        return row
    verdict_of(row, now).or_refuse()
    if row.choice is None or row.choice == VOIDED:
        raise Refused(N_("这一页放得太久了，请重新打开再投。"))
    if row.choice != choice:
        raise Refused(
            N_("您在另一个页面已经投了「%(choice)s」，那一票算数。要改请重新打开这一页。"),
            choice=CHOICE_LABELS.get(row.choice, row.choice),
        )
    return row
