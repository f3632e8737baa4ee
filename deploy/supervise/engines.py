"""A real PostgreSQL and a real Valkey in one folder, on Unix sockets that only this user can reach.

``with embedded_engines(folder, fsync=True) as engines`` starts both and stops them at the end. A second start in the
same folder is refused; whatever a killed start left running is ended first, because two Valkey servers would write
one append-only file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from deploy.supervise import binaries, children
from deploy.supervise.binaries import EngineError, PostgresLaunch
from deploy.supervise.logs import log_end, open_log
from deploy.supervise.places import Places

SUPERUSER = "postgres"
DATABASE = "yiqilai"
# The builtin provider gives the same order of names on every machine; plain C would lose Chinese words in searches.
LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# The socket's folder is closed to other users, so whoever can connect is already the owner of the data.
ACCESS = "# Written at every start. Only the local socket, whose folder belongs to one user.\nlocal all all trust\n"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    # A slow statement is named by its text; what was typed into it is nobody's business.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    # The detail of a broken rule is the whole row.
    "log_error_verbosity": "terse",
}
# A power cut may cost a test its data, and nothing else.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}
START_PATIENCE = 60.0


class Engines:
    """The two servers of one folder. ``start`` and ``stop`` are called once each, from the main thread."""

    def __init__(self, folder: Path, *, fsync: bool = True, postgres: bool = True, valkey: bool = True) -> None:
        self.places = Places.of(folder)
        self.fsync = fsync
        self.wanted = {"postgres": postgres, "valkey": valkey}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._lock: IO[str] | None = None

    @property
    def pg_socket_dir(self) -> Path:
        return self.places.run

    @property
    def valkey_socket(self) -> Path:
        return self.places.run / "valkey.sock"

    def database_url(self, login: str, database: str = DATABASE) -> str:
        """Address for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://{login}@/{database}?host={quote(str(self.pg_socket_dir))}"

    def redis_url(self, number: int = 0) -> str:
        """Address for redis-py and rq; the limiter wants ``redis+`` in front of it."""
        return f"unix://{quote(str(self.valkey_socket))}?db={number}"

    def start(self) -> None:
        """Take the folder, end leftovers, start what is wanted and wait until both answer."""
        self.take()
        try:
            if self.wanted["valkey"]:
                self._start_valkey()
            if self.wanted["postgres"]:
                self._start_postgres()
            if self.wanted["valkey"]:
                self._wait("valkey", self._valkey_answers)
        except BaseException:
            self.stop()
            raise

    def take(self) -> None:
        """Lock the folder for this process and end what an earlier, killed owner left running."""
        if self._lock is not None:
            return
        self.places.make()
        lock = (self.places.folder / "engines.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EngineError(f"{self.places.folder} is already in use by a running program.") from None
        self._lock = lock
        children.end_leftovers(self.places.folder)

    def broken(self) -> str | None:
        """The name of a server that has ended by itself, if one has."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def revive(self, name: str) -> None:
        """Start a server again that has ended by itself, in the same place, and wait until it answers."""
        self.processes.pop(name, None)
        if name == "postgres":
            self._start_postgres()
        else:
            self._start_valkey()
            self._wait(name, self._valkey_answers)

    def stop(self) -> None:
        """Valkey first, PostgreSQL last: it is what everything else may still be writing to."""
        for name, number, patience in (("valkey", signal.SIGTERM, 10), ("postgres", signal.SIGINT, 30)):
            if process := self.processes.pop(name, None):
                children.stop(process, number, patience)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _start_valkey(self) -> None:
        home = self.places.valkey
        home.mkdir(mode=0o700, exist_ok=True)
        children.end_all(lambda: children.living_in(home, "valkey-server"), [(signal.SIGTERM, 5), (signal.SIGKILL, 2)])
        self.valkey_socket.unlink(missing_ok=True)
        keep = ("--appendonly", "yes", "--appendfsync", "everysec") if self.fsync else ("--appendonly", "no")
        command = [str(binaries.valkey_server()), "--port", "0", "--unixsocket", str(self.valkey_socket)]
        command += ["--unixsocketperm", "700", "--dir", str(home), "--save", "", *keep, "--daemonize", "no"]
        self._spawn("valkey", command, signal.SIGTERM, home)

    def _start_postgres(self) -> None:
        launch = binaries.postgres_launch()
        data = self.places.postgres
        # Children of a killed postmaster still hold the shared memory, and a new one refuses to start beside them.
        children.end_all(lambda: children.living_in(data, "postgres"), [(signal.SIGINT, 10), (signal.SIGKILL, 2)])
        if not data.exists():
            self._make_cluster(launch, data)
        self.places.give(data, launch.owner)
        self.places.give(self.places.run, launch.owner, deep=False)
        # Every process of this folder is gone, so the number in these files can only belong to a stranger.
        for stale in (data / "postmaster.pid", *self.pg_socket_dir.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        (data / "pg_hba.conf").write_text(ACCESS, encoding="ascii")
        settings = {**SETTINGS, "unix_socket_directories": str(self.pg_socket_dir), **({} if self.fsync else CARELESS)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._spawn(
            "postgres", launch.command("postgres", "-D", str(data), *options), signal.SIGINT, data, launch.owner
        )
        self._wait("postgres", lambda: self._postgres_answers(data))

    def _make_cluster(self, launch: PostgresLaunch, data: Path) -> None:
        """A cluster becomes ``data`` by one rename, so a start killed half-way leaves nothing that looks whole."""
        # A new cluster is empty, whatever a note from an earlier one says.
        (self.places.folder / "prepared").unlink(missing_ok=True)
        half = data.with_name(f"{data.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        self.places.give(half, launch.owner)
        flags = ["-D", str(half), "-U", SUPERUSER, "--auth=trust", *LOCALE, *([] if self.fsync else ["--no-sync"])]
        made = subprocess.run(
            launch.command("initdb", *flags),
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd=half,
            user=launch.owner,
            group=launch.owner,
            extra_groups=None if launch.owner is None else [],
        )
        if made.returncode != 0:
            raise EngineError(f"PostgreSQL could not make its data folder: {made.stderr.strip()}")
        (self.places.folder / "prepared").unlink(missing_ok=True)
        half.rename(data)

    def _spawn(self, name: str, command: list[str], number: int, cwd: Path, owner: int | None = None) -> None:
        with open_log(self.places.log, name) as log:
            self.processes[name] = children.spawn(
                command, stop_signal=number, output=log, env=_environment(), cwd=cwd, owner=owner
            )

    def _wait(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not answers():
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"{name} did not start; its log ends with:\n{log_end(self.places.log, name)}")
            time.sleep(0.03)

    def _postgres_answers(self, data: Path) -> bool:
        """The eighth line of the pid file says "ready" once connections are taken; pg_ctl looks there as well."""
        with contextlib.suppress(OSError):
            lines = (data / "postmaster.pid").read_text().split("\n")
            return len(lines) > 7 and lines[0] == str(self.processes["postgres"].pid) and lines[7].strip() == "ready"
        return False

    def _valkey_answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.valkey_socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def embedded_engines(folder: Path, fsync: bool = True) -> Iterator[Engines]:
    """Both servers in ``folder`` for the length of the block; raises :class:`EngineError` when they cannot start."""
    engines = Engines(folder, fsync=fsync)
    engines.start()
    try:
        yield engines
    finally:
        engines.stop()


def _environment() -> dict[str, str]:
    """Nothing of the caller's language or PostgreSQL settings may reach the servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
