"""The few things of systemd that the unit files rely on, for a machine on which systemd does not run.

Unit files are read as they were installed and started as they say: account, group, folder, environment files, the
notice of readiness, what runs after the start and before the stop, and the filter of system calls.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.supervise.children import die_with_parent
from tests.prove.install import syscalls


@dataclass
class Unit:
    """One service: its lines by name, in order, with ``%i`` filled in."""

    name: str
    lines: dict[str, list[str]]

    @classmethod
    def read(cls, folder: Path, name: str) -> Unit:
        """``yiqilai-web@a`` is read from ``yiqilai-web@.service``."""
        stem, at, instance = name.removesuffix(".service").partition("@")
        lines: dict[str, list[str]] = {}
        for line in (folder / f"{stem}{at}.service").read_text("utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";", "[")):
                lines.setdefault(key.strip(), []).append(value.strip().replace("%i", instance))
        return cls(name.removesuffix(".service"), lines)

    def one(self, key: str, default: str = "") -> str:
        return self.lines.get(key, [default])[-1]

    def environment(self) -> dict[str, str]:
        """Files in their order, then the lines of the unit; nothing of ours but the path to programs."""
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        for path in self.lines.get("EnvironmentFile", []):
            env |= read_env(Path(path))
        # systemd lets the files win over the lines; ours never name the same thing twice.
        return env | dict(
            pair.split("=", 1) for line in self.lines.get("Environment", []) for pair in shlex.split(line)
        )


def read_env(path: Path) -> dict[str, str]:
    """An environment file as systemd reads it."""
    found = re.findall(r"^([A-Z_]+)=(.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {name: value.strip().strip('"') for name, value in found}


@dataclass
class Manager:
    """Starts and stops units; must live in the thread that outlives them all, because they die with it."""

    folder: Path
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    enabled: set[str] = field(default_factory=set)

    def do(self, verb: str, *names: str) -> str:
        """``start | stop | restart | enable | disable`` as systemctl; returns what went wrong, or nothing."""
        wrong = []
        for name in names:
            try:
                self._one(verb, name.removesuffix(".service"))
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                wrong.append(f"{name}: {error}")
        return "\n".join(wrong)

    def _one(self, verb: str, name: str) -> None:
        if verb in ("enable", "disable"):
            self.enabled.add(name) if verb == "enable" else self.enabled.discard(name)
            return
        unit = Unit.read(self.folder, name)
        if verb in ("stop", "restart"):
            self.stop(unit)
        if verb in ("start", "restart"):
            self.start(unit)

    def start(self, unit: Unit) -> None:
        """Start the unit and wait until it says that it is ready, then run what comes after."""
        if unit.name in self.running and self.running[unit.name].poll() is None:
            return
        env = unit.environment()
        with contextlib.ExitStack() as stack:
            heard = None
            if unit.one("Type") == "notify":
                heard = stack.enter_context(_ear(self.logs / f"{unit.name}.notify"))
                env["NOTIFY_SOCKET"] = heard.getsockname()
            self.running[unit.name] = self._spawn(unit, unit.one("ExecStart"), env)
            if heard is not None:
                self._wait_for_word(unit, heard)
        for line in unit.lines.get("ExecStartPost", []):
            self._call(unit, line)

    def run_once(self, unit: Unit) -> subprocess.Popen[bytes]:
        """A unit of Type=oneshot: started, and waited for."""
        process = self._spawn(unit, unit.one("ExecStart"), unit.environment())
        process.wait(180)
        return process

    def stop(self, unit: Unit) -> None:
        """What the unit says first, then SIGTERM to its main process, and force when its patience is over."""
        process = self.running.pop(unit.name, None)
        if process is None or process.poll() is not None:
            return
        for line in unit.lines.get("ExecStop", []):
            self._call(unit, line)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(int(unit.one("TimeoutStopSec", "90")))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError("it had to be killed") from None

    def stop_all(self) -> None:
        """Everything, at the end of the proof."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        self.running.clear()

    def log(self, name: str) -> str:
        """What a unit said, as the journal would have it."""
        path = self.logs / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _spawn(self, unit: Unit, line: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        account, group = unit.one("User"), unit.one("Group")
        command = [
            "setpriv", "--reuid", account, "--regid", group, "--init-groups", "--inh-caps=-all", "--bounding-set=-all",
            # Becoming another account forgets the wish to die with the proof, so it is said again afterwards.
            "--pdeathsig", "TERM",
            *(["--no-new-privs"] if unit.one("NoNewPrivileges") == "yes" else []), *shlex.split(line.lstrip("-")),
        ]  # fmt: skip
        with (self.logs / f"{unit.name}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=env, cwd=unit.one("WorkingDirectory", "/"), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, umask=int(unit.one("UMask", "0022"), 8),
                preexec_fn=_before(syscalls.filter_of(unit.lines.get("SystemCallFilter", []))),
            )  # fmt: skip

    def _call(self, unit: Unit, line: str) -> None:
        process = self._spawn(unit, line, unit.environment())
        if process.wait(90) != 0 and not line.startswith("-"):
            raise RuntimeError(f"{line} ended with {process.returncode}: {self.log(unit.name)[-600:]}")

    def _wait_for_word(self, unit: Unit, heard: socket.socket) -> None:
        deadline = time.monotonic() + int(unit.one("TimeoutStartSec", "90"))
        while time.monotonic() < deadline:
            if self.running[unit.name].poll() is not None:
                raise RuntimeError(f"it ended by itself: {self.log(unit.name)[-1500:]}")
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in heard.recv(4096):
                    return
        raise RuntimeError("it never said that it is ready")


def _before(load: Callable[[], None]) -> Callable[[], None]:
    dying = die_with_parent(signal.SIGTERM, os.getpid())

    def before_exec() -> None:
        dying()
        load()

    return before_exec


@contextlib.contextmanager
def _ear(path: Path):  # type: ignore[no-untyped-def]
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(path))
        path.chmod(0o777)
        ear.settimeout(0.2)
        try:
            yield ear
        finally:
            path.unlink(missing_ok=True)
