"""The street is walked through by everybody once, breadth first, and every form that is shown is written down."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import HTTPException

from tests.prove.inputs.atlas import BESIDES, ROLES, Atlas, Seat, may_enter
from tests.prove.inputs.forms import Form, read
from tests.prove.inputs.furnish import GUEST, WRITING
from tests.prove.inputs.knock import Answer, knock, plain
from tests.prove.inputs.rows import Rows, above, addressed, addresses, ids_by_name
from tests.prove.inputs.world import HALLS, World

#: Everybody knocks in the first halls; strangers and the secretary in all.
WIDE = 2
#: Pages of one door: looked at by one login of one hall, and by everybody, before it counts as known; seats of a door.
DRY_LOGIN, DRY, MOST, SEATS = 2, 3, 40, 8
TRIES, SEARCHED = 16, 4
#: Things that are looked around for a form, and pages of a kind that showed nothing new before it is left alone.
SOUGHT, DULL = 12, 16
LEADERS = ("", "shuji", "guanli", "yishi1")


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
        # Before the others, who are all shown the same empty page.
        for browser in (WRITING, GUEST):
            self._from(HALLS[0], browser, [("/x", "")])
        for login in ("guanli", "zhuren", ""):
            self._from("", login, self._fronts("street", login))
        for n, slug in enumerate(HALLS):
            for login in ("shuji", "", *((name for name in ROLES if name not in ("", "shuji")) if n < WIDE else ())):
                if (slug, login) in self.world.cookies:
                    is_first = slug == HALLS[0] or (slug == HALLS[1] and login in ("", "shuji"))
                    fronts = self._fronts("community", login) if is_first else []
                    self._from(slug, login, [("/matters", ""), ("/desk/matters", ""), *fronts])
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
                # Away from the desk a form is shown to those whose own affairs it is about.
                own = [one for one in able if one in BESIDES and not door.url.startswith("/desk")]
                for path, row in addressed(ids, slug, door.url)[:SOUGHT]:
                    around = [re.sub(r"<.*>", str(row[key]), url) for key in row for url in pages.get(key, ())
                              if row[key]]  # fmt: skip
                    for page in dict.fromkeys((*above(path), *around)):
                        for login in dict.fromkeys((able[0] if able else "", *own)):
                            self._look(slug, login, page)
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
