"""One line of the board as a page, a sheet of paper and a workbook show it. Colours never stand alone: the number does.

How many take part is told and never shaded: it describes a community and is no measure of it (domain.md section 7).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file
from flask_babel import gettext as _

from app import clock
from app.faces.look import say
from app.faces.phrasing import clauses
from app.flow.evaluate.rules import GRADE_LABELS
from app.people.sheets import Cell, Table, book_bytes
from app.records import indicators
from app.records.counts import HallCounts, median
from app.records.indicators import Figure, hall_figures
from app.records.street_board import Board, Line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Which shade, 0 to 4, from these values on: red lights, yellow lights, half-hours until the first answer.
_RED, _YELLOW, _HALVES = (1, 2, 3, 5), (1, 3, 5, 8), (48, 72, 96, 144)


def line_of(line: Line) -> dict[str, Any]:
    """What a row of the table shows of one community; ``counts`` is None where nothing was counted."""
    c = line.counts
    short = line.name.removesuffix("社区") or line.name
    if c is None:
        return {"line": line, "short": short, "counts": None, "why": []}
    halves = median(c.reply_hours)
    return {
        "line": line, "short": short, "counts": c, "why": indicators.reasons(c),
        "red": indicators.heat(c.red, _RED), "yellow": indicators.heat(c.yellow, _YELLOW),
        "hours": indicators.NOTHING if halves is None else f"{(halves + 1) // 2}",
        "hours_heat": 0 if halves is None else indicators.heat(halves, _HALVES),
        "took_part": _whole_percent(c.homes_took_part, c.homes),
        "satisfied": satisfied(c), "satisfied_heat": _unhappy(c), "sittings_heat": 0 if c.sittings else 1,
    }  # fmt: skip


def satisfied(c: HallCounts) -> str:
    """Per cent of valid ratings, whole; a word instead where there are too few."""
    if 0 < c.rated < indicators.FEWEST_RATINGS:
        return str(_("样本不足"))
    return _whole_percent(c.satisfied, c.rated)


def satisfaction_rows(c: HallCounts) -> list[dict[str, Any]]:
    """The five grades from the best down: label, how many, tone."""
    tones = {5: "ok", 4: "ok", 3: "3", 2: "late", 1: "late"}
    return [
        {"label": _(label), "n": c.grades.get(grade, 0), "tone": tones[grade]}
        for grade, label in sorted(GRADE_LABELS.items(), reverse=True)
    ]


def month_label(key: str) -> str:
    """11月 from 2026-11."""
    return str(_("%(month)s月", month=int(key[-2:])))


def board_sheet(board: Board, choice: str) -> Response:
    """A workbook: one sheet with the board in order of attention, one with every figure's two numbers."""
    heads = [
        _("社区"), _("红灯"), _("黄灯"), _("在办"), _("收到"), _("受理"), _("办结"), _("首次答复（小时，一半不超过）"),
        _("开会"), _("参与户"), _("登记的户"), _("满意"), _("有效评价"), _("等街道接的"), _("为什么要看"),
        _("哪天几点数的"),
    ]  # fmt: skip
    rows = [_cells(line) for line in board.lines]
    widths = [16, 8, 8, 8, 8, 8, 8, 14, 8, 10, 10, 8, 10, 10, 44, 18]
    tables = [Table(_("各社区%(choice)s", choice=choice), heads, rows, widths, True), _figures_table(board)]
    return sheet(_("议事总览"), tables)


def _cells(line: Line) -> tuple[Cell, ...]:
    c = line.counts
    if c is None:
        return (line.name, *[""] * 13, _("还没数出来"), "")
    halves = median(c.reply_hours)
    hours = "" if halves is None else indicators.ratio(halves, 2)
    why = clauses(say(reason.words, reason.values) for reason in indicators.reasons(c)) or _("平稳")
    return (
        line.name, c.red, c.yellow, c.open, c.received, c.accepted, c.closed, hours,
        c.sittings, c.homes_took_part, c.homes, c.satisfied, c.rated, c.asking, why,
        f"{clock.local(line.counted_at):%Y-%m-%d %H:%M}" if line.counted_at else "",
    )  # fmt: skip


def _figures_table(board: Board) -> Table:
    heads = [_("社区"), _("编号"), _("指标"), _("数"), _("单位"), _("分子"), _("分母"), _("怎么算的")]
    rows = [
        (line.name, *figure_cells(figure))
        for line in board.lines if line.counts is not None
        for figure in hall_figures(line.counts)
    ]  # fmt: skip
    return Table(_("指标明细"), heads, rows, [16, 8, 18, 10, 8, 10, 10, 60], True)


def figure_cells(figure: Figure) -> tuple[Cell, ...]:
    """One figure: key, label, number, unit, numerator, denominator, formula."""
    number = _(figure.hidden) if figure.hidden else figure.number
    return (
        figure.key, _(figure.label), number, _(figure.unit), figure.numerator, figure.denominator, _(figure.means)
    )  # fmt: skip


def sheet(title: str, tables: list[Table]) -> Response:
    """A workbook to take away; what only staff may read is kept by no browser."""
    name = f"{clock.today().isoformat()}_{title}.xlsx"
    answer = send_file(BytesIO(book_bytes(tables)), XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _whole_percent(numerator: int, denominator: int) -> str:
    return str((200 * numerator + denominator) // (2 * denominator)) if denominator else indicators.NOTHING


def _unhappy(c: HallCounts) -> int:
    """The shade of few satisfied: from seven in ten down it is deepest."""
    if c.rated < indicators.FEWEST_RATINGS:
        return 0
    share = 100 * c.satisfied // c.rated
    return next((shade for limit, shade in ((indicators.SATISFIED_ENOUGH, 4), (80, 3), (90, 1)) if share < limit), 0)
