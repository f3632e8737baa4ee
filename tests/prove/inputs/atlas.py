"""Which door is reached from where: the street is walked through by everybody once, and every form is written down.

A seat is one real way to a door: hall, login, address with real ids, and for a POST the fields of the form that a page
really showed. A door that no page led to gets seats from the database's own ids and from the fields of its module.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import text
from werkzeug.exceptions import HTTPException

from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import Role
from tenants.database import db
from tests.prove.inputs.forms import Field, Form, read
from tests.prove.inputs.furnish import BROWSERS, GUEST
from tests.prove.inputs.knock import Answer, knock, plain
from tests.prove.inputs.world import HALLS, RESIDENT, World

#: Everybody knocks in the first halls; strangers and the secretary in all.
WIDE = 2
#: Pages of one door: looked at by one login of one hall, and by everybody, before it counts as known; seats of a door.
DRY_LOGIN, DRY, MOST, SEATS = 2, 3, 40, 8
GUESTS = (Permission.GUEST_ANSWER, Permission.GUEST_TASK)
ROLES = {
    "": frozenset[Role](), "shuji": frozenset({Role.SECRETARY}), "shegong": frozenset({Role.COMMUNITY_WORKER}),
    "wangge": frozenset({Role.GRID_WORKER}), "wanggezhang": frozenset({Role.GRID_LEADER}),
    "louzhang": frozenset({Role.BUILDING_STEWARD}), "jiandu": frozenset({Role.AFFAIRS_SUPERVISOR}),
    "yishi1": frozenset({Role.COUNCIL_MEMBER}), RESIDENT: frozenset({Role.RESIDENT}),
    "guanli": frozenset({Role.STREET_ADMIN}), "zhuren": frozenset({Role.STREET_SUPERVISOR}),
    **{browser: frozenset[Role]() for browser in BROWSERS},
}  # fmt: skip


#: Rows by hall and by the name of their id in addresses.
Rows = dict[tuple[str, str], list[dict[str, Any]]]
TRIES, SEARCHED = 16, 4
#: Things that are looked around for a form, and pages of a kind that showed nothing new before it is left alone.
SOUGHT, DULL = 12, 16
LEADERS = ("", "shuji", "guanli", "yishi1")


@dataclass(frozen=True)
class Seat:
    """One way to a door; ``page`` is the address that showed the form, empty where none did.

    ``world`` says in which of the two worlds it is open.
    """

    slug: str
    login: str
    path: str
    fields: tuple[Field, ...] = ()
    page: str = ""
    world: int = 0


@dataclass
class Atlas:
    """Seats by door, names seen in queries by door, and every id that pages showed."""

    seats: dict[str, list[Seat]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: list[str] = field(default_factory=list)
    looks: int = 0
    problems: list[str] = field(default_factory=list)


def table_of(world: World) -> dict[tuple[str, str, str], str]:
    """Door names by site, method and rule: hall and street share addresses."""
    return {(site, d.method, d.url): name for name, (site, d) in world.app.extensions["doors"].items()}


class Walker:
    """Goes from page to page as each login, breadth first, a few pages of each kind."""

    def __init__(self, world: World, keys: dict[str, list[str]], known: Atlas | None = None) -> None:
        self.world, self.atlas, self.keys = world, known or Atlas(), keys
        # On a second walk only doors without a form are worth a seat.
        self.done = {name for name, seats in known.seats.items() if seats} if known else set()
        self.number = 1 if known else 0
        self.doors = world.app.extensions["doors"]
        self.names = table_of(world)
        self.seen: set[tuple[str, str, str]] = set()
        self.sought: set[tuple[str, str, str]] = set()
        self.dull: Counter[Any] = Counter()
        self.visits: Counter[Any] = Counter()
        self.dry: Counter[Any] = Counter()

    def go_on(self, starts: list[tuple[str, str, str]], *, wide: bool) -> None:
        """Look again at the pages that changed, and from there everywhere if ``wide``."""
        for kept in (self.dry, self.visits, self.seen, self.sought, self.dull):
            kept.clear()
        for slug, login, path in starts:
            if wide:
                self._from(slug, login, [(path, "")])
            else:
                self._look(slug, login, path)
        if wide:
            self.search_all()

    def walk(self) -> Atlas:
        """The whole street by everybody, then the doors that nobody was led to."""
        for login in ("guanli", "zhuren", ""):
            self._from("", login, self._fronts("street", login))
        for n, slug in enumerate(HALLS):
            for login in ("shuji", "", *((name for name in ROLES if name not in ("", "shuji")) if n < WIDE else ())):
                if (slug, login) in self.world.cookies:
                    is_first = slug == HALLS[0] or (slug == HALLS[1] and login in ("", "shuji"))
                    fronts = self._fronts("community", login) if is_first else []
                    self._from(slug, login, [("/matters", ""), ("/desk/matters", ""), *fronts])
        self._from(HALLS[0], GUEST, [("/x", "")])
        self._from(HALLS[0], "", [(f"/x/{key}", "") for key in self.keys["letter"]])
        self._from(HALLS[0], "", [(f"/t/{key}", "") for key in self.keys["task"]])
        self.search_all()
        return self.atlas

    def search_all(self) -> None:
        """The doors that nobody was led to."""
        self.seek()
        ids = ids_by_name(self.world)
        for name, (site, door) in self.doors.items():
            if door.method == "GET" and "<" in door.url and not self.atlas.seats[name]:
                self._search(site, door, ids)

    def seek(self) -> None:
        """The forms that nobody was led to: the pages above and around such a door, for things of every stage."""
        ids = ids_by_name(self.world)
        pages: dict[str, list[str]] = defaultdict(list)
        for _site, door in self.doors.values():
            if door.method == "GET" and (last := re.search(r"<uuid:(\w+)>$", door.url)) and door.url.count("<") == 1:
                pages[last[1]].append(door.url)
        for name, (site, door) in self.doors.items():
            if door.method != "POST" or self.atlas.seats[name]:
                continue
            for slug in ("",) if site == "street" else HALLS[:WIDE]:
                able = [one for one in ROLES if (slug, one) in self.world.cookies and may_enter(one, door.permission)]
                for path, row in addressed(ids, slug, door.url)[:SOUGHT]:
                    around = [re.sub(r"<.*>", str(row[key]), url) for key in row for url in pages.get(key, ())
                              if row[key]]  # fmt: skip
                    for page in dict.fromkeys((*above(path), *around)):
                        self._look(slug, able[0] if able else "", page)
                    if len(self.atlas.seats[name]) >= WIDE:
                        break

    def _look(self, slug: str, login: str, page: str) -> None:
        """One page and the others of the same address (its tabs), each once."""
        queue = deque([(page, "")])
        while queue:
            path, query = queue.popleft()
            name, key = self.door_of(slug, "GET", path), (slug, login, f"{path}?{query}")
            if not name or key in self.sought or self.dull[name, slug, login] >= DULL:
                continue
            self.sought.add(key)
            before = sum(map(len, self.atlas.seats.values()))
            answer = knock(self.world, plain(slug, login, path, query))
            self.atlas.looks += 1
            if answer.status >= 500:
                self.atlas.problems.append(f"GET {path}?{query} at {slug} as {login}: {answer.status}")
            if answer.status == 200:
                found = self._learn(slug, login, path, query, answer, (name, slug, login), True)
                queue.extend(pair for pair in found if pair[0] == path and pair[1].startswith("tab="))
            self.dull[name, slug, login] += before == sum(map(len, self.atlas.seats.values()))

    def _fronts(self, site: str, login: str) -> list[tuple[str, str]]:
        """The addresses without ids that this login may ask for."""
        mine = [d for s, d in self.doors.values() if s == site and d.method == "GET" and "<" not in d.url]
        return [(door.url, "") for door in mine if may_enter(login, door.permission)]

    def _search(self, site: str, door: Any, ids: Rows) -> None:
        """Real ids of the right kind, until the door shows its page to somebody."""
        for slug in ("",) if site == "street" else HALLS[:SEARCHED]:
            able = [one for one in ROLES if (slug, one) in self.world.cookies and may_enter(one, door.permission)]
            logins = [one for one in able if one in LEADERS] + [one for one in able if one not in LEADERS][:2]
            paths = addresses(ids, slug, door.url)[:TRIES]
            for login in logins:
                self._from(slug, login, [(path, "") for path in (paths if login in LEADERS else paths[:6])])
                if len(self.atlas.seats[self.names[site, "GET", door.url]]) >= 2:
                    return

    def door_of(self, slug: str, method: str, path: str) -> str:
        """The name of the door behind an address, or an empty text."""
        adapter = self.world.app.url_map.bind(self.world.host(slug))
        try:
            rule, _values = adapter.match(path, method=method, return_rule=True)
        except HTTPException:
            return ""
        return self.names.get(("community" if slug else "street", method, rule.rule), "")

    def _from(self, slug: str, login: str, starts: list[tuple[str, str]]) -> None:
        queue = deque(starts)
        while queue:
            path, query = queue.popleft()
            name = self.door_of(slug, "GET", path)
            key = (slug, login, f"{path}?{query}")
            if not name or key in self.seen or self._is_known(name, slug, login):
                continue
            self.seen.add(key)
            self.atlas.asked[name] |= {k for k, _v in parse_qsl(query, keep_blank_values=True)}
            answer = knock(self.world, plain(slug, login, path, query))
            self.atlas.looks += 1
            if answer.status >= 500:
                self.atlas.problems.append(f"GET {path}?{query} at {slug} as {login}: {answer.status}")
            if answer.status == 200:
                self.visits[name] += 1
                is_new = self._keep(name, Seat(slug, login, path))
                queue.extend(self._learn(slug, login, path, query, answer, (name, slug, login), is_new))

    def _is_known(self, name: str, slug: str, login: str) -> bool:
        return self.visits[name] >= MOST or self.dry[name] >= DRY or self.dry[name, slug, login] >= DRY_LOGIN

    def _keep(self, name: str, seat: Seat) -> bool:
        """Whether the seat is worth keeping: a few of each kind of reader."""
        if name in self.done:
            return False
        seat = replace(seat, world=self.number)
        kept = self.atlas.seats[name]
        alike = sum(one.slug == seat.slug and one.login == seat.login for one in kept)
        if len(kept) < SEATS and alike < 2 and seat not in kept:
            kept.append(seat)
            return True
        return False

    def _learn(
        self, slug: str, login: str, path: str, query: str, answer: Answer, crowd: Any, is_new: bool
    ) -> list[tuple[str, str]]:
        if "html" not in answer.headers.get("Content-Type", ""):
            self.dry[crowd] += 1
            return []
        here = f"http://{self.world.host(slug)}{path}" + (f"?{query}" if query else "")
        forms, links = read(here, answer.text)
        for form in forms:
            is_new = self._note(slug, login, path, form) or is_new
        if not is_new:
            self.dry[crowd] += 1
            self.dry[crowd[0]] += 1
        ours = [urlsplit(link) for link in links]
        paths = [(u.path or "/", u.query) for u in ours if u.netloc == self.world.host(slug)]
        return list(dict.fromkeys(paths))

    def _note(self, slug: str, login: str, page: str, form: Form) -> bool:
        target = urlsplit(form.action)
        if target.netloc != self.world.host(slug):
            return False
        name = self.door_of(slug, form.method, target.path)
        if form.method == "GET":
            self.atlas.asked[name] |= {one.name for one in form.fields}
            return False
        return bool(name) and self._keep(name, Seat(slug, login, target.path, tuple(form.fields), page))


def may_enter(login: str, permission: Permission) -> bool:
    """Whether this login holds the permission of a door."""
    return permission in ANYONE or permission in GUESTS or holds(ROLES.get(login, frozenset()), permission)


def fill_in(world: World, atlas: Atlas) -> list[str]:
    """Seats for the doors no page led to, with real ids of the right kind; the names of these doors."""
    ids, unseen = ids_by_name(world), []
    fields = {one.name: one for seats in atlas.seats.values() for seat in seats for one in seat.fields}
    for name, (site, door) in world.app.extensions["doors"].items():
        if atlas.seats[name]:
            continue
        unseen.append(name)
        known = (
            tuple(fields.get(key, Field(key, "text")) for key in fields_of(door.view)) if door.method == "POST" else ()
        )
        for slug in ("",) if site == "street" else HALLS[:3]:
            login = next((one for one in ROLES if (slug, one) in world.cookies and may_enter(one, door.permission)), "")
            for path in addresses(ids, slug, door.url)[: SOUGHT if slug == HALLS[0] else 2]:
                atlas.seats[name].append(Seat(slug, login, path, known, world=1))
    return unseen


def fields_of(view: Any) -> list[str]:
    """What the module of a view reads from a form: names in ``form.get("…")`` and the fields of its form classes."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(view)) or object)
    read_by_hand = re.findall(r"""form\.get(?:list)?\(\s*["'](\w+)""", source)
    declared = re.findall(r"^    (\w+) = \w*Field\(", source, re.MULTILINE)
    return sorted({"once", *read_by_hand, *declared})


