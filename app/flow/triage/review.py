"""One look of the street at a refusal: what it finds is a row of its own, which the hall's own action takes up.

Source: domain.md section 2, row ``not_accepted``: the proposer may ask once; upheld, the secretary decides anew within
three working days. The street never moves the matter and sees no person here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import NotAllowed, Refused
from app.flow.triage import rules
from app.flow.triage.models import Screening
from app.flow.triage.policy import ReviewOpinion, ReviewRequest
from app.matter import needs
from app.matter.actions import move, record
from app.matter.deadlines import working_days
from app.matter.house import house
from app.matter.models import Escalation, Matter
from app.matter.outside_queries import late_count
from app.matter.situation import Stage
from app.matter.workdays import due
from app.people.actor import SYSTEM, Actor
from app.people.roles import STREET_STAFF
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_community, current_street

#: Upheld, the hall decides anew within this time, whatever it gives itself otherwise.
DECIDE_ANEW = working_days(3)
#: Which opinion belongs to a request.
OPINION = and_(ReviewOpinion.community_id == ReviewRequest.community_id, ReviewOpinion.request_id == ReviewRequest.id)


@dataclass(frozen=True)
class Case:
    """What the street sees of one request: the refusal, why it is doubted, and no person."""

    request: ReviewRequest
    community: Community
    matter: Matter
    refusal: Screening
    opinion: ReviewOpinion | None


def give_opinion(case: Case, upheld: bool, words: str, *, by: Actor, now: datetime) -> ReviewOpinion:
    """The street writes what it found, once. Raises ``Refused`` without words or when somebody has written already."""
    if not by.roles & STREET_STAFF:
        raise NotAllowed(N_("复核意见由街道来写。"))
    if not words.strip():
        raise Refused(N_("为什么这么认为，要写几句，提出人和社区都看得到。"))
    rules.fits(words, rules.REASON, N_("复核意见")).or_refuse()
    values = {
        "community_id": case.request.community_id, "street_id": current_street(), "id": uuid7(),
        "request_id": case.request.id, "upheld": upheld, "words": words.strip(), "by_id": by.id, "by_label": by.label,
        "at": now,
    }  # fmt: skip
    table = ReviewOpinion.__table__
    written = db.session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(N_("刚才已经有人写过复核意见了，请刷新看看。"))
    return ReviewOpinion(**values)


def take_up(*, now: datetime) -> int:
    """Take up what the street found on refusals of the bound hall; returns how many. Safe to repeat."""
    rows = db.session.execute(
        select(ReviewRequest, ReviewOpinion, Matter)
        .join(
            ReviewOpinion,
            and_(
                ReviewOpinion.community_id == ReviewRequest.community_id,
                ReviewOpinion.request_id == ReviewRequest.id,
            ),
        )
        .join(Matter, and_(Matter.community_id == ReviewRequest.community_id, Matter.id == ReviewRequest.matter_id))
        .where(ReviewRequest.community_id == current_community(), ReviewRequest.taken_up_at.is_(None))
        .order_by(ReviewOpinion.at)
    ).all()
    return sum(_take(request, opinion, matter, now) for request, opinion, matter in rows)


def _take(request: ReviewRequest, opinion: ReviewOpinion, matter: Matter, now: datetime) -> int:
    swapped = db.session.execute(
        update(ReviewRequest)
        .where(
            ReviewRequest.community_id == request.community_id, ReviewRequest.id == request.id,
            ReviewRequest.taken_up_at.is_(None),
        )
        .values(taken_up_at=now)
    )  # fmt: skip
    if swapped.rowcount != 1 or matter.stage != Stage.NOT_ACCEPTED:  # type: ignore[attr-defined]
        # Another worker was faster, or the matter has gone its way meanwhile.
        return 0
    data = {"opinion": str(opinion.id), "by": opinion.by_label, "said_at": opinion.at.isoformat()}
    if opinion.upheld:
        move(
            matter, "reconsider", by=SYSTEM, now=now, evidence={needs.REVIEW_UPHELD.key}, reason=opinion.words,
            words=N_("街道复核认为应当受理，社区重新审"), data=data,
            due_at=due(now, DECIDE_ANEW, house().calendar),
        )  # fmt: skip
    else:
        matter.due_at = None
        record(matter, "review_kept", by=SYSTEM, now=now, reason=opinion.words,
               words=N_("街道复核过，维持不予受理"), data=data)  # fmt: skip
    db.session.flush()
    return 1


def cases(*, waiting: bool, limit: int = 100) -> list[Case]:
    """Requests of the bound street's halls in one statement: those that wait, the earliest due first, or the rest."""
    return _cases(waiting=waiting, limit=limit)


