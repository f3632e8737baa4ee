"""Who fills in a form as it is meant: what stands there stays, what is asked is answered, what was wrong is mended.

A door is only tried in earnest behind its checks. So each form is filled in by somebody who reads the refusal and
writes something else where it was marked, until the program takes it; nonsense is then put into what it takes.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from urllib.parse import urlsplit

from tests.prove.inputs.forms import Field, read

#: What is sent under one name: nothing, once, or several times.
Sent = tuple[str, ...]
#: Days from the plan's own day, nearest first, as dates are asked for: to come, long to come, today, gone by.
DAYS = (0, 21, -9, -10, -8, -30, -2, 60, 200, -400)
WORDS = "三号楼二单元的灯坏了三天，老人下楼看不清路，大家说好下周一起换成声控的。"
SHORT = ("楼道灯{n}", "王小{n}", "三号楼", "2", "张桂兰", "301")
#: What a field of this name (or ending in it) is given, best first.
NAMED: dict[str, tuple[str, ...]] = {
    "at": ("00:10",), "begun": ("00:10",), "ended": ("00:20",), "seat": ("", "19"), "grade": ("3", "0", "5"),
    "slip": ("1", "2"), "unit": ("2", "1"), "visitors": ("3",), "contact": ("13800138000",), "serials": ("1",),
    "brand": ("#226644",), "ink": ("#111111",), "paper": ("#ffffff",), "accent": ("#884422",),
    "login": ("ren{n}",), "slug": ("ting{n}",), "code": ("Z{n}", "{n}", "zg{n}"), "phone": ("1380013{n:04d}",),
    "phones": ("13800138000",), "year": ("2026", "2025", "2027"), "birth_year": ("1960", "2012"), "age": ("60",),
    "card": ("110101199003070038",), "name": ("王小{n}", "张桂兰"), "names": ("王桂兰\n李国强\n陈小芳",),
    "title": ("楼道灯{n}",), "door": ("锡麟街小区2号楼2单元301", "3号楼2单元301", "301", ""),
    "room": ("301", "101", "", "9{n}"), "new": ("deng-liang-le-2026",),
    "again": ("deng-liang-le-2026",), "area": ("88.5",), "hours": ("2", "每天 9:00–17:00"), "days": ("7", "30", "90"),
    "month": ("2026-11",), "hour": ("09:30", "9", "14:30"), "minutes": ("30", "5"), "check_months": ("1,3,6",),
    "sort": ("1",),
    "reached": ("3",), "households": ("30", "3"), "units": ("2",), "floors": ("6",), "count": ("3",), "total": ("100",),
    "amount": ("120.50",), "cost": ("120.50",), "planned": ("120.50",), "actual": ("120.50",), "fee": ("0", "50"),
    "objections": ("0",), "present": ("3", "12"), "yes": ("3", "1", "0"), "no": ("0", "1"), "abstain": ("0", "1"),
    "spoiled": ("0",), "blank": ("0",), "in_favour": ("3", "1"), "against": ("0", "1"), "n": ("1", "2"),
    "serial": ("1", "12"), "letter_no": ("街函〔2026〕{n} 号",), "labels": ("路灯\n停车",),
    "options": ("换声控灯\n换新灯管",),
}  # fmt: skip
BY_KIND: dict[str, tuple[str, ...]] = {
    "time": ("14:30", "16:00", "09:00"), "later": ("16:00", "17:30"),
    "number": ("3", "1", "0", "12", "2026", "50"), "tel": ("1380013{n:04d}",),
    "color": ("#226644",), "email": ("a@b.cn",), "url": ("https://example.org/",), "search": ("灯",),
    "textarea": (WORDS, "路灯\n停车", "王桂兰\n李国强\n陈小芳"),
}  # fmt: skip
DATED = ("day", "date", "due", "starts", "ends", "until", "on", "month", "from")


@dataclass
class Filling:
    """One way to fill in one form: which of its possible values each field has now."""

    fields: tuple[Field, ...]
    day: str
    number: int
    #: What only this one knows: own login and password, codes that the office gave out.
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    turn: dict[str, int] = field(default_factory=dict)
    #: Names that the last refusal marked.
    marked: set[str] = field(default_factory=set)
    is_stuck: bool = False

    def pairs(self) -> list[tuple[str, str]]:
        """What a browser would send."""
        sent: list[tuple[str, str]] = []
        submits = 0
        for one in self.fields:
            if one.kind == "file":
                continue
            if one.kind == "submit":
                # Only the button that is pressed is sent; without a choice it is the first.
                submits += 1
                if submits > 1 and one.name not in self.turn:
                    continue
            ways = ways_of(one, self.day, self.number, self.known)
            sent += [(one.name, value) for value in ways[self.turn.get(one.name, 0) % len(ways)]]
        return sent

    def hear(self, page: str, path: str, *, is_guess: bool) -> None:
        """Read a refused page: what it marks, and fields that it shows; a form that was only guessed is replaced."""
        fields = [one for one in fields_of(page, path) if one.name]
        before, self.marked = self.marked, {one.name for one in fields if one.wrong}
        # Twice the same mark may be the fault of a field beside it: an end before its beginning, a name already there.
        self.is_stuck = bool(self.marked) and before == self.marked
        shown, known = {one.name for one in fields}, {one.name for one in self.fields}
        if is_guess and fields:
            self.fields = tuple(one for one in self.fields if one.name in shown)
        self.fields += tuple(one for one in fields if one.name not in known)

    def mend(self, draw: Random) -> None:
        """Write something else where it was marked; where nothing was, somewhere."""
        known = {one.name for one in self.fields if one.kind not in ("file", "hidden")}
        where = known & self.marked
        if self.is_stuck and known:
            where = where | {draw.choice(sorted(known))}
        if not where and known:
            where = {draw.choice(sorted(known)) for _turn in range(draw.choice((1, 1, 2, 3)))}
        for name in sorted(where):
            self.turn[name] = self.turn.get(name, 0) + (1 if name in self.marked else draw.choice((1, 2, 3)))


def ways_of(one: Field, day: str, number: int, known: dict[str, tuple[str, ...]] | None = None) -> list[Sent]:
    """What somebody may send in this field, likeliest first."""
    if one.name == "once":
        return [(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number} {one.value}")),)]
    if one.kind in ("radio", "select", "submit"):
        first = [value for value in one.chosen if value]
        real = [value for value in one.options if value and value not in first]
        return [(value,) for value in (*first, *real)] or [(value,) for value in one.options[:1]] or [()]
    if one.kind == "checkbox":
        some = one.chosen or one.options[:1]
        ways = [some, one.options[:1], one.options[:2], one.options[:3], one.options[-1:], one.options[:12], ()]
        return list(dict.fromkeys(ways))
    texts = [*(known or {}).get(one.name, ()), *(text.format(n=number % 9000 + 1) for text in texts_of(one, day))]
    if one.kind == "hidden":
        return [(one.value,)]
    return [(text,) for text in dict.fromkeys(([one.value] if one.value else []) + texts + [""])]


def texts_of(one: Field, day: str) -> tuple[str, ...]:
    """Texts for a field where anything may be typed."""
    if one.kind == "time" and one.name not in NAMED and one.name.startswith(("end", "until", "to", "clos")):
        return BY_KIND["later"]
    last = one.name.rpartition("-")[2].rpartition("_")[2]
    days = tuple((date.fromisoformat(day) + timedelta(n)).isoformat() for n in DAYS)
    if one.kind == "date":
        return days
    if one.kind == "datetime-local":
        return tuple(f"{day}T14:30" for day in days)
    if one.kind == "month":
        return tuple(dict.fromkeys(day[:7] for day in days))
    stem = re.sub(r"[-_]\w$", "", one.name)
    named = NAMED.get(one.name) or NAMED.get(last) or NAMED.get(stem) or ()
    if not named and (one.name in DATED or last in DATED):
        named = (*days[:5], f"{day} 14:30")
    if one.value and one.value.isascii() and one.value.isdigit():
        named = (*named, "1", "0", "3")
    if one.kind == "textarea":
        return (WORDS, *named, *BY_KIND["textarea"], *SHORT)
    return (*named, *BY_KIND.get(one.kind, ()), *((WORDS,) if not named else ()), *SHORT)


def fields_of(page: str, path: str) -> list[Field]:
    """The fields of the form on a page that leads to ``path``."""
    forms, _links = read(f"http://x{path}", page)
    return next((one.fields for one in forms if one.method == "POST" and urlsplit(one.action).path == path), [])
