"""Child processes that never outlive their parent, and the search for those that did."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

MARK = "YIQILAI_SUPERVISED"
PR_SET_PDEATHSIG = 1
# The handle is made at import, because loading a library between fork and exec can deadlock.
_LIBC = ctypes.CDLL(None) if os.uname().sysname == "Linux" else None


def die_with_parent(stop_signal: int, parent: int) -> Callable[[], None]:
    """What a new process does just before its program starts, so that the kernel ends it together with ``parent``."""

    def before_exec() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        # The parent may have died before the line above took effect.
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def spawn(
    command: Sequence[str],
    *,
    stop_signal: int,
    output: IO[bytes],
    env: Mapping[str, str],
    cwd: Path,
    owner: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own; the kernel sends it ``stop_signal`` when we die.

    ``owner`` is the user id to become (root only). Call it from the main thread: the kernel ties the death signal
    to the thread that forked.
    """
    groups: list[int] | None = None if owner is None else []
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        preexec_fn=die_with_parent(stop_signal, os.getpid()),
        user=owner,
        group=owner,
        extra_groups=groups,
    )


def stop(process: subprocess.Popen[bytes], stop_signal: int, patience: float) -> None:
    """Ask ``process`` to end and kill it when it has not done so after ``patience`` seconds."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def living_in(folder: Path, name: str) -> list[int]:
    """Process ids called ``name`` whose working folder is ``folder``; both servers change into their data folder."""
    home = os.path.realpath(folder)
    found = []
    for entry in _processes():
        with contextlib.suppress(OSError):
            if (entry / "comm").read_text().strip() == name and os.readlink(entry / "cwd") == home:
                found.append(int(entry.name))
    return found


def marked(folder: Path) -> list[int]:
    """Process ids that carry our mark for ``folder``, other than this process and its parents.

    The mark is inherited, so it also finds a queue's job process, which has a session of its own and which the
    death signal of its worker therefore does not reach.
    """
    wanted = f"{MARK}={folder}".encode()
    family = _ancestors(os.getpid())
    found = []
    for entry in _processes():
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0") and int(entry.name) not in family:
                found.append(int(entry.name))
    return found


def end_all(search: Callable[[], list[int]], signals: Sequence[tuple[int, float]]) -> None:
    """Send each signal in turn to whatever ``search`` still finds, waiting up to the given seconds after each."""
    for number, patience in signals:
        pids = search()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while pids and time.monotonic() < deadline:
            time.sleep(0.05)
            pids = search()
        if not pids:
            return


def end_leftovers(folder: Path) -> None:
    """End every marked process of ``folder``: first politely, then by force."""
    end_all(lambda: marked(folder), [(signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)])


def _processes() -> list[Path]:
    return [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()] if Path("/proc").is_dir() else []


def _ancestors(pid: int) -> set[int]:
    family = set()
    while pid > 0 and pid not in family:
        family.add(pid)
        try:
            # The name in the second field may hold blanks and brackets, so the fields are counted after it.
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return family