def find_case(request_id: UUID) -> Case | None:
    """One request of any hall of the bound street."""
    found = _cases(request_id=request_id)
    return found[0] if found else None


def waiting_in_street(today: date) -> dict[str, int]:
    """What waits in the bound street: ``escalations`` nobody took, ``reviews`` nobody answered, ``letters`` overdue."""
    asked = select(func.count()).where(
        Escalation.street_id == current_street(), Escalation.state == "asked", Escalation.to_level != "community"
    )
    doubted = (
        select(func.count())
        .select_from(ReviewRequest)
        .outerjoin(ReviewOpinion, OPINION)
        .where(ReviewRequest.street_id == current_street(), ReviewOpinion.id.is_(None))
    )
    row = db.session.execute(
        select(
            asked.scalar_subquery().label("escalations"), doubted.scalar_subquery().label("reviews"),
            late_count(today).label("letters"),
        )
    ).one()  # fmt: skip
    return dict(row._mapping)


def _cases(*, waiting: bool | None = None, request_id: UUID | None = None, limit: int = 100) -> list[Case]:
    # The refusal that was doubted is the last one before the request; the hall may have refused anew since.
    refusal = (
        select(Screening.id)
        .where(
            Screening.community_id == ReviewRequest.community_id, Screening.matter_id == ReviewRequest.matter_id,
            Screening.outcome == "not_accepted", Screening.at <= ReviewRequest.asked_at,
        )
        .order_by(Screening.at.desc())
        .limit(1)
        .correlate(ReviewRequest)
        .scalar_subquery()
    )  # fmt: skip
    wanted = (
        select(ReviewRequest, Community, Matter, Screening, ReviewOpinion)
        .join(Community, Community.id == ReviewRequest.community_id)
        .join(Matter, and_(Matter.community_id == ReviewRequest.community_id, Matter.id == ReviewRequest.matter_id))
        .join(Screening, and_(Screening.community_id == ReviewRequest.community_id, Screening.id == refusal))
        .outerjoin(ReviewOpinion, OPINION)
        .where(ReviewRequest.street_id == current_street())
        .limit(limit)
    )
    if request_id is not None:
        wanted = wanted.where(ReviewRequest.id == request_id)
    if waiting is True:
        wanted = wanted.where(ReviewOpinion.id.is_(None)).order_by(ReviewRequest.due_at, ReviewRequest.asked_at)
    elif waiting is False:
        wanted = wanted.where(ReviewOpinion.id.is_not(None)).order_by(ReviewOpinion.at.desc())
    return [_case(row) for row in db.session.execute(wanted)]


def _case(row: Sequence[object]) -> Case:
    request, community, matter, refusal, opinion = row
    return Case(request, community, matter, refusal, opinion)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Refusal:
    """A refusal as its proposer and the desk read it; ``opinion`` is None until the street has written."""

    screening: Screening
    request: ReviewRequest | None
    opinion: ReviewOpinion | None


def refusal_of(matter_id: UUID) -> Refusal | None:
    """The newest refusal of a matter of the bound hall, with the review that was asked for, in one statement."""
    row = db.session.execute(
        select(Screening, ReviewRequest, ReviewOpinion)
        .outerjoin(
            ReviewRequest,
            and_(
                ReviewRequest.community_id == Screening.community_id, ReviewRequest.matter_id == Screening.matter_id,
            ),
        )
        .outerjoin(ReviewOpinion, OPINION)
        .where(
            Screening.community_id == current_community(), Screening.matter_id == matter_id,
            Screening.outcome == "not_accepted",
        )
        .order_by(Screening.at.desc(), Screening.id.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return Refusal(*row) if row else None
