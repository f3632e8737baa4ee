"""One street office as it really runs, in parts that can be started singly: engines, web servers, worker.

The folder is prepared by the program's own ``deploy.supervise serve``. For the measurements the parts are then started
one by one with the commands the supervisor uses, because two databases are compared in one run: each has a web server
of its own, and both stand on the same PostgreSQL and Valkey.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url

from deploy.supervise import children
from deploy.supervise.engines import DATABASE, Engines
from deploy.supervise.logs import open_log
from deploy.supervise.settings import Settings, publish, withdraw
from deploy.supervise.supervisor import PARTS
from tests.journeys.program import ROOT, Program, free_port

PATIENCE = 60.0


class Office(Program):
    """The folder of one office, its engines and its parts; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, verb="serve")
        self.settings = Settings.read("serve", self.env)
        self.engines: Engines | None = None
        self.parts: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def env(self) -> dict[str, str]:
        """The limits on knocking are on, as in a real office."""
        return {**super().env, "RATELIMIT": "on"}

    def prepare(self) -> None:
        """One whole start and stop: data folder, tables, roles, policies and keys are made by the program itself."""
        self.start()
        self.stop()

    def open(self) -> None:
        """The two engines alone."""
        self.engines = self.settings.engines()
        self.engines.start()
        publish(self.settings, self.engines)

    def close(self) -> None:
        """Everything that was started here, the engines last."""
        self.leave()
        for process in reversed(self.parts.values()):
            children.stop(process, signal.SIGTERM, 20)
        self.parts.clear()
        if self.engines is not None:
            withdraw(self.settings)
            self.engines.stop()
            self.engines = None

    def part(self, name: str, kind: str, *, database: str = DATABASE, port: int = 0) -> int:
        """Start a part of the program on one of the databases; returns its port. The proxy before it is trusted, as in
        an office with nginx, so that every visitor has an address of their own."""
        assert self.engines is not None
        port = port or free_port()
        env = {**self.settings.environment(self.engines), **self.env, "PORT": str(port), "TRUST_PROXY": "1"}
        env |= {"BASE_HOST": f"localhost:{port}", "BIND": f"127.0.0.1:{port}"}
        for key in ("DATABASE_URL", "DATABASE_GUEST_URL", "DATABASE_OWNER_URL"):
            url = make_url(env[key]).set(database=database)
            env[key] = url.render_as_string(hide_password=False)
        env["REDIS_URL"] = self.engines.redis_url(0 if database == DATABASE else 1)
        with open_log(self.engines.places.log, name) as log:
            self.parts[name] = children.spawn(PARTS[kind], stop_signal=signal.SIGTERM, output=log, env=env, cwd=ROOT)
        return port

    def eyes(self, database: str = DATABASE) -> Engine:
        """The superuser's connection to one of the databases; dispose of it."""
        assert self.engines is not None
        return create_engine(self.engines.database_url("postgres", database))

    def copy(self, name: str) -> None:
        """A second database with every row of the first. Nobody may be connected to the first meanwhile."""
        self.leave()
        engine = self.eyes("postgres").execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.execute(text("checkpoint"))
            conn.execute(text(f'create database "{name}" template "{DATABASE}" owner cm_owner'))
        engine.dispose()

    def serving(self) -> dict[str, list[int]]:
        """Process ids of the engines and of each part, children included."""
        assert self.engines is not None
        roots = {name: process.pid for name, process in {**self.engines.processes, **self.parts}.items()}
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        return {name: _family(pid, parents) for name, pid in roots.items()}


def _family(root: int, parents: dict[int, int]) -> list[int]:
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


def worked(pids: list[int]) -> float:
    """Seconds of processor time, user and system, that these processes and all their threads have used so far.

    The scheduler's own account is in nanoseconds; ``stat`` counts in hundredths of a second and serves where the
    kernel keeps no such account.
    """
    spent = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            spent += _threads(pid)
    return spent


def _threads(pid: int) -> float:
    accounts = [task / "schedstat" for task in Path(f"/proc/{pid}/task").iterdir()]
    if accounts and accounts[0].exists():
        return sum(int(account.read_text().split()[0]) for account in accounts) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_memory(pid: int) -> float:
    """Megabytes that this process shares with nobody (USS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def wait_until(answers: object, what: str, pause: float = 0.1) -> None:
    """Ask again until it is true; raises ``AssertionError`` after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not answers():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"{what}: no answer within {PATIENCE:.0f} s"
        time.sleep(pause)


@contextlib.contextmanager
def office(folder: Path) -> Iterator[Office]:
    """A prepared office with its engines running; folder and processes are gone at the end."""
    found = Office(folder / "data")
    try:
        found.prepare()
        found.open()
        yield found
    finally:
        found.close()
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)
