"""A browser without a window that comes over TLS: the name in the handshake, the certificate checked, cookies kept."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.journeys.wire import Answer, hidden, local, multipart
from tests.prove.install.office import Office


class HungUp(ConnectionError):
    """nginx closed the connection without a word."""


@dataclass
class Visitor:
    """One visitor of one hall (an empty slug is the street), however the office addresses its halls."""

    office: Office
    slug: str = ""
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_host = self.slug and self.office.tenant_by == "host"
        self.host = self.host or (f"{self.slug}.{self.office.base}" if by_host else self.office.base)

    @property
    def lead(self) -> str:
        """What stands before every path of the hall."""
        return f"/c/{self.slug}" if self.slug and self.office.tenant_by == "path" else ""

    def get(self, path: str, **headers: str) -> Answer:
        """GET, following nothing. ``headers`` with _ for -."""
        return self.send("GET", path, b"", {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: Any, *, files: Any = None, seen: Answer | None = None) -> Answer:
        """POST with the hidden fields of the page it came from."""
        page = seen or self.get(path)
        pairs = [(name, value) for name, value in hidden(page.text) if name not in fields] + list(fields.items())
        body, kind = (urlencode(pairs).encode(), "application/x-www-form-urlencoded")
        if files is not None:
            body, kind = multipart(pairs, files)
        # The door against forged forms asks over TLS where a form came from.
        origin = f"https://{self.host}"
        return self.send("POST", path, body, {"Content-Type": kind, "Referer": origin + self.lead + path})

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One request on a connection of its own; raises :class:`HungUp`."""
        path = path if self.lead and path.startswith(self.lead + "/") else self.lead + path
        jar = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        with contextlib.closing(line_to(self.office, self.host)) as line:
            try:
                line.request(method, path, body or None, {"Host": self.host, **jar, **self.headers, **headers})
                got = line.getresponse()
                raw = got.read()
            except (http.client.BadStatusLine, ConnectionResetError, BrokenPipeError) as error:
                raise HungUp(path) from error
        for name, value in got.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = dict(got.getheaders())
        text = raw.decode("utf-8", "replace")
        return Answer(got.status, text, local(found.get("Location", "")), len(raw), found)


class _Here(http.client.HTTPSConnection):
    """A connection to this machine under the name of the office."""

    def __init__(self, name: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=60, context=context)
        self._context = context

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(raw, server_hostname=self.host)


def line_to(office: Office, host: str, name: str = "") -> http.client.HTTPSConnection:
    """A checked TLS connection; ``name`` is what the handshake asks for where it is not the host itself."""
    context = ssl.create_default_context(cafile=str(office.path("/etc/yiqilai/tls/fullchain.pem")))
    return _Here(name or urlsplit(f"//{host}").hostname or host, office.https, context)
