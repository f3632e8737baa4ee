"""Reading what is on paper: sheets keyed in, stubs handed out, hands written down, ballots declared void."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app.flow.decide.models import Ballot, BallotStub, HandsCount, PaperSheet, Replacement, RollEntry
from tenants.database import db
from tenants.scope import current_community


def sheets_of(poll_id: UUID) -> list[PaperSheet]:
    """The papers keyed in so far, by their running number. A paper whose stub two people voided is left out."""
    void = select(BallotStub.id).where(
        BallotStub.community_id == current_community(), BallotStub.poll_id == poll_id, BallotStub.state == "void"
    )
    return list(
        db.session.scalars(
            select(PaperSheet)
            .where(
                PaperSheet.community_id == current_community(), PaperSheet.poll_id == poll_id,
                or_(PaperSheet.stub_id.is_(None), PaperSheet.stub_id.not_in(void)),
            )
            .order_by(PaperSheet.number)
        )
    )  # fmt: skip


def find_sheet(poll_id: UUID, sheet_id: UUID) -> PaperSheet | None:
    """One paper of a poll, read anew."""
    return db.session.scalar(
        select(PaperSheet)
        .where(PaperSheet.community_id == current_community(), PaperSheet.poll_id == poll_id, PaperSheet.id == sheet_id)
        .execution_options(populate_existing=True)
    )


def serials_of(sheets: Iterable[PaperSheet]) -> dict[UUID, int]:
    """The printed number of each named paper, by sheet."""
    wanted = {sheet.stub_id: sheet.id for sheet in sheets if sheet.stub_id}
    rows = db.session.execute(
        select(BallotStub.id, BallotStub.serial).where(
            BallotStub.community_id == current_community(), BallotStub.id.in_(wanted)
        )
    )
    return {wanted[stub_id]: serial for stub_id, serial in rows}


def stubs_of(poll_id: UUID) -> list[tuple[BallotStub, RollEntry | None]]:
    """Every stub with the line it went to, by number."""
    return [(stub, line) for stub, line in db.session.execute(_stubs(poll_id).order_by(BallotStub.serial))]


def stubs_page(
    poll_id: UUID, n: int, offset: int = 0, state: str = ""
) -> tuple[list[tuple[BallotStub, RollEntry | None]], int]:
    """A page of the stubs by number, all or those in one state, and how many there are."""
    wanted = _stubs(poll_id)
    if state:
        wanted = wanted.where(BallotStub.state == state)
    rows = db.session.execute(wanted.order_by(BallotStub.serial).limit(n).offset(offset)).all()
    total = db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(BallotStub.id).subquery()))
    return [(stub, line) for stub, line in rows], int(total or 0)


def _stubs(poll_id: UUID) -> Any:
    line = and_(RollEntry.community_id == BallotStub.community_id, RollEntry.id == BallotStub.voter_id)
    return (
        select(BallotStub, RollEntry)
        .outerjoin(RollEntry, line)
        .where(BallotStub.community_id == current_community(), BallotStub.poll_id == poll_id)
    )


def hands_of(poll_id: UUID) -> list[HandsCount]:
    """The hands counted so far, question by question."""
    return list(
        db.session.scalars(
            select(HandsCount)
            .join(Ballot, and_(Ballot.community_id == HandsCount.community_id, Ballot.id == HandsCount.ballot_id))
            .where(HandsCount.community_id == current_community(), Ballot.poll_id == poll_id)
            .order_by(Ballot.position)
        )
    )


def replacements_of(poll_id: UUID, voter_id: UUID) -> list[Replacement]:
    """The ballots of one line that two people declared void, oldest first."""
    return list(
        db.session.scalars(
            select(Replacement)
            .where(
                Replacement.community_id == current_community(), Replacement.poll_id == poll_id,
                Replacement.voter_id == voter_id,
            )
            .order_by(Replacement.at)
        )
    )  # fmt: skip
