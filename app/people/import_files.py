"""Reading a table somebody brought: XLSX, CSV (UTF-8 or GB18030) or JSON, within bounds, into rows of text.

The file comes from outside, so it is measured before it is opened: a small archive may unpack to gigabytes, and an XML
part may declare entities that grow. Nothing of a formula is ever evaluated; its last stored value is read.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from app.errors import Refused
from app.people.import_cells import as_text
from app.words import N_

BYTES = 20 * 1024 * 1024
ROWS = 20_000
#: More columns than any of our tables has; what stands further right is no part of the table.
WIDTH = 60
#: The heading may stand under a title and a few remarks.
SEARCH = 10
UNPACKED = 120 * 1024 * 1024
PARTS = 300
TOO_BIG = N_("这个文件有 %(mb)s MB，一次最多 20 MB。请分成几份再传。")
TOO_LONG = N_("这张表有 %(n)s 行，一次最多 %(most)s 行。请分成几份再传。")
UNREADABLE = N_("这个文件打不开。请用表格软件另存成 XLSX，或者存成 CSV（UTF-8 或 GBK）再传。")
OLD_FORMAT = N_("这是旧格式的 XLS。请用表格软件打开，另存成 XLSX 再传。")
SUSPICIOUS = N_("这个文件展开来太大或者内部不对，没有打开。请用表格软件重新另存一份再传。")
EMPTY = N_("表里一行也没有。")


class BadFile(Refused):
    """The file as a whole cannot be read; the reason says what to do."""


@dataclass(frozen=True)
class Grid:
    """One sheet as text: ``rows`` of (row number in the file, cells); ``others`` are sheets that were not read."""

    rows: list[tuple[int, list[str]]]
    name: str = ""
    others: list[str] = field(default_factory=list)


def kind_of(data: bytes) -> str:
    """``xlsx``, ``csv`` or ``json``; raises :class:`BadFile` for what cannot be read. The name is not believed."""
    if len(data) > BYTES:
        raise BadFile(TOO_BIG, mb=-(-len(data) // (1024 * 1024)))
    if not data.strip():
        raise BadFile(EMPTY)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BadFile(OLD_FORMAT)
    if data[:4] == b"PK\x03\x04":
        _measure(data)
        return "xlsx"
    text = decode(data)
    return "json" if text.lstrip()[:1] in ("[", "{") else "csv"


def decode(data: bytes) -> str:
    """The text of a CSV or JSON file; office programs in China still save GBK."""
    if b"\x00" in data:
        raise BadFile(UNREADABLE)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(UNREADABLE)


def read_grids(data: bytes) -> list[Grid]:
    """Every sheet of the file that holds anything; a CSV or JSON file is one sheet."""
    kind = kind_of(data)
    if kind == "xlsx":
        found = _workbook(data)
    else:
        text = decode(data)
        rows = _json_rows(text) if kind == "json" else _csv_rows(text)
        found = [Grid(_bounded(rows))]
    found = [grid for grid in found if grid.rows]
    if not found:
        raise BadFile(EMPTY)
    return found


def _measure(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise BadFile(SUSPICIOUS)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        head = file.read(4096)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise BadFile(SUSPICIOUS)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise BadFile(UNREADABLE) from error


def _workbook(data: bytes) -> list[Grid]:
    # The package takes a tenth of a second to load and no page needs it.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        names = [sheet.title for sheet in book.worksheets]
        return [
            Grid(_bounded(_sheet_rows(sheet)), sheet.title, [name for name in names if name != sheet.title])
            for sheet in book.worksheets[:24]
        ]
    except BadFile:
        raise
    except Exception as error:  # A damaged workbook fails in a dozen ways; none of them is ours to tell apart.
        raise BadFile(UNREADABLE) from error


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    # The size a sheet claims for itself is often wrong, and a forged one would make us walk a million rows.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=WIDTH, max_row=ROWS + SEARCH + 1000, values_only=True)
    for number, row in enumerate(rows, 1):
        yield number, [as_text(value) for value in row]


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(200_000)
    sample = text[:4000]
    comma = max((",", "\t", ";"), key=sample.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=comma)
    try:
        for row in reader:
            yield reader.line_num, [_unguarded(as_text(cell)) for cell in row[:WIDTH]]
    except csv.Error as error:
        raise BadFile(UNREADABLE) from error


def _unguarded(cell: str) -> str:
    # Our own exports put an apostrophe before what a spreadsheet would take for a formula.
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@" else cell


def _json_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(UNREADABLE) from error
    if isinstance(listed, dict):
        listed = next((value for value in listed.values() if isinstance(value, list)), None)
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise BadFile(UNREADABLE)
    heads = list(dict.fromkeys(str(name) for entry in listed for name in entry))[:WIDTH]
    yield 0, heads
    for number, entry in enumerate(listed, 1):
        cells = [entry.get(name) for name in heads]
        yield number, ["" if isinstance(cell, dict | list) else as_text(cell) for cell in cells]


def _bounded(rows: Iterator[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
        if len(found) > ROWS + SEARCH:
            raise BadFile(TOO_LONG, n=f"{ROWS}+", most=ROWS)
    return found


def column_letter(index: int) -> str:
    """A, B … Z, AA for the column at ``index`` from 0, as the spreadsheet shows it."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def widest(grids: Sequence[Grid]) -> Grid:
    """The sheet with the most rows."""
    return max(grids, key=lambda grid: len(grid.rows))
