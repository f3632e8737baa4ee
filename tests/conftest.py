"""Fixtures of the whole suite: engines once a run, a database per worker, the cast in every test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event
from xdist.scheduler import LoadScopeScheduling

from app import create_app
from app.matter import house
from tenants import hosts
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound
from tests import cast, harness
from tests.journeys.program import Program

STACK = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """The controller (or the only process) starts the engines; a worker is told where they are."""
    if hasattr(config, "workerinput"):
        config.engines = config.workerinput["engines"]  # type: ignore[attr-defined]
        return
    config.engines = None  # type: ignore[attr-defined]
    # The order in which ``pytest_collection_modifyitems`` put the groups is the order in which they are handed out.
    config.option.loadscopereorder = False


def _start(config: pytest.Config) -> dict[str, str]:
    if config.engines is None:  # type: ignore[attr-defined]
        folder = Path(tempfile.mkdtemp(prefix="yql-"))
        owner, redis = STACK.enter_context(harness.engines(folder / "engines"))
        STACK.callback(shutil.rmtree, folder, ignore_errors=True)
        harness.build_template(owner, f"{redis}?db=0", folder / "data")
        config.engines = {"owner": owner, "redis": redis, "folder": str(folder)}  # type: ignore[attr-defined]
    return config.engines  # type: ignore[attr-defined,no-any-return]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: hand the addresses to each worker; the street has one before it runs."""
    node.workerinput["engines"] = _start(node.config)
    if not hasattr(node.config, "street"):
        node.config.street = Program(Path(node.config.engines["folder"]) / "street")
    node.workerinput["street"] = (str(node.config.street.folder), node.config.street.port)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """xdist: one street for the journeys of all workers, played while they are still at something else."""
    street: Program = node.config.street
    if street.process is None and any(_group(nodeid) in JOURNEYS for nodeid in ids) and "STREET" not in os.environ:
        street.begin()
        STACK.callback(street.stop)


#: The journeys in two groups that may run beside each other: whoever moves the street's clock, and whoever looks on.
JOURNEYS = {
    "lookers": ("tests/journeys/test_bad_input.py", "tests/journeys/test_everywhere.py"),
    "clock movers": (
        "tests/journeys/test_channels.py", "tests/journeys/test_promises.py", "tests/journeys/test_short_paths.py",
        "tests/journeys/test_table.py",
        "tests/journeys/test_w4.py",
    ),
}  # fmt: skip
#: What the workers do while the street is being played; after it come the two long groups, then everything else.
MEANWHILE = (
    "tests/faces/test_demo.py", "tests/house/test_isolation.py", "tests/house/test_migrations.py",
    "tests/tenants/test_matrix.py",
)  # fmt: skip


def _group(nodeid: str) -> str:
    path = nodeid.split("::")[0]
    return next((group for group, paths in JOURNEYS.items() if path in paths), path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a worker: the long groups early, so that the small ones fill the end."""
    if hasattr(config, "workerinput"):
        order = {name: rank for rank, name in enumerate((*MEANWHILE, *JOURNEYS))}
        items.sort(key=lambda item: order.get(_group(item.nodeid), len(order)))


class Together(LoadScopeScheduling):
    """Groups by place. The plugin's own ``loadgroup`` renames the tests, which this pytest no longer lets it do."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """xdist: a file, or a group of journeys, stays on one worker."""
    return Together(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started here."""
    if not hasattr(config, "workerinput"):
        STACK.close()


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where this worker's database, queue and files are."""
    found = _start(request.config)
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    number = int(worker.removeprefix("gw")) + 1
    database = f"t_{worker}"
    harness.clone(found["owner"], database)
    data_dir = Path(found["folder"]) / f"data-{worker}"
    data_dir.mkdir(parents=True, exist_ok=True)
    return {
        "database": database,
        "redis": f"{found['redis']}?db={number}",
        "data_dir": data_dir,
        **harness.urls(found["owner"], database),
    }


@pytest.fixture(scope="session")
def superuser(place: dict[str, Any]) -> Iterator[Engine]:
    """The harness's own eyes: sees every row of every tenant. Never handed to the program."""
    engine = create_engine(place["owner"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def session_app(place: dict[str, Any]) -> Iterator[Flask]:
    """The program on this worker's database, as the restricted logins."""
    # A slow machine must not let the short caches run out in the middle of counting statements.
    house.SECONDS = hosts.CACHE_SECONDS = 3600.0
    app = create_app(harness.settings(place["owner"], place["database"], place["redis"], place["data_dir"]))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(session_app: Flask, superuser: Engine) -> Iterator[Flask]:
    """The program with nothing but the cast in its database, an empty queue and the clock unmoved."""
    harness.reset(superuser)
    session_app.extensions["redis"].flushdb()
    for kept in ("tenants.sites", "matter.houses"):
        session_app.extensions.pop(kept, None)
    (Path(session_app.config["DATA_DIR"]) / "clock-offset").unlink(missing_ok=True)
    yield session_app


@pytest.fixture
def hall(app: Flask) -> Iterator[Any]:
    """Inside 南盐道: an application context bound to the community, as a job would be."""
    with inside(app, cast.HOME) as site:
        yield site


@contextmanager
def inside(app: Flask, slug: str = "") -> Iterator[Any]:
    """An application context bound to a hall (or to the street); rolled back and closed at the end."""
    with app.app_context():
        site = find_site(app, harness.BASE, slug)
        with bound(site.scope):
            try:
                yield site
            finally:
                db.session.remove()


class Neighbour:
    """A browser without a screen: one client on one host, with the habits of a person."""

    def __init__(self, app: Flask, slug: str = "") -> None:
        self.app = app
        self.slug = slug
        self.client: FlaskClient = app.test_client()
        self.host = f"{slug}.{harness.BASE}" if slug else harness.BASE

    def get(self, url: str, **kw: Any) -> Any:
        """GET on this host."""
        return self.client.get(url, base_url=f"http://{self.host}", **kw)

    def post(self, url: str, data: Any = None, **kw: Any) -> Any:
        """POST on this host."""
        return self.client.post(url, data=data, base_url=f"http://{self.host}", **kw)

    def sign_in(self, login: str, password: str = cast.PASSWORD) -> Neighbour:
        """Through the real sign-in page."""
        answer = self.post("/sign-in", {"login": login, "password": password})
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:2000]
        return self


@pytest.fixture
def browse(app: Flask) -> Any:
    """``browse("nanyandao", "shuji")`` → a signed-in client; without a login an anonymous one; ``""`` is the street."""

    def open_browser(slug: str = cast.HOME, login: str | None = None) -> Neighbour:
        found = Neighbour(app, slug)
        return found.sign_in(login) if login else found

    return open_browser


@pytest.fixture
def count_queries(app: Flask) -> Any:
    """``with count_queries() as seen: …`` collects every statement at the driver, the binding included."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        with app.app_context():
            watched = list(db.engines.values())
        for engine in watched:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            for engine in watched:
                event.remove(engine, "before_cursor_execute", note)

    return counting


NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday 1 June 2026, nine o'clock in the morning in Shijiazhuang."""
    return NOW


def later(days: float = 0, hours: float = 0) -> datetime:
    """``NOW`` and so much."""
    return NOW + timedelta(days=days, hours=hours)
