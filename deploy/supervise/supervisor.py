"""One foreground command that runs a street: servers, then the program's parts, then the demo's histories.

Every part is a child that dies with us. A part or a server that ends by itself is started again, as a service manager
would; when one cannot stay up, or falls before the street was ever ready, everything stops and the exit code says so.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import FrameType

from deploy.supervise import children, doors
from deploy.supervise.binaries import EngineError
from deploy.supervise.engines import Engines
from deploy.supervise.logs import log_end, open_log, tend
from deploy.supervise.settings import ROOT, Settings, claim, is_prepared, note_prepared, publish, withdraw

FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
PREPARE = (*FLASK, "street", "prepare")
PLAY = (*FLASK, "demo", "play")
PARTS = {
    "web": (sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"), "wsgi:app"),
    "worker": (*FLASK, "jobs", "worker"),
    "scheduler": (*FLASK, "jobs", "scheduler"),
}
RESTARTABLE = ("worker", "scheduler")
#: What people wait for; it reads itself in beside the servers. The third would only take the processor from both.
EARLY = ("web", "worker")
#: So many times within so many seconds a part may fall; then something is wrong that starting again will not mend.
RESTARTS, WITHIN = 5, 60.0
ANSWER_PATIENCE = 240.0
STOP_PATIENCE = 15.0
#: Seconds between two looks at the length and the day of the logs.
LOGS_EVERY = 60.0


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Supervisor:
    """Runs one start from ``run`` to the end; use it once, from the main thread."""

    settings: Settings
    engines: Engines
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    falls: dict[str, list[float]] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    ready: bool = False

    def run(self) -> int:
        """Start, wait, stop. Returns the exit code."""
        clock = Timings()
        with stop_signals():
            try:
                self._start(clock)
                return self._watch()
            except Stopped:
                return 0
            except EngineError as error:
                print(f"error: {error}", file=sys.stderr, flush=True)
                return 1
            finally:
                _deaf()
                self._stop()

    def _start(self, clock: Timings) -> None:
        insist_on_free(self.settings)
        self.engines.take()
        claim(self.settings)
        self.env = self.settings.environment(self.engines)
        # The program reads itself in while the servers start; only a folder without tables has to wait for them.
        early = is_prepared(self.settings)
        if early:
            for name in EARLY:
                self._begin(name)
        with clock.phase("PostgreSQL and Valkey"):
            self.engines.start()
        publish(self.settings, self.engines)
        if not early:
            with clock.phase("tables, roles and policies"):
                self._finish("prepare", self._spawn("prepare", PREPARE))
            note_prepared(self.settings)
        for name in EARLY:
            self._begin(name)
        begun = uptime()
        play = self._spawn("play", PLAY) if self.settings.mode == "demo" else None
        with clock.phase("web server answers"):
            self._wait_for_web()
        for name in PARTS:
            self._begin(name)
        if play:
            with clock.phase("demo street", begun):
                self._finish("play", play)
            doors.show(self.settings.data / "demo.json")
        print(f"logs: {self.engines.places.log}")
        clock.show_total()
        self.ready = True
        print(f"ready {self.settings.base}", flush=True)

    def _begin(self, name: str) -> None:
        if name not in self.parts:
            self.parts[name] = self._spawn(name, PARTS[name])

    def _spawn(self, name: str, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with open_log(self.engines.places.log, name) as log:
            return children.spawn(command, stop_signal=signal.SIGTERM, output=log, env=self.env, cwd=ROOT)

    def _finish(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Wait for a one-off command, and for nothing longer than the servers live."""
        try:
            while process.poll() is None:
                self._insist_on_parts()
                time.sleep(0.05)
        finally:
            children.stop(process, signal.SIGTERM, STOP_PATIENCE)
        if process.returncode != 0:
            raise self._failure(name, "failed")

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + ANSWER_PATIENCE
        while (answer := ask_healthz(self.settings)) != HTTPStatus.OK:
            self._insist_on_parts()
            if time.monotonic() > deadline:
                raise EngineError(f"/healthz answered {answer or 'nothing'}; see {self.engines.places.log}/web.log")
            time.sleep(0.1)

    def _watch(self) -> int:
        tended = -LOGS_EVERY
        while True:
            self._insist_on_parts()
            if time.monotonic() - tended >= LOGS_EVERY:
                tended = time.monotonic()
                # A full disk is no reason to stop the street.
                with contextlib.suppress(OSError):
                    if said := tend(self.engines.places.log):
                        print(said, file=sys.stderr, flush=True)
            time.sleep(0.5)

    def _insist_on_parts(self) -> None:
        """Restart what may be restarted; raise when the street cannot go on."""
        while name := self.engines.broken():
            self._note_fall(name)
            self.engines.revive(name)
        for name, process in self.parts.items():
            if process.poll() is not None:
                self._note_fall(name)
                self.parts[name] = self._spawn(name, PARTS[name])

    def _note_fall(self, name: str) -> None:
        """Raise when ``name`` may not be started again."""
        now = time.monotonic()
        falls = self.falls[name] = [*(fall for fall in self.falls.get(name, ()) if now - fall < WITHIN), now]
        if len(falls) > RESTARTS or not (self.ready or name in RESTARTABLE):
            raise self._failure(name, "ended by itself")
        print(f"{name} ended by itself and is started again.", file=sys.stderr, flush=True)

    def _failure(self, name: str, what: str) -> EngineError:
        return EngineError(f"{name} {what}; its log ends with:\n{log_end(self.engines.places.log, name)}")

    def _stop(self) -> None:
        """The parts together, then what they left behind, then the servers they were writing to."""
        for process in self.parts.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        for process in self.parts.values():
            children.stop(process, signal.SIGTERM, max(0.1, deadline - time.monotonic()))
        if self.env:
            children.end_leftovers(self.settings.data)
            withdraw(self.settings)
        self.engines.stop()


