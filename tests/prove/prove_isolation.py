"""No community sees another: every door, a hundred thousand random statements, everything outside the database.

``FUZZ_STATEMENTS`` and ``FUZZ_SEED`` set the fuzzer's size and repeat a run; the figures name the seed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.prove.isolation import fuzz
from tests.prove.isolation.at_the_doors import *  # noqa: F403  (the proof in three parts, found here by pytest)
from tests.prove.isolation.outside import *  # noqa: F403
from tests.prove.isolation.reads import Step, Unit
from tests.prove.isolation.runner import Line, Tally

STATEMENTS = int(os.environ.get("FUZZ_STATEMENTS", "102000"))
SEED = os.environ.get("FUZZ_SEED", "bench")
Figure = Callable[[str], None]


@pytest.fixture(scope="module")
def ground(place: dict[str, Any]) -> fuzz.Ground:
    """The fuzzer's databases: everybody's rows, and beside them only what each scope may see."""
    return fuzz.lay_out(place["owner"])


#: Faults of reading that the fuzzer must find: the scope in which it shows, a table to stay near, and the damage.
FAULTS = {
    "a read policy that lets everything through": (
        "community", "", "drop policy community_select on agreement; "
        "create policy community_select on agreement for select to cm_community using (true)",
    ),
    "a street's policy that forgets the street": (
        "street", "", "drop policy street_select on evaluation; "
        "create policy street_select on evaluation for select to cm_street using (community_id is not null)",
    ),
    "a guest's policy that forgets the hall": (
        "guest", "", "drop policy guest_select on option; "
        "create policy guest_select on option for select to cm_guest "
        "using (matter_id = current_setting('app.case')::uuid)",
    ),
    "a policy that counts on an owner's view": (
        "community", "agreement", "alter table agreement no force row level security; alter table agreement owner to "
        "cm_community",
    ),
    "a unique index over all halls, which answers by its errors alone": (
        "community", "agreement", "create unique index planted on agreement (id, made_label)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fuzzer_finds_a_planted_fault(ground: fuzz.Ground, figure: Figure, fault: str) -> None:
    scope, near, damage = FAULTS[fault]
    names = ground.harm(damage, "fuzz_harmed")
    tally = fuzz.search(ground, names, f"{SEED} {fault}", 30_000, scope, near)
    assert tally.findings, f"not found in {tally.statements} statements: the fuzzer could not fail"
    figure(f"fuzzer: {fault}: found by {tally.findings[0].judge} after {tally.statements:,} statements")


def test_the_fuzzer_finds_no_foreign_row(ground: fuzz.Ground, figure: Figure) -> None:
    begun = time.monotonic()
    tally = fuzz.fuzz(ground, SEED, STATEMENTS)
    tell(tally, time.monotonic() - begun, figure)
    assert not tally.findings, "\n\n".join(map(str, tally.findings))
    assert tally.statements >= STATEMENTS - 2000
    assert tally.ended["ran"] >= 0.4 * tally.statements
    assert all(tally.good[scope] >= 0.3 * count for scope, count in tally.scopes.items())
    assert tally.with_rows > 0.2 * tally.statements
    assert tally.compared > 0.4 * tally.statements


def tell(tally: Tally, took: float, figure: Figure) -> None:
    """The fuzzer's figures."""
    total, errors = tally.statements, tally.statements - tally.ended["ran"] - tally.ended["refused"]
    figure(
        f"fuzzer: {total:,} statements in {took:.0f} s, seed {SEED}: {tally.ended['ran'] / total:.0%} ran, "
        f"{tally.ended['refused'] / total:.0%} refused, {errors / total:.0%} failed; {len(tally.findings)} findings"
    )
    figure(
        f"fuzzer: {tally.with_rows:,} transactions answered with rows; {tally.compared:,} were compared with a "
        "database without foreign rows"
    )
    figure("fuzzer, by scope: " + ", ".join(f"{scope} {count:,}" for scope, count in tally.scopes.most_common()))
    figure("fuzzer, by kind: " + ", ".join(f"{kind} {count:,}" for kind, count in tally.kinds.most_common()))


def test_committed_changes_leave_every_foreign_row_as_it_was(ground: fuzz.Ground, figure: Figure) -> None:
    ways = (("hall", ("community", "guest", "witness", "teller", "opener")), ("street", ("street",)))
    for whose, scopes in ways:
        name = ground.copy(ground.names[1]["all"], "fuzz_written")
        before = fuzz.fingerprint(ground, name, whose)
        ran = fuzz.write_for_good(ground, name, SEED, max(400, STATEMENTS // 50), scopes)
        assert ran > 100
        assert fuzz.fingerprint(ground, name, whose) == before, f"{whose}: a foreign row was changed, seed {SEED}"
        figure(f"fuzzer: {ran:,} committed changes as the {whose}; every foreign row as it was")


def test_a_planted_fault_of_writing_changes_a_foreign_row(ground: fuzz.Ground) -> None:
    name = ground.copy(ground.names[1]["all"], "fuzz_written")
    engine = ground.engine(name)
    with engine.begin() as conn:
        conn.exec_driver_sql("alter policy community_insert on comment with check (true)")
    engine.dispose()
    near = [table for table in ground.tables if table.name == "comment"]
    before = fuzz.fingerprint(ground, name, "hall")
    fuzz.write_for_good(ground, name, SEED, 300, ("community",), near)
    assert fuzz.fingerprint(ground, name, "hall") != before


@pytest.mark.parametrize("wanted", ["cm_community", "cm_street", "cm_witness", "cm_teller", "cm_opener", "cm_door",
                                    "cm_keeper", "cm_owner", "cm_login", "postgres"])  # fmt: skip
def test_a_guest_becomes_nobody_else(ground: fuzz.Ground, wanted: str) -> None:
    line = Line(ground.addresses(ground.names[0])["all"]["guest"])
    for attempt in (
        f"set role {wanted}", f"set local role {wanted}", f"select set_config('role', '{wanted}', true)",
        f"set session authorization {wanted}", f"select set_config('session_authorization', '{wanted}', true)",
        f"grant {wanted} to cm_guest_login", f"alter role cm_guest_login in role {wanted}",
    ):  # fmt: skip
        answer = line.run("guest", Unit("role", [Step(attempt)]))
        assert answer.states[0] in ("42501", "42601"), f"{attempt}: {answer.states} {answer.text!r}"
    line.close()
