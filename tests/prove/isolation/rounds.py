"""The rounds of knocking: two ways of naming a hall, every role, both streets; and what they must leave untouched."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.people.roles import Role
from tenants.policies import kinds
from tests.prove.isolation.doors import Knocker, Sweep, knock_on_rows, knock_on_the_rest, knock_with_queries
from tests.prove.isolation.quarter import EVERYBODY, HALL_ROLES, HERE, NEXT, OTHERS, THERE, Quarter, open_quarter
from tests.prove.isolation.twins import World

STREET_ROLES = {
    "zhuren": frozenset({Role.STREET_SUPERVISOR}),
    "guanli": frozenset({Role.STREET_ADMIN}),
}
#: The rounds: how halls are named, and whether the knocker's own hall has twins of the foreign rows.
ROUNDS = {"by host": ("host", False), "by path": ("path", False), "twins": ("host", True)}


def fingerprint(conn: Connection, foreign: Sequence[World], home: World) -> str:
    """Every row of the foreign halls, and of their streets' own tables where the street is foreign too."""
    digest = hashlib.sha256()
    halls = [world.community for world in foreign]
    streets = [world.street for world in foreign if world.street != home.street]
    for name, (_table, kind, _access) in sorted(kinds().items()):
        column = {"tenant": "community_id", "street": "street_id"}.get(kind, "id")
        places = halls if kind == "tenant" or name == "community" else streets
        query = f"select coalesce(string_agg(t::text, '|' order by t::text), '') from {name} t where {column} = any(:p)"
        digest.update(str(conn.execute(text(query), {"p": places}).scalar()).encode())
    return digest.hexdigest()


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
    site: str
    roles: frozenset[Role]
    home: World
    strict: bool
    thorough: bool

    def read(self) -> None:
        """Every GET. Of all visitors first, so that no page can hold a foreign id which a visitor wrote into it."""
        knock_on_the_rest(self.knocker, self.site, "GET", thorough=self.thorough)
        knock_on_rows(self.knocker, self.site, "GET", self.roles, strict=self.strict, shared=self.thorough)
        if self.thorough:
            knock_with_queries(self.knocker, self.site)
        self._still_in("while reading")

    def write(self) -> None:
        """Every POST, and the pages once more."""
        self.knocker.ids_were_sent = True
        knock_on_rows(self.knocker, self.site, "POST", self.roles, strict=self.strict, shared=self.thorough)
        self._still_in("while sending forms about rows")
        knock_on_the_rest(self.knocker, self.site, "POST", thorough=self.thorough)
        if self.thorough:
            knock_on_the_rest(self.knocker, self.site, "GET", thorough=False)
        self._still_in("while sending forms")

    def _still_in(self, when: str) -> None:
        if not self.knocker.is_in():
            self.knocker.sweep.wrong.append(f"{self.knocker.who}: was signed out {when}, so the rest proves nothing")


def come_in(quarter: Quarter, name: str) -> list[Visit]:
    """Everybody of one round, signed in."""
    by, twins = ROUNDS[name]
    found = []
    for base, slug, who, site, roles, foreign in visits(quarter, twins=twins):
        is_guest = who in ("expert", "task")
        browser = quarter.guest(base, slug, str(who)) if is_guest else quarter.visit(base, slug, who)
        knocker = Knocker(quarter, browser, foreign, f"{who} of {slug or 'the street'} at {base} {name}")
        knocker.signed_in = who is not None and not is_guest
        home = quarter.worlds.own if base == HERE else quarter.worlds.far
        thorough = who in ("shuji", *STREET_ROLES) and by == "host"
        found.append(Visit(knocker, site, roles, home, not twins and base == HERE, thorough))
    return found


def knock_round(place: dict[str, Any], name: str) -> Sweep:
    """One round in a database of its own."""
    by, twins = ROUNDS[name]
    number = 5 + list(ROUNDS).index(name)
    place = place | {"redis": f"{place['redis'].split('?')[0]}?db={number}"}
    quarter, whole = open_quarter(place, f"doors_{number}", by, planted=EVERYBODY if twins else OTHERS), Sweep()
    try:
        everybody = come_in(quarter, name)
        for act in (Visit.read, Visit.write):
            for visit in everybody:
                foreign = visit.knocker.foreign
                with quarter.eyes.connect() as conn:
                    before = fingerprint(conn, foreign, visit.home)
                act(visit)
                with quarter.eyes.connect() as conn:
                    if fingerprint(conn, foreign, visit.home) != before:
                        visit.knocker.sweep.wrong.append(f"{visit.knocker.who}: a foreign row was changed")
        for visit in everybody:
            whole.add(visit.knocker.sweep)
        return whole
    finally:
        quarter.close()


def knock_all(place: dict[str, Any]) -> dict[str, Sweep]:
    """All rounds, two at a time."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {name: pool.submit(knock_round, place, name) for name in ROUNDS}
        return {name: job.result() for name, job in jobs.items()}
