"""Reading what matters have left behind, of the bound community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.flow.implement.models import Asset, AssetCheck
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community

PAGE = 20


@dataclass(frozen=True)
class Found:
    """One page of the list with how many there are in all, and how many wait for a look or a repair."""

    rows: list[tuple[Asset, Matter]]
    total: int
    due: int
    broken: int


def find_asset(asset_id: UUID) -> tuple[Asset, Matter] | None:
    """A thing of this hall with the matter that left it."""
    row = db.session.execute(_with_matter().where(Asset.id == asset_id)).one_or_none()
    return (row[0], row[1]) if row else None


def assets_of(matter: Matter, *, still_there: bool = False) -> Sequence[Asset]:
    """What one matter left behind, in the order it was written down."""
    wanted = select(Asset).where(Asset.community_id == current_community(), Asset.matter_id == matter.id)
    if still_there:
        wanted = wanted.where(Asset.state != "removed")
    return db.session.scalars(wanted.order_by(Asset.created_at, Asset.id)).all()


def checks_of(asset: Asset, *, limit: int = 60) -> Sequence[AssetCheck]:
    """Every look at one thing, the newest first."""
    return db.session.scalars(
        select(AssetCheck)
        .where(AssetCheck.community_id == current_community(), AssetCheck.asset_id == asset.id)
        .order_by(AssetCheck.at.desc())
        .limit(limit)
    ).all()


def asset_list(
    today: date,
    *,
    state: str = "",
    words: str = "",
    offset: int = 0,
    limit: int = PAGE,
    hidden: bool = True,
    secret: ColumnElement[bool] | None = None,
) -> Found:
    """The list of things: what is broken, then what waits to be looked at, the earliest first; two statements.

    ``state``: ``due``, ``broken``, ``removed`` or empty for everything that is still there. Without ``hidden`` only
    what public matters have left is listed, as a paper on the wall may show it. ``secret`` says of which matters the
    reader sees no name; what is not shown is not found by its words either.
    """
    overdue = and_(Asset.state != "removed", Asset.next_check <= today)
    narrow = {"removed": Asset.state == "removed", "broken": Asset.state == "broken", "due": overdue}.get(
        state, Asset.state != "removed"
    )
    wanted = [narrow]
    if words.strip():
        named = (Asset.what, Asset.keeper, Asset.place)
        wanted.append(or_(*(column.icontains(words.strip(), autoescape=True) for column in named)))
        if secret is not None:
            wanted.append(~secret)
    if not hidden:
        wanted += [Matter.visibility == "public", Matter.hidden_at.is_(None)]
    rows = db.session.execute(
        _with_matter().where(*wanted)
        .order_by(
            case((Asset.state == "broken", 0), else_=1), Asset.next_check.nulls_last(), Asset.created_at, Asset.id
        )
        .limit(limit)
        .offset(offset)
    ).all()  # fmt: skip
    return Found([(row[0], row[1]) for row in rows], *_counts(and_(*wanted), overdue, Asset.state == "broken"))


def _counts(*wanted: ColumnElement[bool]) -> tuple[int, ...]:
    """How many things of the hall there are of each kind, in one statement."""
    counts = db.session.execute(
        select(*(func.count(case((one, 1))) for one in wanted))
        .select_from(Asset)
        .join(Matter, and_(Matter.community_id == Asset.community_id, Matter.id == Asset.matter_id))
        .where(Asset.community_id == current_community())
    ).one()
    return tuple(int(count) for count in counts)


def left_behind(n: int = 6) -> list[tuple[Asset, Matter]]:
    """The newest things that stand there thanks to public matters; for the page of results."""
    rows = db.session.execute(
        _with_matter()
        .where(Asset.state != "removed", Matter.visibility == "public", Matter.hidden_at.is_(None))
        .order_by(Asset.created_at.desc(), Asset.id)
        .limit(n)
    ).all()
    return [(row[0], row[1]) for row in rows]


def totals_by_unit() -> list[tuple[str, str, int]]:
    """What stands there in all, as ``(what, unit, count)``, the most first; of public matters only."""
    rows = db.session.execute(
        select(Asset.what, Asset.unit, func.sum(Asset.count))
        .join(Matter, and_(Matter.community_id == Asset.community_id, Matter.id == Asset.matter_id))
        .where(
            Asset.community_id == current_community(), Asset.state != "removed", Matter.visibility == "public",
            Matter.hidden_at.is_(None),
        )
        .group_by(Asset.what, Asset.unit)
        .order_by(func.sum(Asset.count).desc(), Asset.what)
    ).all()  # fmt: skip
    return [(what, unit, int(total)) for what, unit, total in rows]


def _with_matter():  # type: ignore[no-untyped-def]
    return (
        select(Asset, Matter)
        .join(Matter, and_(Matter.community_id == Asset.community_id, Matter.id == Asset.matter_id))
        .where(Asset.community_id == current_community())
    )
