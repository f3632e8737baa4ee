"""How soon an office is ready once its engines are up: at a whole start, and when they come back under a program.

One second is asked. A program that stands keeps it. A whole start reads the program in beside the engines, which takes
longer than they do; it is told and held to ``COLD`` instead.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import time
from dataclasses import dataclass

from deploy.supervise import children
from tests.bench.office import Office

LIMIT, COLD, TIMES = 1.0, 6.0, 3
PATIENCE = 60.0


@dataclass
class Start:
    """Seconds after both engines answered: at the start, and after both were killed and had come back."""

    healthy: float
    ready: float
    again: float = 0.0


def starts(office: Office, times: int = TIMES) -> list[Start]:
    """So many starts of the whole program by its supervisor in the prepared folder, one after the other."""
    found = []
    for _ in range(times):
        mark = office.begin()
        try:
            seen = _watch(office)
            office.until_ready(mark)
            seen.again = _kill_and_watch(office)
            found.append(seen)
        finally:
            office.stop()
    return found


def _watch(office: Office) -> Start:
    run, data = office.settings.engines().places.run, office.settings.engines().places.postgres
    old = _pid_file(data)
    _until(lambda: _valkey(run / "valkey.sock") and _postgres(data, old), "the engines")
    begun = time.monotonic()
    _until(lambda: status(office.port, "/healthz") == 200, "/healthz")
    healthy = time.monotonic() - begun
    _until(lambda: status(office.port, "/readyz") == 200, "/readyz")
    return Start(healthy, time.monotonic() - begun)


def _kill_and_watch(office: Office) -> float:
    """The supervisor brings both engines back; the program has stood all the time."""
    places = office.settings.engines().places
    old = _pid_file(places.postgres)
    (store,) = children.living_in(places.valkey, "valkey-server")
    os.kill(store, signal.SIGKILL)
    os.kill(int(old[0]), signal.SIGKILL)
    _until(lambda: not _valkey(places.run / "valkey.sock"), "the end of the store")
    _until(lambda: _valkey(places.run / "valkey.sock") and _postgres(places.postgres, old), "the engines")
    begun = time.monotonic()
    _until(lambda: status(office.port, "/readyz") == 200, "/readyz")
    return time.monotonic() - begun


def _until(answers: object, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"{what} did not answer"
        time.sleep(0.004)


def _pid_file(data: object) -> list[str]:
    with contextlib.suppress(OSError):
        return (data / "postmaster.pid").read_text().split("\n")  # type: ignore[operator]
    return []


def _postgres(data: object, old: list[str]) -> bool:
    lines = _pid_file(data)
    return len(lines) > 7 and lines[7].strip() == "ready" and lines[:1] != old[:1]


def _valkey(path: object) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        line.connect(str(path))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def status(port: int, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", path, headers={"Host": f"localhost:{port}"})
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()
