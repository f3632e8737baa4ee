"""The ledger as a workbook: a sheet a month and one for the year (domain.md section 4), row by row onto the disk.

Nothing is kept but the row at hand: each sheet streams into a file of its own, and a batch of matters is read only when
the one before is written. Whatever somebody typed is text and stays text, also after it was edited in the office
program; days are days and numbers are numbers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import extract, or_, select, tuple_

from app.matter.ledger import Reader
from app.matter.ledger_filter import Wanted, batch_after, like
from app.matter.workdays import Calendar
from app.people.sheets import LONGEST
from app.records.ledger_columns import COLUMNS, Column, facts_of
from app.records.ledger_rows import Cell, Line, Say, line_of, lines_statement
from app.records.models import OldMatter
from app.records.old_ledger import EXPORTED
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

BATCH = 500
#: Sheets are put in the order of year and month: a year's own sheet after its twelfth month, the old ledgers last.
YEAR_PLACE, OLD_PLACE = 13, 9999
YEAR, OLD = N_("年度"), N_("往年台账")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
Beat = Callable[[int], None]


class Book:
    """One workbook in the making; ``close`` it whatever happens, or its half-written sheets stay behind."""

    def __init__(self, columns: Sequence[Column], say: Say, *, one_year: bool, months: bool = True) -> None:
        # The package takes a tenth of a second to load, and only downloads need it.
        from openpyxl import Workbook  # noqa: PLC0415

        self._columns, self._say, self._one_year, self._months = columns, say, one_year, months
        self._book = Workbook(write_only=True)
        self._sheets: dict[tuple[int, int], Any] = {}
        self._rows: dict[tuple[int, int], int] = {}

    def add(self, line: Line) -> None:
        """Write a line into the sheet of its month and into that of its year."""
        year, month = line.month
        places = [(year, month), (year, YEAR_PLACE)] if self._months else [(0, 0)]
        sheets = [self._sheet(place, self._heads()) for place in places]
        cells = [self._cell(column, line.cells[column.key]) for column in self._columns]
        for sheet in sheets:
            self._append(sheet, cells)

    def add_old(self, row: Any) -> None:
        """Write a row of the old ledgers into a sheet of their own, under their own headings."""
        sheet = self._sheet((OLD_PLACE, 0), [(label, 14) for _name, label in EXPORTED])
        self._append(sheet, [_plain(getattr(row, name), self._book) for name, _label in EXPORTED])

    def save(self, target: Path | Any) -> None:
        """Put the sheets in order and write the workbook."""
        if not self._sheets:
            self._sheet((0, 0), self._heads())
        self._book._sheets = [self._sheets[place] for place in sorted(self._sheets)]
        for sheet in self._sheets.values():
            last = sheet.column_letter_of_last_head
            sheet.auto_filter.ref = f"A1:{last}{max(2, self._rows[sheet.place] + 1)}"
        self._book.save(target)

    def close(self) -> None:
        """Remove what was written of sheets that never became a workbook."""
        for sheet in self._sheets.values():
            writer = sheet._writer
            if writer is not None and os.path.exists(writer.out):
                with suppress(Exception):
                    sheet.close()
                with suppress(OSError, ValueError):
                    writer.cleanup()

    def _heads(self) -> list[tuple[str, int]]:
        return [(column.label, column.width) for column in self._columns]

    def _append(self, sheet: Any, cells: list[Any]) -> None:
        self._rows[sheet.place] += 1
        if sheet.place[0] != OLD_PLACE and self._columns[0].key == "seq":
            cells[0] = self._rows[sheet.place]
        sheet.append(cells)

    def _sheet(self, place: tuple[int, int], heads: list[tuple[str, int]]) -> Any:
        return self._sheets.get(place) or self._new_sheet(place, heads)

    def _new_sheet(self, place: tuple[int, int], heads: list[tuple[str, int]]) -> Any:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.styles import Alignment, Font  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # noqa: PLC0415

        sheet = self._book.create_sheet(self._name(place))
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.sheet_properties.pageSetUpPr = _fit_to_width()
        sheet.page_setup.fitToHeight = 0
        row = []
        for index, (label, width) in enumerate(heads, 1):
            sheet.column_dimensions[get_column_letter(index)].width = width
            cell = WriteOnlyCell(sheet, self._say(label))
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
            row.append(cell)
        sheet.append(row)
        sheet.place, sheet.column_letter_of_last_head = place, get_column_letter(len(heads))
        self._sheets[place], self._rows[place] = sheet, 0
        return sheet

    def _name(self, place: tuple[int, int]) -> str:
        year, month = place
        if year == OLD_PLACE:
            return self._say(OLD)
        if not year:
            return self._say(N_("台账"))
        if month == YEAR_PLACE:
            return self._say(YEAR) if self._one_year else self._say(N_("%(year)s年度"), {"year": year})
        if self._one_year:
            return self._say(N_("%(month)s月"), {"month": month})
        return f"{year}-{month:02d}"

    def _cell(self, column: Column, value: Cell) -> Any:
        if column.kind == "share" and value is not None:
            cell = _styled(self._book, value)
            cell.number_format = "0%"
            return cell
        return _plain(value, self._book)


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415

    return PageSetupProperties(fitToPage=True)


def _styled(book: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    return WriteOnlyCell(book._sheets[0], value)


def _plain(value: Cell, book: Any) -> Any:
    """A value as the writer takes it; what a program might run as a formula is nailed down as text."""
    if not isinstance(value, str):
        return value
    text = _UNFIT.sub("", value)[:LONGEST]
    if not text.startswith((*_FORMULA, "#")):
        return text or None
    cell = _styled(book, None)
    cell._value, cell.data_type = text, "s"
    # Without the mark the program would read it as a formula as soon as somebody edits the cell.
    cell.quotePrefix = text.startswith(_FORMULA)
    return cell


def batches(
    wanted: Wanted, reader: Reader, columns: Sequence[Column], *, now: datetime, calendar: Calendar, say: Say,
    size: int = BATCH,
) -> Iterator[list[Line]]:  # fmt: skip
    """The asked-for lines in the order of collecting, ``size`` at a time; one statement a batch."""
    after: tuple[datetime, UUID] | None = None
    facts = facts_of(columns)
    while True:
        page = batch_after(wanted, reader, now, size=size, after=after)
        rows = db.session.execute(lines_statement(page, facts).order_by(page.c.k0, page.c.id)).all()
        yield [line_of(row, reader, columns, now=now, calendar=calendar, say=say, seq=0) for row in rows]
        if len(rows) < size:
            return
        after = (rows[-1].collected_at, rows[-1].id)


def old_batches(wanted: Wanted, size: int = BATCH) -> Iterator[list[Any]]:
    """The rows of the old ledgers of the same year, month and words, oldest year first."""
    chosen = old_rows(wanted).order_by(OldMatter.year, OldMatter.id).limit(size)
    after: tuple[int, UUID] | None = None
    while True:
        keyed = chosen if after is None else chosen.where(tuple_(OldMatter.year, OldMatter.id) > tuple_(*after))
        rows = db.session.execute(keyed).all()
        yield list(rows)
        if len(rows) < size:
            return
        after = (rows[-1].year, rows[-1].id)


def old_rows(wanted: Wanted) -> Any:
    """What of the old ledgers belongs to an export; nothing where it asks for more than year, month and words."""
    columns = [getattr(OldMatter, name) for name, _label in EXPORTED]
    chosen = select(OldMatter.id, *columns).where(OldMatter.community_id == current_community())
    if wanted.tab != "all" or wanted.filters.keys() - {"year", "month", "words"}:
        return chosen.where(OldMatter.id.is_(None))
    if wanted.year:
        chosen = chosen.where(OldMatter.year == wanted.year)
    if wanted.month:
        chosen = chosen.where(extract("month", OldMatter.collected_on) == wanted.month)
    if wanted.words:
        pattern = like(wanted.words)
        texts = (OldMatter.title, OldMatter.number, OldMatter.place)
        chosen = chosen.where(or_(*(column.ilike(pattern, escape="\\") for column in texts)))
    return chosen


def write_book(
    target: Path | Any, wanted: Wanted, reader: Reader, *, now: datetime, calendar: Calendar, say: Say, beat: Beat,
    months: bool = True, columns: Sequence[Column] = COLUMNS,
) -> int:  # fmt: skip
    """Write the workbook and return how many lines it holds; ``beat`` hears after each batch and may raise to stop."""
    book = Book(columns, say, one_year=bool(wanted.year), months=months)
    done = 0
    try:
        for lines in batches(wanted, reader, columns, now=now, calendar=calendar, say=say):
            for line in lines:
                book.add(line)
            done += len(lines)
            beat(done)
        if months:
            for rows in old_batches(wanted):
                for row in rows:
                    book.add_old(row)
                done += len(rows)
                beat(done)
        book.save(target)
    finally:
        book.close()
    return done