def above(path: str) -> list[str]:
    """An address and those it lies below, nearest first."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 1, -1)]


def addresses(ids: Rows, slug: str, url: str) -> list[str]:
    """A door's address with real ids, one for each row of its last part that knows the parts before it."""
    return [path for path, _row in addressed(ids, slug, url)]


def addressed(ids: Rows, slug: str, url: str) -> list[tuple[str, dict[str, Any]]]:
    """The same, each with the row it comes from."""
    parts = re.findall(r"<(?:(\w+):)?(\w+)>", url)
    rows = ids.get((slug, parts[-1][1])) if parts else None
    if rows is None and parts:
        rows = next((ids[slug, name] for _kind, name in parts if (slug, name) in ids), None) or ids.get(
            ("", parts[-1][1])
        )
    found: dict[str, dict[str, Any]] = {}
    for turn, row in enumerate(rows or [{}]):
        values = {name: str(row.get(name) or _other(ids, slug, kind, name, turn)) for kind, name in parts}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, v=values: v[m[1]], url)  # type: ignore[misc]
        found.setdefault(path, row)
    return list(found.items())


def _other(ids: Rows, slug: str, kind: str, name: str, turn: int) -> str:
    if name in ("community_slug", "hall_slug"):
        return HALLS[turn % len(HALLS)]
    if kind == "int":
        return str(turn + 1)
    rows = ids.get((slug, name)) or ids.get((HALLS[0], name)) or ids.get(("", name))
    return str(rows[turn % len(rows)][name]) if rows else "01890000-0000-7000-8000-000000000000"


