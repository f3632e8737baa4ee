"""One running street for the journeys of all workers; a browser and a fresh hall for those of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import browser as browsers
from tests.journeys.person import Person
from tests.journeys.program import Program

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """The whole program, running. ``STREET=folder`` joins a street that runs already, to write journeys against."""
    if joined := os.environ.get("STREET"):
        yield Program.join(Path(joined))
        return
    if begun := getattr(request.config, "workerinput", {}).get("street"):
        running = Program(Path(begun[0]), begun[1])
        running.until_ready()
        yield running
        running.leave()
        return
    with Program.in_a_folder() as running:
        running.start()
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium; everybody gets a context of their own in it."""
    with browsers.launched() as browser:
        yield browser


@pytest.fixture
def person(program: Program, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """``person("nanyandao", width=390, elder=False, js=True)``: a browser with cookies of its own."""
    opened: list[Person] = []

    def open_browser(slug: str = "", **how: Any) -> Person:
        opened.append(found := Person(program, chromium, slug, **how))
        return found

    yield open_browser
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def linjing(program: Program) -> str:
    """林景, the fresh hall of the annual plan."""
    return program.open_hall("linjing", "林景社区", "林下议事厅").slug
