"""The rounds of knocking: two ways of naming a hall, every role, both streets; and what they must leave untouched."""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.people.roles import Role
from tenants.policies import kinds
from tests.prove.isolation.dealing import deal, doors_of, name_of
from tests.prove.isolation.doors import Knocker, Sweep, knock_on_rows, knock_on_the_rest, knock_with_queries
from tests.prove.isolation.quarter import EVERYBODY, HALL_ROLES, HERE, NEXT, OTHERS, THERE, Quarter, open_quarter
from tests.prove.isolation.twins import World

STREET_ROLES = {
    "zhuren": frozenset({Role.STREET_SUPERVISOR}),
    "guanli": frozenset({Role.STREET_ADMIN}),
    "anquan": frozenset({Role.SECURITY_ADMIN}),
    "shenji": frozenset({Role.AUDIT_ADMIN}),
}
#: The rounds: how halls are named, whether the knocker's own hall has twins of the foreign rows, and how many of those
#: who may use a door knock at it. The second and third ask for what a name or a twin changes, which is no role's own.
ROUNDS = {"by host": ("host", False, 12), "by path": ("path", False, 2), "twins": ("host", True, 2)}


def fingerprint(conn: Connection, foreign: Sequence[World], home: World) -> str:
    """Every row of the foreign halls, and of their streets' own tables where the street is foreign too."""
    halls = [world.community for world in foreign]
    streets = [world.street for world in foreign if world.street != home.street]
    parts = []
    for name, (_table, kind, _access) in sorted(kinds().items()):
        column = {"tenant": "community_id", "street": "street_id"}.get(kind, "id")
        places = ":halls" if kind == "tenant" or name == "community" else ":streets"
        rows = f"md5(string_agg(t::text, '|' order by t::text)) from {name} t"
        parts.append(f"select '{name}', {rows} where {column} = any({places})")
    found = conn.execute(text(" union all ".join(parts)), {"halls": halls, "streets": streets}).all()
    return hashlib.sha256(repr(sorted(map(tuple, found))).encode()).hexdigest()


def visits(quarter: Quarter, *, twins: bool) -> Iterator[tuple[str, str, str | None, str, Any, tuple[World, ...]]]:
    """Who knocks where, with whose rows: base, hall, login, kind of site, roles, foreign worlds."""
    far, near = quarter.worlds.far, quarter.worlds.neighbour
    wanted: tuple[str | None, ...] = (None, "shuji", "xiaoli", "yishi1") if twins else tuple(HALL_ROLES)
    for who in wanted:
        yield HERE, NEXT, who, "community", HALL_ROLES[who], (near, far)
    for kind in ("expert", "task"):
        yield HERE, NEXT, kind, "community", frozenset(), (near, far)
    yield THERE, NEXT, "shuji", "community", HALL_ROLES["shuji"], (near,)
    for who, roles in STREET_ROLES.items():
        yield HERE, "", who, "street", roles, (far,)
        yield THERE, "", who, "street", roles, (near,)
    yield THERE, "", None, "street", frozenset(), (near,)


@dataclass
class Visit:
    """Somebody on the way through one hall or street, and how things stood there before."""

    knocker: Knocker
    roles: frozenset[Role]
    home: World
    strict: bool
    thorough: bool

    def read(self) -> None:
        """Every GET. Of all visitors first, so that no page can hold a foreign id which a visitor wrote into it."""
        knock_on_the_rest(self.knocker, "GET", thorough=self.thorough)
        knock_on_rows(self.knocker, "GET", self.roles, strict=self.strict, shared=self.thorough)
        if self.thorough:
            knock_with_queries(self.knocker)
        self._still_in("while reading")

    def write(self) -> None:
        """Every POST, and the pages once more."""
        self.knocker.ids_were_sent = True
        knock_on_rows(self.knocker, "POST", self.roles, strict=self.strict, shared=self.thorough)
        self._still_in("while sending forms about rows")
        knock_on_the_rest(self.knocker, "POST", thorough=self.thorough)
        if self.thorough:
            knock_on_the_rest(self.knocker, "GET", thorough=False)
        self._still_in("while sending forms")

    def _still_in(self, when: str) -> None:
        if not self.knocker.is_in():
            self.knocker.sweep.wrong.append(f"{self.knocker.who}: was signed out {when}, so the rest proves nothing")


def come_in(quarter: Quarter, name: str) -> list[Visit]:
    """Everybody of one round, signed in."""
    _by, twins, most = ROUNDS[name]
    found: list[Visit] = []
    groups: dict[tuple[str, str], list[tuple[Visit, str | None]]] = {}
    for base, slug, who, site, roles, foreign in visits(quarter, twins=twins):
        is_guest = who in ("expert", "task")
        browser = quarter.guest(base, slug, str(who)) if is_guest else quarter.visit(base, slug, who)
        knocker = Knocker(quarter, browser, foreign, f"{who} of {slug or 'the street'} at {base} {name}")
        knocker.signed_in = who is not None and not is_guest
        home = quarter.worlds.own if base == HERE else quarter.worlds.far
        thorough = name == "by host" and base == HERE and who in ("shuji", *STREET_ROLES)
        found.append(Visit(knocker, roles, home, not twins and base == HERE, thorough))
        groups.setdefault((base, site), []).append((found[-1], who))
    for (_base, site), visits_there in groups.items():
        dealt = deal(doors_of(quarter, site), [(who, visit.roles) for visit, who in visits_there], most)
        for (visit, _who), doors in zip(visits_there, dealt, strict=True):
            visit.knocker.doors = doors
    return found


def knock_round(place: dict[str, Any], name: str) -> Sweep:
    """One round in a database of its own."""
    by, twins, _most = ROUNDS[name]
    number = 5 + list(ROUNDS).index(name)
    place = place | {"redis": f"{place['redis'].split('?')[0]}?db={number}"}
    quarter, whole = open_quarter(place, f"doors_{number}", by, planted=EVERYBODY if twins else OTHERS), Sweep()
    try:
        everybody = come_in(quarter, name)
        whole.unknocked = {name_of(door) for site in ("community", "street") for door in doors_of(quarter, site)}
        for act in (Visit.read, Visit.write):
            for visit in everybody:
                begun = time.monotonic()
                _watched(quarter, visit, act)
                took, count = time.monotonic() - begun, visit.knocker.sweep.knocks
                print(f"doors, {act.__name__}, {visit.knocker.who}: {count} knocks, {took:.1f} s", flush=True)
        for visit in everybody:
            whole.add(visit.knocker.sweep)
        whole.unknocked -= whole.doors
        whole.errors.update(quarter.errors)
        return whole
    finally:
        quarter.close()


def _watched(quarter: Quarter, visit: Visit, act: Callable[[Visit], None]) -> None:
    """Let the visitor act, and see that every foreign row stands as it did."""
    foreign = visit.knocker.foreign
    with quarter.eyes.connect() as conn:
        before = fingerprint(conn, foreign, visit.home)
    act(visit)
    with quarter.eyes.connect() as conn:
        if fingerprint(conn, foreign, visit.home) != before:
            visit.knocker.sweep.wrong.append(f"{visit.knocker.who}: a foreign row was changed")


def knock_all(place: dict[str, Any]) -> dict[str, Sweep]:
    """All rounds, two at a time."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {name: pool.submit(knock_round, place, name) for name in ROUNDS}
        return {name: job.result() for name, job in jobs.items()}
