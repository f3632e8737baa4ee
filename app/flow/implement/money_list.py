"""The list of matters with money and the sums over a filter; each fen counts once, as in :mod:`money_rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true

from app.flow.implement.money_models import MoneyEntry
from app.flow.resolve.models import Commitment
from app.matter.ledger import Reader
from app.matter.models import Matter
from tenants.database import db
from tenants.scope import current_community

E = MoneyEntry


@dataclass(frozen=True)
class Wanted:
    """What a reader of the list asks for. ``state``: open (no cost told yet), over (more spent than planned), left
    (money is left), or empty; ``year`` is that in which the matter came in."""

    words: str = ""
    source: str = ""
    state: str = ""
    year: int = 0
    page: int = 1


def shut_to(reader: Reader) -> ColumnElement[bool]:
    """Whether a list hides a matter's title from the reader; :func:`app.matter.ledger.may_read` says the same in SQL's
    place."""
    child_s = and_(Matter.has_minor, Matter.visibility != "public", Matter.id.not_in(reader.looked))
    if reader.is_office:
        return child_s
    is_open = and_(Matter.visibility == "public", Matter.track == "ordinary")
    mine = Matter.owner_id.is_not_distinct_from(reader.id) if reader.id else false()
    return or_(child_s, and_(~is_open, ~mine))


STATES = ("unspent", "over", "left")
PAGE = 20
PAPER = 1000


def money_page(
    wanted: Wanted, secret: ColumnElement[bool], *, limit: int = PAGE
) -> tuple[list[Any], Mapping[str, int]]:
    """One page of matters with money, and the sums over the whole filter; two statements.

    Rows have ``id, number, title, is_secret, stage, planned, came, spent, refunded, approx``. ``secret`` says for
    which matters the title is not shown. The sums follow :func:`money_rules.reckon` in SQL, ``rest`` among them.
    """
    books = _filtered(wanted, secret).subquery()
    number = max(1, wanted.page)
    rows = db.session.execute(
        select(books).order_by(books.c.collected_at.desc(), books.c.number.desc()).limit(limit)
        .offset((number - 1) * limit)
    ).all()  # fmt: skip
    left = books.c.came - books.c.spent - books.c.refunded
    summed = db.session.execute(
        select(
            func.count().label("n"),
            *(
                func.coalesce(func.sum(books.c[name]), 0).label(name)
                for name in ("planned", "came", "spent", "refunded")
            ),
            func.coalesce(func.sum(case((and_(books.c.came > 0, left >= 0), left))), 0).label("rest"),
        )
    ).one()
    return list(rows), {key: int(value) for key, value in summed._mapping.items()}


def _filtered(wanted: Wanted, secret: ColumnElement[bool]) -> Select[Any]:
    account, tasks = _accounts(), _tasks()
    here = current_community()
    zero = func.coalesce
    planned = zero(account.c.planned, 0) + case((zero(account.c.loose_plans, 0) > 0, 0), else_=zero(tasks.c.planned, 0))
    spent = zero(account.c.spent, 0) + case((zero(account.c.loose_bills, 0) > 0, 0), else_=zero(tasks.c.actual, 0))
    came, refunded = zero(account.c.came, 0), zero(account.c.refunded, 0)
    asked = (
        select(
            Matter.id, Matter.number, Matter.title, Matter.stage, Matter.collected_at, Matter.has_minor,
            secret.label("is_secret"), planned.label("planned"), came.label("came"), spent.label("spent"),
            refunded.label("refunded"), zero(account.c.approx, False).label("approx"),
        )
        .outerjoin(account, account.c.matter_id == Matter.id)
        .outerjoin(tasks, tasks.c.matter_id == Matter.id)
        .where(
            Matter.community_id == here, or_(account.c.matter_id.is_not(None), planned > 0, spent > 0),
            # What two parties settle between them is no money of the hall's, and its sum tells of the quarrel.
            or_(~secret, Matter.track != "mediation"),
        )
    )  # fmt: skip
    return asked.where(*_asked(wanted, secret, planned=planned, came=came, spent=spent, refunded=refunded))


def _asked(wanted: Wanted, secret: ColumnElement[bool], **sums: ColumnElement[int]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        # A title that is not shown is not found by its words either.
        found.append(
            or_(
                Matter.number.contains(wanted.words, autoescape=True),
                and_(~secret, Matter.title.contains(wanted.words, autoescape=True)),
            )
        )
    if wanted.source:
        found.append(
            exists().where(
                E.community_id == Matter.community_id, E.matter_id == Matter.id, E.struck_at.is_(None),
                E.source == wanted.source,
            )
        )  # fmt: skip
    if wanted.year:
        found.append(func.extract("year", func.timezone("Asia/Shanghai", Matter.collected_at)) == wanted.year)
    by_state = {
        "unspent": and_(sums["planned"] > 0, sums["spent"] == 0),
        "over": and_(sums["planned"] > 0, sums["spent"] > sums["planned"]),
        "left": sums["came"] - sums["spent"] - sums["refunded"] > 0,
    }
    return [*found, by_state.get(wanted.state, true())]


def _accounts() -> Any:
    refund = and_(E.side == "out", E.share_id.is_not(None))
    bill = and_(E.side == "out", E.share_id.is_(None))

    def sums(*when: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((and_(*when), E.amount_fen), else_=0))

    return (
        select(
            E.matter_id, sums(E.side == "budget").label("planned"), sums(E.side == "in").label("came"),
            sums(bill).label("spent"), sums(refund).label("refunded"),
            func.count().filter(E.side == "budget", E.commitment_id.is_(None)).label("loose_plans"),
            func.count().filter(bill, E.commitment_id.is_(None)).label("loose_bills"),
            func.bool_or(and_(E.approx, E.side == "budget")).label("approx"),
        )
        .where(E.community_id == current_community(), E.struck_at.is_(None))
        .group_by(E.matter_id)
        .subquery()
    )  # fmt: skip


def _tasks() -> Any:
    """What the tasks say themselves, as far as no line names them."""

    def named(side: str) -> ColumnElement[bool]:
        return exists().where(
            E.community_id == Commitment.community_id, E.commitment_id == Commitment.id, E.struck_at.is_(None),
            E.side == side,
        )  # fmt: skip

    own_plan = case((or_(Commitment.state == "dropped", named("budget")), 0), else_=Commitment.planned_fen)
    own_cost = case((named("out"), 0), else_=func.coalesce(Commitment.actual_fen, 0))
    return (
        select(
            Commitment.matter_id, func.sum(own_plan).label("planned"), func.sum(own_cost).label("actual")
        )
        .where(
            Commitment.community_id == current_community(),
            or_(Commitment.planned_fen > 0, Commitment.actual_fen.is_not(None)),
        )
        .group_by(Commitment.matter_id)
        .subquery()
    )  # fmt: skip