def ids_by_name(world: World) -> Rows:
    """Rows by hall and by the name that addresses give to their id: the columns that refer to a table tell its name."""
    whose: dict[str, set[str]] = defaultdict(set)
    for table in db.metadata.sorted_tables:
        whose[f"{table.name}_id"].add(table.name)
        for column in table.columns:
            for key in column.foreign_keys:
                if column.name.endswith("_id") and key.column.name == "id" and key.column.table.name != "community":
                    whose[column.name].add(key.column.table.name)
    found: Rows = defaultdict(list)
    doors = [door for _site, door in world.app.extensions["doors"].values()]
    asked = {name for door in doors for name in re.findall(r":(\w+)>", door.url)}
    with world.eyes.connect() as conn:
        halls = {row.id: row.slug for row in conn.execute(text("select id, slug from community"))}
        for name in sorted(asked & set(whose)):
            for told in sorted(whose[name] - {"community", "street"}):
                rows = list(conn.execute(text(f"select * from {told} order by id limit 4000")).mappings())
                # Mixed, and each time in the same way: ids follow the order in which the stories are told.
                Random(told).shuffle(rows)
                for row in rows:
                    slug = halls.get(row.get("community_id"), "")
                    found[slug, name].append({**row, name: row["id"]})
    return {key: _mixed(rows) for key, rows in found.items()}


def _mixed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row of every stage and kind first, then a second one of each, so that a few tries meet all of them."""
    turns: Counter[Any] = Counter()
    ranked = []
    for n, row in enumerate(rows):
        # What has happened to a thing is also told by the moments that are filled in.
        moments = tuple(row[column] is None for column in row if column.endswith(("_at", "_on")))
        kind = (*(str(row.get(column)) for column in ("stage", "state", "kind", "mode")), moments)
        ranked.append((turns[kind], n, row))
        turns[kind] += 1
    return [row for _turn, _n, row in sorted(ranked, key=lambda one: one[:2])]
