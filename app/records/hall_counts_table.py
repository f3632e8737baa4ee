"""What was sat over, voted, mediated and asked of experts: K10, K12 and K15 of one hall."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.flow.decide.models import Ballot
from app.flow.deliberate.models import Sitting
from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation
from app.matter.models import Matter
from app.records.hall_counting import NOT_COUNTED, histogram, hours_between, if_, row
from app.talent.models import Invitation
from tenants.scope import current_community

#: Everybody agreeing is no vote, and asking people what they think decides nothing.
_NO_VOTE = ("solicitation", "consensus")


def sittings(since: datetime, until: datetime) -> dict[str, int]:
    """Sittings that were opened, those with a quorum; matters put to the vote, those whose last vote passed."""
    here = current_community()
    # A sheet may hold several questions: the matter has passed when its last sheet passed in all of them.
    ranked = (
        select(
            Ballot.matter_id, Ballot.passed,
            func.rank().over(partition_by=Ballot.matter_id, order_by=Ballot.closed_at.desc()).label("place"),
        )
        .join(Matter, and_(Matter.community_id == Ballot.community_id, Matter.id == Ballot.matter_id))
        .where(
            Ballot.community_id == here, Ballot.state == "closed", Ballot.closed_at.between(since, until),
            Ballot.rule.not_in(_NO_VOTE), Ballot.mode != "consensus", Matter.stage.not_in(NOT_COUNTED),
        )
        .subquery()
    )  # fmt: skip
    voted = (
        select(func.bool_and(ranked.c.passed).label("passed"))
        .where(ranked.c.place == 1)
        .group_by(ranked.c.matter_id)
        .subquery()
    )
    return row(
        func.count().label("sittings"), if_(Sitting.quorate).label("sittings_quorate"),
        if_(Sitting.kind == "joint").label("sittings_joint"),
        select(func.count()).select_from(voted).scalar_subquery().label("put_to_vote"),
        select(if_(voted.c.passed)).scalar_subquery().label("vote_passed"),
        where=(
            Sitting.community_id == here, Sitting.opened_at.between(since, until), Sitting.state.in_(("open", "closed"))
        ),
    )  # fmt: skip


def mediations(since: datetime, until: datetime, first: date, last: date, today: date) -> dict[str, int]:
    """Disputes that ended, those by an agreement; what agreements promised for the period and what was performed."""
    here, term = current_community(), AgreementTerm
    fell_due = term.due.between(first, last) & or_(term.due < today, term.done_on.is_not(None))
    terms = (
        select(if_(fell_due).label("due"), if_(fell_due & (term.done_on <= term.due)).label("kept"))
        .join(Agreement, and_(Agreement.community_id == term.community_id, Agreement.id == term.agreement_id))
        .where(term.community_id == here, term.replaced_at.is_(None))
        .where(Agreement.signed_on.is_not(None), Agreement.replaced_at.is_(None))
        .subquery()
    )
    over = Mediation.state.in_(("agreed", "failed")) & Mediation.ended_at.between(since, until)
    return row(
        if_(over).label("disputes_ended"), if_(over & (Mediation.state == "agreed")).label("disputes_agreed"),
        select(terms.c.due).scalar_subquery().label("terms_due"),
        select(terms.c.kept).scalar_subquery().label("terms_kept"),
        where=(Mediation.community_id == here,),
    )  # fmt: skip


def invitations(since: datetime, until: datetime) -> dict[str, Any]:
    """Invitations to experts sent in the period; what was called back is counted nowhere."""
    sent = (
        Invitation.community_id == current_community(), Invitation.sent_at.between(since, until),
        Invitation.state != "revoked",
    )  # fmt: skip
    counted = row(
        func.count().label("invited"),
        if_(Invitation.state.in_(("accepted", "handed_in"))).label("invited_accepted"), where=sent,
    )  # fmt: skip
    hours = hours_between(Invitation.sent_at, Invitation.answered_at)
    return {**counted, "answer_hours": histogram(hours, *sent, Invitation.answered_at.is_not(None))}
