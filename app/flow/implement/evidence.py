"""What this room finds on record for a matter, as keys of ``app.matter.needs``, in one statement."""

from __future__ import annotations

from sqlalchemy import and_, case, exists, func, select

from app.flow.implement.models import ProgressNote, Verification
from app.flow.implement.money_queries import named_in_account, recorded
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter) -> frozenset[str]:
    """Keys for promises, progress, money and the look at the work of the current round."""
    row = db.session.execute(_question(matter)).one()
    found = {"commitments"} if row.promised else set()
    if row.promised and not row.open:
        found.add("all_done")
    if row.promised and row.verified == row.promised:
        found.add("all_verified")
    if row.noted:
        found.add("progress_note")
    if row.promised and _is_accounted_for(row):
        found.add("money_recorded")
        found |= {"cost_compared"} if row.passed else set()
    found |= {"resident_witness"} if row.looked else set()
    found |= {"fault_found"} if row.failed else set()
    return frozenset(found)


def _is_accounted_for(row) -> bool:  # type: ignore[no-untyped-def]
    """Each task that plans money says what it cost, or a bill does; and a budget of the account has its cost too."""
    tasks_told = not row.unpaid or row.loose_bills
    return bool(tasks_told and (row.billed or row.told or not row.budgeted))


def _question(matter: Matter):  # type: ignore[no-untyped-def]
    here = current_community()

    def of(*more):  # type: ignore[no-untyped-def]
        return func.count(case((and_(*more), 1)))

    looks = exists().where(
        Verification.community_id == here, Verification.matter_id == matter.id, Verification.round == matter.round
    )
    notes = exists().where(ProgressNote.community_id == here, ProgressNote.matter_id == matter.id)
    counted = Commitment.state != "dropped"
    return select(
        of(counted).label("promised"), of(Commitment.state == "open").label("open"),
        of(Commitment.state == "verified").label("verified"),
        of(counted, Commitment.planned_fen > 0, Commitment.actual_fen.is_(None), ~named_in_account()).label("unpaid"),
        of(Commitment.actual_fen.is_not(None)).label("told"),
        *(there.label(name) for name, there in recorded(matter).items()),
        notes.label("noted"), looks.label("looked"), looks.where(Verification.passed.is_(True)).label("passed"),
        looks.where(Verification.passed.is_(False)).label("failed"),
    ).where(Commitment.community_id == here, Commitment.matter_id == matter.id)  # fmt: skip
