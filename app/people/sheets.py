"""Writing a table for somebody else's office program: CSV and XLSX that carry text and never a formula.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` would be run by the program that opens it, and what stands in our
tables was typed by anybody. In CSV such a cell gets an apostrophe; in XLSX every cell is written as text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

Cell = str | int | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: What a spreadsheet takes in one cell.
LONGEST = 32_000
#: Letters that no XML may hold, and letters that no sheet's name may.
_UNFIT = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
_NO_NAME = re.compile(r"[\[\]:*?/\\]")


def guarded(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    # A full-width sign is turned into the plain one by some programs before they look for a formula.
    return "'" + text if text.startswith(FORMULA) or (text[:1] in "＝＋－＠" and text) else text


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file in UTF-8 with the mark by which office programs know it."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(head) for head in heads])
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else ("" if cell is None else cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@dataclass(frozen=True)
class Table:
    """One sheet: its name, its heading, its rows; ``widths`` in letters, ``wrap`` for columns of whole sentences."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()
    wrap: bool = False


def xlsx_bytes(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, widths: Sequence[int] = (), wrap: bool = False
) -> bytes:
    """An XLSX file with one sheet, its heading frozen; strings stay strings whatever they begin with."""
    return book_bytes([Table(title, heads, rows, widths, wrap)])


def book_bytes(tables: Iterable[Table]) -> bytes:
    """An XLSX file with a sheet for each table, under the same rules."""
    # The package takes a tenth of a second to load, and only downloads need it.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    for table in tables:
        _fill(book.create_sheet(_NO_NAME.sub(" ", table.title)[:30] or "1"), table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, table: Table) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    for index in range(len(table.heads)):
        width = table.widths[index] if index < len(table.widths) else 14
        sheet.column_dimensions[get_column_letter(index + 1)].width = width

    def as_cell(value: Cell, *, is_head: bool = False) -> Any:
        if not isinstance(value, str):
            return WriteOnlyCell(sheet, value)
        cell = WriteOnlyCell(sheet, value.translate(_UNFIT)[:LONGEST])
        cell.data_type = "s"
        if is_head:
            cell.font = bold
        if table.wrap:
            cell.alignment = wrapped
        return cell

    sheet.append([as_cell(head, is_head=True) for head in table.heads])
    for row in table.rows:
        sheet.append([as_cell(value) for value in row])
