"""How large the letters of a plan may be so that the whole year still stands on one landscape sheet.

Lengths are millimetres of A4; A3 has the same proportions, so one answer serves both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from app.records.poster_svg import width_of

#: Class and height of the letters, the largest first.
LETTERS = (("is-xl", 5.4), ("is-l", 4.6), ("is-m", 4.0), ("is-s", 3.4), ("is-xs", 3.0), ("is-xxs", 2.7))
#: Where that is too large a task takes one line, cut where it is longer; the third figure is how high the line is.
ONE_LINE = (("is-line is-dense", 3.0, 4.7), ("is-line is-full", 2.5, 3.8), ("is-line is-tiny", 2.1, 3.2))
#: The sheet without its head and its foot, and what a row of months takes beside its tasks.
ROOM, ROW = 153.0, 12.0
#: How wide the words of a task may run in four and in six columns, without the day before them.
WIDTHS = {4: 62.5, 6: 39.0}


def letters_for(months: Sequence[Mapping[str, Any]]) -> str:
    """The class of the largest letters that fit; ``months`` are as the page shows them."""
    columns = 4 if len(months) <= 12 else 6
    rows = [months[n : n + columns] for n in range(0, len(months), columns)]
    room = ROOM - ROW * len(rows)
    for name, size in LETTERS:
        tall = sum(max(_height(month, size, WIDTHS[columns]) for month in row) for row in rows)
        if tall <= room:
            return name
    most = sum(max(len(month["before"]) + len(month["after"]) for month in row) for row in rows)
    return next((name for name, _size, line in ONE_LINE if (most + 1) * line <= room), ONE_LINE[-1][0])


def _height(month: Mapping[str, Any], size: float, width: float) -> float:
    # The day stands before the words in two and a half letters, and a line breaks a letter early now and then.
    run = width - 3.3 * size
    lines = 0
    for row in (*month["before"], *month["after"]):
        what = f"{row['task'].what} {row['measure']}"
        who = f"{row['task'].who} · 预算 {row['spent'] or row['planned']}"
        foot = width_of(who, size * 0.88) + width_of(row["standing"], size * 0.9) + 2.5 * size
        lines += ceil(width_of(what, size) / run) + ceil(foot / run)
    n = len(month["before"]) + len(month["after"])
    between = 2.0 if size >= 3.0 else 1.2
    return lines * size * 1.31 + n * between + (size * 1.2 + 1.4 if month["is_now"] else 0.0)
