"""A first visit to the hall's front page: how many bytes come over the line with all that the page needs to look right.

Photos are left out: they are asked for lazily and are the neighbours' own. What carries a fingerprint must be kept for
a year, and a page that did not change must be answerable with 304.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from tests.bench.browser import Reply
from tests.bench.views import Place

BYTES = 100_000
NEEDED = re.compile(r"""<(?:link|script)\b[^>]*?\b(?:href|src)="([^"]+)"[^>]*>""", re.IGNORECASE)
IN_CSS = re.compile(r"url\(\s*['\"]?(/?[^'\")]+)['\"]?\s*\)")


@dataclass
class Visit:
    """Files with their bytes over the line, those that a browser may not keep for a year, and whether 304 was met."""

    files: dict[str, int]
    short_lived: list[str]
    has_tag: bool
    met_304: bool

    @property
    def total(self) -> int:
        """Bytes of the whole visit."""
        return sum(self.files.values())


def first_visit(place: Place) -> Visit:
    """Ask for the page and everything it names, as a browser with an empty cache would."""
    visitor = place.anybody()
    page = visitor.get("/")
    files, short_lived = {"/": page.wire}, []
    waiting = [unescape(url) for url in NEEDED.findall(page.text)]
    while waiting:
        url = waiting.pop()
        if url.startswith(("data:", "http", "#")) or url in files:
            continue
        reply = visitor.get(url)
        assert reply.status == 200, (url, reply.status)
        files[url] = reply.wire
        if url.startswith("/static/") and not _kept_for_a_year(reply):
            short_lived.append(url)
        if reply.headers.get("content-type", "").startswith("text/css"):
            waiting += [_beside(url, found) for found in IN_CSS.findall(reply.text)]
    return Visit(files, short_lived, *_asked_again(place))


def _kept_for_a_year(reply: Reply) -> bool:
    found = re.search(r"max-age=(\d+)", reply.headers.get("cache-control", ""))
    return bool(found) and int(found[1]) >= 31_536_000


def _beside(sheet: str, url: str) -> str:
    return url if url.startswith(("/", "data:")) else sheet.partition("?")[0].rpartition("/")[0] + "/" + url


def _asked_again(place: Place) -> tuple[bool, bool]:
    visitor = place.anybody()
    tag = visitor.get("/matters").headers.get("etag", "")
    if not tag:
        return False, False
    headers = {"X-Forwarded-For": visitor.address, "If-None-Match": tag}
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    return True, place.lines.send("GET", visitor.host, "/matters", headers).status == 304