class Timings:
    """Seconds of each phase; the total counts from the first line of ``./run`` when that told us its time."""

    def __init__(self) -> None:
        self.begun = float(os.environ.get("YIQILAI_STARTED") or uptime())
        if "YIQILAI_STARTED" in os.environ:
            self._show("environment", uptime() - self.begun)

    @contextlib.contextmanager
    def phase(self, name: str, begun: float | None = None) -> Iterator[None]:
        """Time the block, or from ``begun`` when the phase runs beside others and started before the block."""
        begun = uptime() if begun is None else begun
        yield
        self._show(name, uptime() - begun)

    def show_total(self) -> None:
        print(f"total {uptime() - self.begun:.1f} s")

    @staticmethod
    def _show(name: str, seconds: float) -> None:
        print(f"{seconds:6.1f} s  {name}", flush=True)


def uptime() -> float:
    """Seconds since the machine started: the one clock that a bare shell can read without starting a program."""
    with contextlib.suppress(OSError):
        return float(Path("/proc/uptime").read_text().split()[0])
    return time.monotonic()


def insist_on_free(settings: Settings) -> None:
    """Another program on the port would answer our own health check."""
    if settings.bind.startswith("unix:"):
        return
    host, _, port = settings.bind.rpartition(":")
    host = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise EngineError(
                f"{settings.bind} is not free ({error.strerror}); choose another: PORT=8001 ./run …"
            ) from None


def ask_healthz(settings: Settings) -> int | None:
    """Status of /healthz, asked under a host name the program trusts; None while nobody answers."""
    if settings.bind.startswith("unix:"):
        return HTTPStatus.OK if Path(settings.bind.removeprefix("unix:")).exists() else None
    host, _, port = settings.bind.rpartition(":")
    host = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))
    line = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        line.request("GET", "/healthz", headers={"Host": settings.base_host})
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        _deaf()
        print("stopping …", file=sys.stderr, flush=True)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield


def _deaf() -> None:
    """An impatient second Ctrl-C must not leave the servers running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
