"""The columns of the ledger (台账) as one table, for the page, for paper and for the workbook alike.

Source: domain.md section 4, row 台账: the columns in the order in which the office reads them. What a reader may not
see of a quarrel or of a child's matter stands in the columns marked ``inner``; names are masked in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.matter.ledger_filter import SORTS
from app.words import N_


@dataclass(frozen=True)
class Column:
    """``kind`` is text, day, number or share (of one); ``width`` is in letters of a sheet.

    ``fact`` names what :mod:`app.records.ledger_rows` must read for it besides the matter itself. ``inner`` columns are
    empty where the reader may not read the matter.
    """

    key: str
    label: str
    width: int
    kind: str = "text"
    fact: str = ""
    inner: bool = False

    @property
    def sortable(self) -> bool:
        """Whether the page can be put in this column's order."""
        return self.key in SORTS


COLUMNS: tuple[Column, ...] = (
    Column("seq", N_("序号"), 6, "number"),
    Column("number", N_("事项编号"), 15),
    Column("collected", N_("收集日期"), 12, "day"),
    Column("channel", N_("渠道"), 14),
    Column("point", N_("收集点"), 16),
    Column("proposer", N_("提出人"), 16, fact="said", inner=True),
    Column("entered", N_("代录人"), 10, fact="said", inner=True),
    Column("grid", N_("网格"), 12),
    Column("estate", N_("小区"), 16),
    Column("building", N_("楼栋"), 12),
    Column("unit", N_("单元"), 8, "number", inner=True),
    Column("title", N_("事项"), 34, inner=True),
    Column("category", N_("类别"), 12),
    Column("triage", N_("四商量"), 12),
    Column("level", N_("层级"), 8),
    Column("accepted", N_("受理日"), 12, "day"),
    Column("sitting", N_("议事日"), 12, "day", fact="sitting"),
    Column("sitting_place", N_("议事地点"), 18, fact="sitting"),
    Column("expected", N_("应到"), 7, "number", fact="sitting"),
    Column("present", N_("实到"), 7, "number", fact="sitting"),
    Column("result", N_("结果"), 30, fact="result", inner=True),
    Column("resolution", N_("决议号"), 20, fact="resolution"),
    Column("lead", N_("牵头人"), 10),
    Column("doers", N_("责任人"), 14, fact="promises", inner=True),
    Column("promise", N_("承诺"), 40, fact="promises", inner=True),
    Column("promised", N_("时限"), 12, "day", fact="promises"),
    Column("progress", N_("进展"), 34, fact="progress", inner=True),
    Column("stage", N_("走到哪步"), 16),
    Column("clock", N_("这一步期限"), 12, "day"),
    Column("light", N_("灯色"), 14),
    Column("orders", N_("督办次数"), 9, "number", fact="orders"),
    Column("closed", N_("办结日"), 12, "day"),
    Column("posted", N_("公示起"), 12, "day", fact="posting"),
    Column("posted_until", N_("公示止"), 12, "day", fact="posting"),
    Column("visited", N_("回访日"), 12, "day", fact="visited"),
    Column("raters", N_("评价人数"), 9, "number"),
    Column("satisfaction", N_("满意度"), 9, "share"),
    Column("evaluation", N_("评估"), 34, fact="evaluation", inner=True),
    Column("archived", N_("归档"), 12, "day"),
    Column("note", N_("备注"), 24, fact="merged"),
)
BY_KEY: dict[str, Column] = {column.key: column for column in COLUMNS}
#: What the page shows until somebody chooses, in the order of the table.
USUAL = ("number", "title", "category", "proposer", "stage", "lead", "light")
#: These two cannot be taken away: without them nobody knows which line is which.
ALWAYS = ("number", "title")
#: What fits on one side of A4 laid across.
ON_PAPER = 14


def chosen(keys: Iterable[str]) -> tuple[Column, ...]:
    """The columns of ``keys`` in the order of the table; the usual ones where none is named."""
    wanted = set(keys) & BY_KEY.keys() or set(USUAL)
    return tuple(column for column in COLUMNS if column.key in wanted | set(ALWAYS))


def facts_of(columns: Iterable[Column]) -> frozenset[str]:
    """What must be read for ``columns`` besides the matters."""
    return frozenset(column.fact for column in columns if column.fact)
