"""Reading the old ledgers of a hall (往年台账): by year, by word, page by page, and as a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.errors import Missing
from app.records.models import OldMatter
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
EXPORT_MOST = 20_000
#: The ledger's columns in the order of domain section 4: attribute and heading. The import reads the same headings.
EXPORTED: tuple[tuple[str, str], ...] = (
    ("year", N_("年份")), ("number", N_("事项编号")), ("collected_on", N_("收集日期")), ("channel", N_("渠道/收集点")),
    ("proposer_masked", N_("提出人")), ("entered_label", N_("代录人")), ("place", N_("网格/小区/楼栋/单元")),
    ("title", N_("事项")), ("category", N_("类别")), ("triage", N_("四商量")), ("level", N_("层级")),
    ("accepted_on", N_("受理日")), ("sitting_on", N_("议事日")), ("sitting_place", N_("议事地点")),
    ("expected", N_("应到")), ("present", N_("实到")), ("result", N_("结果/决议号")), ("owner", N_("责任人")),
    ("promise", N_("承诺")), ("due_on", N_("时限")), ("progress", N_("进展")), ("supervised", N_("灯色/督办次数")),
    ("closed_on", N_("办结日")), ("posted", N_("公示起止")), ("visited_on", N_("回访日")),
    ("satisfaction", N_("满意度")), ("evaluation", N_("评估")), ("archived", N_("归档")), ("count_words", N_("件数")),
    ("note", N_("备注")),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for; both may be empty."""

    year: int | None = None
    words: str = ""
    page: int = 1


def years() -> list[tuple[int, int]]:
    """Every year with its number of rows, the newest first."""
    rows = db.session.execute(
        select(OldMatter.year, func.count())
        .where(OldMatter.community_id == current_community())
        .group_by(OldMatter.year)
        .order_by(OldMatter.year.desc())
    )
    return [(year, n) for year, n in rows]


def read_page(wanted: Wanted) -> tuple[list[OldMatter], int]:
    """One page and how many there are in all; one statement, and one more beyond the last page."""
    chosen = _filtered(wanted)
    rows = db.session.execute(
        _ordered(chosen.add_columns(func.count().over())).limit(PAGE).offset((wanted.page - 1) * PAGE)
    ).all()
    if rows:
        return [row[0] for row in rows], int(rows[0][1])
    return [], int(db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0)


def find_old(old_id: UUID) -> OldMatter:
    """One row; raises ``Missing``."""
    row = db.session.scalar(
        select(OldMatter).where(OldMatter.community_id == current_community(), OldMatter.id == old_id)
    )
    if row is None:
        raise Missing(N_("往年台账里没有这一行。"))
    return row


def export_rows(wanted: Wanted) -> list[list[str | int | None]]:
    """The chosen rows with the columns of ``EXPORTED``; the sheet can be brought in again and changes nothing."""
    rows = db.session.scalars(_ordered(_filtered(wanted)).limit(EXPORT_MOST))
    return [[cell(getattr(row, name)) for name, _label in EXPORTED] for row in rows]


def cell(value: Any) -> str | int | None:
    """A value as a sheet shows it; days in ISO."""
    return value if value is None or isinstance(value, str | int) else value.isoformat()


def _filtered(wanted: Wanted) -> Select[Any]:
    chosen = select(OldMatter).where(OldMatter.community_id == current_community())
    if wanted.year:
        chosen = chosen.where(OldMatter.year == wanted.year)
    if wanted.words:
        tidy = wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        columns = (OldMatter.title, OldMatter.number, OldMatter.place, OldMatter.result, OldMatter.owner)
        chosen = chosen.where(or_(*(column.ilike(f"%{tidy}%", escape="\\") for column in columns)))
    return chosen


def _ordered(chosen: Select[Any]) -> Select[Any]:
    return chosen.order_by(
        OldMatter.year.desc(), OldMatter.collected_on.desc().nulls_last(), OldMatter.number.desc(), OldMatter.row_key
    )
