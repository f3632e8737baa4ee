"""Reading accounts: one matter's sums and lines, and the list of matters with money. Money is integer fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy import Boolean as SqlBoolean
from sqlalchemy import cast as sql_cast

from app.flow.collect.queries import VOUCHER
from app.flow.implement.collection_rules import yuan as yuan
from app.flow.implement.money_models import MoneyEntry
from app.flow.implement.money_rules import Line, Promise, TaskRow, Totals, reckon
from app.flow.resolve.models import Commitment
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
