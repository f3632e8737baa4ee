"""How much an expert has on hand and has done, over all halls of the street. Runs in the street's scope only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select, update

from app.matter.models import Matter
from app.matter.situation import END_STAGES, Stage
from app.talent.models import Expert, ExpertContact, ExpertRating, Invitation
from tenants.database import db
from tenants.scope import current_street

OVER = tuple(sorted({*map(str, END_STAGES), str(Stage.CLOSED)}))


@dataclass(frozen=True)
class Load:
    """How often one expert was asked in the whole street, and what came of it (domain.md section 7, K15).

    ``waiting`` are invitations on their way or being worked on now; ``hours`` the median from asking to the answer,
    ``grade`` the mean of the halls' grades in tenths (45 is 4.5), both None where there is none.
    """

    asked: int = 0
    accepted: int = 0
    handed_in: int = 0
    waiting: int = 0
    hours: float | None = None
    grade: int | None = None
    graded: int = 0


def count_load(*, now: datetime) -> int:
    """Write down for every expert of the bound street what they have on hand now; returns how many changed."""
    here = current_street()
    rows = db.session.execute(
        select(_whose(), func.count())
        .select_from(Invitation)
        .join(Matter, and_(Matter.community_id == Invitation.community_id, Matter.id == Invitation.matter_id))
        .join(Expert, and_(Expert.street_id == Invitation.street_id, Expert.id == Invitation.expert_id))
        .where(Invitation.street_id == here, _on_hand(now), Matter.stage.not_in(OVER))
        .group_by(_whose())
    ).all()
    counts: dict[UUID, int] = {row[0]: int(row[1]) for row in rows}
    changed = 0
    for expert in db.session.scalars(select(Expert).where(Expert.street_id == here)):
        if expert.open_now != counts.get(expert.id, 0):
            expert.open_now = counts.get(expert.id, 0)
            changed += 1
    db.session.flush()
    db.session.execute(update(Expert).where(Expert.street_id == here).values(counted_at=now))
    return changed


def pool(profession: str = "", *, merged: bool = False) -> list[tuple[Expert, Load, str | None]]:
    """The street's whole pool with the record of service per expert and the sealed phone, by profession and code.

    One statement. Those entered twice are left out unless ``merged``; what they did counts for the entry that is kept.
    """
    record, grades = _record(), _grades()
    statement = (
        select(
            Expert, record.c.asked, record.c.accepted, record.c.handed_in, record.c.waiting, record.c.hours,
            grades.c.grade, grades.c.graded, ExpertContact.phone_sealed,
        )
        .outerjoin(record, record.c.whose == Expert.id)
        .outerjoin(grades, grades.c.whose == Expert.id)
        .outerjoin(
            ExpertContact,
            and_(ExpertContact.street_id == Expert.street_id, ExpertContact.expert_id == Expert.id),
        )
        .where(Expert.street_id == current_street())
        .order_by(Expert.profession, Expert.code)
    )  # fmt: skip
    if profession:
        statement = statement.where(Expert.profession == profession)
    if not merged:
        statement = statement.where(Expert.merged_into_id.is_(None))
    return [(row[0], _load(row), row[8]) for row in db.session.execute(statement).all()]


def _load(row: tuple[object, ...]) -> Load:
    counts = [int(str(n or 0)) for n in row[1:5]]
    hours = None if row[5] is None else round(float(str(row[5])), 1)
    grade = None if row[6] is None else round(float(str(row[6])) * 10)
    return Load(*counts, hours, grade, int(str(row[7] or 0)))


def _whose() -> ColumnElement[UUID]:
    return func.coalesce(Expert.merged_into_id, Expert.id)


def _on_hand(now: datetime) -> ColumnElement[bool]:
    sent = and_(Invitation.state == "sent", Invitation.silent_at.is_(None), Invitation.expires_at > now)
    return or_(sent, Invitation.state == "accepted")


def _record() -> Subquery:
    took = func.extract("epoch", Invitation.answered_at - Invitation.sent_at) / 3600.0
    return (
        select(
            _whose().label("whose"),
            func.count().label("asked"),
            func.count().filter(Invitation.state.in_(("accepted", "handed_in"))).label("accepted"),
            func.count().filter(Invitation.state == "handed_in").label("handed_in"),
            func.count().filter(Invitation.state.in_(("sent", "accepted"))).label("waiting"),
            func.percentile_cont(0.5).within_group(took).filter(Invitation.answered_at.is_not(None)).label("hours"),
        )
        .select_from(Invitation)
        .join(Expert, and_(Expert.street_id == Invitation.street_id, Expert.id == Invitation.expert_id))
        .where(Invitation.street_id == current_street())
        .group_by(_whose())
        .subquery()
    )


def _grades() -> Subquery:
    return (
        select(_whose().label("whose"), func.avg(ExpertRating.grade).label("grade"), func.count().label("graded"))
        .select_from(ExpertRating)
        .join(Expert, and_(Expert.street_id == ExpertRating.street_id, Expert.id == ExpertRating.expert_id))
        .where(ExpertRating.street_id == current_street())
        .group_by(_whose())
        .subquery()
    )


def ratings_of(expert: Expert) -> list[ExpertRating]:
    """What the halls said of one expert's service, newest first."""
    known = [expert.id, *(UUID(other) for other in expert.also_ids)]
    return list(
        db.session.scalars(
            select(ExpertRating)
            .where(ExpertRating.street_id == current_street(), ExpertRating.expert_id.in_(known))
            .order_by(ExpertRating.at.desc())
            .limit(20)
        )
    )
