"""From a sheet of text to checked lines: find the heading, read every cell, say what is wrong by line and column.

Pure. A kind of import names its columns; what it means (new, same, changed) is the business of its own room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.people.actor import Actor
from app.people.import_cells import BadCell, Reader
from app.people.import_files import EMPTY, SEARCH, TOO_LONG, BadFile, Grid, column_letter, widest
from app.words import N_

#: How many errors a page shows; the sheet that can be downloaded holds all of them.
SHOWN = 300
NO_HEADING = N_("没有找到表头。第一行请写列名：%(names)s。")
NO_COLUMN = N_("表头里没有「%(name)s」这一列。")
MISSING = N_("这一格要填。")
HEADING = "—"


@dataclass(frozen=True)
class Column:
    """One column: the ``label`` that stands in the template, other names for it, and how a cell is read."""

    key: str
    label: str
    read: Reader
    required: bool = False
    also: tuple[str, ...] = ()
    sample: str = ""


@dataclass(frozen=True)
class Line:
    """One row that could be read; ``number`` is its row in the file, ``cells`` the columns that were there."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Wrong:
    """What is wrong at one place. ``words`` is a message id and ``values`` belong to it."""

    row: int
    column: str
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As a run keeps it."""
        return {"row": self.row, "column": self.column, "words": self.words, "values": dict(self.values)}


@dataclass(frozen=True)
class Sheet:
    """A sheet whose heading was found: ``places`` says where each known column stands."""

    name: str
    rows: list[tuple[int, list[str]]]
    places: Mapping[str, int]
    headings: list[str]
    ignored: list[str]
    others: list[str]

    def at(self, key: str) -> str:
        """``C 楼栋``: where a column is, as the spreadsheet shows it."""
        place = self.places.get(key)
        return f"{column_letter(place)} {self.headings[place]}" if place is not None else HEADING


@dataclass(frozen=True)
class Given:
    """What an import knows besides its lines. ``beat(done)`` shows progress and ends a cancelled run by raising."""

    by: Actor
    now: datetime
    import_id: UUID
    options: Mapping[str, Any]
    beat: Callable[[int], None] = lambda _done: None


@dataclass(frozen=True)
class Judged:
    """What the lines would do: ``wrong`` stops everything, ``summary`` counts, ``plan`` is the kind's own."""

    wrong: list[Wrong]
    summary: dict[str, Any]
    plan: Any = None


@dataclass(frozen=True)
class Kind:
    """One kind of import. ``judge`` only reads; ``write`` carries out the plan and never commits."""

    key: str
    columns: Sequence[Column]
    most: int
    judge: Callable[[Sheet, list[Line], Given], Judged]
    write: Callable[[Judged, Given], None]
    prefers: Callable[[Sequence[Grid]], Grid] = widest


def tidy_heading(text: str) -> str:
    """A column's name without blanks, stars and remarks in brackets."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"\(.*?\)|[\s*:：]", "", plain).lower()


def find_heading(grid: Grid, columns: Sequence[Column]) -> Sheet | None:
    """The row of the first few that names the most of ``columns``, or None where none names two."""
    names = {tidy_heading(name): column.key for column in columns for name in (column.key, column.label, *column.also)}
    best: tuple[int, dict[str, int]] = (0, {})
    for at, (_number, cells) in enumerate(grid.rows[:SEARCH]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            key = names.get(tidy_heading(cell))
            if key:
                places.setdefault(key, place)
        if len(places) > len(best[1]):
            best = (at, places)
    at, places = best
    if len(places) < min(2, len(columns)):
        return None
    headings = grid.rows[at][1]
    known = set(places.values())
    ignored = [cell for place, cell in enumerate(headings) if cell and place not in known]
    return Sheet(grid.name, grid.rows[at + 1 :], places, headings, ignored, grid.others)


def choose(grids: Sequence[Grid], kind: Kind) -> Sheet:
    """The sheet to read: of those with a heading the one the kind prefers. Raises :class:`BadFile`."""
    headed = {id(grid): sheet for grid in grids if (sheet := find_heading(grid, kind.columns))}
    if not headed:
        names = "、".join(column.label for column in kind.columns if column.required)
        raise BadFile(NO_HEADING, names=names)
    sheet = headed[id(kind.prefers([grid for grid in grids if id(grid) in headed]))]
    if not sheet.rows:
        raise BadFile(EMPTY)
    if len(sheet.rows) > kind.most:
        raise BadFile(TOO_LONG, n=len(sheet.rows), most=kind.most)
    return sheet


def read_lines(sheet: Sheet, columns: Sequence[Column], beat: Callable[[int], None]) -> tuple[list[Line], list[Wrong]]:
    """Every row read; a row with a wrong cell is among the second, never among the first."""
    absent = [column for column in columns if column.required and column.key not in sheet.places]
    if absent:
        return [], [Wrong(0, HEADING, NO_COLUMN, {"name": column.label}) for column in absent]
    lines: list[Line] = []
    wrong: list[Wrong] = []
    for done, (number, cells) in enumerate(sheet.rows, 1):
        found, bad = _row(sheet, columns, number, cells)
        wrong += bad
        if not bad:
            lines.append(Line(number, found))
        if done % 200 == 0:
            beat(done)
    return lines, wrong


def _row(sheet: Sheet, columns: Iterable[Column], number: int, cells: list[str]) -> tuple[dict[str, Any], list[Wrong]]:
    found: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for column in columns:
        place = sheet.places.get(column.key)
        text = cells[place] if place is not None and place < len(cells) else ""
        if not text:
            if column.required:
                wrong.append(Wrong(number, sheet.at(column.key), MISSING))
            continue
        try:
            found[column.key] = column.read(text)
        except BadCell as error:
            wrong.append(Wrong(number, sheet.at(column.key), error.reason, error.values))
    return found, wrong
