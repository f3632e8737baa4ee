"""Writing a table for somebody else's office program: CSV and XLSX that carry text and never a formula.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` would be run by the program that opens it, and what stands in our
tables was typed by anybody. In CSV such a cell gets an apostrophe; in XLSX every cell is written as text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

Cell = str | int | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: What a spreadsheet takes in one cell.
LONGEST = 32_000
_UNFIT = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


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


def xlsx_bytes(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, widths: Sequence[int] = ()
) -> bytes:
    """An XLSX file with one sheet, its heading frozen; strings stay strings whatever they begin with."""
    # The package takes a tenth of a second to load, and only downloads need it.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:30])
    sheet.freeze_panes = "A2"
    for index in range(len(heads)):
        width = widths[index] if index < len(widths) else 14
        sheet.column_dimensions[get_column_letter(index + 1)].width = width

    def as_cell(value: Cell, *, bold: bool = False) -> WriteOnlyCell:
        if not isinstance(value, str):
            return WriteOnlyCell(sheet, value)
        cell = WriteOnlyCell(sheet, value.translate(_UNFIT)[:LONGEST])
        cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        return cell

    sheet.append([as_cell(head, bold=True) for head in heads])
    for row in rows:
        sheet.append([as_cell(value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
