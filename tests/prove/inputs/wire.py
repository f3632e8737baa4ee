"""What a test client cannot say: broken requests on a real socket, answered by the real web server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import harness
from tests.journeys.program import free_port
from tests.prove.inputs.world import World

ROOT = Path(__file__).resolve().parents[3]
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
PARTS = b"Content-Type: multipart/form-data; boundary=b\r\n"
HALF = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n\xff\xd8'
#: How long a browser that says half a sentence may be listened to.
PATIENCE = 12.0


def said(host: bytes) -> dict[str, bytes]:
    """Name and bytes of each broken request."""
    post = b"POST /say HTTP/1.1\r\nHost: " + host + b"\r\n"
    return {
        "a body shorter than said": post + FORM + b"Content-Length: 500\r\n\r\nwords=x",
        "a body longer than said": post + FORM + b"Content-Length: 3\r\n\r\nwords=" + b"x" * 500,
        "a negative length": post + FORM + b"Content-Length: -1\r\n\r\nwords=x",
        "a length that is no number": post + FORM + b"Content-Length: 1e3\r\n\r\nwords=x",
        "a length of a thousand digits": post + FORM + b"Content-Length: " + b"9" * 1000 + b"\r\n\r\nwords=x",
        "two lengths": post + FORM + b"Content-Length: 7\r\nContent-Length: 70\r\n\r\nwords=x",
        "length and chunks": post + FORM + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "chunks that are none": post + FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nwords\r\n",
        "a chunk cut off": post + FORM + b"Transfer-Encoding: chunked\r\n\r\nff\r\nwords=x",
        "half a file": post + PARTS + b"Content-Length: 90000\r\n\r\n" + HALF,
        "half a file as if whole": post + PARTS + b"Content-Length: " + str(len(HALF)).encode() + b"\r\n\r\n" + HALF,
        "a header without end": b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        "five hundred headers": b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        "no host": b"GET / HTTP/1.1\r\n\r\n",
        "two hosts": b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nHost: evil.test\r\n\r\n",
        "an address as whole url": b"GET http://evil.test/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "no address": b"GET  HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "a long address": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "bytes in the address": b"GET /\xff\xfe\x80 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        "an old version": b"GET / HTTP/0.9\r\n\r\n",
        "a version to come": b"GET / HTTP/9.9\r\nHost: " + host + b"\r\n\r\n",
        "no protocol at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + b"\x00" * 200,
        "nothing": b"",
    }


@contextmanager
def served(world: World) -> Iterator[tuple[int, Path]]:
    """The program on a port of its own; the port and the log."""
    port, log = free_port(), world.folder / "wire.log"
    at = harness.urls(world.owner, world.name)
    more = {
        "DATABASE_URL": at["login"], "DATABASE_GUEST_URL": at["guest"], "REDIS_URL": world.redis, "PORT": str(port),
        "BASE_HOST": f"{harness.BASE}:{port}", "DATA_DIR": str(world.folder), "YIQILAI_MODE": "test",
        "RATELIMIT": "off",
        "WEB_WORKERS": "1", "TENANT_BY": "host",
    }  # fmt: skip
    line = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
    with log.open("wb") as out:
        server = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **more}, stdout=out, stderr=out)
    try:
        _wait(port, server, log)
        yield port, log
    finally:
        server.terminate()
        server.wait(30)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.1)
    raise AssertionError("the web server did not come up")


def say(port: int, request: bytes) -> tuple[int, float]:
    """Say it and fall silent; the status (0 where the server only hung up) and the seconds it took."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := line.recv(65_536):
            heard += piece
    first = heard.split(b"\r\n", 1)[0].split()
    return (int(first[1]) if len(first) > 1 and first[1].isdigit() else 0), time.monotonic() - begun
