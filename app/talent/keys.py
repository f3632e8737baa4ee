"""The cookie of a guest: the secrets of the invitations accepted in this browser, newest first. Pure text work."""

from __future__ import annotations

KEPT = 12


def split(cookie: str | None) -> list[str]:
    """The secrets in a cookie; what is no secret of ours is left out."""
    parts = (cookie or "").split(".")
    return [part for part in parts if 40 <= len(part) <= 64 and part.replace("-", "").replace("_", "").isalnum()][:KEPT]


def join(secret: str, others: list[str]) -> str:
    """The cookie with ``secret`` in front."""
    return ".".join([secret, *(other for other in others if other != secret)][:KEPT])
