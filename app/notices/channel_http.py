"""One POST of JSON to somebody else's server, with the one question that matters answered: may it have been taken?"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 15.0
#: No answer of a gateway is longer; more is somebody else's page.
MOST = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 where no answer came; ``reached`` says whether the request had left before that."""

    status: int
    reached: bool
    data: dict[str, Any] = field(default_factory=dict)


def post_json(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send ``body``; never raises for what the network or the other side does."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    if parts.scheme == "https":
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=PATIENCE, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(host, parts.port, timeout=PATIENCE)
    reached = False
    try:
        line.connect()
        reached = True
        line.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8", **headers})
        answer = line.getresponse()
        return Answer(answer.status, True, _read(answer.read(MOST)))
    except (OSError, http.client.HTTPException):
        return Answer(0, reached)
    finally:
        line.close()


def _read(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
