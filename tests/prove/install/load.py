"""Residents who go on reading and writing while the office is being worked on, each answer counted."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.journeys.wire import hidden
from tests.prove.install.visitor import Visitor, line_to


@dataclass
class Load:
    """``with Load(visitor) as load`` runs until the block ends; ``lost`` is what was not answered as it should be."""

    who: Visitor
    readers: int = 2
    writers: int = 2
    answers: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __enter__(self) -> Load:
        self._over = threading.Event()
        self._form = urlencode([*hidden(self.who.get("/").text), ("elder", "on"), ("next", "/")])
        kinds = [self._read] * self.readers + [self._write] * self.writers
        self._threads = [threading.Thread(target=self._run, args=(kind,), daemon=True) for kind in kinds]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(90)

    @property
    def told(self) -> str:
        kinds = "、".join(f"{kind} {number}" for kind, number in sorted(self.answers.items()))
        return f"{sum(self.answers.values())} requests ({kinds}), lost {len(self.lost)}, slowest {self.slowest:.2f} s"

    def _run(self, one: object) -> None:
        while not self._over.is_set():
            begun = time.monotonic()
            try:
                one()  # type: ignore[operator]
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{type(error).__name__}: {error}")
            self.slowest = max(self.slowest, time.monotonic() - begun)
            time.sleep(0.02)

    def _read(self) -> None:
        """Several pages on one connection, as a browser does."""
        with contextlib.closing(line_to(self.who.office, self.who.host)) as line:
            for _ in range(10):
                self._count("GET", line, None, 200)
                if self._over.wait(0.02):
                    return

    def _write(self) -> None:
        """A form on a connection of its own: nginx never sends one a second time by itself."""
        with contextlib.closing(line_to(self.who.office, self.who.host)) as line:
            self._count("POST", line, self._form, 303)

    def _count(self, method: str, line: http.client.HTTPSConnection, body: str | None, wanted: int) -> None:
        path = f"{self.who.lead}/" if body is None else f"{self.who.lead}/preferences/elder"
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        line.request(method, path, body, {
            "Host": self.who.host, "Cookie": "; ".join(f"{k}={v}" for k, v in self.who.cookies.items()),
            "Referer": f"https://{self.who.host}{self.who.lead}/", **kind,
        })  # fmt: skip
        got = line.getresponse()
        got.read()
        self.answers[f"{method} {got.status}"] += 1
        if got.status != wanted:
            self.lost.append(f"{method} {got.status}")
