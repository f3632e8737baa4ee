"""The proof at the doors: nobody is shown or changes anything of somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.prove.isolation.doors import Sweep
from tests.prove.isolation.rounds import ROUNDS, knock_all

Figure = Callable[[str], None]


@pytest.fixture(scope="module")
def rounds(place: dict[str, Any]) -> dict[str, Sweep]:
    """Every round of knocking."""
    return knock_all(place)


@pytest.mark.parametrize("name", ROUNDS)
def test_nobody_finds_or_changes_anything_of_a_neighbour(rounds: dict[str, Sweep], figure: Figure, name: str) -> None:
    sweep = rounds[name]
    statuses = ", ".join(f"{status} {count:,}" for status, count in sorted(sweep.statuses.items()))
    figure(
        f"doors, {name}: {sweep.knocks:,} knocks of {len(sweep.roles)} visitors at {len(sweep.doors)} doors: {statuses}"
    )
    broken = ", ".join(f"{door} ({count})" for door, count in sweep.broken.most_common(12))
    figure(
        f"doors, {name}: {len(sweep.broken)} doors could not show a synthetic row, the first of them: {broken or '-'}"
    )
    for error, count in sweep.errors.most_common():
        print(f"doors, {name}: {count} × {error}", flush=True)
    assert not sweep.unknocked, sorted(sweep.unknocked)
    assert not sweep.leaks, "\n".join(sweep.leaks[:40])
    assert not sweep.wrong, "\n".join(sweep.wrong[:40])
    assert len(sweep.doors) > 800
    assert sweep.statuses["2xx"] > sweep.knocks / 25, "hardly a page opened, so hardly a page could have leaked"
    assert sweep.statuses["5xx"] < sweep.knocks / 20
