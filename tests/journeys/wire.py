"""A browser without a window, over real HTTP: cookies, hidden fields and nothing else. Fit for threads."""

from __future__ import annotations

import http.client
import mimetypes
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.journeys.program import Program

HIDDEN = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"', re.IGNORECASE)
Files = Iterable[tuple[str, str, bytes]]


@dataclass
class Answer:
    """Status, text, and where it sends one on to."""

    status: int
    text: str
    location: str
    size: int
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """The content type; empty where there is none."""
        return self.headers.get("Content-Type", "")

    @property
    def words(self) -> str:
        """The page without its marks."""
        body = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", self.text)
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


@dataclass
class Wire:
    """One visitor of one hall (an empty slug is the street). ``host`` may be set to knock under a foreign name."""

    program: Program
    slug: str = ""
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.host = self.host or (f"{self.slug}.{self.program.base}" if self.slug else self.program.base)

    def get(self, path: str) -> Answer:
        """GET, following nothing."""
        return self._send("GET", path, b"", "")

    def post(self, path: str, fields: Any, files: Files | None = None, *, seen: Answer | None = None) -> Answer:
        """POST with the token of the page it came from; ``seen`` spares asking for that page again."""
        page = seen or self.get(path)
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        named = {name for name, _value in pairs}
        pairs = [(name, value) for name, value in hidden(page.text) if name not in named] + pairs
        if files is None:
            return self._send("POST", path, urlencode(pairs).encode(), "application/x-www-form-urlencoded")
        body, kind = multipart(pairs, files)
        return self._send("POST", path, body, kind)

    def sign_in(self, login: str) -> Wire:
        """Through the sign-in door."""
        answer = self.post("/sign-in", {"login": login, "password": self.program.password(self.slug, login)})
        assert answer.status == 303, answer.words[:600]
        return self

    def say(self, words: str, wish: str = "早点修好", files: Files | None = None) -> Answer:
        """The three steps; returns the answer to the last one, a redirect to the receipt."""
        first = self.post("/say", {"words": words, "wish": wish}, files or [])
        if first.status != 303:
            return first
        second = self.post("/say/where", {"building": "none", "place": "南门口", "who": "self"})
        if second.status != 303:
            return second
        return self.post("/say/check", {"name": "", "phone": "", "name_public": "", "truth": "y"})

    def _send(self, method: str, path: str, body: bytes, kind: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=60)
        headers = {"Host": self.host, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        try:
            line.request(method, local(path), body or None, headers)
            got = line.getresponse()
            raw = got.read()
        finally:
            line.close()
        for name, value in got.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = dict(got.getheaders())
        return Answer(got.status, raw.decode("utf-8", "replace"), local(found.get("Location", "")), len(raw), found)


def local(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def hidden(page: str) -> list[tuple[str, str]]:
    """The hidden fields of a page, each name once."""
    found: dict[str, str] = {}
    for tag in HIDDEN.findall(page):
        marks = {name.lower(): unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        if marks.get("type") == "hidden" and marks.get("name"):
            found.setdefault(marks["name"], marks.get("value", ""))
    return list(found.items())


def multipart(pairs: Iterable[tuple[str, str]], files: Files) -> tuple[bytes, str]:
    """Body and content type of a form with files (field, file name, content)."""
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in pairs]
    for name, filename, content in files:
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
