"""Every door × every role × the ids of rows that belong to somebody else, from the program's own list of doors."""

from __future__ import annotations

import inspect
import io
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID, uuid4

from flask_wtf import FlaskForm
from sqlalchemy import text
from wtforms import Field, fields

from app.people.roles import Role
from tenants.policies import kinds
from tests.prove.isolation.dealing import GUESTS, may_enter, name_of
from tests.prove.isolation.quarter import HOME, Quarter, Visitor
from tests.prove.isolation.twins import SHARED, World

#: Fields and parts of a query that name a row although they do not end in ``_id``.
NAMES_A_ROW = frozenset(
    re.findall(
        r"\w+",
        "about account attendance ballot base building case comment confirmed_by estate expert follows found grid "
        "group household id into invitation kept key letter look matter mine once other owner paper part person "
        "poll promise rating reply replaces series sheet shown sitting stub subject supplements task tasks term "
        "unit view who winner ",
    )
)


@dataclass
class Sweep:
    """What one round of knocking came to."""

    knocks: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    doors: set[str] = field(default_factory=set)
    #: The doors that answered with an error page, and what was raised where in the program.
    broken: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    #: The doors at which nobody knocked; there must be none.
    unknocked: set[str] = field(default_factory=set)

    def add(self, other: Sweep) -> None:
        """Take in another round."""
        self.knocks, self.doors = self.knocks + other.knocks, self.doors | other.doors
        self.statuses.update(other.statuses)
        self.roles.update(other.roles)
        self.broken.update(other.broken)
        self.leaks += other.leaks
        self.wrong += other.wrong


@cache
def form_fields() -> dict[str, type[Field] | None]:
    """Every field that any form declares or any view reads, with the form's own kind of field where it has one."""
    found: dict[str, type[Field] | None] = {}
    waiting = list(FlaskForm.__subclasses__())
    for form in waiting:
        waiting += form.__subclasses__()
        for name, value in inspect.getmembers(form):
            if type(value).__name__ == "UnboundField":
                found.setdefault(name, value.field_class)
    return dict.fromkeys(_read_by_views("form")) | found


@cache
def _read_by_views(store: str) -> frozenset[str]:
    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("app.faces") and getattr(module, "__file__", None):
            source = Path(str(module.__file__)).read_text(encoding="utf-8")
            found |= set(re.findall(rf'{store}(?:\.get|\.getlist)?[\[(]"([\w-]+)"', source))
    return frozenset(found)


def names_a_row(name: str) -> bool:
    """Whether a field or a part of a query holds the id of a row."""
    return name.endswith(("_id", "_ids")) or name in NAMES_A_ROW


def body(foreign: UUID, *, everywhere: bool) -> dict[str, str]:
    """A form in which every field that names a row names a foreign one; ``everywhere``: every field at all."""
    plain: tuple[tuple[type[Field], str], ...] = (
        (fields.BooleanField, "y"), (fields.IntegerField, "1"), (fields.DateField, "2026-07-01"),
        (fields.DateTimeLocalField, "2026-07-01T10:00"), (fields.SelectMultipleField, str(foreign)),
    )  # fmt: skip
    found = {}
    for name, kind in form_fields().items():
        simple = next((value for type_, value in plain if kind and issubclass(kind, type_)), "试一试")
        found[name] = str(foreign) if everywhere or names_a_row(name) else simple
    return found | {"once": str(foreign if everywhere else uuid4())}


class Knocker:
    """Somebody who knocks with other people's ids, and looks for other people's words in what is answered."""

    def __init__(self, quarter: Quarter, browser: Visitor, foreign: tuple[World, ...], who: str) -> None:
        self.quarter, self.browser, self.foreign, self.who = quarter, browser, foreign, who
        self.words = re.compile("|".join(rf"{world.word} [a-z_]+\.[a-z_]+" for world in foreign))
        self.ids = [str(world.id) for world in foreign]
        self.numbers = [str(world.number) for world in foreign]
        self.signed_in = False
        #: The doors at which this one knocks; who takes which is dealt out in ``dealing.py``.
        self.doors: list[Any] = []
        #: Once forms were sent that hold foreign ids, one's own rows may hold them too: then only words tell.
        self.ids_were_sent = False
        self.sweep = Sweep()

    def knock(self, method: str, url: str, door: Any, *, data: Any = None, query: str = "", **more: Any) -> Any:
        """One request, counted and searched."""
        whole = f"{url}?{query}" if query else url
        answer = self.browser.get(whole, **more) if method == "GET" else self.browser.post(whole, data, **more)
        self.sweep.knocks += 1
        self.sweep.statuses[f"{answer.status_code // 100}xx"] += 1
        self.sweep.roles[self.who] += 1
        self.sweep.doors.add(name_of(door))
        if answer.status_code >= 500:
            self.sweep.broken[name_of(door)] += 1
        said = readable(answer)
        sent = unquote(f"{whole} {data} {more}")
        # What somebody typed may come back to them; only what they did not send was told.
        known = () if self.ids_were_sent else (*self.ids, *self.numbers)
        told = {mark for mark in (*self.words.findall(said), *known) if mark in said and mark not in sent}
        if told:
            self.sweep.leaks.append(f"{self.who} at {method} {url}: {sorted(told)}")
        return answer

    def is_in(self) -> bool:
        """Whether the browser is still signed in; a proof by somebody who was sent away would prove nothing."""
        return not self.signed_in or self.browser.get("/password").status_code != 302

    def addresses(self, door: Any, row: UUID) -> Iterator[str]:
        """The door's addresses with a foreign row's id, or with every name that a foreign hall has there."""
        names = [(name, kind) for kind, name in re.findall(r"<(\w+)(?:\([^)]*\))?:(\w+)>", door.url)]
        wanted = self._strings(names)
        for value in wanted:
            url = door.url
            for name, kind in names:
                part = str(row) if kind == "uuid" else "1" if kind == "int" else quote(value, safe="")
                url = re.sub(rf"<{kind}(\([^)]*\))?:{name}>", part.replace("\\", ""), url)
            yield url

    def _strings(self, names: list[tuple[str, str]]) -> list[str]:
        kind = next((name for name, kind in names if kind == "string"), "")
        if kind.endswith("slug"):
            return [HOME, "dianye"]
        if kind == "token":
            return [s for at, known in self.quarter.secrets.items() if at[1] == HOME for s in known.values()]
        return codes(self.quarter, self.foreign[0]) if kind == "code" else ["x"]


