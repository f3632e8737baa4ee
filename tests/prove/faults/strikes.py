"""The kills: which processes are what, and ``kill -9`` of them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from deploy.supervise import children
from deploy.supervise.places import Places
from tests.journeys.program import Program


def words_of(pid: int) -> str:
    """The command line of a process; empty once it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def parent(pid: int) -> int:
    """The process that started it; 0 once it is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def named(program: Program, *marks: str) -> list[int]:
    """Processes of this street with one of these words in their command, the oldest first."""
    return sorted(pid for pid in program.pids() if any(mark in words_of(pid) for mark in marks))


def web(program: Program) -> tuple[int, list[int]]:
    """The web server's master and its workers."""
    found = named(program, "gunicorn")
    masters = [pid for pid in found if parent(pid) not in found]
    return (masters[0] if masters else 0), [pid for pid in found if masters and parent(pid) == masters[0]]


def worker(program: Program) -> tuple[int, list[int]]:
    """The queue's worker, and the process of the job it is at, which leads a group of its own."""
    found = named(program, "jobs worker")
    mothers = [pid for pid in found if parent(pid) not in found]
    return (mothers[-1] if mothers else 0), [pid for pid in found if pid not in mothers and _leads(pid)]


def _leads(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        return os.getpgid(pid) == pid
    return False


def postgres(program: Program) -> list[int]:
    """The postmaster first, then its children."""
    found = children.living_in(Places.of(program.folder).postgres, "postgres")
    return sorted(found, key=lambda pid: parent(pid) in found)


def kill(*pids: int) -> int:
    """``kill -9``; returns how many there were to kill."""
    died = 0
    for pid in filter(None, pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            died += 1
    return died


def kill_web_master(program: Program) -> int:
    """gunicorn's master; its workers notice and end."""
    return kill(web(program)[0])


def kill_web_worker(program: Program) -> int:
    """One of the processes that answer."""
    return kill(*web(program)[1][:1])


def kill_worker(program: Program) -> int:
    """The queue's worker alone: the job it is at goes on in its own group."""
    return kill(worker(program)[0])


def kill_work_horse(program: Program) -> int:
    """A job in the middle of its work."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if horses := worker(program)[1]:
            return kill(*horses)
        time.sleep(0.02)
    return 0


def kill_scheduler(program: Program) -> int:
    """What sends the rounds."""
    return kill(*named(program, "jobs scheduler"))


def kill_postmaster(program: Program) -> int:
    """PostgreSQL's first process; its children are left without it."""
    return kill(*postgres(program)[:1])


def kill_database(program: Program) -> int:
    """PostgreSQL with all its children: one part."""
    return min(1, kill(*postgres(program)))


def kill_backend(program: Program) -> int:
    """One connection's process: PostgreSQL then throws everybody out and recovers."""
    found = [pid for pid in postgres(program)[1:] if "cm_login" in words_of(pid)]
    return kill(*found[:1])


def kill_valkey(program: Program) -> int:
    """The queue's store."""
    return kill(*children.living_in(Places.of(program.folder).valkey, "valkey-server"))


def kill_both_stores(program: Program) -> int:
    """Database and store at once."""
    return kill_database(program) + kill_valkey(program)


def kill_all_parts(program: Program) -> int:
    """Web, worker and scheduler at once."""
    master, workers = web(program)
    mother, horses = worker(program)
    clock = named(program, "jobs scheduler")
    return (
        len([pid for pid in (master, mother, *clock) if pid]) if kill(master, *workers, mother, *horses, *clock) else 0
    )


def kill_everything(program: Program) -> int:
    """All five parts at once; only whoever starts them again lives on."""
    return kill_both_stores(program) + kill_all_parts(program)


#: Who falls in a round, and whether people lose the web server itself with it.
ROUND: list[tuple[str, Callable[[Program], int]]] = [
    ("web worker", kill_web_worker),
    ("database", kill_database),
    ("queue's worker", kill_worker),
    ("Valkey", kill_valkey),
    ("a job at work", kill_work_horse),
    ("web master", kill_web_master),
    ("scheduler", kill_scheduler),
    ("postmaster alone", kill_postmaster),
    ("web, worker, scheduler together", kill_all_parts),
    ("a database connection", kill_backend),
    ("database and Valkey together", kill_both_stores),
    ("everything together", kill_everything),
]
