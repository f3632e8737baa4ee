"""What the drill with backups works with: a data folder whose rows it prints and damages, and somebody next door."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from deploy.supervise import children
from deploy.supervise.settings import published
from tenants.backup import files, tables
from tests.journeys.program import ROOT, Program
from tests.journeys.wire import Wire

Prints = dict[tuple[str, str], str]


class Drill:
    """One data folder whose engines run without worker and scheduler, so only the drill changes anything."""

    def __init__(self, program: Program) -> None:
        self.program, self.data = program, program.folder
        self.out = program.folder.parent / "archives"
        self.halls: dict[str, int] = {}

    @contextmanager
    def engines(self) -> Iterator[None]:
        """Both servers of the folder, where the shell's commands find them."""
        with self._running(sys.executable, "-m", "deploy.supervise", "engines", env=self.program.env):
            until(lambda: published(self.data) is not None, "the engines say where they are")
            yield

    @contextmanager
    def web(self) -> Iterator[None]:
        """The real web server beside them."""
        env = {**self.program.env, **(published(self.data) or {})}
        config = str(ROOT / "deploy" / "gunicorn.conf.py")
        with self._running(sys.executable, "-m", "gunicorn", "--config", config, "wsgi:app", env=env):
            until(lambda: answers(self.program), "the web server answers")
            yield

    @contextmanager
    def _running(self, *command: str, env: dict[str, str]) -> Iterator[None]:
        with self.program.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=log, stderr=log,
                preexec_fn=children.die_with_parent(signal.SIGTERM, os.getpid()),
            )  # fmt: skip
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def backup(self, line: str, *more: str, env: dict[str, str] | None = None) -> tuple[int, str]:
        """``flask backup …``: exit code, and everything it said."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.supervise", "flask", "backup", *line.split(), *more], cwd=ROOT,
            env={**self.program.env, **(env or {})}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def make(self, *more: str) -> tuple[Path, str, float]:
        """A finished archive, what was said, and the seconds it took."""
        begun = time.monotonic()
        code, said = self.backup("make --to", str(self.out), *more)
        assert code == 0, said
        found = re.findall(r"(/\S+\.yqb)", said)
        return Path(found[0]), said, time.monotonic() - begun

    def prints(self) -> Prints:
        """The hash of each table of each hall (empty for the street's own rows), and of each file."""
        engine = create_engine((published(self.data) or {})["DATABASE_OWNER_URL"])
        found: Prints = {}
        with engine.begin() as conn:
            tables.prepare(conn)
            self.halls = dict(conn.execute(text("select slug, id from community")).tuples().all())
            for table in tables.tables(conn):
                for slug, hall in self.halls.items() if table.hall_column else [("", None)]:
                    rows = b"".join(bytes(piece) for piece in tables.rows_of(conn, table, hall))
                    found[slug, table.name] = hashlib.sha256(rows).hexdigest()
        engine.dispose()
        names = {str(hall): slug for slug, hall in self.halls.items()}
        for name in files.names(self.data):
            content = b"".join(files.content(self.data, name) or ())
            found[names[name.partition("/")[0]], f"file {name}"] = hashlib.sha256(content).hexdigest()
        return found

    def damage(self, slug: str) -> tuple[int, int]:
        """What an unlucky hand does: half the rows of a hall gone, others written over, files lost and cut short."""
        hall, lost = self.halls[slug], 0
        engine = create_engine((published(self.data) or {})["DATABASE_OWNER_URL"])
        with engine.begin() as conn:
            conn.execute(text("set local session_replication_role = replica"))
            for table in ("timeline", "proposal", "vote", "outbox", "person"):
                lost += conn.execute(text(f"delete from {table} where community_id = :hall"), {"hall": hall}).rowcount
            lost += conn.execute(
                text("update matter set title = '？？？' where community_id = :h"), {"h": hall}
            ).rowcount
            conn.execute(text("update community set motto = '？？？' where id = :hall"), {"hall": hall})
        engine.dispose()
        own = list(files.names(self.data, hall))
        for name in own[::2]:
            (self.data / "files" / name).unlink()
        for name in own[1::2]:
            (self.data / "files" / name).write_bytes(b"?")
        stray = self.data / "files" / str(hall) / "0190aaaa-0000-7000-8000-00000000cafe"
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"stored after the backup")
        return lost, len(own)


class Neighbour(threading.Thread):
    """Somebody next door who goes on handing in matters."""

    def __init__(self, program: Program, slug: str) -> None:
        super().__init__(daemon=True)
        self.program, self.slug = program, slug
        self.over, self.matters, self.problems = threading.Event(), [], []  # type: ignore[var-annotated]

    def run(self) -> None:
        """Until it is over."""
        while not self.over.is_set():
            answer = Wire(self.program, self.slug).say("楼下的灯又不亮了。")
            if answer.status == 303:
                self.matters.append(answer.location.rsplit("/", 1)[1])
            else:
                self.problems.append(f"{answer.status} {answer.words[:200]}")


def until(holds: Callable[[], bool], what: str, patience: float = 90.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


def answers(program: Program) -> bool:
    """Whether the web server answers."""
    try:
        return Wire(program).get("/healthz").status == 200
    except OSError:
        return False
