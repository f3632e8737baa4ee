"""The hall's mediations by where each stands, how many stand where, and the quarrels nobody mediates yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation, MediationRecord
from app.matter.models import Matter
from app.matter.situation import END_STAGES
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
#: A quarrel whose matter was taken back, passed on or ended is not being mediated any more.
_ENDED = [str(stage) for stage in END_STAGES]


class Line(NamedTuple):
    """One mediation in the list."""

    mediation: Mediation
    matter: Matter
    standing: str
    next_due: date | None
    talks: int


def page(
    tab: str, *, today: date, number: int = 1, applied: str = "", owner_id: UUID | None = None,
    limit: int = PAGE,
) -> tuple[list[Line], int]:  # fmt: skip
    """The hall's mediations at a standing (empty: all), the newest first, and how many there are; one statement.

    With ``owner_id`` only those whose matter that account carries.
    """
    terms = _owed()
    standing = _standing(terms, today)
    rows = db.session.execute(
        _lines(terms, standing, func.count().over())
        .where(*_listed(standing, tab, applied, owner_id))
        .order_by(Mediation.opened_at.desc(), Mediation.id)
        .limit(limit)
        .offset((number - 1) * limit)
    ).all()
    return [Line(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def line_of(matter: Matter, today: date) -> Line | None:
    """The matter's mediation as a line of the list; one statement."""
    terms = _owed()
    standing = _standing(terms, today)
    row = db.session.execute(
        _lines(terms, standing).where(
            Mediation.community_id == current_community(), Mediation.matter_id == matter.id
        )
    ).one_or_none()  # fmt: skip
    return Line(*row) if row else None


def _lines(terms: Any, standing: ColumnElement[str], *more: Any) -> Any:
    talks = (
        select(func.count())
        .where(
            MediationRecord.community_id == Mediation.community_id, MediationRecord.mediation_id == Mediation.id,
            MediationRecord.outcome != "checked",
        )
        .correlate(Mediation)
        .scalar_subquery()
    )  # fmt: skip
    return _from(select(Mediation, Matter, standing, terms.c.open_due, talks, *more), terms)


def counts(today: date) -> dict[str, int]:
    """How many mediations stand where; numbers only, for whoever may not read the words. One statement."""
    terms = _owed()
    standing = _standing(terms, today)
    rows = db.session.execute(
        _from(select(standing, func.count()).select_from(Mediation), terms)
        .where(Mediation.community_id == current_community())
        .group_by(standing)
    ).all()
    return {str(name): int(n) for name, n in rows}


def waiting(limit: int = 50) -> Sequence[Matter]:
    """Quarrels that were taken on and are not mediated yet, the oldest first."""
    mediated = select(Mediation.matter_id).where(Mediation.community_id == current_community())
    return db.session.scalars(
        select(Matter)
        .where(
            Matter.community_id == current_community(), Matter.track == "mediation",
            Matter.stage.in_(("accepted", "deliberating")), Matter.id.not_in(mediated),
        )
        .order_by(Matter.accepted_at, Matter.number)
        .limit(limit)
    ).all()  # fmt: skip


def _owed() -> Any:
    """Per mediation: papers in force, and the earliest day still owed."""
    open_due = func.min(case((and_(AgreementTerm.done_on.is_(None), AgreementTerm.replaced_at.is_(None)),
                              AgreementTerm.due)))  # fmt: skip
    return (
        select(
            Agreement.mediation_id.label("mediation_id"), func.count(Agreement.id).label("sealed"),
            open_due.label("open_due"),
        )
        .join(
            AgreementTerm,
            and_(AgreementTerm.community_id == Agreement.community_id, AgreementTerm.agreement_id == Agreement.id),
        )
        .where(
            Agreement.community_id == current_community(), Agreement.sealed_on.is_not(None),
            Agreement.replaced_at.is_(None),
        )
        .group_by(Agreement.mediation_id)
        .subquery("owed")
    )  # fmt: skip


def _standing(terms: Any, today: date) -> ColumnElement[str]:
    """:func:`mediation_rules.standing` in SQL."""
    agreed, sealed = Mediation.state == "agreed", func.coalesce(terms.c.sealed, 0) > 0
    return case(
        (and_(Mediation.state == "open", Matter.stage.in_(_ENDED)), "withdrawn"),
        (or_(~agreed, ~sealed), Mediation.state),
        (terms.c.open_due.is_(None), "performed"),
        (terms.c.open_due < today, "late"),
        else_="performing",
    ).label("standing")


def _listed(standing: ColumnElement[str], tab: str, applied: str, owner_id: UUID | None) -> list[Any]:
    found: list[Any] = [Mediation.community_id == current_community()]
    if tab == "failed":
        found.append(standing.in_(("failed", "withdrawn")))
    elif tab:
        found.append(standing == tab)
    if owner_id is not None:
        found.append(Matter.owner_id == owner_id)
    return [*found, Mediation.applied_by == applied] if applied else found


def _from(statement: Any, terms: Any) -> Any:
    matter = and_(Matter.community_id == Mediation.community_id, Matter.id == Mediation.matter_id)
    return statement.join(Matter, matter).outerjoin(terms, terms.c.mediation_id == Mediation.id)
