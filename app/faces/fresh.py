"""Public pages carry a fingerprint, so that a browser that has a page already is told 304 and fetches nothing.

Only what is the same for everybody without a session: a page with a form holds a token of its own and is never stored.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, g, request, session


def init_fresh(app: Flask) -> None:
    """Tag what may be kept; called before the edge hangs its headers on, so that it runs after them."""
    app.after_request(_tag)


def _tag(response: Any) -> Any:
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or session or not _is_plain(response):
        return response
    body = response.get_data()
    if nonce := g.get("csp_nonce"):
        # The nonce differs each time and says nothing about the page.
        body = body.replace(nonce.encode(), b"")
    response.set_etag(hashlib.sha256(body).hexdigest()[:24], weak=True)
    response.vary.add("Cookie")
    response.make_conditional(request)
    if response.status_code == 304:
        # The kept page goes with the policy that came with it: this answer's nonce would shut its styles out.
        del response.headers["Content-Security-Policy"]
    return response


def _is_plain(response: Any) -> bool:
    kept = not response.cache_control.no_store and response.get_etag() == (None, None)
    return kept and not response.is_streamed and not response.direct_passthrough
