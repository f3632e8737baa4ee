"""A mail server and a gateway for text messages that are slow, busy or cut off at times, and count what reaches them.

Both run here, so they live on while parts of the street are killed; every letter they took whole counts, whether or not
the street heard their answer.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.journeys.program import Program
from tests.prove.faults import strikes

MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f-]{36})@", re.MULTILINE | re.IGNORECASE)
#: Of a hundred: turned away for now, cut off without a word, answered slowly.
BUSY, CUT_OFF, SLOW = 5, 4, 20
PAUSE, PATIENCE = 0.3, 20.0


class Office:
    """What both servers share: what they took, and their moods."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.turned_away = self.cut_off = 0
        self.calm = False
        self.dice = random.Random(7)
        self.wanted, self.held, self.released = threading.Event(), threading.Event(), threading.Event()
        self._lock = threading.Lock()

    def take(self, key: str) -> str:
        """Take one or turn it away; returns how: ``busy``, ``cut off`` or ``taken``."""
        with self._lock:
            throw = 100 if self.calm else self.dice.randrange(100)
            holds = self.wanted.is_set()
            self.wanted.clear()
            if throw < BUSY and not holds:
                self.turned_away += 1
                return "busy"
            self.taken[key] += 1
            if BUSY <= throw < BUSY + CUT_OFF and not holds:
                self.cut_off += 1
                return "cut off"
        if holds:
            self.released.clear()
            self.held.set()
            self.released.wait(PATIENCE)
        elif throw < BUSY + CUT_OFF + SLOW:
            time.sleep(PAUSE)
        return "taken"

    def strike(self, blow: Callable[[Program], int], program: Program) -> int:
        """Strike while a message is on its way: it was handed over, and nobody has been told yet that it was taken."""
        self.held.clear()
        self.wanted.set()
        try:
            return blow(program) if self.held.wait(PATIENCE) else 0
        finally:
            self.wanted.clear()
            self.released.set()

    def rounds(self) -> list[tuple[str, Callable[[Program], int]]]:
        """Who falls in the middle of a message."""
        return [
            ("job in the middle of a message", lambda program: self.strike(strikes.kill_work_horse, program)),
            ("database in the middle of a message", lambda program: self.strike(strikes.kill_database, program)),
        ]


class MailServer(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs."""

    def handle(self) -> None:
        """One conversation; whoever is killed in it just goes."""
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        self._say("220 yard")
        while line := self.rfile.readline():
            if line[:4].upper() != b"DATA":
                self._say("221 bye" if line[:4].upper() == b"QUIT" else "250 fine")
                continue
            self._say("354 go on")
            text = b""
            while not text.endswith(b"\r\n.\r\n"):
                more = self.rfile.readline()
                if not more:
                    return
                text += more
            found = MESSAGE_ID.search(text)
            how = self.server.office.take(found[1].decode() if found else "a letter without an id")  # type: ignore[attr-defined]
            if how == "cut off":
                return
            self._say("451 later" if how == "busy" else "250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Gateway(BaseHTTPRequestHandler):
    """Somebody's HTTP API for text messages."""

    def do_POST(self) -> None:
        """One request to send one text."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        how = self.server.office.take(asked["id"])  # type: ignore[attr-defined]
        if how == "cut off":
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self.send_response(503 if how == "busy" else 200)
            self.end_headers()
            self.wfile.write(json.dumps({} if how == "busy" else {"code": 0, "id": "G7"}).encode())

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def open_office() -> Iterator[tuple[Office, dict[str, str]]]:
    """Both servers, and the environment by which a street finds them."""
    office = Office()
    with (
        _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer), office) as mail,
        _serving(ThreadingHTTPServer(("127.0.0.1", 0), Gateway), office) as gateway,
    ):
        yield office, {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail), "SMTP_STARTTLS": "off", "SMTP_FROM": "hall@yard.test",
            "SMS_URL": f"http://127.0.0.1:{gateway}/send", "SMS_KEY": "k", "SMS_SIGN": "时家街道", "SMS_TEMPLATE": "T1",
            "SMS_APP": "A1",
        }  # fmt: skip


@contextlib.contextmanager
def _serving(server: Any, office: Office) -> Iterator[int]:
    server.daemon_threads, server.office = True, office
    server.handle_error = lambda *_args: None
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
