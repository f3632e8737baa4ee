"""What stands in one cell of a table somebody brought: words, whole numbers, days and moments.

Office programs write the same day in ten ways and turn 301 into 301.0, so a cell is read as text first and judged here.
Pure: no database, no clock. Every reader takes the cell's text (never empty) and raises :class:`BadCell`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import Refused
from app.words import N_

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Spreadsheets count days from here (1900 system, with its false 29 February behind us).
_SPREADSHEET_ZERO = date(1899, 12, 30)
_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_SHORT_DAY = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_CLOCK = re.compile(r"(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*分?(?:[:：]?(\d{1,2}))?\s*秒?")

Reader = Callable[[str], Any]


class BadCell(Refused):
    """The cell cannot be read as what its column holds; the reason says what to write instead."""


def plain(text: str) -> str:
    """The text in one form of each letter, without letters that have no shape; line ends and inner blanks stay."""
    tidy = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u3000", " ")
    return "".join(c for c in tidy if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")).strip()


def as_text(value: object) -> str:
    """A cell's value as people see it: 301 for 301.0, ISO days and moments, nothing for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return plain(str(value))


def words(limit: int, *, one_line: bool = True) -> Reader:
    """Text of at most ``limit`` letters."""

    def read(text: str) -> str:
        tidy = re.sub(r"\s+", " ", text) if one_line else text
        if len(tidy) > limit:
            raise BadCell(N_("最多写 %(limit)s 个字，这里有 %(n)s 个。"), limit=limit, n=len(tidy))
        return tidy

    return read


def one_of(choices: Mapping[str, str]) -> Reader:
    """One of the words in ``choices`` (word → what is stored)."""

    def read(text: str) -> str:
        found = choices.get(re.sub(r"\s+", "", text))
        if found is None:
            listed = "、".join(list(choices)[:8])
            raise BadCell(N_("「%(text)s」不认识，请写：%(listed)s。"), text=text[:20], listed=listed)
        return found

    return read


def number_in(text: str) -> int | None:
    """The whole number a word stands for (3, ３, 三, 二十一, 300.0), or None."""
    tidy = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    if re.fullmatch(r"\d{1,9}(\.0+)?", tidy) and tidy.isascii():
        return int(float(tidy))
    return _chinese(tidy)


def _chinese(text: str) -> int | None:
    if not text or any(letter not in _DIGITS and letter not in _UNITS for letter in text):
        return None
    total, digit = 0, 0
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        else:
            total, digit = total + (digit or 1) * _UNITS[letter], 0
    return total + digit


def whole(least: int, most: int, *endings: str) -> Reader:
    """A whole number between two bounds; ``endings`` such as 单元 may follow it."""

    def read(text: str) -> int:
        tidy = re.sub(r"\s+", "", text)
        for ending in endings:
            tidy = tidy.removesuffix(ending)
        found = number_in(tidy)
        if found is None:
            raise BadCell(N_("这里要写数字，「%(text)s」看不懂。"), text=text[:20])
        if not least <= found <= most:
            raise BadCell(N_("这个数要在 %(least)s 到 %(most)s 之间。"), least=least, most=most)
        return found

    return read


def day(text: str, *, year: int | None = None) -> date:
    """A day in any of the ways offices write it; one without a year needs ``year``."""
    tidy = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.match(tidy)
    if found:
        return _date(text, *(int(part) for part in found.groups()))
    if re.fullmatch(r"(19|20)\d{6}", tidy):
        return _date(text, int(tidy[:4]), int(tidy[4:6]), int(tidy[6:]))
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", tidy):
        return _SPREADSHEET_ZERO + timedelta(days=int(float(tidy)))
    short = _SHORT_DAY.match(tidy)
    if short and year:
        return _date(text, year, int(short[1]), int(short[2]))
    raise BadCell(N_("日期看不懂：「%(text)s」，请写成 2024-05-06 这样。"), text=text[:20])


def _date(text: str, year: int, month: int, the_day: int) -> date:
    try:
        found = date(year, month, the_day)
    except ValueError:
        raise BadCell(N_("没有这一天：「%(text)s」。"), text=text[:20]) from None
    if not 1949 <= found.year <= 2100:
        raise BadCell(N_("没有这一天：「%(text)s」。"), text=text[:20])
    return found


def moment(text: str) -> datetime:
    """A moment on a Chinese wall clock as UTC; a bare day is its first minute."""
    tidy = unicodedata.normalize("NFKC", text).strip().replace("T", " ")
    serial = re.fullmatch(r"[2-6]\d{4}\.\d+", tidy)
    if serial:
        seconds = round((float(tidy) % 1) * 86400)
        return (datetime.combine(day(tidy), time(), SHANGHAI) + timedelta(seconds=seconds)).astimezone(UTC)
    the_day = day(tidy)
    found = _DAY.match(tidy)
    rest = tidy[found.end() :].strip() if found else ""
    if not rest:
        return datetime.combine(the_day, time(), SHANGHAI).astimezone(UTC)
    clock = _CLOCK.match(rest)
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (99, 0, 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadCell(N_("时间看不懂：「%(text)s」，请写成 2024-05-06 14:30 这样。"), text=text[:30])
    return datetime.combine(the_day, time(hour, minute, second), SHANGHAI).astimezone(UTC)


def last_moment(text: str) -> datetime:
    """A deadline: like :func:`moment`, but a bare day ends at its last second."""
    found = moment(text)
    local = found.astimezone(SHANGHAI)
    return (local + timedelta(hours=23, minutes=59, seconds=59)).astimezone(UTC) if local.time() == time() else found