def readable(answer: Any) -> str:
    """The answer's text, headers included; a workbook or a letter is unpacked first."""
    data = answer.get_data()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{answer.headers}\n{data.decode('utf-8', errors='replace')}"


def codes(quarter: Quarter, foreign: World) -> list[str]:
    """Every code by which a foreign hall's points, sheets and calls are found, and one that nobody has."""
    found = ["x"]
    with quarter.eyes.connect() as conn:
        for name, (table, kind, _access) in sorted(kinds().items()):
            if kind == "tenant" and "code" in table.columns:
                query = text(f"select code from {name} where community_id = :c and code is not null")
                found += [str(code) for code in conn.execute(query, {"c": foreign.community}).scalars()]
    return sorted(set(found))[:6]


def knock_on_rows(knocker: Knocker, method: str, roles: frozenset[Role], *, strict: bool, shared: bool) -> None:
    """Every door that names a row, with a foreign one's id, and with foreign ids in the form it is sent.

    ``strict``: whoever may use the door must get what an id gets that nobody has. ``shared``: also with the id that a
    row of every hall has.
    """
    first = knocker.foreign[0]
    data = body(first.id, everywhere=False) if method == "POST" else None
    for door in knocker.doors:
        if "<uuid:" not in door.url or door.method != method:
            continue
        for row in (first.id, SHARED) if shared else (first.id,):
            for url in knocker.addresses(door, row):
                answer = knocker.knock(method, url, door, data=data)
                if strict and row == first.id and door.permission not in GUESTS.values():
                    _judge(knocker, door, url, answer.status_code, may_enter(roles, door), data)


def _judge(knocker: Knocker, door: Any, url: str, status: int, enters: bool, data: Any) -> None:
    if status == 404 or (not enters and status in (302, 303, 403)):
        return
    nobody = uuid4()
    url_of_nobody = url.replace(str(knocker.foreign[0].id), str(nobody))
    form = body(nobody, everywhere=False) if data else None
    if not enters or knocker.knock(door.method, url_of_nobody, door, data=form).status_code != status:
        knocker.sweep.wrong.append(f"{knocker.who} at {door.method} {url}: {status}")


def knock_on_the_rest(knocker: Knocker, method: str, *, thorough: bool) -> None:
    """The doors that name no row: as they are, and (POST) with foreign ids in the fields of the form."""
    first = knocker.foreign[0]
    for door in _the_rest(knocker, method):
        for url in knocker.addresses(door, first.id):
            if method == "POST":
                knocker.knock("POST", url, door, data=body(first.id, everywhere=False))
                if thorough:
                    knocker.knock("POST", url, door, data=body(first.id, everywhere=True))
                continue
            knocker.knock("GET", url, door)
            if thorough:
                knocker.knock("GET", url, door, query="q=a&page=1&all=1")


def knock_with_queries(knocker: Knocker) -> None:
    """The pages again with foreign ids in every part of the query; last, because a browser may keep a filter."""
    first = knocker.foreign[0]
    query = "&".join(f"{name}={first.id}" for name in sorted(_read_by_views("args")) if names_a_row(name))
    for door in _the_rest(knocker, "GET"):
        for url in knocker.addresses(door, first.id):
            knocker.knock("GET", url, door, query=f"q={first.word}&{query}")


def _the_rest(knocker: Knocker, method: str) -> list[Any]:
    return [door for door in knocker.doors if "<uuid:" not in door.url and door.method == method]
