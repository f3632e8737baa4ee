"""Reading a council's list (name, login, title) from pasted text or a CSV file. Pure: it knows no database.

One line a member; commas (also full-width), tabs, quotes and a heading line are understood, because lists come out
of office programs and chat windows alike.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from app.errors import Verdict, no, yes
from app.words import N_

LINES = 60
BYTES = 64_000
HEADS = frozenset({"name", "姓名", "名字"})
EMPTY = N_("名单里一行也没有。每行写：姓名，登录名，职务。")
TOO_MANY = N_("名单最多 %(limit)s 行，这里有 %(found)s 行。")
UNREADABLE = N_("这个文件读不出来，请存成 CSV（UTF-8 或 GBK）再传，或者把名单粘贴进来。")


@dataclass(frozen=True)
class Line:
    """One member as written; ``number`` is the line in the text, from 1."""

    number: int
    name: str
    login: str
    title: str = ""
    extra: int = 0


def decode(raw: bytes) -> str | None:
    """The text of an uploaded list, or None. Office programs in China still save GBK."""
    if len(raw) > BYTES or b"\x00" in raw:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read(text: str) -> list[Line]:
    """The members of a list; blank lines and the heading are left out."""
    found: list[Line] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        plain = raw.replace("，", ",").replace("\t", ",").strip()
        cells = [cell.strip() for cell in next(csv.reader(StringIO(plain)), [])]
        while cells and not cells[-1]:
            cells.pop()
        if not any(cells) or (not found and cells[0].lower() in HEADS):
            continue
        name, login, title, *rest = [*cells, "", "", ""][: max(3, len(cells))]
        found.append(Line(number, name, login.lower(), title, len(rest)))
    return found


def fits(lines: list[Line]) -> Verdict:
    """Whether there is a list at all and not too much of it."""
    if not lines:
        return no(EMPTY)
    return yes() if len(lines) <= LINES else no(TOO_MANY, limit=LINES, found=len(lines))


def repeated(lines: list[Line]) -> Mapping[int, Verdict]:
    """Lines whose login an earlier line already used, by line number."""
    first: dict[str, int] = {}
    found: dict[int, Verdict] = {}
    for line in lines:
        if line.login and line.login in first:
            same = {"login": line.login, "line": first[line.login]}
            found[line.number] = no(N_("登录名 %(login)s 和第 %(line)s 行重了。"), **same)
        first.setdefault(line.login, line.number)
    return found
