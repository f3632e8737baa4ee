"""Visitors who keep their line open and ask for compressed pages, as a browser behind a proxy does."""

from __future__ import annotations

import gzip
import http.client
import itertools
from dataclasses import dataclass, field
from urllib.parse import urlencode

import brotli
from backports import zstd

from tests.journeys.wire import hidden

ACCEPTED = "gzip, deflate, br, zstd"
_NUMBERS = itertools.count(1)


@dataclass
class Reply:
    """One answer: ``wire`` is what came over the line, head and body, in bytes."""

    status: int
    body: bytes
    headers: dict[str, str]
    wire: int

    @property
    def text(self) -> str:
        """The page as it was before it was compressed."""
        packing = self.headers.get("content-encoding", "")
        raw = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstd.decompress}.get(packing, bytes)(self.body)
        return raw.decode("utf-8", "replace")


class Lines:
    """A few open connections to one web server, used in turn, so that all its workers get something to do."""

    def __init__(self, port: int, number: int = 4) -> None:
        self.port = port
        self.lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(number)]
        self.turn = itertools.cycle(self.lines)

    def send(self, method: str, host: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Reply:
        """One request and its answer; a line that the server let go of in the meantime is opened anew, once."""
        line = next(self.turn)
        sent = {"Host": f"{host}:{self.port}", "Accept-Encoding": ACCEPTED, **headers}
        try:
            line.request(method, path, body, sent)
            got = line.getresponse()
        except (http.client.HTTPException, ConnectionError):
            line.close()
            line.request(method, path, body, sent)
            got = line.getresponse()
        raw = got.read()
        head = 17 + len(got.reason) + sum(len(name) + len(value) + 4 for name, value in got.getheaders())
        reply = Reply(got.status, raw, {name.lower(): value for name, value in got.getheaders()}, head + len(raw))
        reply.headers["set-cookie"] = "\n".join(v for n, v in got.getheaders() if n.lower() == "set-cookie")
        return reply

    def close(self) -> None:
        """Let go of all lines."""
        for line in self.lines:
            line.close()


@dataclass
class Visitor:
    """One browser at one host: its cookies and its address."""

    lines: Lines
    host: str
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def __post_init__(self) -> None:
        number = next(_NUMBERS)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def get(self, path: str) -> Reply:
        """GET, following nothing."""
        return self._send("GET", path)

    def post(self, path: str, fields: dict[str, str], *, seen: str = "") -> Reply:
        """POST with the hidden fields of the page ``seen``."""
        pairs = [*((n, v) for n, v in hidden(seen) if n not in fields), *fields.items()]
        return self._send("POST", path, urlencode(pairs).encode())

    def _send(self, method: str, path: str, body: bytes | None = None) -> Reply:
        headers = {"X-Forwarded-For": self.address}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reply = self.lines.send(method, self.host, path, headers, body)
        for line in filter(None, reply.headers["set-cookie"].split("\n")):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return reply
