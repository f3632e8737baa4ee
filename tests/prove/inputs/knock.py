"""One knock, made by hand: addresses, headers and bodies go to the program byte for byte as they are given."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from werkzeug.test import run_wsgi_app

from tests.prove.inputs.world import World

Pairs = tuple[tuple[bytes, bytes], ...]
EDGE = b"----proof7d1b"
LONG = 60


@dataclass(frozen=True)
class Knock:
    """``path`` is percent-encoded; ``body`` and its ``kind`` are sent as they stand.

    ``prefix`` is what stands before the path where halls are told apart by their address; empty where by their host.
    """

    slug: str
    login: str
    method: str
    path: str
    query: str = ""
    kind: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    told: tuple[str, ...] = field(default=(), compare=False)
    prefix: str = ""
    by_path: bool = False

    def __str__(self) -> str:
        who = self.login or "a stranger"
        asked = f"?{short(self.query, 200)}" if self.query else ""
        where = f"{self.slug or 'the street'}{', by path' if self.by_path else ''}"
        lines = [f"{self.method} {self.prefix[:60]}{short(self.path, 200)}{asked} at {where} as {who}"]
        lines += [f"    {name}: {short(value)}" for name, value in self.headers]
        lines += [f"    {line}" for line in self.told]
        if self.body and not self.told:
            lines.append(f"    {self.kind}: {short(self.body)}")
        return "\n".join(lines)


@dataclass
class Answer:
    """What came back, and how long it took (wall and own CPU seconds)."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    cpu: float

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode("utf-8", "replace")


def short(value: Any, most: int = LONG) -> str:
    """A value as a line of a report: long ones are cut and counted."""
    said = repr(value)
    return said if len(said) <= most + 20 else f"{said[:most]}… ({len(value)} long)"


def form_body(pairs: Pairs) -> tuple[str, bytes]:
    """A form as browsers send it."""
    return "application/x-www-form-urlencoded", urlencode(pairs).encode()


def multipart(pairs: Pairs, files: tuple[tuple[bytes, bytes, str, bytes], ...] = ()) -> tuple[str, bytes]:
    """A form with files: (field, file name, type, content)."""
    parts = [b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (EDGE, n, v) for n, v in pairs]
    for name, filename, kind, content in files:
        head = b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (EDGE, name, filename)
        parts.append(head + f"Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={EDGE.decode()}", b"".join([*parts, b"--%s--\r\n" % EDGE])


def knock(world: World, this: Knock) -> Answer:
    """Send it; an error that escapes the program escapes from here too."""
    host = world.host("" if this.by_path else this.slug)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": this.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(this.prefix + this.path).decode("latin-1"),
        "QUERY_STRING": this.query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "RAW_URI": this.prefix + this.path,
        "REQUEST_URI": this.prefix + this.path,
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(this.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if cookie := world.cookie(this.slug, this.login, this.by_path):
        environ["HTTP_COOKIE"] = cookie
    if this.method not in ("GET", "HEAD", "OPTIONS", "TRACE") or this.body:
        environ |= {"CONTENT_TYPE": this.kind, "CONTENT_LENGTH": str(len(this.body))}
    for name, value in this.headers:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    begun, worked = time.monotonic(), time.process_time()
    app = world.app_by_path if this.by_path and world.app_by_path else world.app
    pieces, status, headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    body = b"".join(pieces)
    return Answer(int(status.split()[0]), dict(headers), body, time.monotonic() - begun, time.process_time() - worked)


def plain(slug: str, login: str, path: str, query: str = "", *, by_path: bool = False) -> Knock:
    """A knock at a page, as a link does."""
    return Knock(slug, login, "GET", quoted(path), query, prefix=prefix_of(slug, by_path), by_path=by_path)


def quoted(path: str) -> str:
    """An address as browsers send it."""
    return quote(path, safe="/%:@!$&'()*+,;=-._~")


def prefix_of(slug: str, by_path: bool) -> str:
    """What stands before the addresses of a hall."""
    return f"/c/{slug}" if by_path and slug else ""
