"""The databases of the fuzzer, its workers, and the faults planted to show that it can fail."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import Connection, make_url

from tenants.policies import kinds
from tests import harness
from tests.prove.isolation.attacks import Fuzzer
from tests.prove.isolation.catalogue import ALONE, FAR, NEIGHBOUR, WORLDS, Relation, kept_only, relations
from tests.prove.isolation.runner import Judge, Line, Tally
from tests.prove.isolation.twins import plant_all

WORKERS = 2
#: Which share of the statements runs in which scope.
SHARES = {
    "community": 0.44, "street": 0.2, "guest": 0.12, "opener": 0.08, "witness": 0.06, "teller": 0.05, "door": 0.05,
}  # fmt: skip


#: The halls whose rows must stand untouched whatever the bound hall commits, and whatever its street commits.
STRANGERS = {"hall": (NEIGHBOUR[1], FAR[1]), "street": (FAR[1],)}


@dataclass
class Ground:
    """The databases of every worker: ``all`` with everybody's rows, and one for each kind of ``ALONE``."""

    owner: str
    tables: list[Relation] = field(default_factory=list)
    names: list[dict[str, str]] = field(default_factory=list)

    def engine(self, name: str) -> Engine:
        """The superuser's own eyes in one database."""
        return create_engine(harness.urls(self.owner, name)["owner"])

    def addresses(self, names: dict[str, str]) -> dict[str, dict[str, str]]:
        """Where the two logins reach each database of a worker, in libpq's words."""
        found = {}
        for at, name in names.items():
            urls = harness.urls(self.owner, name)
            found[at] = {"program": libpq(urls["login"]), "guest": libpq(urls["guest"])}
        return found

    def copy(self, source: str, name: str) -> str:
        """Another database like ``source``; nobody may be connected to it meanwhile."""
        engine = create_engine(make_url(self.owner).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.execute(text(f'drop database if exists "{name}" with (force)'))
            conn.execute(text(f'create database "{name}" template "{source}" owner cm_owner'))
        engine.dispose()
        return name

    def harm(self, damage: str, name: str) -> dict[str, str]:
        """A copy of the first worker's databases with a fault planted in all of them."""
        names = {}
        for at, source in self.names[0].items():
            names[at] = self.copy(source, f"{name}_{at}")
            engine = self.engine(names[at])
            with engine.begin() as conn:
                for line in damage.split("; "):
                    conn.exec_driver_sql(line)
            engine.dispose()
        return names


def libpq(url: str) -> str:
    """A SQLAlchemy URL as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def lay_out(owner: str) -> Ground:
    """Make every database of every worker."""
    ground = Ground(owner)
    harness.clone(owner, "fuzz_0_all")
    engine = ground.engine("fuzz_0_all")
    with engine.begin() as conn:
        ground.tables = relations(plant_all(conn, WORLDS, registry=True))
    engine.dispose()
    for worker in range(WORKERS):
        names = {"all": "fuzz_0_all"}
        if worker:
            names["all"] = ground.copy("fuzz_0_all", f"fuzz_{worker}_all")
        for alone in sorted(set(ALONE.values())):
            names[alone] = ground.copy("fuzz_0_all", f"fuzz_{worker}_{alone}")
            engine = ground.engine(names[alone])
            with engine.begin() as conn:
                conn.execute(text("set local session_replication_role = replica"))
                for line in kept_only(alone):
                    conn.exec_driver_sql(line)
            engine.dispose()
        ground.names.append(names)
    return ground


def work(
    addresses: dict[str, dict[str, str]], tables: list[Relation], seed: str, statements: int, scopes: dict[str, float],
    stop_at: int,
) -> Tally:  # fmt: skip
    """One worker's share; it ends early once it has found ``stop_at`` leaks."""
    judge = Judge(addresses)
    try:
        for scope, share in scopes.items():
            fuzzer = Fuzzer(Random(f"{seed} {scope}"), scope, tables)
            while judge.tally.scopes[scope] < statements * share:
                judge.ask(scope, fuzzer.unit())
                if len(judge.tally.findings) >= stop_at:
                    return judge.tally
        return judge.tally
    finally:
        judge.close()


def fuzz(ground: Ground, seed: str, statements: int, *, stop_at: int = 20) -> Tally:
    """Both workers at once, each with databases and a seed of its own."""
    total = Tally()
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [
            pool.submit(
                work, ground.addresses(names), ground.tables, f"{seed} {worker}", statements // WORKERS, SHARES, stop_at
            )
            for worker, names in enumerate(ground.names)
        ]  # fmt: skip
        for job in jobs:
            total.add(job.result())
    return total


def search(ground: Ground, names: dict[str, str], seed: str, statements: int, scope: str, near: str = "") -> Tally:
    """The same fuzzer in one scope until it finds a leak or gives up; ``near`` keeps it to a few tables beside one."""
    tables = ground.tables
    if near:
        at = next(n for n, table in enumerate(tables) if table.name == near)
        tables = tables[max(0, at - 4) : at + 5]
    return work(ground.addresses(names), tables, seed, statements, {scope: 1.0}, 1)


def write_for_good(
    ground: Ground, name: str, seed: str, statements: int, scopes: tuple[str, ...], near: list[Relation] | None = None
) -> int:
    """Changes that are committed in each of the scopes; returns how many statements ran."""
    database, ran = ground.addresses({"all": name})["all"], 0
    for scope in scopes:
        line = Line(database["guest" if scope == "guest" else "program"])
        fuzzer = Fuzzer(Random(f"{seed} writes {scope}"), scope, near or ground.tables)
        ways = (fuzzer.insert, fuzzer.update, fuzzer.delete, fuzzer.merge, fuzzer.chained, fuzzer.fed)
        for _ in range(statements // len(scopes)):
            answer = line.run(scope, fuzzer.rng.choice(ways)(), "commit")
            ran += answer.states.count("00000")
        line.close()
    return ran


def fingerprint(ground: Ground, name: str, whose: str) -> str:
    """Every row that is none of this hall's or street's business, as the superuser sees it."""
    halls, digest, engine = STRANGERS[whose], hashlib.sha256(), ground.engine(name)
    with engine.connect() as conn:
        for table, (_table, kind, _access) in sorted(kinds().items()):
            column = {"tenant": "community_id", "street": "street_id"}.get(kind, "id")
            foreign = halls if kind == "tenant" or table == "community" else [FAR[0]]
            digest.update(_rows(conn, table, column, foreign))
    engine.dispose()
    return digest.hexdigest()


def _rows(conn: Connection, table: str, column: str, places: Sequence[int]) -> bytes:
    query = text(
        f"select coalesce(string_agg(t::text, '|' order by t::text), '') from {table} t where {column} = any(:p)"
    )
    found: Any = conn.execute(query, {"p": list(places)}).scalar()
    return str(found).encode()
