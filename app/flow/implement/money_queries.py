"""Reading accounts: one matter's sums and lines, and the list of matters with money. Money is integer fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import Boolean as SqlBoolean
from sqlalchemy import cast as sql_cast

from app.flow.collect.queries import VOUCHER
from app.flow.implement.collection_rules import yuan as yuan
from app.flow.implement.money_models import MoneyEntry
from app.flow.implement.money_rules import Line, Promise, TaskRow, Totals, reckon
from app.flow.resolve.models import Commitment
from app.matter.ledger import Reader
from app.matter.models import Attachment, Matter
from tenants.database import db
from tenants.scope import current_community

E = MoneyEntry


def find_entry(entry_id: UUID) -> tuple[MoneyEntry, Matter] | None:
    """A line of the bound hall with its matter."""
    row = db.session.execute(
        select(E, Matter)
        .join(Matter, and_(Matter.community_id == E.community_id, Matter.id == E.matter_id))
        .where(E.community_id == current_community(), E.id == entry_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def matter_of(entry: MoneyEntry) -> Matter:
    """The matter whose account this is."""
    return db.session.scalars(
        select(Matter).where(Matter.community_id == current_community(), Matter.id == entry.matter_id)
    ).one()


def totals(matter: Matter) -> Totals:
    """The account of a matter by source and by task, in one statement; see :func:`money_rules.reckon`."""
    here = current_community()
    refund = and_(E.side == "out", E.share_id.is_not(None))
    lines = (
        select(
            E.side, E.source, E.source_name, E.commitment_id.label("task"), refund.label("refund"),
            func.bool_or(E.approx).label("approx"), func.sum(E.amount_fen).label("amount"), null().label("actual"),
            literal("").label("what"), literal(0).label("place"),
        )
        .where(E.community_id == here, E.matter_id == matter.id, E.struck_at.is_(None))
        .group_by(E.side, E.source, E.source_name, E.commitment_id, refund)
    )  # fmt: skip
    tasks = select(
        literal("task"), literal(""), literal(""), Commitment.id, Commitment.state == "dropped",
        sql_cast(False, SqlBoolean), Commitment.planned_fen, Commitment.actual_fen, Commitment.what,
        Commitment.position,
    ).where(Commitment.community_id == here, Commitment.matter_id == matter.id)  # fmt: skip
    rows = db.session.execute(union_all(lines, tasks).order_by("place")).all()
    return reckon(
        [
            Line(row.side, row.source, int(row.amount), row.source_name, row.task, row.refund, row.approx)
            for row in rows if row.side != "task"
        ],
        [
            Promise(row.task, row.what, int(row.amount), row.actual, row.refund)
            for row in rows if row.side == "task"
        ],
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One line of the account as a page shows it; ``photo_id`` is the picture of its voucher."""

    entry: MoneyEntry
    task: str
    photo_id: UUID | None


def entries_of(matter: Matter, *, of_shares: bool = False, limit: int = 300) -> list[Shown]:
    """The lines of an account, the newest first, struck ones too. What single households paid stays with those who
    collect, unless ``of_shares``."""
    wanted = (
        select(E, Commitment.what, Attachment.id)
        .outerjoin(Commitment, and_(Commitment.community_id == E.community_id, Commitment.id == E.commitment_id))
        .outerjoin(
            Attachment,
            and_(
                Attachment.community_id == E.community_id, Attachment.about_id == E.id, Attachment.about == VOUCHER,
                Attachment.hidden_at.is_(None),
            ),
        )
        .where(E.community_id == current_community(), E.matter_id == matter.id)
        .order_by(E.on.desc(), E.at.desc(), E.id.desc())
        .limit(limit)
    )  # fmt: skip
    if not of_shares:
        wanted = wanted.where(E.share_id.is_(None))
    return [Shown(entry, what or "", photo) for entry, what, photo in db.session.execute(wanted)]


@dataclass(frozen=True)
class Spending:
    """One line as the public reads it: side, from whom, how much, what for, which day; never a household's.

    What a collection brought in, and what went back of it, is one line each.
    """

    side: str
    source: str
    source_name: str
    amount_fen: int
    approx: bool
    words: str
    voucher: str
    on: Any
    is_refund: bool = False


