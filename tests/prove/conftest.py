"""What the proofs share: two cores, one office that serves for real, and the figures printed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.program import Program
from tests.prove.town import Town, open_town

FIGURES: list[str] = []
CORES = 2


@pytest.fixture(scope="session", autouse=True)
def _two_cores() -> None:
    """The bounds are given for two cores: servers, program and clients share them, however many there are."""
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine[:CORES])


@pytest.fixture(scope="session")
def figure() -> Callable[[str], None]:
    """Note one line for the end of the run."""
    return FIGURES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured, also when a bound was missed."""
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """``deploy.supervise serve`` on an empty folder, with one hall, its staff and a thousand residents."""
    with Program.in_a_folder("serve") as program:
        program.start()
        yield open_town(program)


@pytest.fixture(scope="session")
def demo() -> Iterator[Program]:
    """A demo street of its own, to be killed as a whole."""
    with Program.in_a_folder() as program:
        program.start()
        yield program
