"""The papers out of the urn: keyed in by one, read again by another, and counted only when both readings agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.flow.decide.box import drop_papers
from app.flow.decide.casting import Mode, may_count_paper
from app.flow.decide.choices import check_sheet_of
from app.flow.decide.holding import at_table, duty, hold_poll, sitting_of
from app.flow.decide.models import BallotStub, PaperSheet, Poll, RollEntry, Vote
from app.flow.decide.poll_queries import find_poll, find_sheet, questions_of
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, row_key, uuid7
from tenants.scope import current_community


def enter_sheet(
    poll: Poll, choices: Mapping[UUID, str], *, serial: int | None = None, by: Actor, now: datetime
) -> PaperSheet:
    """Key in one paper: ``{question: choice}``, ``spoiled`` where it says nothing. Only after online voting has ended.

    A named paper is entered under its number and must have been handed to somebody who has not voted another way; a
    secret one carries no number, and there are no more of them than came back.
    """
    poll = hold_poll(poll, "open", "counting")
    may_count_paper(poll.state == "open").or_refuse()
    by = duty(sitting_of(poll) if at_table(poll) else None, by)
    check_sheet_of(questions_of(poll.id), choices, paper=True)
    stub = _named_stub(poll, serial) if poll.mode == Mode.NAMED else None
    if stub is None:
        if serial is not None:
            raise Refused(N_("无记名的票上没有号，不要对号录。"))
        _no_more_than_came_back(poll)
    last = db.session.scalar(
        select(func.max(PaperSheet.number)).where(
            PaperSheet.community_id == current_community(), PaperSheet.poll_id == poll.id
        )
    )
    sheet = PaperSheet(
        id=uuid7(), poll_id=poll.id, number=(last or 0) + 1, stub_id=stub.id if stub else None,
        choices={str(key): choice for key, choice in choices.items()}, entered_by=by.id, entered_label=by.label,
        entered_at=now,
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    return sheet


def _no_more_than_came_back(poll: Poll) -> None:
    keyed, returned = db.session.execute(
        select(
            select(func.count()).select_from(PaperSheet)
            .where(PaperSheet.community_id == current_community(), PaperSheet.poll_id == poll.id).scalar_subquery(),
            select(func.count()).select_from(BallotStub)
            .where(BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id,
                   BallotStub.state == "returned").scalar_subquery(),
        )
    ).one()  # fmt: skip
    if keyed >= returned:
        raise Refused(N_("收回来的 %(returned)s 张纸票都录过了；还有的话，先登记收回。"), returned=returned)


def _named_stub(poll: Poll, serial: int | None) -> BallotStub:
    if serial is None:
        raise Refused(N_("记名票要写票号。"))
    found = db.session.execute(
        select(BallotStub, RollEntry.channel)
        .outerjoin(
            RollEntry,
            (RollEntry.community_id == BallotStub.community_id) & (RollEntry.id == BallotStub.voter_id),
        )
        .where(
            BallotStub.community_id == current_community(), BallotStub.poll_id == poll.id, BallotStub.serial == serial
        )
    ).one_or_none()  # fmt: skip
    if found is None:
        raise Missing(N_("没有这个号的票。"))
    stub, channel = found
    if stub.state not in ("issued", "returned"):
        raise Refused(N_("%(serial)s 号票没发给谁，或者作废了，不能算。"), serial=serial)
    if channel not in ("", "paper"):
        raise Refused(N_("这一位已经投过了，先投的那张算数；这张请作废。"))
    keyed = select(PaperSheet.id).where(PaperSheet.community_id == current_community(), PaperSheet.stub_id == stub.id)
    if db.session.scalar(keyed):
        raise Refused(N_("%(serial)s 号票已经录过了。"), serial=serial)
    return stub


def check_sheet(sheet: PaperSheet, choices: Mapping[UUID, str], *, by: Actor, now: datetime) -> PaperSheet:
    """Read a paper a second time, by another person. Where the readings differ, either of the two looks again.

    Once they agree the paper counts: a named one locks its line and writes the votes, a secret one falls into the box.
    """
    poll = find_poll(sheet.poll_id)
    if poll is None:
        raise Missing(N_("没有这次投票。"))
    poll = hold_poll(poll, "counting")
    held = find_sheet(poll.id, sheet.id)
    if held is None:
        raise Missing(N_("没有这张票。"))
    by = duty(sitting_of(poll) if at_table(poll) else None, by)
    if held.state == "checked":
        raise Refused(N_("这张票已经核过了。"))
    check_sheet_of(questions_of(poll.id), choices, paper=True)
    read = {str(key): choice for key, choice in choices.items()}
    if by.id != held.entered_by:
        held.checked_choices, held.checked_by, held.checked_label, held.checked_at = read, by.id, by.label, now
    elif held.state == "differs":
        held.choices, held.entered_at = read, now
    else:
        raise Refused(N_("录的人不能核自己录的票，换一位来核。"))
    held.state = "checked" if held.choices == held.checked_choices else "differs"
    db.session.flush()
    if held.state == "checked":
        _take(poll, held, now)
    return held


def _take(poll: Poll, sheet: PaperSheet, now: datetime) -> None:
    choices = {UUID(key): choice for key, choice in sheet.choices.items()}
    if sheet.stub_id is None:
        drop_papers(poll.id, choices)
        return
    stub = db.session.get(BallotStub, (current_community(), sheet.stub_id), populate_existing=True)
    if stub is None or stub.voter_id is None or stub.state not in ("issued", "returned"):
        raise Refused(N_("这张票已经作废了，不能算。"))
    line = db.session.get(RollEntry, (current_community(), stub.voter_id), with_for_update=True, populate_existing=True)
    if line is None or line.recused or line.channel not in ("", "paper"):
        raise Refused(N_("这一位已经投过了，先投的那张算数；这张请作废。"))
    line.channel = "paper"
    if stub.state == "issued":
        stub.state, stub.returned_at = "returned", now
    db.session.flush()
    _write_votes(line.id, choices, now)


def _write_votes(voter_id: UUID, choices: Mapping[UUID, str], now: datetime) -> None:
    """A vote that was declared void leaves its row; the paper that takes its place stands in it."""
    rows = [
        row_key() | {"ballot_id": key, "voter_id": voter_id, "choice": choice, "channel": "paper", "seq": 1, "at": now}
        for key, choice in choices.items()
    ]
    statement = insert(Vote)
    new = statement.excluded
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["community_id", "ballot_id", "voter_id"],
            set_={"choice": new.choice, "channel": new.channel, "seq": Vote.seq + 1, "at": new.at},
        ),
        rows,
    )