def public_lines(matter: Matter, *, limit: int = 60) -> list[Spending]:
    """The living lines of an account in the order of their days, those of households summed up; one statement."""
    mine = (E.community_id == current_community(), E.matter_id == matter.id, E.struck_at.is_(None))
    single = select(
        E.side, E.source, E.source_name, E.amount_fen, E.approx, E.words, E.voucher, E.on, E.at.label("at"),
        literal(0).label("refund"),
    ).where(*mine, E.share_id.is_(None))  # fmt: skip
    summed = (
        select(
            E.side, E.source, E.source_name, sql_cast(func.sum(E.amount_fen), BigInteger), false(),
            func.min(E.words), literal(""), func.max(E.on), func.max(E.at), case((E.side == "out", 1), else_=0),
        )
        .where(*mine, E.share_id.is_not(None))
        .group_by(E.collection_id, E.side, E.source, E.source_name)
    )  # fmt: skip
    rows = db.session.execute(union_all(single, summed).order_by("on", "at").limit(limit)).all()
    return [Spending(*row[:8], is_refund=bool(row.refund)) for row in rows]


def recorded(matter: Matter) -> dict[str, ColumnElement[bool]]:
    """Columns for the room's evidence, to be asked in its own statement: whether the account holds a plan
    (``budgeted``), a bill (``billed``), and a bill that names no task (``loose_bills``), which may be any task's.
    """
    living = (E.community_id == current_community(), E.matter_id == matter.id, E.struck_at.is_(None))
    bill = exists().where(*living, E.side == "out", E.share_id.is_(None))
    return {
        "budgeted": exists().where(*living, E.side == "budget"),
        "billed": bill,
        "loose_bills": bill.where(E.commitment_id.is_(None)),
    }


def named_in_account() -> ColumnElement[bool]:
    """Whether a living bill names the task of the enclosing statement."""
    return exists().where(
        E.community_id == current_community(), E.commitment_id == Commitment.id, E.struck_at.is_(None),
        E.side == "out",
    ).correlate(Commitment)  # fmt: skip


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
    which matters the title is not shown. The sums follow :func:`money_rules.reckon` in SQL.
    """
    books = _filtered(wanted, secret).subquery()
    number = max(1, wanted.page)
    rows = db.session.execute(
        select(books).order_by(books.c.collected_at.desc(), books.c.number.desc()).limit(limit)
        .offset((number - 1) * limit)
    ).all()  # fmt: skip
    summed = db.session.execute(
        select(
            func.count().label("n"),
            *(
                func.coalesce(func.sum(books.c[name]), 0).label(name)
                for name in ("planned", "came", "spent", "refunded")
            ),
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
        .where(Matter.community_id == here, or_(account.c.matter_id.is_not(None), planned > 0, spent > 0))
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


def of_task(commitment: Commitment) -> TaskRow:
    """One task's own figures beside what the living lines that name it add up to; one statement."""

    def entered(side: str) -> ColumnElement[int]:
        return sql_cast(func.sum(E.amount_fen).filter(E.side == side), BigInteger)

    plan, cost = db.session.execute(
        select(entered("budget"), entered("out")).where(
            E.community_id == current_community(), E.commitment_id == commitment.id, E.struck_at.is_(None)
        )
    ).one()
    return TaskRow(commitment.id, commitment.what, commitment.planned_fen, commitment.actual_fen, plan, cost)


def tasks_without_cost(matter: Matter) -> Sequence[Commitment]:
    """Tasks that plan money and have not told what they cost."""
    return db.session.scalars(
        select(Commitment)
        .where(
            Commitment.community_id == current_community(), Commitment.matter_id == matter.id,
            Commitment.state != "dropped", Commitment.planned_fen > 0, Commitment.actual_fen.is_(None),
            ~named_in_account(),
        )
        .order_by(Commitment.position)
    ).all()  # fmt: skip


def bills_of(collection_id: UUID) -> Sequence[MoneyEntry]:
    """What was paid out of a collection, in the order of the days; no household's money."""
    return db.session.scalars(
        select(E)
        .where(
            E.community_id == current_community(), E.collection_id == collection_id, E.side == "out",
            E.share_id.is_(None), E.struck_at.is_(None),
        )
        .order_by(E.on, E.at)
    ).all()  # fmt: skip
