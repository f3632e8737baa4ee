"""The whole program, started once for all journeys exactly as a person starts it: ``deploy.supervise demo``.

A real PostgreSQL, a real Valkey, web server, worker and scheduler, in a data folder of its own. Commands go through
the program's own shell face, so a journey moves the clock the way the demo's readers do.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app import clock, config, create_app
from app.flow.collect.models import Proposal
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.models import Person
from deploy.supervise import children
from deploy.supervise.settings import published
from tenants.database import db
from tenants.hosts import Site, find_site
from tenants.scope import bound

ROOT = Path(__file__).resolve().parents[2]
START_PATIENCE = 240.0
COUNCIL = [
    ("纪云山", "党委副书记"), ("孟繁星", "物业经理"), ("蔡玉兰", "楼道长"), ("邵长河", "老党员"), ("柯小满", "社工"),
    ("方志远", "居民代表"), ("黎春燕", "居民代表"), ("江守信", "网格员"), ("贾凤英", "居民代表"), ("夏立秋", "教师"),
    ("焦建民", "商户代表"), ("滕玉梅", "志愿者队长"), ("卜德顺", "居民代表"), ("岳青松", "退役军人"),
    ("尹素芬", "居民代表"), ("晁文斌", "律师志愿者"), ("鲁桂香", "居民代表"),
]  # fmt: skip


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class FreshHall:
    """A hall opened by ``flask community open``; ``passwords`` by login."""

    slug: str
    passwords: dict[str, str] = field(default_factory=dict)
    council: list[str] = field(default_factory=list)


class Program:
    """One running street. ``base`` is host:port of the street's own pages; ``verb`` is demo or serve.

    Given a ``port`` it is a street that another process of this run has begun.
    """

    def __init__(self, folder: Path, port: int = 0, *, verb: str = "demo") -> None:
        self.folder = folder
        self.verb = verb
        self.port = port or free_port()
        self.base = f"localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.halls: dict[str, FreshHall] = {}
        self.app: Flask | None = None
        self.log = folder.with_name(folder.name + ".log")

    @classmethod
    def join(cls, folder: Path) -> Program:
        """A street somebody else started in ``folder``; it may be used but neither stopped nor killed."""
        street = cls(folder)
        street.base = (published(folder) or {})["BASE_HOST"]
        street.port = int(street.base.rsplit(":", 1)[1])
        return street

    @property
    def env(self) -> dict[str, str]:
        """What a person would type; at the demo everybody here shares one address, so its limits are off."""
        limits = "off" if self.verb == "demo" else "on"
        return {**os.environ, "PORT": str(self.port), "DATA_DIR": str(self.folder), "RATELIMIT": limits}

    @classmethod
    @contextlib.contextmanager
    def in_a_folder(cls, verb: str = "demo") -> Iterator[Program]:
        """One in a folder of its own, not begun yet; afterwards it is stopped and the folder is gone."""
        folder = Path(tempfile.mkdtemp(prefix=f"yql-{verb}-"))
        program = cls(folder / "data", verb=verb)
        try:
            yield program
        finally:
            program.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> float:
        """Start and wait for the line ``ready``; returns the seconds it took."""
        begun = time.monotonic()
        self.until_ready(self.begin())
        return time.monotonic() - begun

    def begin(self) -> int:
        """Start without waiting; returns the length of what earlier starts left in the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            mark = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.supervise", self.verb], cwd=ROOT, env=self.env, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=children.die_with_parent(signal.SIGTERM, os.getpid()),
            )  # fmt: skip
        return mark

    def until_ready(self, mark: int = 0) -> None:
        """Wait for the line ``ready`` behind ``mark``; raises with the end of the log when it does not come."""
        deadline = time.monotonic() + START_PATIENCE
        while b"\nready " not in (told := self.log.read_bytes()[mark:] if self.log.exists() else b""):
            ended = self.process.poll() is not None if self.process else b"\nerror: " in told
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"the program did not get ready:\n{told.decode(errors='replace')[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self.leave()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> int:
        """``kill -9`` of everything at once, the supervisor last; returns how many processes died."""
        assert self.process is not None
        ours = self.pids()
        for pid in reversed(ours):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + 10
        while children.marked(self.folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        return len(ours)

    def pids(self) -> list[int]:
        """The supervisor, everything below it and everything with its mark; nothing of anybody else."""
        assert self.process is not None
        parents = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        family = [self.process.pid]
        for pid in family:
            family += [child for child, parent in parents.items() if parent == pid]
        return list(dict.fromkeys([*family, *children.marked(self.folder)]))

    def flask(self, line: str, *more: str) -> str:
        """A command of the program (``clock advance 3d``); returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.supervise", "flask", *line.split(), *more], cwd=ROOT, env=self.env,
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"flask {line}: {done.stdout}{done.stderr}"[-3000:]
        return done.stdout

    def advance(self, by: str) -> None:
        """Move the street's clock for web, worker and scheduler."""
        self.flask(f"clock advance {by}")

    def today(self) -> date:
        """The street's day."""
        with self.inside():
            return clock.today()

    def open_hall(self, slug: str, name: str, hall: str) -> FreshHall:
        """A fresh hall with a council of seventeen, opened and imported from the shell, its slug with a random end."""
        mark = "".join(secrets.choice(string.ascii_lowercase) for _ in range(4))
        slug, code = f"{slug}-{mark}", f"{slug[0]}{mark}".upper()
        told = self.flask(
            f"community open {slug} --code {code}", "--name", name, "--hall", hall, "--motto", "有话坐下来说",
            "--phone", "8555 0321",
        )  # fmt: skip
        fresh = FreshHall(slug, {"shuji": re.findall(r"^password (\S+)$", told, re.MULTILINE)[0]})
        with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
            lines = [f"{name},xi{seat:02},{title}" for seat, (name, title) in enumerate(COUNCIL, 1)]
            file.write("\n".join(["name,login,title", *lines]) + "\n")
            file.flush()
            told = self.flask(f"community council {slug}", file.name)
        for line in told.strip().splitlines():
            login, password, _name = line.split("\t")
            fresh.passwords[login] = password
            fresh.council.append(login)
        self.halls[slug] = fresh
        return fresh

    def demo(self) -> dict[str, object]:
        """What the demo wrote down about itself."""
        return dict(json.loads((self.folder / "demo.json").read_text("utf-8")))

    @contextlib.contextmanager
    def inside(self, slug: str = "") -> Iterator[Site]:
        """An application context on the running street's database, bound to a hall as a job would be."""
        if self.app is None:
            self.app = create_app(config.from_environment({**self.env, **(published(self.folder) or {})}))
        with self.app.app_context():
            site = find_site(self.app, "localhost", slug)
            try:
                with bound(site.scope):
                    yield site
            finally:
                db.session.remove()

    def leave(self) -> None:
        """Let go of the database, so that the street can stop without waiting for us."""
        if self.app is not None:
            with self.app.app_context():
                for engine in db.engines.values():
                    engine.dispose()

    def census(self, slug: str) -> dict[str, int]:
        """How many rows of each kind a hall has: what a refused act must leave as it was."""
        kinds = (Matter, Proposal, TimelineEntry, Attachment, Person)
        with self.inside(slug) as site:
            return {
                kind.__tablename__: db.session.scalar(
                    select(func.count()).select_from(kind).where(kind.community_id == site.community_id)
                )
                or 0
                for kind in kinds
            }

    def password(self, slug: str, login: str) -> str:
        """The password of an account of the demo street (``street`` for the office) or of a fresh hall."""
        if slug in self.halls:
            return self.halls[slug].passwords[login]
        accounts: list[dict[str, str]] = self.demo()["accounts"]  # type: ignore[assignment]
        found = [a["password"] for a in accounts if a["site"] == (slug or "street") and a["login"] == login]
        assert found, f"demo.json knows no {login} at {slug or 'street'}"
        return found[0]

    def url(self, slug: str, path: str = "/") -> str:
        """An address of a hall, or of the street with an empty slug."""
        return f"http://{slug + '.' if slug else ''}{self.base}{path}"
