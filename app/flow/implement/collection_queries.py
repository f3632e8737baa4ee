"""Reading collections from door to door: one with its doors, the list, and what stands in public. Integer fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.flow.implement.collection_rules import Home, surplus
from app.flow.implement.money_models import Collection, CollectionShare, MoneyEntry
from app.matter.models import Matter
from app.people.households import address
from app.people.places import Building, Household
from tenants.database import db
from tenants.scope import current_community

PAGE = 20


@dataclass(frozen=True)
class Count:
    """A collection in figures: homes by what they said, and fen by where they went."""

    homes: int
    agreed: int
    declined: int
    paid: int
    came: int
    spent: int
    refund: int
    refunded: int

    @property
    def unpaid(self) -> int:
        """Homes that agreed to a sum and have not paid it yet."""
        return self.agreed - self.paid

    @property
    def left(self) -> int:
        """What was paid, and neither spent nor given back."""
        return self.came - self.spent - self.refunded


@dataclass
class Whole:
    """A collection with its matter and its doors in walking order; ``spent`` fen of it."""

    collection: Collection
    matter: Matter
    spent: int
    shares: list[CollectionShare] = field(default_factory=list)

    @property
    def count(self) -> Count:
        """The figures of this moment. A home whose share is nothing has agreed without paying."""
        shares = self.shares
        return Count(
            homes=len(shares), agreed=sum(_agrees(one) for one in shares),
            declined=sum(one.state == "declined" for one in shares),
            paid=sum(one.state == "paid" or (one.state == "agreed" and not one.share_fen) for one in shares),
            came=sum(one.paid_fen for one in shares), spent=self.spent, refund=sum(one.refund_fen for one in shares),
            refunded=sum(one.refunded_fen for one in shares),
        )  # fmt: skip

    @property
    def owing_back(self) -> int:
        """How many homes have not got back what is theirs."""
        return sum(one.refunded_fen < one.refund_fen for one in self.shares)

    @property
    def surplus(self) -> int:
        """What goes back to those who paid."""
        return surplus(paid_fen=sum(one.paid_fen for one in self.shares), spent_fen=self.spent)

    @property
    def missing(self) -> int:
        """How much of the sum no home has agreed to."""
        agreed = sum(one.share_fen for one in self.shares if _agrees(one))
        return max(0, self.collection.total_fen - agreed)


def _agrees(share: CollectionShare) -> bool:
    return share.state in ("agreed", "paid")


def find_collection(collection_id: UUID) -> tuple[Collection, Matter] | None:
    """A collection of the bound hall with its matter."""
    row = db.session.execute(
        select(Collection, Matter)
        .join(Matter, and_(Matter.community_id == Collection.community_id, Matter.id == Collection.matter_id))
        .where(Collection.community_id == current_community(), Collection.id == collection_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def whole(collection_id: UUID) -> Whole | None:
    """A collection with its doors and what was spent of it; two statements, however many doors."""
    row = db.session.execute(
        select(Collection, Matter, spent_of(Collection.id).label("spent"))
        .join(Matter, and_(Matter.community_id == Collection.community_id, Matter.id == Collection.matter_id))
        .where(Collection.community_id == current_community(), Collection.id == collection_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    return Whole(row[0], row[1], int(row.spent), list(shares_of(collection_id)))


def shares_of(collection_id: UUID, *, lock: bool = False) -> Sequence[CollectionShare]:
    """The doors of a collection in walking order."""
    wanted = (
        select(CollectionShare)
        .where(CollectionShare.community_id == current_community(), CollectionShare.collection_id == collection_id)
        .order_by(CollectionShare.position)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(wanted.with_for_update() if lock else wanted).all()


def spent_of(collection_id: Any) -> Any:
    """A scalar subquery: what was spent of a collection, without what households got back."""
    return (
        select(func.coalesce(func.sum(MoneyEntry.amount_fen), 0))
        .where(
            MoneyEntry.community_id == current_community(), MoneyEntry.collection_id == collection_id,
            MoneyEntry.side == "out", MoneyEntry.share_id.is_(None), MoneyEntry.struck_at.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip


def money_of_share(share_id: UUID) -> Sequence[MoneyEntry]:
    """What a door paid and got back, struck lines too, the newest first."""
    return db.session.scalars(
        select(MoneyEntry)
        .where(MoneyEntry.community_id == current_community(), MoneyEntry.share_id == share_id)
        .order_by(MoneyEntry.at.desc())
    ).all()


def living_entry(share_id: UUID, side: str) -> MoneyEntry | None:
    """The one line that counts of a door's payment (``in``) or of what it got back (``out``)."""
    return db.session.scalar(
        select(MoneyEntry).where(
            MoneyEntry.community_id == current_community(), MoneyEntry.share_id == share_id, MoneyEntry.side == side,
            MoneyEntry.struck_at.is_(None),
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A collection in a list, or in public: no door is named."""

    collection: Collection
    matter: Matter
    is_secret: bool
    count: Count


def collections_page(
    *, state: str = "", words: str = "", page: int = 1, secret: ColumnElement[bool]
) -> tuple[list[Row], int]:  # fmt: skip
    """One page of collections, the newest first, and how many there are; one statement unless the page is empty."""
    wanted = _rows(secret).add_columns(func.count().over().label("total"))
    if state:
        wanted = wanted.where(Collection.state == state)
    if words:
        wanted = wanted.where(
            or_(
                Collection.number.contains(words, autoescape=True),
                and_(
                    ~secret,
                    or_(
                        Collection.title.contains(words, autoescape=True),
                        Matter.number.contains(words, autoescape=True), Matter.title.contains(words, autoescape=True),
                    ),
                ),
            )
        )  # fmt: skip
    rows = db.session.execute(
        wanted.order_by(Collection.created_at.desc(), Collection.number.desc())
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    return [_row(row) for row in rows], int(rows[0].total) if rows else 0


def collections_of(matter: Matter) -> list[Row]:
    """The collections of one matter with their figures, the oldest first; one statement."""
    rows = db.session.execute(
        _rows(false()).where(Collection.matter_id == matter.id).order_by(Collection.created_at, Collection.number)
    ).all()
    return [_row(row) for row in rows]


def not_settled(matter: Matter) -> str:
    """The title of a collection of this matter that still owes its homes an account or money; empty where none does."""
    owes = exists().where(
        CollectionShare.community_id == Collection.community_id, CollectionShare.collection_id == Collection.id,
        CollectionShare.paid_fen > CollectionShare.refunded_fen,
    )  # fmt: skip
    wanted = select(Collection.title).where(
        Collection.community_id == current_community(), Collection.matter_id == matter.id,
        Collection.posted_at.is_(None),
        or_(Collection.state.in_(("open", "closed")), and_(Collection.state == "void", owes)),
    )  # fmt: skip
    return db.session.scalar(wanted.limit(1)) or ""


def _rows(secret: ColumnElement[bool]) -> Any:
    share = CollectionShare
    agrees = share.state.in_(("agreed", "paid"))
    paid = or_(share.state == "paid", and_(share.state == "agreed", share.share_fen == 0))
    sums = (
        select(
            share.collection_id, func.count().label("homes"),
            func.count(case((agrees, 1))).label("agreed"),
            func.count(case((share.state == "declined", 1))).label("declined"),
            func.count(case((paid, 1))).label("paid"), func.sum(share.paid_fen).label("came"),
            func.sum(share.refund_fen).label("refund"), func.sum(share.refunded_fen).label("refunded"),
        )
        .where(share.community_id == current_community())
        .group_by(share.collection_id)
        .subquery()
    )  # fmt: skip
    return (
        select(Collection, Matter, secret.label("is_secret"), spent_of(Collection.id).label("spent"), sums)
        .join(Matter, and_(Matter.community_id == Collection.community_id, Matter.id == Collection.matter_id))
        .join(sums, sums.c.collection_id == Collection.id)
        .where(Collection.community_id == current_community())
    )


def _row(row: Any) -> Row:
    names = ("homes", "agreed", "declined", "paid", "came", "spent", "refund", "refunded")
    return Row(row[0], row[1], bool(row.is_secret), Count(**{name: int(row._mapping[name]) for name in names}))


def homes_of_units(units: Sequence[tuple[UUID, int]]) -> list[Home]:
    """The households of whole stairwells as doors to go to, in walking order; one statement."""
    if not units:
        return []
    rows = db.session.scalars(
        select(Household)
        .where(
            Household.community_id == current_community(),
            Household.closed_at.is_(None),
            or_(*(and_(Household.building_id == building, Household.unit == unit) for building, unit in units)),
        )
        .options(joinedload(Household.building).joinedload(Building.estate))
    ).all()
    ordered = sorted(
        rows,
        key=lambda home: (
            home.building.estate.name, home.building.sort, home.building.name, home.unit, len(home.room), home.room
        ),
    )  # fmt: skip
    return [Home(address(home), home.id) for home in ordered]
